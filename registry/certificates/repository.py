"""Queries about certificates. Every one takes the viewer and answers only with what the viewer may see."""

from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Row, Select, func, select, tuple_
from sqlmodel import col

from certs.messages import message
from registry.accounts.viewer import Viewer
from registry.agencies.conditions import agencies_at
from registry.agencies.repository import find_agencies_by_id
from registry.agencies.schemas import AgencyView
from registry.certificates.candidates import few_candidates, holding
from registry.certificates.conditions import Times, counting, group_of, has_flag, matching, standing_at, walking
from registry.certificates.query import Bucket, CertificateQuery, CertificateSort, Dimension, Flag, Standing
from registry.certificates.schemas import CertificateView
from registry.certificates.tables import CertificatePeriodRow, CertificateRow
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput
from registry.paging import MAXIMUM_PAGE, Page, PageRequest, decode_cursor, encode_cursor


def find_certificates(
    uow: UnitOfWork, viewer: Viewer, query: CertificateQuery, page: PageRequest | None = None
) -> Page[CertificateView]:
    """One page of the certificates that the query asks for, in its order; all pages joined are the list.

    Raises `InvalidInput` for a cursor of another order.
    """
    page = page or PageRequest()
    column: Any = _SORT_COLUMNS[query.sort]
    key = col(CertificateRow.id)
    is_descending = query.sort.startswith("-")
    candidates = few_candidates(uow, viewer, query)
    if candidates is None:
        times = _TIMES.get(query.sort) or Times()
        statement = walking(query, viewer, uow.now, *_view_columns(query.as_of), times=times)
    else:
        statement = matching(query, viewer, uow.now, *_view_columns(query.as_of)).where(key.in_(candidates))
    if page.cursor is not None:
        after = tuple_(*_cursor_values(page.cursor, query.sort))
        statement = statement.where(tuple_(column, key) < after if is_descending else tuple_(column, key) > after)
    order = (column.desc(), key.desc()) if is_descending else (column.asc(), key.asc())
    rows = uow.session.execute(statement.order_by(*order).limit(page.limit + 1)).all()
    following = None
    if len(rows) > page.limit:
        last = rows[page.limit - 1]
        value = getattr(last, column.key)
        text = value.isoformat() if isinstance(value, datetime) else value
        following = encode_cursor(query.sort, text, last.id)
    return Page(_views(uow, rows[: page.limit], query.as_of), following)


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
    column: Any = _SORT_COLUMNS[query.sort]
    key = col(CertificateRow.id)
    order = (column.desc(), key.desc()) if query.sort.startswith("-") else (column.asc(), key.asc())
    statement = _only_candidates(uow, matching(query, viewer, uow.now, key), query)
    return list(uow.session.execute(statement.order_by(*order).limit(limit)).scalars())


def count_certificates(uow: UnitOfWork, viewer: Viewer, query: CertificateQuery) -> int:
    """The number of rows that all pages of `find_certificates` have together."""
    statement = _only_candidates(uow, counting(query, viewer, uow.now, func.count()), query)
    count: int = uow.session.execute(statement).scalar_one()
    return count


def count_certificates_up_to(uow: UnitOfWork, viewer: Viewer, query: CertificateQuery, limit: int) -> int:
    """The same, but at most `limit`: counting stops there, so that it does not take longer for a larger register."""
    statement = _only_candidates(uow, counting(query, viewer, uow.now, col(CertificatePeriodRow.id)), query)
    counted = select(func.count()).select_from(statement.limit(limit).subquery())
    count: int = uow.session.execute(counted).scalar_one()
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
    statement = matching(CertificateQuery(as_of=as_of), viewer, uow.now, *_view_columns(as_of))
    rows = uow.session.execute(statement.where(col(CertificateRow.id).in_(certificate_ids))).all()
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


_SORT_COLUMNS: Final[dict[CertificateSort, Any]] = {
    CertificateSort.HOLDER: CertificateRow.holder_sort,
    CertificateSort.HOLDER_DESCENDING: CertificateRow.holder_sort,
    CertificateSort.EXPIRY: CertificateRow.not_after,
    CertificateSort.EXPIRY_DESCENDING: CertificateRow.not_after,
    CertificateSort.ISSUE: CertificateRow.issued_at,
    CertificateSort.ISSUE_DESCENDING: CertificateRow.issued_at,
}


def _cursor_values(cursor: str, sort: CertificateSort) -> tuple[str | datetime, int]:
    value, key = decode_cursor(cursor, sort)
    if _SORT_COLUMNS[sort] is CertificateRow.holder_sort:
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
        *(has_flag(flag, at).label(f"flag_{flag.value}") for flag in _SHOWN_FLAGS),
    )


# The index of the order ends the walk where no later row can fit.
_TIMES: Final = {
    CertificateSort.EXPIRY: Times(not_after=col(CertificateRow.not_after)),
    CertificateSort.EXPIRY_DESCENDING: Times(not_after=col(CertificateRow.not_after)),
    CertificateSort.ISSUE: Times(issued_at=col(CertificateRow.issued_at)),
    CertificateSort.ISSUE_DESCENDING: Times(issued_at=col(CertificateRow.issued_at)),
}
_CERTIFICATE_COLUMNS: Final = (
    *("id", "holder", "position", "email", "kind", "medium", "device_number", "serial", "sha256", "issuer"),
    *("generation", "issued_at", "not_before", "not_after", "holder_sort"),
)
_SHOWN_FLAGS: Final = (Flag.NAMES_ENDED_BODY, Flag.WEAK, Flag.UNKNOWN_CA, Flag.REPLACED)


def _views(uow: UnitOfWork, rows: Any, at: datetime) -> tuple[CertificateView, ...]:
    agencies = find_agencies_by_id(uow, {row.agency_id for row in rows}, at)
    return tuple(_view(row, agencies[row.agency_id], at) for row in rows)


def _view(row: Row[Any], agency: AgencyView, at: datetime) -> CertificateView:
    return CertificateView(
        **{name: getattr(row, name) for name in _CERTIFICATE_COLUMNS if name != "holder_sort"},
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
