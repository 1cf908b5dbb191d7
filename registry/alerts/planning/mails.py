"""The list of mails: which ones are asked for, by address, and how many of them there are."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final, Self

from sqlalchemy import ColumnElement, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import col, select

from certs.text import normalise
from registry.accounts.viewer import Viewer
from registry.alerts.kinds import COMPOSERS, TEMPLATES
from registry.alerts.planning.sample_mail import SAMPLE, SAMPLE_KINDS
from registry.alerts.proving.told import NOTICES
from registry.alerts.repository import certificates_below
from registry.alerts.schemas import MailView
from registry.db.unit_of_work import UnitOfWork
from registry.mail.tables import MailRow, MailState
from registry.paging import Page, PageRequest, decode_cursor, encode_cursor
from registry.parameters import ParameterReader, Parameters

COUNTED: Final = 10_000
"""Above so many a list says "more than"."""
_SORT: Final = "mail"
_LONGEST_TEXT: Final = 254


@dataclass(frozen=True, slots=True)
class MailQuery:
    """Which mails are wanted; to and from the parameters of an address, so that a number is exactly its list."""

    states: tuple[MailState, ...] = ()
    kind: str | None = None
    """A family of kinds, as `kind_family` gives it."""
    day: date | None = None
    """The day (in Viet Nam) they belong to."""
    text: str = ""
    """Part of the address or of the name of the recipient."""

    @classmethod
    def from_parameters(cls, parameters: Iterable[tuple[str, str]]) -> Self:
        """Raises `InvalidInput` naming the parameter at fault."""
        read = ParameterReader(parameters)
        return cls(
            states=read.members("state", MailState),
            kind=read.text("kind"),
            day=read.day("day"),
            text=normalise(read.text("q") or "")[:_LONGEST_TEXT],
        )

    def to_parameters(self) -> Parameters:
        """The inverse of `from_parameters`."""
        pairs = [("state", state.value) for state in self.states]
        pairs += [("kind", self.kind)] if self.kind else []
        pairs += [("day", self.day.isoformat())] if self.day else []
        pairs += [("q", self.text)] if self.text else []
        return tuple(pairs)


def kind_family(kind: str) -> str:
    """What a kind of mail is called: kinds that say the same in the same way are one to people."""
    return SAMPLE if kind in SAMPLE_KINDS else TEMPLATES.get(kind, kind)


def mail_families() -> tuple[str, ...]:
    """The families of all kinds of mail that there are."""
    return tuple(dict.fromkeys(map(kind_family, COMPOSERS)))


def find_mails(uow: UnitOfWork, viewer: Viewer, query: MailQuery, request: PageRequest) -> Page[MailView]:
    """Mails, newest first, with the number of certificates each tells of.

    An officer sees those that tell of a certificate in the own subtree.
    """
    expiring, others = (
        select(func.count(col(table.certificate_id)))
        .where(col(table.mail_id) == col(MailRow.id))
        .correlate(MailRow)
        .scalar_subquery()
        for table in NOTICES
    )
    statement = select(MailRow, expiring + others).where(*_conditions(uow, viewer, query))
    if request.cursor:
        statement = statement.where(col(MailRow.id) < decode_cursor(request.cursor, _SORT)[1])
    rows = uow.session.exec(statement.order_by(col(MailRow.id).desc()).limit(request.limit + 1)).all()
    fields = set(MailView.model_fields) - {"certificates"}
    views = tuple(
        MailView(certificates=count, **row.model_dump(include=fields)) for row, count in rows[: request.limit]
    )
    return Page(views, encode_cursor(_SORT, "", views[-1].id) if len(rows) > request.limit else None)


def count_mails(uow: UnitOfWork, viewer: Viewer, query: MailQuery) -> int:
    """How many mails the query finds; counting ends after `COUNTED` + 1."""
    rows = select(col(MailRow.id)).where(*_conditions(uow, viewer, query)).limit(COUNTED + 1).subquery()
    return uow.session.exec(select(func.count()).select_from(rows)).one()


def count_mails_by_day(uow: UnitOfWork, viewer: Viewer, first: date, last: date) -> dict[date, int]:
    """How many mails belong to each day from `first` to `last`, as `count_mails` says it; days without are left out."""
    query = (
        select_columns(col(MailRow.day), func.count())
        .where(col(MailRow.day) >= first, col(MailRow.day) <= last, *_conditions(uow, viewer, MailQuery()))
        .group_by(col(MailRow.day))
    )
    return dict(uow.session.execute(query).all())


def _conditions(uow: UnitOfWork, viewer: Viewer, query: MailQuery) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if query.states:
        conditions.append(col(MailRow.state).in_(query.states))
    if query.kind:
        conditions.append(col(MailRow.kind).in_([kind for kind in COMPOSERS if kind_family(kind) == query.kind]))
    if query.day:
        conditions.append(col(MailRow.day) == query.day)
    if query.text:
        conditions.append(
            or_(
                col(MailRow.recipient).icontains(query.text, autoescape=True),
                col(MailRow.recipient_name).icontains(query.text, autoescape=True),
            )
        )
    if viewer.agency_path is not None:
        below = certificates_below(viewer.agency_path, uow.now)
        visible = (select(table.mail_id).where(col(table.certificate_id).in_(below)) for table in NOTICES)
        conditions.append(or_(*(col(MailRow.id).in_(mails) for mails in visible)))
    return conditions
