"""CA certificates, trust anchors and CRLs about to lapse, told to the administrators by steps as expiries are.

A further kind of thing that lapses is one function that finds it and one line in `SOURCES`.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from email.message import EmailMessage
from enum import StrEnum
from typing import Final

from sqlalchemy import func, select
from sqlmodel import col

from certs.names import display_name
from registry.alerts.letters import build_letter
from registry.alerts.notices import Notice, enter_notices, find_entered, find_mail_notices, write_mails
from registry.alerts.rules import assess_due, days_left
from registry.alerts.scan import fallback_of
from registry.alerts.tables import NoticeTopic
from registry.clock import local_day
from registry.db.types import key_of
from registry.db.unit_of_work import Database, UnitOfWork
from registry.mail.smtp import MailCancelled
from registry.mail.tables import MailRow
from registry.revocation.tables import RevocationListRow
from registry.settings import Settings
from registry.trust.tables import CertificateAuthorityRow, TrustRole

LAPSE_DIGEST: Final = "lapse_digest"


class LapseKind(StrEnum):
    """What lapses; the templates say what is to be done about each."""

    ANCHOR = "anchor"
    AUTHORITY = "authority"
    CRL = "crl"


@dataclass(frozen=True, slots=True)
class Lapsing:
    """Something that is good until `ends_at`, as the register holds it now."""

    subject: str
    """The same for as long as it is the same thing: what takes its place has another."""
    kind: LapseKind
    name: str
    ends_at: datetime
    steps: tuple[int, ...]
    """Days before the end at which it is told, negative after it."""


@dataclass(frozen=True, slots=True)
class LapseLine:
    """One thing of a mail."""

    kind: LapseKind
    name: str
    ends_at: datetime
    left: int


def find_authorities(uow: UnitOfWork, settings: Settings) -> Iterable[Lapsing]:
    """The CA certificates and trust anchors that the register holds."""
    for row in uow.session.execute(select(CertificateAuthorityRow)).scalars():
        kind = LapseKind.ANCHOR if row.role is TrustRole.ANCHOR else LapseKind.AUTHORITY
        yield Lapsing(
            f"{kind}/{row.id}", kind, display_name(row.subject), row.not_after, settings.alert_authority_steps_days
        )


def find_revocation_lists(uow: UnitOfWork, settings: Settings) -> Iterable[Lapsing]:
    """The newest CRL of each CA. One that lives for a few days is told of only once it has lapsed."""
    newest = (
        select(col(RevocationListRow.authority_id), func.max(col(RevocationListRow.this_update)).label("this_update"))
        .group_by(col(RevocationListRow.authority_id))
        .subquery()
    )
    rows = uow.session.execute(
        select(RevocationListRow, CertificateAuthorityRow)
        .join(
            newest,
            (newest.c.authority_id == col(RevocationListRow.authority_id))
            & (newest.c.this_update == col(RevocationListRow.this_update)),
        )
        .join(CertificateAuthorityRow, col(CertificateAuthorityRow.id) == col(RevocationListRow.authority_id))
    )
    for crl, authority in rows:
        if crl.next_update is None:
            continue
        lives = (crl.next_update - crl.this_update) / timedelta(days=1)
        # Its successor comes during its last days: a step in the second half of so short a life would tell of nothing.
        steps = tuple(step for step in settings.alert_crl_steps_days if step < 0 or 2 * step + 2 < lives)
        yield Lapsing(f"crl/{crl.id}", LapseKind.CRL, display_name(authority.subject), crl.next_update, steps)


Source = Callable[[UnitOfWork, Settings], Iterable[Lapsing]]
SOURCES: Final[tuple[Source, ...]] = (find_authorities, find_revocation_lists)


def find_lapsing(uow: UnitOfWork, settings: Settings) -> dict[str, Lapsing]:
    """Everything that can lapse, by its subject."""
    return {each.subject: each for source in SOURCES for each in source(uow, settings)}


def tell_lapses(database: Database, settings: Settings) -> int:
    """Enter what is due and write the mail of the day; return how many steps were entered. It is an entry point.

    As with expiries, a run after any outage tells the most urgent step reached, once; what lapsed longer ago than a
    missed alert is made up for is told no more.
    """
    with database.write() as uow:
        entered = enter_notices(uow, NoticeTopic.LAPSE, _due(uow, settings, day=local_day(uow.now)))
    write_mails(database, settings, NoticeTopic.LAPSE, LAPSE_DIGEST)
    return entered


def _due(uow: UnitOfWork, settings: Settings, *, day: date) -> list[Notice]:
    things = find_lapsing(uow, settings)
    told = find_entered(uow, NoticeTopic.LAPSE, sorted(things))
    due = []
    for thing in things.values():
        left = days_left(thing.ends_at, day)
        if not thing.steps or left < min(thing.steps) - settings.alert_catch_up_days:
            continue
        if step := assess_due(left, thing.steps, told.get(thing.subject, set())):
            due.append(Notice(thing.subject, fallback_of(settings), step.step))
    return due


def compose_lapses(uow: UnitOfWork, mail: MailRow, settings: Settings) -> EmailMessage:
    """The message of one mail; raises `MailCancelled` when everything it was to tell of has been replaced meanwhile."""
    things = find_lapsing(uow, settings)
    subjects = {notice.subject for notice in find_mail_notices(uow, key_of(mail))}
    day = local_day(uow.now)
    lines = sorted(
        (
            LapseLine(thing.kind, thing.name, thing.ends_at, days_left(thing.ends_at, day))
            for thing in (things[subject] for subject in subjects if subject in things)
        ),
        key=lambda line: (line.ends_at, line.name),
    )
    if not lines:
        raise MailCancelled("everything it was to tell of has been replaced meanwhile")
    return build_letter(uow, mail, settings, {"lines": lines})
