"""How certificates come and go: the life of one agency's or one person's certificates, told by chance.

Everything is drawn from generators seeded by what the life belongs to, so that one life does not depend on the others,
and a later day shows the same past with more of it.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from random import Random

from registry.certificates.tables import CertificateEventKind, SubscriberKind
from registry.clock import local_day
from registry.demo.province.agencies import Agency, Directory
from registry.demo.province.deeds import Deeds
from registry.demo.province.drafts import G2_BEGINS, Draft, Subscriber
from registry.demo.province.people import People
from registry.demo.province.seed import seeded


class Lives:
    """Tells lives up to `horizon`."""

    def __init__(self, agencies: tuple[Agency, ...], people: People, horizon: datetime) -> None:
        self.agencies = agencies
        self.directory = Directory(agencies)
        self._people = people
        self._deeds = Deeds(horizon)
        self._heritage: dict[int, Draft] = {}
        """The last organisation certificate of an agency, waiting to be changed to its successor's data."""

    @property
    def horizon(self) -> datetime:
        """The moment at which the telling stops."""
        return self._deeds.horizon

    @property
    def drafts(self) -> list[Draft]:
        """Every certificate issued so far, in the order of the telling."""
        return self._deeds.drafts

    def organisation(self, agency: Agency, first: date, *, steady: bool = False) -> None:
        """Tell of an agency's own certificates from `first` on; `steady`: always in order, for the demo's signers."""
        random = seeded("organisation", agency.code)
        inherited = self._heritage.pop(agency.heir_of, None) if agency.heir_of else None
        draft: Draft | None
        if inherited is None:
            draft = self._deeds.issue_to_organisation(agency, first, random)
        else:
            state = agency.state_on(first)
            heir = Subscriber(agency, SubscriberKind.ORGANISATION, state.name, None, state.email)
            draft = self._deeds.change_content(inherited, heir, first, random)
        while draft is not None:
            draft = self._next_of_organisation(draft, random, steady=steady)

    def person(self, agency: Agency, position: str, first: date, key: str, *, steady: bool = False) -> None:
        """Tell of the certificates of one post from `first` on, whoever holds it. `key` names the post."""
        random = seeded("person", key)
        names = People(random, "")
        draft = self._deeds.issue(self._person(names.name(), position, agency), first, random)
        while draft is not None:
            draft = self._next_of_person(draft, random, names, steady=steady)

    def renew_early(self, draft: Draft) -> None:
        """Renew a certificate in the weeks before the horizon, ahead of its time."""
        random = seeded("early", draft.subscriber.holder, draft.issued_at)
        day = local_day(self.horizon) - timedelta(days=random.randint(4, 40))
        day = max(day, local_day(draft.issued_at) + timedelta(days=30))
        self._deeds.succeed(draft, day, random, CertificateEventKind.RENEWED)

    # The next certificate of a life, or None when it ends here or lies beyond the horizon. The earliest of the things
    # that could happen does; all are drawn first, so that one that does not happen leaves the rest of the life alone.

    def _next_of_organisation(self, draft: Draft, random: Random, *, steady: bool) -> Draft | None:
        agency, issued, expires = draft.agency, local_day(draft.issued_at), draft.expires
        # Up to 2017 nothing is lost or late, for the province reported full coverage.
        is_early = expires.year <= 2017
        renewal = expires + timedelta(days=_renewal_offset(random, on_time=steady or is_early))
        fates = [(renewal, "renewal")]
        lost = _day_between(random, max(issued + timedelta(days=60), date(2017, 2, 1)), expires - timedelta(days=60))
        if random.random() < 0.035 and lost is not None and not steady:
            fates.append((lost, "loss"))
        changed = _days_of_change(draft, random, chance=0.62, steady=steady)
        fates.extend((day, "change") for day in changed if steady or day < renewal - timedelta(days=200))
        if agency.ended is not None:
            fates.append((agency.ended, "end"))
        is_extension = random.random() < 0.03
        match min(fates):
            case day, "end":
                self._end_organisation(draft, day, random)
                return None
            case day, "loss":
                return self._deeds.lose(draft, day, random)
            case day, "change":
                state = agency.state_on(day)
                subscriber = replace(draft.subscriber, holder=state.name, email=state.email)
                return self._deeds.change_content(draft, subscriber, day, random)
            case day, _:
                is_in_time = expires.year > 2018 and day < expires
                origin = CertificateEventKind.EXTENDED if is_extension and is_in_time else _renewal_kind(day)
                return self._deeds.succeed(draft, day, random, origin)

    def _next_of_person(self, draft: Draft, random: Random, names: People, *, steady: bool) -> Draft | None:
        issued, expires = local_day(draft.issued_at), draft.expires
        renews = random.random() < 0.5 or steady
        renewal = expires + timedelta(days=_renewal_offset(random, on_time=steady))
        fates = [(renewal, "renewal")]
        left = _day_between(random, issued + timedelta(days=150), expires - timedelta(days=30))
        if random.random() < 0.05 * (expires - issued).days / 365 and left is not None and not steady:
            fates.append((left, "leave"))
        changed = _days_of_change(draft, random, chance=0.1, steady=steady)
        fates.extend((day, "change") for day in changed if steady or day < renewal - timedelta(days=200))
        if draft.agency.ended is not None:
            fates.append((draft.agency.ended, "end"))
        match min(fates):
            case day, "end":
                return self._end_person(draft, day, random)
            case day, "leave":
                return self._leave(draft, day, random, names)
            case day, "change":
                return self._deeds.change_content(draft, draft.subscriber, day, random)
            case day, _:
                return self._deeds.succeed(draft, day, random, _renewal_kind(day)) if renews else None

    def _leave(self, draft: Draft, day: date, random: Random, names: People) -> Draft | None:
        """Somebody loses the token, moves or retires; the post may get another holder."""
        cause = random.random()
        if cause < 0.15:
            return self._deeds.lose(draft, day, random)
        after = day + timedelta(days=random.randint(2, 20))
        if cause < 0.55:
            self._deeds.revoke(draft, after, random, "affiliationChanged", "Chuyển công tác")
            if random.random() < 0.4:
                self._move_away(draft, day + timedelta(days=random.randint(5, 40)), random)
        else:
            note = random.choice(("Nghỉ hưu", "Nghỉ hưu", "Thôi việc"))
            self._deeds.revoke(draft, after, random, "cessationOfOperation", note)
        if random.random() > 0.5:
            return None
        next_holder = self._person(names.name(), draft.subscriber.position, draft.agency)
        return self._deeds.issue(next_holder, day + timedelta(days=random.randint(5, 60)), random)

    def _move_away(self, draft: Draft, day: date, random: Random) -> None:
        """Give the person a certificate with the data of another agency of the same level, in place of the old one."""
        others = self.directory.on(day)[draft.agency.state_on(day).level]
        target = random.choice(others) if others else draft.agency
        if target is draft.agency:
            return
        subscriber = self._person(draft.subscriber.holder, draft.subscriber.position, target)
        origin = CertificateEventKind.CONTENT_CHANGED
        moved = self._deeds.issue(subscriber, day, random, origin=origin, replaces=draft)
        if moved is not None and target.ended is not None and target.ended < moved.expires:
            self._end_person(moved, target.ended, random)

    def _end_organisation(self, draft: Draft, day: date, random: Random) -> None:
        successor = self._successor(draft.agency)
        if successor is not None:
            self._deeds.reassign(draft, day, successor)
            if successor.heir_of == draft.agency.id:
                self._heritage[draft.agency.id] = draft
                return
        # A few are forgotten, as they are in reality: the register flags them.
        if random.random() < 0.96:
            after = day + timedelta(days=random.randint(10, 110))
            note = "Cơ quan sáp nhập" if successor else "Cơ quan chấm dứt hoạt động"
            self._deeds.revoke(draft, after, random, "cessationOfOperation", note)

    def _end_person(self, draft: Draft, day: date, random: Random) -> Draft | None:
        successor = self._successor(draft.agency)
        fate = random.random()
        if successor is not None:
            self._deeds.reassign(draft, day, successor)
            if fate < 0.25:
                subscriber = self._person(draft.subscriber.holder, draft.subscriber.position, successor)
                after = day + timedelta(days=random.randint(10, 130))
                return self._deeds.change_content(draft, subscriber, after, random)
        if fate < 0.95:
            after = day + timedelta(days=random.randint(10, 120))
            note = "Cơ quan sắp xếp lại, thôi giữ chức vụ"
            self._deeds.revoke(draft, after, random, "cessationOfOperation", note)
        return None

    def _successor(self, agency: Agency) -> Agency | None:
        return self.agencies[agency.successors[0] - 1] if agency.successors else None

    def _person(self, holder: str, position: str | None, agency: Agency) -> Subscriber:
        email = self._people.email(holder, agency.office)
        return Subscriber(agency, SubscriberKind.PERSON, holder, position, email)


def _days_of_change(draft: Draft, random: Random, *, chance: float, steady: bool) -> Iterator[date]:
    """The day, if any, on which a certificate is changed because what it says of its agency is no longer true."""
    delay = timedelta(days=random.randint(20, 90 if steady else 330))
    happens = random.random() < chance or steady
    periods = draft.agency.periods
    for before, period in pairwise(periods):
        names_other = (period.state.name, period.state.parent, period.state.province) != (
            before.state.name,
            before.state.parent,
            before.state.province,
        )
        if names_other and local_day(draft.issued_at) < period.since < draft.expires:
            if happens:
                yield period.since + delay
            return


def _renewal_kind(day: date) -> CertificateEventKind:
    # The province's report on 2016 counts all of that year's certificates as new ones.
    return CertificateEventKind.RENEWED if day >= G2_BEGINS else CertificateEventKind.ISSUED


def _renewal_offset(random: Random, *, on_time: bool) -> int:
    """Days from the expiry to the renewal: mostly before it, sometimes after."""
    before, late, very_late = -random.randint(3, 30), random.randint(3, 45), random.randint(46, 300)
    luck = random.random()
    if on_time or luck < 0.82:
        return before
    return late if luck < 0.97 else very_late


def _day_between(random: Random, first: date, last: date) -> date | None:
    share = random.random()
    return first + timedelta(days=int((last - first).days * share)) if first < last else None
