"""The truth of any past day: lists, counts and reports against a plain replay of what was recorded, in whatever order.

People learn late what happened early. Whatever is entered when, a day looks as if everything that is known of it, and of
the days before, had been entered in its order.
"""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.agencies.query import AgencyQuery
from registry.agencies.repository import find_agencies
from registry.agencies.schemas import AgencySubmission
from registry.agencies.service import create_agency, move_agency, rename_agency
from registry.agencies.succession import absorb_agency, dissolve_agency, merge_agencies, split_agency
from registry.agencies.tables import AgencyLevel
from registry.certificates.changes import (
    Change,
    reassign_certificate,
    record_custody,
    record_replacement,
    resume_certificate,
    revoke_certificate,
    suspend_certificate,
)
from registry.certificates.corrections import CertificateCorrection, correct_certificate
from registry.certificates.query import CertificateQuery, Standing
from registry.certificates.repository import count_certificates, find_certificates
from registry.certificates.schemas import CertificateView
from registry.certificates.tables import CertificateEventKind, Custody, Medium, SubscriberKind
from registry.clock import FOREVER, end_of_day, local_day
from registry.db.unit_of_work import Database, UnitOfWork
from registry.errors import RegistryError
from registry.imports.storing import withdraw
from registry.paging import PageRequest
from registry.reports.repository import issuance_report
from tests.factories.agencies import agency_change
from tests.factories.certificates import EVERYTHING, make_certificate

START = datetime(2015, 1, 1, 5, tzinfo=UTC)
LAST_DAY = 2000
INSTANT = timedelta(microseconds=1)
CUSTODY_AFTER = {
    "handed_over": Custody.HANDED_OVER,
    "returned": Custody.RETURNED,
    "lost": Custody.LOST,
    "locked": Custody.LOCKED,
    "recovered": Custody.HANDED_OVER,
}


def moment(day: int) -> datetime:
    return START + timedelta(days=day)


@dataclass
class Told:
    """What was said of one thing: when it holds and what it is, in the order in which it was entered."""

    said: list[tuple[datetime, Any]]

    def at(self, at: datetime) -> Any:
        # Of two that hold from one moment the one entered later counts: sorting keeps their order.
        known = [value for since, value in sorted(self.said, key=lambda each: each[0]) if since <= at]
        return known[-1] if known else self.said[0][1]


@dataclass
class KnownAgency:
    level: AgencyLevel
    begin: datetime
    names: Told
    parents: Told
    end: datetime = FOREVER

    def moment_of(self, at: datetime) -> datetime:
        """An agency that does not exist looks as it did when it last existed."""
        return min(max(at, self.begin), self.end - INSTANT)


@dataclass
class KnownCertificate:
    holder: str
    begin: datetime
    end: datetime
    kind: SubscriberKind
    named: int
    agencies: list[tuple[datetime, int]] = field(default_factory=list)
    custodies: list[tuple[datetime, Custody]] = field(default_factory=list)
    suspensions: list[tuple[datetime, bool]] = field(default_factory=list)
    revocations: list[tuple[datetime, str]] = field(default_factory=list)
    replaced: list[datetime] = field(default_factory=list)
    medium: Medium = Medium.UNKNOWN
    is_withdrawn: bool = False

    def row(self, at: datetime) -> tuple[Any, ...]:
        long_ago = datetime(1, 1, 1, tzinfo=UTC)
        agency = Told([(long_ago, self.named), *self.agencies]).at(at)
        custody = Told([(long_ago, Custody.NOT_HANDED_OVER), *self.custodies]).at(at)
        is_suspended = Told([(long_ago, False), *self.suspensions]).at(at)
        # The last one to be entered says why, from its day on; the first day is the end of it.
        reason = next((why for since, why in reversed(self.revocations) if since <= at), None)
        standing = Standing.ACTIVE
        if reason is not None:
            standing = Standing.REVOKED
        elif self.end < at:
            standing = Standing.EXPIRED
        elif is_suspended:
            standing = Standing.SUSPENDED
        is_replaced = any(since <= at for since in self.replaced)
        return agency, custody, standing, reason, is_replaced, self.kind, self.medium


class World:
    """A register, and beside it what a careful clerk would have put down on paper."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self.agencies: dict[int, KnownAgency] = {}
        self.certificates: dict[int, KnownCertificate] = {}
        self.serial = 0x5000
        self.root = self.create("Gốc", None, moment(-1000))
        self.create("Sở Nội vụ", self.root, moment(-900))
        self.create("Sở Y tế", self.root, moment(-900))

    def create(self, name: str, parent: int | None, at: datetime, level: AgencyLevel = AgencyLevel.COMMUNE) -> int:
        submission = self.submission(name, parent, level)
        key = create_agency(self.uow, EVERYTHING, submission, agency_change(at))
        self.note_new(key, submission, at)
        return key

    def submission(self, name: str, parent: int | None, level: AgencyLevel) -> AgencySubmission:
        self.serial += 1
        return AgencySubmission(code=f"T{self.serial}", name=name, level=level, parent_id=parent)

    def note_new(self, key: int, submission: AgencySubmission, at: datetime) -> None:
        parents = Told([(at, submission.parent_id)])
        self.agencies[key] = KnownAgency(submission.level, at, Told([(at, submission.name)]), parents)

    # What the services are asked, and what is put down when they agree.

    def do(self, what: str, first: int, second: int, at: datetime, word: str) -> None:
        agency = self.pick(self.agencies, first)
        other = self.pick(self.agencies, second)
        certificate = self.pick(self.certificates, first)
        try:
            with self.uow.session.begin_nested():
                note = getattr(self, what)(agency if what in AGENCY_STEPS else certificate, other, at, word)
        except RegistryError:
            return
        note()

    def pick(self, known: dict[int, Any], number: int) -> int:
        return list(known)[number % len(known)] if known else 0

    def register(self, _: int, agency: int, at: datetime, word: str) -> Callable[[], None]:
        self.serial += 1
        kind = SubscriberKind.ORGANISATION if word > "m" else SubscriberKind.PERSON
        end = at + timedelta(days=LAST_DAY // 2)
        holder = f"Người {self.serial}"
        key = make_certificate(
            self.uow, agency, holder=holder, kind=kind, serial=self.serial, not_before=at, not_after=end
        )
        return lambda: self.certificates.update({key: KnownCertificate(holder, at, end, kind, agency)})

    def change(self, at: datetime) -> Change:
        return Change(effective_at=at, actor="test")

    def reassign(self, key: int, agency: int, at: datetime, _: str) -> Callable[[], None]:
        reassign_certificate(self.uow, EVERYTHING, key, agency_id=agency, change=self.change(at))
        return lambda: self.certificates[key].agencies.append((at, agency))

    def custody(self, key: int, number: int, at: datetime, word: str) -> Callable[[], None]:
        what = sorted(CUSTODY_AFTER)[(number + len(word) + ord(word[0])) % len(CUSTODY_AFTER)]
        record_custody(self.uow, EVERYTHING, key, what=CertificateEventKind(what), change=self.change(at))
        return lambda: self.certificates[key].custodies.append((at, CUSTODY_AFTER[what]))

    def suspend(self, key: int, _: int, at: datetime, word: str) -> Callable[[], None]:
        suspend_certificate(self.uow, EVERYTHING, key, self.change(at))
        return lambda: self.certificates[key].suspensions.append((at, True))

    def resume(self, key: int, _: int, at: datetime, word: str) -> Callable[[], None]:
        resume_certificate(self.uow, EVERYTHING, key, self.change(at))
        return lambda: self.certificates[key].suspensions.append((at, False))

    def revoke(self, key: int, _: int, at: datetime, word: str) -> Callable[[], None]:
        reason = "keyCompromise" if word > "m" else "superseded"
        revoke_certificate(self.uow, EVERYTHING, key, reason=reason, change=self.change(at))
        return lambda: self.certificates[key].revocations.append((at, reason))

    def replace(self, key: int, number: int, at: datetime, word: str) -> Callable[[], None]:
        by = self.pick(self.certificates, number)
        record_replacement(self.uow, EVERYTHING, key, by_id=by, change=self.change(at))
        known = self.certificates[key]
        return lambda: known.replaced.append(max(at, known.begin))

    def correct(self, key: int, agency: int, at: datetime, word: str) -> Callable[[], None]:
        medium = Medium.SIM if word > "m" else Medium.TOKEN
        correction = CertificateCorrection(medium=medium, agency_id=agency)
        correct_certificate(self.uow, EVERYTHING, key, correction, self.change(at))

        def note() -> None:
            self.certificates[key].medium = medium
            self.certificates[key].named = agency

        return note

    def undo(self, key: int, _: int, at: datetime, word: str) -> Callable[[], None]:
        withdraw(self.uow.session, [key])
        self.uow.session.expire_all()
        return lambda: self.certificates[key].__setattr__("is_withdrawn", True)

    def found(self, agency: int, parent: int, at: datetime, word: str) -> Callable[[], None]:
        submission = self.submission(word, parent, AgencyLevel.SCHOOL)
        key = create_agency(self.uow, EVERYTHING, submission, agency_change(at))
        return lambda: self.note_new(key, submission, at)

    def rename(self, agency: int, _: int, at: datetime, word: str) -> Callable[[], None]:
        rename_agency(self.uow, EVERYTHING, agency, word, agency_change(at))
        return lambda: self.agencies[agency].names.said.append((at, word))

    def move(self, agency: int, parent: int, at: datetime, _: str) -> Callable[[], None]:
        move_agency(self.uow, EVERYTHING, agency, parent, agency_change(at))
        return lambda: self.agencies[agency].parents.said.append((at, parent))

    def merge(self, agency: int, other: int, at: datetime, word: str) -> Callable[[], None]:
        if self.root in (agency, other):
            agency = other = next(key for key in self.agencies if key != self.root)
        submission = self.submission(word, self.root, AgencyLevel.PROVINCE)
        moved = {key: self.children(key, at) for key in (agency, other)}
        key = merge_agencies(self.uow, EVERYTHING, [agency, other], submission, agency_change(at))

        def note() -> None:
            self.note_new(key, submission, at)
            for ended in {agency, other}:
                self.note_end(ended, at, moved[ended], key)

        return note

    def absorb(self, agency: int, into: int, at: datetime, word: str) -> Callable[[], None]:
        moved = self.children(agency, at)
        absorb_agency(self.uow, EVERYTHING, agency, into_id=into, change=agency_change(at))
        return lambda: self.note_end(agency, at, moved, into)

    def split(self, agency: int, _: int, at: datetime, word: str) -> Callable[[], None]:
        parts = [self.submission(f"{word} {number}", self.root, AgencyLevel.DISTRICT) for number in (1, 2)]
        created = split_agency(self.uow, EVERYTHING, agency, parts, agency_change(at))

        def note() -> None:
            for key, part in zip(created, parts, strict=True):
                self.note_new(key, part, at)
            self.note_end(agency, at, [], 0)

        return note

    def dissolve(self, agency: int, _: int, at: datetime, word: str) -> Callable[[], None]:
        dissolve_agency(self.uow, EVERYTHING, agency, agency_change(at))
        return lambda: self.note_end(agency, at, [], 0)

    def children(self, agency: int, at: datetime) -> list[int]:
        return [
            key for key, each in self.agencies.items() if each.begin <= at < each.end and each.parents.at(at) == agency
        ]

    def note_end(self, agency: int, at: datetime, moved: list[int], successor: int) -> None:
        self.agencies[agency].end = at
        for child in moved:
            self.agencies[child].parents.said.append((at, successor))

    # What should be seen.

    def ancestors(self, agency: int, at: datetime) -> list[int]:
        """The agency and everything above it; what ended stays where it was when it ended."""
        chain = [agency]
        while True:
            at = self.agencies[agency].moment_of(at)
            above = self.agencies[agency].parents.at(at)
            if above is None:
                return chain
            assert above not in chain, "nothing stands below itself"
            chain.append(agency := above)

    def rows(self, at: datetime) -> dict[int, tuple[Any, ...]]:
        return {
            key: each.row(at) for key, each in self.certificates.items() if each.begin <= at and not each.is_withdrawn
        }


AGENCY_STEPS = ("register", "found", "rename", "move", "merge", "absorb", "split", "dissolve")
STEPS = (
    *("register", "register", "register", "reassign", "reassign", "custody", "custody", "suspend", "resume", "revoke"),
    *("replace", "correct", "undo", "found", "found", "rename", "move", "move", "merge", "absorb", "split", "dissolve"),
)
number = st.integers(0, 30)
# Few days, so that things meet on one of them.
step = st.tuples(
    st.sampled_from(STEPS), number, number, st.integers(0, 8).map(lambda n: n * 200), st.sampled_from("azmn")
)


class _Enough(Exception):
    """Nothing of an example stays."""


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    steps=st.lists(step, min_size=15, max_size=50),
    days=st.lists(st.integers(-100, LAST_DAY), min_size=1, max_size=3),
    seen=number,
)
def test_any_day_is_what_a_replay_of_everything_recorded_says(
    database: Database, steps: list[tuple[str, int, int, int, str]], days: list[int], seen: int
) -> None:
    with pytest.raises(_Enough), database.write() as uow:
        world = World(uow)
        for what, first, second, day, word in steps:
            if what in AGENCY_STEPS or world.certificates:
                world.do(what, first, second, moment(day), word)
        for day in (*days, LAST_DAY):
            check(world, end_of_day(local_day(moment(day))), seen)
        raise _Enough


def check(world: World, at: datetime, seen: int) -> None:
    uow, expected = world.uow, world.rows(at)
    page = find_certificates(uow, EVERYTHING, CertificateQuery(as_of=at), PageRequest(limit=200))
    assert {view.id: told(view) for view in page.items} == expected
    for view in page.items:
        agency = world.agencies[view.agency_id]
        assert (view.agency_name, view.agency_level) == (agency.names.at(agency.moment_of(at)), agency.level)
    for standing in Standing:
        query = CertificateQuery(as_of=at, standings=(standing,))
        assert count_certificates(uow, EVERYTHING, query) == sum(row[2] is standing for row in expected.values())

    top = world.pick(world.agencies, seen)
    below = {key for key in world.agencies if top in world.ancestors(key, at)}
    subtree = find_certificates(uow, EVERYTHING, CertificateQuery(as_of=at, agency_id=top), PageRequest(limit=200))
    assert {view.id for view in subtree.items} == {key for key, row in expected.items() if row[0] in below}
    existing = {key for key, each in world.agencies.items() if each.begin <= at < each.end}
    listed = find_agencies(uow, EVERYTHING, AgencyQuery(as_of=at), PageRequest(limit=200)).items
    assert {view.id for view in listed} == existing
    assert {view.id: view.path for view in listed} == {
        key: "/" + "".join(f"{each}/" for each in reversed(world.ancestors(key, at))) for key in existing
    }

    report = issuance_report(uow, EVERYTHING, local_day(at))
    standings = Counter(row[2] for row in expected.values())
    assert (report.cumulative.count, report.active.count, report.revoked.count) == (
        len(expected),
        standings[Standing.ACTIVE],
        standings[Standing.REVOKED],
    )
    assert (report.expired.count, report.suspended.count) == (
        standings[Standing.EXPIRED],
        standings[Standing.SUSPENDED],
    )
    assert {each.agency.id: each.cumulative.count for each in report.by_agency} == Counter(
        row[0] for row in expected.values()
    )
    sealed = {
        row[0] for row in expected.values() if row[2] is Standing.ACTIVE and row[5] is SubscriberKind.ORGANISATION
    }
    for line in report.levels:
        of_level = {key for key in existing if world.agencies[key].level is line.level}
        assert (line.agencies.count, line.covered.count) == (len(of_level), len(of_level & sealed))


def told(view: CertificateView) -> tuple[Any, ...]:
    return (
        *(view.agency_id, view.custody, view.standing, view.revocation_reason, view.is_replaced),
        *(view.kind, view.medium),
    )
