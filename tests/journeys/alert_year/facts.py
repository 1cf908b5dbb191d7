"""The register as the expectation reads it: plain facts by time, asked of nothing that the alerts use."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone

from sqlmodel import col, select

from registry.agencies.tables import AgencyPeriodRow, AgencySuccessionRow
from registry.certificates.tables import CertificateEventRow, CertificatePeriodRow, CertificateRow, CertificateStatus
from registry.db.unit_of_work import Database

HANOI = timezone(timedelta(hours=7))


def hanoi_day(at: datetime) -> date:
    return at.astimezone(HANOI).date()


@dataclass(frozen=True)
class Spell:
    """What was true of a certificate from `since` on."""

    since: datetime
    agency: int
    is_settled: bool
    """Revoked, or replaced by another."""


@dataclass(frozen=True)
class Subject:
    """One certificate."""

    key: int
    expires_at: datetime
    expires: date
    email: str
    spells: tuple[Spell, ...]

    def at(self, moment: datetime) -> Spell | None:
        found = bisect_right(self.spells, moment, key=lambda spell: spell.since)
        return self.spells[found - 1] if found else None


@dataclass(frozen=True)
class Body:
    """What was true of an agency for a time."""

    since: datetime
    until: datetime
    email: str
    above: int | None


@dataclass(frozen=True)
class Facts:
    """Certificates in the order of expiry, and agencies."""

    subjects: tuple[Subject, ...]
    bodies: dict[int, list[Body]]
    heirs: dict[int, list[tuple[datetime, int, int]]]
    """By agency that ended: when, a number (of several heirs the lowest counts), and the heir."""
    events: dict[int, list[datetime]]
    """By certificate when the register learned something of it; to be filled as time goes by."""

    @classmethod
    def read(cls, database: Database) -> "Facts":
        spells: dict[int, list[Spell]] = defaultdict(list)
        bodies: dict[int, list[Body]] = defaultdict(list)
        heirs: dict[int, list[tuple[datetime, int, int]]] = defaultdict(list)
        events: dict[int, list[datetime]] = defaultdict(list)
        with database.read() as uow:
            for row in uow.session.exec(
                select(CertificatePeriodRow).order_by(col(CertificatePeriodRow.effective_from))
            ):
                settled = row.status is CertificateStatus.REVOKED or row.is_replaced
                spells[row.certificate_id].append(Spell(row.effective_from, row.agency_id, settled))
            for body in uow.session.exec(select(AgencyPeriodRow)):
                email = (body.email or "").strip().lower()
                bodies[body.agency_id].append(Body(body.effective_from, body.effective_until, email, body.parent_id))
            for heir in uow.session.exec(select(AgencySuccessionRow)):
                heirs[heir.predecessor_id].append((heir.effective_at, -(heir.id or 0), heir.successor_id))
            learned = select(CertificateEventRow.certificate_id, CertificateEventRow.recorded_at)
            for key, at in uow.session.exec(learned.order_by(col(CertificateEventRow.recorded_at))):
                events[key].append(at)
            columns = select(CertificateRow.id, CertificateRow.not_after, CertificateRow.email)
            found = sorted((not_after, key or 0, email or "") for key, not_after, email in uow.session.exec(columns))
        subjects = tuple(
            Subject(key, expires, hanoi_day(expires), email.strip().lower(), tuple(spells[key]))
            for expires, key, email in found
        )
        return cls(subjects, bodies, heirs, events)

    def expiring(self, first: date, last: date) -> Iterator[Subject]:
        """Those that expire from `first` to `last`, in the order of expiry."""
        begin = bisect_right(self.subjects, first - timedelta(days=1), key=lambda one: one.expires)
        for number in range(begin, len(self.subjects)):
            if self.subjects[number].expires > last:
                return
            yield self.subjects[number]

    def addresses_upwards(self, agency: int, at: datetime) -> Iterator[str]:
        """The addresses of an agency and the bodies above it; an agency that ended is followed by its heir."""
        current: int | None = agency
        for _ in range(12):
            if current is None:
                return
            body = next((body for body in self.bodies.get(current, ()) if body.since <= at < body.until), None)
            if body is not None:
                yield body.email
                current = body.above
            else:
                heirs = [heir for heir in self.heirs.get(current, ()) if heir[0] <= at]
                current = max(heirs)[2] if heirs else None


def midnight(day: date) -> datetime:
    """The beginning of a day in Viet Nam."""
    return datetime(day.year, day.month, day.day, tzinfo=HANOI).astimezone(UTC)
