"""Telling that an agency is left without a valid organisation certificate: once for each time it lasts.

A spell begins when the last organisation certificate of an agency ends, by expiry, revocation or reassignment, and ends
when it has a valid one again. An agency that never had one is not left without; it stands in the weekly summary.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Final
from urllib.parse import urlencode

from sqlmodel import col, select

from certs.names import display_name
from registry.agencies.query import AgencyQuery, Coverage
from registry.agencies.tables import AgencyPeriodRow
from registry.alerts.letters import build_letter
from registry.alerts.notices import (
    Notice,
    enter_notices,
    find_mail_notices,
    first_look,
    insert_once,
    write_mails,
)
from registry.alerts.recipients import Recipient, RecipientFinder
from registry.alerts.repository import AlertRepository
from registry.alerts.scan import fallback_of
from registry.alerts.tables import CoverageSpellRow, NoticeTopic
from registry.batches import batches
from registry.certificates.counts import covered_agencies
from registry.certificates.tables import CertificatePeriodRow, CertificateRow, CertificateStatus, SubscriberKind
from registry.clock import FOREVER
from registry.db.types import key_of
from registry.db.unit_of_work import Database, UnitOfWork
from registry.mail.smtp import MailCancelled
from registry.mail.tables import MailRow
from registry.settings import Settings

COVERAGE_DIGEST: Final = "coverage_digest"
MAXIMUM_LINES: Final = 50
"""Agencies listed in one mail; the rest are counted and linked."""
_SUBJECT: Final = "spell/"


@dataclass(frozen=True, slots=True)
class Uncovered:
    """An agency whose last organisation certificate has ended."""

    since: datetime
    was_known: bool
    """The register held that certificate while it was valid, so its end is news and not imported history."""


@dataclass(frozen=True, slots=True)
class CoverageLine:
    """One agency of a mail."""

    agency_id: int
    name: str
    since: datetime


def tell_coverage(database: Database, settings: Settings) -> int:
    """Begin and end spells and write the mails of the day; return how many spells began. It is an entry point.

    A spell is told to the agency, its superior body and the administrators. Those found at the first run, those out of
    imported history, and those that a missed alert is no longer made up for, are told to the administrators alone.
    """
    with database.write() as uow:
        begun = _record_spells(uow, settings)
    write_mails(database, settings, NoticeTopic.COVERAGE, COVERAGE_DIGEST)
    return begun


def _record_spells(uow: UnitOfWork, settings: Settings) -> int:
    is_first = first_look(uow, NoticeTopic.COVERAGE).at == uow.now
    agencies = _find_uncovered_agencies(uow)
    uncovered = _find_last_ends(uow, list(agencies))
    for spell in uow.session.exec(select(CoverageSpellRow).where(CoverageSpellRow.ended_at == FOREVER)).all():
        now = uncovered.get(spell.agency_id)
        # Covered again, or covered and uncovered anew while nobody looked.
        if now is None or now.since > spell.recorded_at:
            spell.ended_at = uow.now
    uow.session.flush()
    begun = _begin_spells(uow, uncovered)
    oldest = uow.now - timedelta(days=settings.alert_catch_up_days)
    news = {
        agency_id: spell_id
        for agency_id, spell_id in begun.items()
        if not is_first and uncovered[agency_id].was_known and uncovered[agency_id].since > oldest
    }
    recipients = _find_recipients(uow, settings, {agency_id: agencies[agency_id] for agency_id in news})
    notices = [
        Notice(f"{_SUBJECT}{spell_id}", recipient, agency_id=agency_id)
        for agency_id, spell_id in begun.items()
        for recipient in recipients.get(agency_id, (fallback_of(settings),))
    ]
    enter_notices(uow, NoticeTopic.COVERAGE, notices)
    return len(begun)


def _find_uncovered_agencies(uow: UnitOfWork) -> dict[int, int | None]:
    """The agencies that exist and have no valid organisation certificate, each with its superior body."""
    query = select(AgencyPeriodRow.agency_id, AgencyPeriodRow.parent_id).where(
        col(AgencyPeriodRow.effective_from) <= uow.now,
        col(AgencyPeriodRow.effective_until) > uow.now,
        col(AgencyPeriodRow.agency_id).not_in(covered_agencies(uow.session, uow.now)),
    )
    return dict(uow.session.exec(query).all())


def _find_last_ends(uow: UnitOfWork, agency_ids: Sequence[int]) -> dict[int, Uncovered]:
    """When the last organisation certificate of each agency ended; those that never had one are not among them."""
    ends: dict[int, Uncovered] = {}
    for batch in batches(agency_ids):
        query = (
            select(
                CertificatePeriodRow.agency_id,
                CertificatePeriodRow.effective_until,
                CertificateRow.not_after,
                CertificateRow.registered_at,
            )
            .join(CertificateRow, col(CertificateRow.id) == col(CertificatePeriodRow.certificate_id))
            .where(
                col(CertificatePeriodRow.agency_id).in_(batch),
                CertificatePeriodRow.kind == SubscriberKind.ORGANISATION,
                CertificatePeriodRow.status == CertificateStatus.ACTIVE,
                col(CertificatePeriodRow.effective_from) <= uow.now,
                col(CertificatePeriodRow.effective_from) < col(CertificateRow.not_after),
                col(CertificateRow.not_before) <= uow.now,
            )
        )
        for agency_id, until, not_after, registered_at in uow.session.exec(query):
            end = min(until, not_after)
            if agency_id not in ends or end > ends[agency_id].since:
                ends[agency_id] = Uncovered(end, was_known=registered_at <= end)
    return ends


def _begin_spells(uow: UnitOfWork, uncovered: dict[int, Uncovered]) -> dict[int, int]:
    """Begin the spells that are not open yet; return their identifiers by agency."""
    begun: dict[int, int] = {}
    rows = [
        {"agency_id": agency_id, "since": found.since, "recorded_at": uow.now, "ended_at": FOREVER}
        for agency_id, found in sorted(uncovered.items())
    ]
    columns = (col(CoverageSpellRow.agency_id), col(CoverageSpellRow.id))
    for batch in batches(rows):
        statement = insert_once(uow.session, CoverageSpellRow).values(batch).returning(*columns)
        begun.update((agency_id, spell_id) for agency_id, spell_id in uow.session.execute(statement))
    return begun


def _find_recipients(
    uow: UnitOfWork, settings: Settings, superiors: dict[int, int | None]
) -> dict[int, tuple[Recipient, ...]]:
    """The agency, its superior body and the administrators, each address once."""
    fallback = fallback_of(settings)
    finder = RecipientFinder(uow, fallback=fallback)
    found = finder.find({*superiors, *(above for above in superiors.values() if above is not None)})

    def told(agency_id: int, above: int | None) -> Iterator[Recipient]:
        yield fallback
        if above is not None:
            yield found[above]
        yield found[agency_id]

    # Of several names at one address the agency's own greets.
    return {
        agency_id: tuple({recipient.email: recipient for recipient in told(agency_id, above)}.values())
        for agency_id, above in superiors.items()
    }


def find_open_spells(uow: UnitOfWork) -> Sequence[CoverageSpellRow]:
    """The spells that last, the latest first."""
    query = (
        select(CoverageSpellRow)
        .where(CoverageSpellRow.ended_at == FOREVER)
        .order_by(col(CoverageSpellRow.since).desc(), col(CoverageSpellRow.id))
    )
    return uow.session.exec(query).all()


def compose_coverage(uow: UnitOfWork, mail: MailRow, settings: Settings) -> EmailMessage:
    """The message of one mail; raises `MailCancelled` when each agency it was to tell of is covered again."""
    told = {notice.subject for notice in find_mail_notices(uow, key_of(mail))}
    spells = [spell for spell in find_open_spells(uow) if f"{_SUBJECT}{spell.id}" in told]
    if not spells:
        raise MailCancelled("every agency it was to tell of has a valid certificate again")
    names = AlertRepository(uow.session).find_contacts(
        [spell.agency_id for spell in spells[:MAXIMUM_LINES]], at=uow.now
    )
    lines = [
        CoverageLine(spell.agency_id, display_name(names[spell.agency_id].name), spell.since)
        for spell in spells[:MAXIMUM_LINES]
        if spell.agency_id in names
    ]
    values = {
        "lines": lines,
        "total": len(spells),
        "omitted": len(spells) - len(lines),
        "list_url": uncovered_url(settings, at=uow.now),
    }
    return build_letter(uow, mail, settings, values)


def uncovered_url(settings: Settings, *, at: datetime) -> str:
    """The list of all agencies without a valid organisation certificate."""
    query = AgencyQuery(as_of=at, coverage=Coverage.UNCOVERED)
    return f"{settings.public_url.rstrip('/')}/agencies?{urlencode(query.to_parameters())}"
