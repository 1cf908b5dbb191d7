"""The numbers of the weekly summary, each from the query whose list its link shows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final
from urllib.parse import urlencode

from sqlmodel import col, func, select
from sqlmodel.sql.expression import SelectOfScalar

from certs.names import display_name
from registry.accounts.viewer import Viewer
from registry.agencies.query import AgencyQuery, Coverage
from registry.agencies.repository import count_agencies, find_agencies_by_id
from registry.alerts.coverage import uncovered_url
from registry.alerts.health import WATCH, count_refused
from registry.alerts.repository import AlertRepository
from registry.alerts.tables import (
    AcknowledgementRow,
    AlarmSpellRow,
    AlertBaselineRow,
    AlertNoticeRow,
    CoverageSpellRow,
    ExpiryNoticeRow,
    ExpiryScanRow,
    NoticeTopic,
)
from registry.alerts.watch import find_spells
from registry.certificates.query import CertificateQuery, CertificateSort, Dimension, Flag, Standing
from registry.certificates.repository import count_by, count_certificates
from registry.clock import FOREVER, end_of_day, local_day, start_of_day
from registry.db.unit_of_work import UnitOfWork
from registry.mail.tables import MailRow
from registry.settings import Settings

HORIZONS: Final = (4, 8, 12)
"""Weeks."""
WEEKS: Final = HORIZONS[-1]
MAXIMUM_AGENCIES: Final = 15
"""Agencies of the table; the others are summed up."""
_EVERYTHING: Final = Viewer.everything()


@dataclass(frozen=True, slots=True)
class Week:
    """What expires in one week to come."""

    begin: date
    end: date
    count: int


@dataclass(frozen=True, slots=True)
class AgencyLine:
    """What expires of one agency within each of the horizons."""

    name: str
    url: str
    counts: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Expiring:
    """What expires soon, active and not replaced."""

    weeks: tuple[Week, ...]
    totals: tuple[int, ...]
    """Within each of the horizons."""
    url: str
    agencies: tuple[AgencyLine, ...]
    others: tuple[int, ...]
    """Of the agencies that have no line."""
    others_count: int
    """How many agencies those are."""


@dataclass(frozen=True, slots=True)
class Told:
    """What happened in the week that is over."""

    mails: int
    """Accepted by a mail server, of every kind."""
    certificates: int
    """Told of because they expire."""
    answered: int
    """Certificates that somebody answered for."""
    requested: int
    """Of those, with the day on which the renewal was requested."""
    refused: int
    """Mails that a server refused or returned."""
    revocations: int
    """Revoked certificates that somebody was told of."""


@dataclass(frozen=True, slots=True)
class Uncovered:
    """Agencies without a valid organisation certificate."""

    count: int
    url: str
    newly: tuple[str, ...]
    """Left without in the week that is over, and still so; at most `MAXIMUM_AGENCIES`."""
    newly_count: int


@dataclass(frozen=True, slots=True)
class Working:
    """Whether the alerts worked in the week that is over."""

    days: int
    """Days that there was a watch."""
    scanned_days: int
    """Of those, with a scan that came to its end."""
    failed_scans: int
    alarms: tuple[AlarmSpellRow, ...]
    """What was wrong and when; `ended_at` is `FOREVER` for what still is."""

    @property
    def is_fine(self) -> bool:
        """Whether nothing was missing."""
        return self.scanned_days >= self.days and not self.alarms


def find_expiring(uow: UnitOfWork, settings: Settings, day: date) -> Expiring:
    """What expires from `day` on, as the register stands."""
    totals = tuple(count_certificates(uow, _EVERYTHING, _expiring(uow, day, weeks)) for weeks in HORIZONS)
    by_agency: dict[int, list[int]] = {}
    for index, weeks in enumerate(HORIZONS):
        for bucket in count_by(uow, _EVERYTHING, _expiring(uow, day, weeks), Dimension.AGENCY):
            by_agency.setdefault(int(bucket.key), [0] * len(HORIZONS))[index] = bucket.count
    ranked = sorted(by_agency.items(), key=lambda item: (*(-count for count in item[1]), item[0]))
    listed, rest = ranked[:MAXIMUM_AGENCIES], ranked[MAXIMUM_AGENCIES:]
    # Also by the names of agencies that have ended: their certificates are still somebody's work.
    agencies = find_agencies_by_id(uow, [agency_id for agency_id, _ in listed], uow.now)
    return Expiring(
        weeks=tuple(_weeks(uow, day)),
        totals=totals,
        url=_url(settings, _expiring(uow, day, WEEKS)),
        agencies=tuple(
            AgencyLine(
                name=display_name(agencies[agency_id].name),
                url=_url(settings, replace(_expiring(uow, day, WEEKS), agency_id=agency_id, with_subtree=False)),
                counts=tuple(counts),
            )
            for agency_id, counts in listed
        ),
        others=tuple(sum(counts[index] for _, counts in rest) for index in range(len(HORIZONS))),
        others_count=len(rest),
    )


def _weeks(uow: UnitOfWork, day: date) -> Iterator[Week]:
    for index in range(WEEKS):
        begin = day + timedelta(weeks=index)
        end = begin + timedelta(days=6)
        query = replace(_expiring(uow, day, WEEKS), expires_from=begin, expires_until=end)
        yield Week(begin, end, count_certificates(uow, _EVERYTHING, query))


def _expiring(uow: UnitOfWork, day: date, weeks: int) -> CertificateQuery:
    return CertificateQuery(
        as_of=uow.now,
        standings=(Standing.ACTIVE,),
        flags=(Flag.NOT_REPLACED,),
        expires_from=day,
        expires_until=day + timedelta(days=7 * weeks - 1),
        sort=CertificateSort.EXPIRY,
    )


def _url(settings: Settings, query: CertificateQuery) -> str:
    return f"{settings.public_url.rstrip('/')}/certificates?{urlencode(query.to_parameters())}"


def find_told(uow: UnitOfWork, first: date, last: date) -> Told:
    """What was told, answered and refused on the days from `first` to `last`."""
    begin, end = start_of_day(first), end_of_day(last)
    sent = (col(MailRow.sent_at) >= begin, col(MailRow.sent_at) <= end)
    answered = (col(AcknowledgementRow.recorded_at) >= begin, col(AcknowledgementRow.recorded_at) <= end)

    def count(query: SelectOfScalar[int]) -> int:
        return uow.session.exec(query).one()

    return Told(
        mails=count(select(func.count()).select_from(MailRow).where(*sent)),
        certificates=count(
            select(func.count(col(ExpiryNoticeRow.certificate_id).distinct()))
            .join(MailRow, col(MailRow.id) == col(ExpiryNoticeRow.mail_id))
            .where(*sent)
        ),
        answered=count(select(func.count(col(AcknowledgementRow.certificate_id).distinct())).where(*answered)),
        requested=count(
            select(func.count(col(AcknowledgementRow.certificate_id).distinct())).where(
                *answered, col(AcknowledgementRow.requested_on).is_not(None)
            )
        ),
        refused=count_refused(uow, begin, end),
        revocations=count(
            select(func.count(col(AlertNoticeRow.subject).distinct()))
            .join(MailRow, col(MailRow.id) == col(AlertNoticeRow.mail_id))
            .where(*sent, AlertNoticeRow.topic == NoticeTopic.REVOCATION)
        ),
    )


def find_uncovered(uow: UnitOfWork, settings: Settings, first: date, last: date) -> Uncovered:
    """Agencies without a valid organisation certificate, and those left without on the days from `first` to `last`."""
    newly = uow.session.exec(
        select(CoverageSpellRow.agency_id)
        .where(
            col(CoverageSpellRow.since) >= start_of_day(first),
            col(CoverageSpellRow.since) <= end_of_day(last),
            CoverageSpellRow.ended_at == FOREVER,
        )
        .order_by(col(CoverageSpellRow.since))
    ).all()
    names = AlertRepository(uow.session).find_contacts(newly[:MAXIMUM_AGENCIES], at=uow.now)
    return Uncovered(
        count=count_agencies(uow, _EVERYTHING, AgencyQuery(as_of=uow.now, coverage=Coverage.UNCOVERED)),
        url=uncovered_url(settings, at=uow.now),
        newly=tuple(
            display_name(names[agency_id].name) for agency_id in newly[:MAXIMUM_AGENCIES] if agency_id in names
        ),
        newly_count=len(newly),
    )


def find_working(uow: UnitOfWork, first: date, last: date) -> Working:
    """Whether the alerts worked on the days from `first` to `last`."""
    baseline = uow.session.get(AlertBaselineRow, WATCH)
    watched_from = max(first, local_day(baseline.at)) if baseline is not None else last + timedelta(days=1)
    scans = uow.session.exec(
        select(ExpiryScanRow).where(col(ExpiryScanRow.day) >= watched_from, col(ExpiryScanRow.day) <= last)
    ).all()
    return Working(
        days=(last - watched_from).days + 1,
        scanned_days=len({scan.day for scan in scans if scan.finished_at is not None and scan.failure is None}),
        failed_scans=sum(scan.failure is not None for scan in scans),
        alarms=tuple(find_spells(uow, start_of_day(first), end_of_day(last))),
    )
