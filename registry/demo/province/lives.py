"""How certificates come, change and go: the life of one agency's or one person's certificates, planned.

Everything is drawn from random generators seeded by what the life belongs to, so that one life does not depend on the
others, and a later day shows the same past with more of it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from random import Random
from typing import Any, Final

from registry.certificates.tables import (
    CertificateEventKind,
    CertificateStatus,
    Custody,
    Medium,
    SubscriberKind,
)
from registry.clock import VIETNAM, local_day
from registry.demo.province.agencies import Agency, Directory
from registry.demo.province.people import People

SEED: Final = "tỉnh mẫu"

G2_BEGINS: Final = date(2017, 1, 1)
"""From here on certificates come from the second generation. (In reality from 2021.)"""

FIVE_YEARS: Final = timedelta(days=1825)
TEN_YEARS: Final = timedelta(days=3650)
THREE_YEARS: Final = timedelta(days=1095)
"""What Nghị định 68/2024/NĐ-CP allows for an extension."""


class Generation(StrEnum):
    """The CA that issued a certificate, by the name under which its certificates are grouped."""

    G1 = "demo-G1"
    G2 = "demo-G2"


@dataclass(frozen=True, slots=True)
class Change:
    """One event in the life of a certificate, and what is different from then on (None: as before)."""

    at: datetime
    kind: CertificateEventKind
    status: CertificateStatus | None = None
    custody: Custody | None = None
    agency: int | None = None
    is_replaced: bool | None = None
    reason: str | None = None
    note: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Draft:
    """A certificate whose life is still being told."""

    agency: Agency
    kind: SubscriberKind
    holder: str
    position: str | None
    email: str
    medium: Medium
    issued_at: datetime
    not_after: datetime
    origin: CertificateEventKind
    replaces: "Draft | None"
    changes: list[Change] = field(default_factory=list)

    @property
    def generation(self) -> Generation:
        """The CA that issued it."""
        return Generation.G1 if local_day(self.issued_at) < G2_BEGINS else Generation.G2

    @property
    def expires(self) -> date:
        """The day on which it expires."""
        return local_day(self.not_after)

    def is_open_at(self, moment: datetime) -> bool:
        """Say whether it is active and nothing has taken its place at `moment`, whatever its expiry."""
        closing = (CertificateEventKind.REVOKED, CertificateEventKind.REPLACED)
        return self.issued_at < moment and not any(
            change.kind in closing and change.at < moment for change in self.changes
        )


class Lives:
    """Tells lives up to `horizon` and collects the certificates."""

    def __init__(self, agencies: tuple[Agency, ...], people: People, horizon: datetime) -> None:
        self.agencies = agencies
        self.people = people
        self.horizon = horizon
        self.directory = Directory(agencies)
        self.drafts: list[Draft] = []
        self._heritage: dict[int, Draft] = {}
        """The last organisation certificate of an agency, waiting to be changed to its successor's data."""

    def organisation(self, agency: Agency, first: date, *, steady: bool = False) -> None:
        """Tell of an agency's own certificates from `first` on; `steady`: always in order, for the demo's signers."""
        random = Random(f"{SEED}/organisation/{agency.code}")
        inherited = self._heritage.pop(agency.heir_of, None) if agency.heir_of else None
        origin = CertificateEventKind.CONTENT_CHANGED if inherited else CertificateEventKind.ISSUED
        draft = self._issue_to_organisation(agency, first, random, origin, inherited)
        while draft is not None:
            draft = self._next_of_organisation(agency, draft, random, steady=steady)

    def person(self, agency: Agency, position: str, first: date, key: str, *, steady: bool = False) -> None:
        """Tell of the certificates of one post from `first` on, whoever holds it."""
        random = Random(f"{SEED}/person/{key}")
        names = People(random, "")
        holder = names.name()
        email = self.people.email(holder, agency.office)
        draft = self._issue(
            agency, SubscriberKind.PERSON, holder, position, email, first, random, CertificateEventKind.ISSUED, None
        )
        while draft is not None:
            draft = self._next_of_person(draft, random, names, steady=steady)

    def renew_early(self, draft: Draft) -> None:
        """Renew a certificate in the weeks before the horizon, ahead of its time."""
        random = Random(f"{SEED}/early/{draft.holder}/{draft.issued_at}")
        day = local_day(self.horizon) - timedelta(days=random.randint(4, 40))
        day = max(day, local_day(draft.issued_at) + timedelta(days=30))
        self._succeed(draft, day, random, CertificateEventKind.RENEWED)

    # The next certificate of a life, or None when it ends here or lies beyond the horizon.

    def _next_of_organisation(self, agency: Agency, draft: Draft, random: Random, *, steady: bool) -> Draft | None:
        issued, expires = local_day(draft.issued_at), draft.expires
        renewal = expires + timedelta(days=_renewal_offset(random, on_time=steady or expires.year <= 2017))
        lost = _day_between(random, max(issued + timedelta(days=60), date(2017, 2, 1)), expires - timedelta(days=60))
        is_lost = not steady and lost is not None and random.random() < 0.035
        change = self._change_day(agency, issued, expires, random, chance=1.0 if steady else 0.62)
        candidates = [(renewal, "renewal")]
        if is_lost and lost:
            candidates.append((lost, "lost"))
        if change and change < renewal - timedelta(days=200):
            candidates.append((change, "change"))
        if agency.ended:
            candidates.append((agency.ended, "end"))
        day, what = min(candidates)
        if what == "end":
            self._end_organisation(agency, draft, day, random)
            return None
        if what == "lost":
            return self._lose(draft, day, random)
        if what == "change":
            successor = self._succeed(draft, day, random, CertificateEventKind.CONTENT_CHANGED)
            if successor is not None and random.random() < 0.9:
                self._revoke(draft, day + timedelta(days=random.randint(1, 5)), random, "superseded", "Đã đổi nội dung")
            return successor
        is_extension = day < expires and expires.year > 2018 and random.random() < 0.03
        return self._succeed(draft, day, random, CertificateEventKind.EXTENDED if is_extension else _renewal_kind(day))

    def _next_of_person(self, draft: Draft, random: Random, names: People, *, steady: bool) -> Draft | None:
        agency, issued, expires = draft.agency, local_day(draft.issued_at), draft.expires
        years = (expires - issued).days / 365
        renews = steady or random.random() < 0.5
        renewal = expires + timedelta(days=_renewal_offset(random, on_time=steady))
        leaves = _day_between(random, issued + timedelta(days=150), expires - timedelta(days=30))
        is_leaving = not steady and leaves is not None and random.random() < min(0.8, 0.05 * years)
        change = self._change_day(agency, issued, expires, random, chance=1.0 if steady else 0.1)
        candidates = [(renewal, "renewal")]
        if is_leaving and leaves:
            candidates.append((leaves, "leave"))
        if change and change < renewal - timedelta(days=200):
            candidates.append((change, "change"))
        if agency.ended:
            candidates.append((agency.ended, "end"))
        day, what = min(candidates)
        if what == "end":
            return self._end_person(draft, day, random)
        if what == "leave":
            return self._leave(draft, day, random, names)
        if what == "change":
            successor = self._succeed(draft, day, random, CertificateEventKind.CONTENT_CHANGED)
            if successor is not None:
                self._revoke(draft, day + timedelta(days=random.randint(1, 5)), random, "superseded", "Đã đổi nội dung")
            return successor
        return self._succeed(draft, day, random, _renewal_kind(day)) if renews else None

    def _leave(self, draft: Draft, day: date, random: Random, names: People) -> Draft | None:
        cause = random.random()
        if cause < 0.15:
            return self._lose(draft, day, random)
        after = day + timedelta(days=random.randint(2, 20))
        if cause < 0.55:
            self._revoke(draft, after, random, "affiliationChanged", "Chuyển công tác")
            if random.random() < 0.4:
                self._move_away(draft, day + timedelta(days=random.randint(5, 40)), random)
        else:
            note = random.choice(("Nghỉ hưu", "Nghỉ hưu", "Thôi việc"))
            self._revoke(draft, after, random, "cessationOfOperation", note)
        if random.random() > 0.5:
            return None
        holder = names.name()
        return self._issue(
            draft.agency,
            SubscriberKind.PERSON,
            holder,
            draft.position,
            self.people.email(holder, draft.agency.office),
            day + timedelta(days=random.randint(5, 60)),
            random,
            CertificateEventKind.ISSUED,
            None,
        )

    def _move_away(self, draft: Draft, day: date, random: Random) -> None:
        """Give the person a certificate with the data of another agency of the same level, in place of the old one."""
        others = self.directory.on(day)[draft.agency.state_on(day).level]
        target = random.choice(others) if others else draft.agency
        if target is draft.agency:
            return
        moved = self._issue(
            target,
            SubscriberKind.PERSON,
            draft.holder,
            draft.position,
            self.people.email(draft.holder, target.office),
            day,
            random,
            CertificateEventKind.CONTENT_CHANGED,
            draft,
        )
        if moved is not None and target.ended and target.ended < moved.expires:
            self._end_person(moved, target.ended, random)

    def _end_organisation(self, agency: Agency, draft: Draft, day: date, random: Random) -> None:
        successor = self.agencies[agency.successors[0] - 1] if agency.successors else None
        if successor is not None:
            self._reassign(draft, day, successor)
            if successor.heir_of == agency.id:
                self._heritage[agency.id] = draft
                return
        if random.random() < 0.96:
            after = day + timedelta(days=random.randint(10, 110))
            note = "Cơ quan sáp nhập" if successor else "Cơ quan chấm dứt hoạt động"
            self._revoke(draft, after, random, "cessationOfOperation", note)

    def _end_person(self, draft: Draft, day: date, random: Random) -> Draft | None:
        successor = self.agencies[draft.agency.successors[0] - 1] if draft.agency.successors else None
        fate = random.random()
        if successor is not None:
            self._reassign(draft, day, successor)
            if fate < 0.25:
                return self._transfer(draft, successor, day + timedelta(days=random.randint(10, 130)), random)
        if fate < 0.95:
            after = day + timedelta(days=random.randint(10, 120))
            self._revoke(draft, after, random, "cessationOfOperation", "Cơ quan sắp xếp lại, thôi giữ chức vụ")
        return None

    def _transfer(self, draft: Draft, successor: Agency, day: date, random: Random) -> Draft | None:
        transferred = self._issue(
            successor,
            SubscriberKind.PERSON,
            draft.holder,
            draft.position,
            self.people.email(draft.holder, successor.office),
            day,
            random,
            CertificateEventKind.CONTENT_CHANGED,
            draft,
        )
        if transferred is not None:
            self._revoke(draft, day + timedelta(days=random.randint(1, 5)), random, "superseded", "Đã đổi nội dung")
        return transferred

    def _lose(self, draft: Draft, day: date, random: Random) -> Draft | None:
        at = at_work(day, random)
        self._note(draft, Change(at, CertificateEventKind.LOST, custody=Custody.LOST, note="Báo mất thiết bị lưu khóa"))
        self._revoke(
            draft, day + timedelta(days=random.randint(1, 2)), random, "keyCompromise", "Mất thiết bị lưu khóa"
        )
        again = day + timedelta(days=random.randint(4, 12))
        ended = draft.agency.ended
        return None if ended and again >= ended else self._succeed(draft, again, random, CertificateEventKind.ISSUED)

    def _succeed(self, draft: Draft, day: date, random: Random, origin: CertificateEventKind) -> Draft | None:
        """Issue the certificate that takes the place of `draft`, to the same holder with the data of `day`."""
        if draft.kind is SubscriberKind.ORGANISATION:
            return self._issue_to_organisation(draft.agency, day, random, origin, draft)
        return self._issue(
            draft.agency, draft.kind, draft.holder, draft.position, draft.email, day, random, origin, draft
        )

    def _issue_to_organisation(
        self, agency: Agency, day: date, random: Random, origin: CertificateEventKind, replaces: Draft | None
    ) -> Draft | None:
        state = agency.state_on(day)
        draft = self._issue(
            agency, SubscriberKind.ORGANISATION, state.name, None, state.email, day, random, origin, replaces
        )
        inherited = replaces is not None and replaces.agency is not agency
        if draft is not None and replaces is not None and inherited:
            self._revoke(replaces, day + timedelta(days=random.randint(1, 5)), random, "superseded", "Đã đổi nội dung")
        return draft

    def _issue(
        self,
        agency: Agency,
        kind: SubscriberKind,
        holder: str,
        position: str | None,
        email: str,
        day: date,
        random: Random,
        origin: CertificateEventKind,
        replaces: Draft | None,
    ) -> Draft | None:
        issued_at = at_work(day, random)
        day = local_day(issued_at)
        medium = _medium(kind, day, random)
        handover = at_work(day + timedelta(days=random.randint(1, 12)), random)
        locked = day + timedelta(days=random.randint(60, 1500)) if random.random() < 0.03 else None
        if issued_at >= self.horizon or (agency.ended is not None and day >= agency.ended):
            return None
        life = TEN_YEARS if day.year == 2016 else FIVE_YEARS
        if origin is CertificateEventKind.EXTENDED:
            life = THREE_YEARS
        draft = Draft(agency, kind, holder, position, email, medium, issued_at, issued_at + life, origin, replaces)
        self.drafts.append(draft)
        self._note(
            draft,
            Change(
                handover,
                CertificateEventKind.HANDED_OVER,
                custody=Custody.HANDED_OVER,
                note="Biên bản bàn giao (mẫu 07)",
            ),
        )
        if locked is not None and medium is Medium.TOKEN:
            self._lock(draft, locked, random)
        if replaces is not None:
            self._note(replaces, Change(issued_at, CertificateEventKind.REPLACED, is_replaced=True))
        return draft

    def _lock(self, draft: Draft, day: date, random: Random) -> None:
        self._note(
            draft,
            Change(
                at_work(day, random),
                CertificateEventKind.LOCKED,
                custody=Custody.LOCKED,
                note="Nhập sai mã PIN quá số lần",
            ),
        )
        recovered = at_work(day + timedelta(days=random.randint(2, 6)), random)
        self._note(
            draft,
            Change(
                recovered,
                CertificateEventKind.RECOVERED,
                custody=Custody.HANDED_OVER,
                note="Khôi phục thiết bị (mẫu 06)",
            ),
        )

    def _revoke(self, draft: Draft, day: date, random: Random, reason: str, note: str) -> None:
        at = at_work(day, random)
        self._note(
            draft,
            Change(at, CertificateEventKind.REVOKED, status=CertificateStatus.REVOKED, reason=reason, note=note),
        )
        if reason != "keyCompromise" and random.random() < 0.7:
            returned = at_work(day + timedelta(days=random.randint(1, 20)), random)
            self._note(draft, Change(returned, CertificateEventKind.RETURNED, custody=Custody.RETURNED))

    def _reassign(self, draft: Draft, day: date, successor: Agency) -> None:
        at = datetime.combine(day, time(0, 5), VIETNAM)
        self._note(
            draft,
            Change(
                at,
                CertificateEventKind.REASSIGNED,
                agency=successor.id,
                note=f"Cơ quan sáp nhập vào {successor.state_on(day).name}",
                details={"from": draft.agency.id, "to": successor.id},
            ),
        )

    def _note(self, draft: Draft, change: Change) -> None:
        if change.at < self.horizon:
            draft.changes.append(change)

    def _change_day(self, agency: Agency, issued: date, expires: date, random: Random, *, chance: float) -> date | None:
        """The day on which a certificate is changed because what it says of the agency is no longer true."""
        delay = timedelta(days=random.randint(20, 330))
        happens = random.random() < chance
        for period, before in zip(agency.periods[1:], agency.periods, strict=False):
            differs = (period.state.name, period.state.parent, period.state.province) != (
                before.state.name,
                before.state.parent,
                before.state.province,
            )
            if differs and issued < period.since < expires and period.since + delay > issued:
                return period.since + delay if happens else None
        return None


def at_work(day: date, random: Random) -> datetime:
    """A moment in office hours of `day`, or of the Monday after it."""
    if day.weekday() > 4:
        day += timedelta(days=7 - day.weekday())
    hour = random.choice((7, 8, 8, 9, 9, 10, 10, 13, 14, 14, 15, 15, 16))
    return datetime.combine(day, time(hour, random.randint(0, 59), random.randint(0, 59)), VIETNAM)


def _renewal_kind(day: date) -> CertificateEventKind:
    # The province's report on 2016 counts all of that year's certificates as new ones.
    return CertificateEventKind.RENEWED if day >= G2_BEGINS else CertificateEventKind.ISSUED


def _renewal_offset(random: Random, *, on_time: bool) -> int:
    """Days from the expiry to the renewal: mostly before it, sometimes after."""
    before, late, very_late = -random.randint(4, 38), random.randint(3, 45), random.randint(46, 300)
    luck = random.random()
    if on_time or luck < 0.82:
        return before
    return late if luck < 0.97 else very_late


def _day_between(random: Random, first: date, last: date) -> date | None:
    share = random.random()
    return first + timedelta(days=int((last - first).days * share)) if first < last else None


def _medium(kind: SubscriberKind, day: date, random: Random) -> Medium:
    share = random.random()
    if kind is SubscriberKind.PERSON and day.year >= 2016 and share < 0.07:
        return Medium.SIM
    if kind is SubscriberKind.ORGANISATION and day.year >= 2023 and share < 0.08:
        return Medium.CENTRAL
    return Medium.TOKEN
