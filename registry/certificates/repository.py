"""Queries about certificates. Every one takes the viewer and answers only with what the viewer may see."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, and_, bindparam, func, select
from sqlmodel import col

from certs.messages import message
from registry.accounts.viewer import Viewer
from registry.agencies.conditions import agencies_at, visible
from registry.agencies.repository import find_agencies_by_id
from registry.agencies.schemas import AgencyView
from registry.certificates.candidates import holding
from registry.certificates.conditions import (
    counting,
    group_of,
    has_ended,
    has_flag,
    matching,
    names_in_use,
    standing_at,
)
from registry.certificates.listing import ListReader, Total
from registry.certificates.query import Bucket, CertificateQuery, CertificateSort, Dimension, Flag, Standing
from registry.certificates.schemas import CertificateView
from registry.certificates.tables import CertificatePeriodRow, CertificateRow
from registry.db.types import UTCDateTime
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput
from registry.paging import MAXIMUM_PAGE, Page, PageRequest, decode_cursor, encode_cursor


def find_certificates(
    uow: UnitOfWork, viewer: Viewer, query: CertificateQuery, page: PageRequest | None = None
) -> Page[CertificateView]:
    """One page of the certificates that the query asks for, in its order; all pages joined are the list.

    Raises `InvalidInput` for a cursor of another order, and for words that are too short to be sought.
    """
    return _read_page(uow, ListReader(uow, viewer, query), query, page or PageRequest())


def find_counted_certificates(
    uow: UnitOfWork, viewer: Viewer, query: CertificateQuery, page: PageRequest, *, exactly: bool = False
) -> tuple[Page[CertificateView], Total]:
    """The same with the number of rows of all pages: `exactly`, or as far as it can be told at once."""
    reader = ListReader(uow, viewer, query)
    found = _read_page(uow, reader, query, page)
    if page.cursor is None and found.next is None:
        return found, Total(len(found.items), is_exact=True)
    total = reader.exact_total() if exactly else reader.total()
    return found, total if total.is_exact else Total(max(total.number, len(found.items)), is_exact=False)


def _read_page(
    uow: UnitOfWork, reader: ListReader, query: CertificateQuery, page: PageRequest
) -> Page[CertificateView]:
    after = None if page.cursor is None else _cursor_values(page.cursor, query.sort)
    keys = reader.keys(page.limit + 1, after)
    following = None
    if len(keys) > page.limit:
        value, key = keys[page.limit - 1]
        following = encode_cursor(query.sort, value.isoformat() if isinstance(value, datetime) else value, key)
    # Who may see what was asked when the keys were read.
    views = find_certificates_by_id(uow, Viewer.everything(), tuple(key for _, key in keys[: page.limit]), query.as_of)
    return Page(tuple(views[key] for _, key in keys[: page.limit]), following)


def iterate_certificates(uow: UnitOfWork, viewer: Viewer, query: CertificateQuery) -> Iterator[CertificateView]:
    """The whole list in its order, read page by page: memory does not grow with it."""
    cursor = None
    while True:
        page = find_certificates(uow, viewer, query, PageRequest(cursor=cursor, limit=MAXIMUM_PAGE))
        yield from page.items
        if page.next is None:
            return
        cursor = page.next


def find_certificate_ids(uow: UnitOfWork, viewer: Viewer, query: CertificateQuery, *, limit: int) -> list[int]:
    """The identifiers of the list in its order, at most `limit`."""
    return [key for _, key in ListReader(uow, viewer, query).keys(limit)]


def count_certificates(uow: UnitOfWork, viewer: Viewer, query: CertificateQuery) -> int:
    """The number of rows that all pages of `find_certificates` have together."""
    statement = _only_candidates(uow, counting(query, viewer, uow.now, func.count()), query)
    count: int = uow.session.execute(statement).scalar_one()
    return count


def _only_candidates(uow: UnitOfWork, statement: Select[Any], query: CertificateQuery) -> Select[Any]:
    found = holding(uow.session, query.text)
    return statement if found is None else statement.where(col(CertificateRow.id).in_(found))


def count_by(uow: UnitOfWork, viewer: Viewer, query: CertificateQuery, dimension: Dimension) -> tuple[Bucket, ...]:
    """The counts of all groups that are not empty, in the order of their keys; their sum is `count_certificates`."""
    group: Any = group_of(dimension, query.as_of).label("group_key")
    statement = counting(query, viewer, uow.now, group, func.count()).group_by(group)
    statement = _only_candidates(uow, statement, query)
    counts: Counter[str] = Counter()
    level_of = levels_at(uow, query.as_of) if dimension is Dimension.LEVEL else None
    for value, count in uow.session.execute(statement):
        counts[str(value) if level_of is None else level_of[value]] += count
    keys = sorted(counts, key=int) if dimension is Dimension.AGENCY else sorted(counts)
    return tuple(Bucket(key, counts[key], query.narrow(dimension, key)) for key in keys)


def find_certificates_by_id(
    uow: UnitOfWork, viewer: Viewer, certificate_ids: tuple[int, ...], as_of: datetime
) -> dict[int, CertificateView]:
    """Those of the certificates that existed at `as_of` and that the viewer may see."""
    seen = visible(col(CertificatePeriodRow.agency_id), viewer, uow.now)
    rows = uow.session.execute(_VIEWS_BY_ID.where(*seen), {"as_of": as_of, "ids": certificate_ids}).all()
    return {view.id: view for view in _views(uow, rows, as_of)}


def first_moment(uow: UnitOfWork, certificate_id: int) -> datetime | None:
    """From when the register knows anything of the certificate; None when it does not hold it."""
    moment: datetime | None = uow.session.execute(
        select(func.min(CertificatePeriodRow.effective_from)).where(
            col(CertificatePeriodRow.certificate_id) == certificate_id
        )
    ).scalar_one_or_none()
    return moment


def find_certificate_by_sha256(uow: UnitOfWork, viewer: Viewer, sha256: str, at: datetime) -> CertificateView | None:
    """What the register knows of a signer's certificate at the time of signing; None when it does not know it.

    A time before the certificate was issued, which a signer's clock may claim, is answered with the first that is known.
    """
    begin = uow.session.execute(
        select(func.min(CertificatePeriodRow.effective_from))
        .join(CertificateRow, col(CertificateRow.id) == col(CertificatePeriodRow.certificate_id))
        .where(col(CertificateRow.sha256) == sha256)
    ).scalar_one_or_none()
    if begin is None:
        return None
    as_of = max(at, begin)
    statement = matching(CertificateQuery(as_of=as_of), viewer, uow.now, *_view_columns(as_of))
    rows = uow.session.execute(statement.where(col(CertificateRow.sha256) == sha256)).all()
    return next(iter(_views(uow, rows, as_of)), None)


def _cursor_values(cursor: str, sort: CertificateSort) -> tuple[str | datetime, int]:
    value, key = decode_cursor(cursor, sort)
    if sort in (CertificateSort.HOLDER, CertificateSort.HOLDER_DESCENDING):
        return value, key
    try:
        moment = datetime.fromisoformat(value)
    except ValueError as error:
        raise InvalidInput(message("paging.cursor"), field="cursor") from error
    if moment.tzinfo is None:
        raise InvalidInput(message("paging.cursor"), field="cursor")
    return moment, key


def _view_columns(at: datetime) -> tuple[Any, ...]:
    # Named columns: the DER, which no list shows, is the largest part of a row.
    return (
        *(getattr(CertificateRow, name) for name in _CERTIFICATE_COLUMNS),
        CertificatePeriodRow.agency_id,
        CertificatePeriodRow.custody,
        CertificatePeriodRow.revocation_reason,
        CertificatePeriodRow.is_replaced,
        standing_at(at).label("standing"),
        and_(names_in_use(at), has_ended(col(CertificateRow.named_agency_id), at)).label("flag_names_ended_body"),
        *(has_flag(flag, at).label(f"flag_{flag.value}") for flag in _SHOWN_FLAGS[1:]),
    )


_CERTIFICATE_COLUMNS: Final = (
    *("id", "holder", "position", "email", "kind", "medium", "device_number", "serial", "sha256", "issuer"),
    *("generation", "issued_at", "not_before", "not_after"),
)
_SHOWN_FLAGS: Final = (Flag.NAMES_ENDED_BODY, Flag.WEAK, Flag.UNKNOWN_CA, Flag.REPLACED)


def _views_by_id() -> Select[Any]:
    as_of: Any = bindparam("as_of", type_=UTCDateTime)
    every = matching(CertificateQuery(as_of=as_of), Viewer.everything(), as_of, *_view_columns(as_of))
    return every.where(col(CertificateRow.id).in_(bindparam("ids", expanding=True)))


_VIEWS_BY_ID: Final = _views_by_id()
"""Put together once: every page of a list asks it."""


def _views(uow: UnitOfWork, rows: Any, at: datetime) -> tuple[CertificateView, ...]:
    agencies = find_agencies_by_id(uow, {row.agency_id for row in rows}, at)
    return tuple(_view(row, agencies[row.agency_id], at) for row in rows)


def _view(row: Row[Any], agency: AgencyView, at: datetime) -> CertificateView:
    return CertificateView(
        **{name: getattr(row, name) for name in _CERTIFICATE_COLUMNS},
        agency_id=row.agency_id,
        agency_code=agency.code,
        agency_name=agency.name,
        agency_level=agency.level,
        custody=row.custody,
        standing=Standing(row.standing),
        revocation_reason=row.revocation_reason,
        is_replaced=row.is_replaced,
        flags=tuple(flag for flag in _SHOWN_FLAGS if getattr(row, f"flag_{flag.value}")),
        days_left=(row.not_after - at) // timedelta(days=1),
    )


def levels_at(uow: UnitOfWork, at: datetime) -> dict[int, str]:
    """The level of every agency there ever was, as of `at`."""
    period = agencies_at(at)
    return {agency: level.value for agency, level in uow.session.execute(select(period.c.agency_id, period.c.level))}
