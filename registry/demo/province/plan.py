"""The register of the demonstration province as it would be on a given day: a plan, pure and the same every time.

The figures of the province's report on 2016 hold exactly: 2,098 certificates by 31/12/2016, 1,171 of them of that year,
and every agency with at least one valid organisation certificate. From 2017 on the register lives on by chance, seeded.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Final

from registry.agencies.tables import AgencyLevel
from registry.clock import local_day, start_of_day
from registry.demo.province.agencies import Agency
from registry.demo.province.agency_history import MAIL_DOMAIN, plan_agencies
from registry.demo.province.drafts import Draft
from registry.demo.province.lives import Lives
from registry.demo.province.people import People
from registry.demo.province.seed import seeded

BEFORE_2016: Final = 927
IN_2016: Final = 1171

HORIZON_DAYS: Final = 90
MOST_EXPIRIES: Final = 170
"""What the province's office lets stand open for the next 90 days; beyond it, it renews ahead of time."""

SIGNING_BODY: Final = "Sở Y tế"
"""Signs the demonstration documents, so its certificates and its head's are always in order."""

_NEW_YEAR_2016: Final = date(2016, 1, 1)
_NEW_YEAR_2017: Final = date(2017, 1, 1)


@dataclass(frozen=True, slots=True)
class Plan:
    """All agencies that ever were, and all certificates issued before `today`, in the order of their issue."""

    today: date
    agencies: tuple[Agency, ...]
    drafts: tuple[Draft, ...]

    def agency(self, name: str) -> Agency:
        """The agency that had this name when it was established. Raises `StopIteration` when there is none."""
        return next(agency for agency in self.agencies if agency.periods[0].state.name == name)


def plan_province(today: date) -> Plan:
    """Plan the province as of the beginning of `today`, which lies in 2026 or later."""
    random = seeded("agencies")
    agencies = plan_agencies(random)
    lives = Lives(agencies, People(random, MAIL_DOMAIN), start_of_day(today))
    _Beginnings(lives, random).tell()
    for agency in agencies:
        if agency.established > _NEW_YEAR_2017:
            lives.organisation(agency, agency.established + timedelta(days=random.randint(4, 35)))
            for post in range(2):
                first = agency.established + timedelta(days=random.randint(5, 60))
                lives.person(agency, agency.positions[post], first, f"{agency.code}/{post}")
    _recruit(lives, seeded("recruits"))
    _renew_ahead(lives, today)
    drafts = sorted(lives.drafts, key=lambda draft: (draft.issued_at, draft.agency.id, draft.subscriber.holder))
    return Plan(today, agencies, tuple(drafts))


class _Beginnings:
    """The certificates up to the end of 2016, and everything that follows from them."""

    def __init__(self, lives: Lives, random: Random) -> None:
        self._lives = lives
        self._random = random
        by_level = {
            level: [a for a in lives.agencies if a.periods[0].state.level is level and a.established < _NEW_YEAR_2016]
            for level in AgencyLevel
        }
        self._bodies = by_level[AgencyLevel.PROVINCE]
        self._districts = by_level[AgencyLevel.DISTRICT]
        self._units = by_level[AgencyLevel.SUBORDINATE]
        self._communes = by_level[AgencyLevel.COMMUNE]
        self._schools = by_level[AgencyLevel.SCHOOL]

    def tell(self) -> None:
        """Issue in waves, as the province did: bodies and districts, units, communes, then the schools."""
        for agency in (*self._bodies, *self._districts):
            steady = agency.periods[0].state.name == SIGNING_BODY
            # Five years later they run out and are renewed: the 30 renewals of 2016.
            self._lives.organisation(agency, self._between(date(2011, 3, 1), date(2011, 11, 30)), steady=steady)
        for agency in self._units:
            self._lives.organisation(agency, self._between(date(2012, 2, 1), date(2015, 6, 30)))
        for agency in self._communes:
            self._lives.organisation(agency, self._between(date(2013, 3, 1), date(2015, 11, 30)))
        self._posts(self._bodies, range(5), date(2011, 6, 1), date(2014, 12, 20))
        self._posts(self._districts, range(5), date(2012, 1, 5), date(2014, 12, 20))
        self._posts(self._communes[:150], range(1), date(2014, 1, 5), date(2015, 11, 30))
        self._posts(self._communes[150:], range(1), date(2016, 1, 10), date(2016, 12, 15))
        self._posts(self._communes, range(1, 2), date(2016, 1, 10), date(2016, 12, 15))
        self._posts(self._units, range(1), date(2016, 1, 10), date(2016, 12, 15))
        self._schools_to_the_figure()
        self._heads_of_schools_to_the_figure()

    def _schools_to_the_figure(self) -> None:
        """Give schools theirs in 2015 until the figure for the years before 2016 is reached, and the rest theirs in 2016."""
        order = list(self._schools)
        self._random.shuffle(order)
        early = BEFORE_2016 - self._count(lambda day: day < _NEW_YEAR_2016)
        for agency in order[:early]:
            self._lives.organisation(agency, self._between(date(2015, 2, 1), date(2015, 12, 18)))
        for agency in order[early:]:
            self._lives.organisation(agency, self._between(date(2016, 2, 15), date(2016, 12, 20)))

    def _heads_of_schools_to_the_figure(self) -> None:
        missing = IN_2016 - self._count(lambda day: _NEW_YEAR_2016 <= day < _NEW_YEAR_2017)
        # So late in the year that nothing more happens to them before its end.
        self._posts(self._schools[-missing:], range(1), date(2016, 9, 1), date(2016, 12, 15))

    def _posts(self, agencies: list[Agency], posts: range, first: date, last: date) -> None:
        for agency in agencies:
            for post in posts:
                steady = agency.periods[0].state.name == SIGNING_BODY and post == 0
                key = f"{agency.code}/{post}"
                self._lives.person(agency, agency.positions[post], self._between(first, last), key, steady=steady)

    def _between(self, first: date, last: date) -> date:
        return first + timedelta(days=self._random.randint(0, (last - first).days))

    def _count(self, condition: Callable[[date], bool]) -> int:
        return sum(condition(local_day(draft.issued_at)) for draft in self._lives.drafts)


_RECRUITED_LEVELS: Final = {
    AgencyLevel.PROVINCE: 30,
    AgencyLevel.DISTRICT: 5,
    AgencyLevel.SUBORDINATE: 6,
    AgencyLevel.COMMUNE: 1,
    AgencyLevel.SCHOOL: 1,
}
"""How much likelier than a school an agency of the level is to ask for one more certificate."""


def _recruit(lives: Lives, random: Random) -> None:
    """Issue to ever more people since 2017: two or three a week, and eight or nine since signing is compulsory (2021)."""
    end = local_day(lives.horizon)
    for number, monday in enumerate(_mondays(date(2017, 1, 9), end)):
        agencies = lives.directory.on(monday)
        weights = [len(agencies[level]) * weight for level, weight in _RECRUITED_LEVELS.items()]
        few = 2 if monday.year < 2021 else 8
        for place, level in enumerate(random.choices(list(_RECRUITED_LEVELS), weights, k=few + number % 2)):
            agency = random.choice(agencies[level])
            day = monday + timedelta(days=random.randint(0, 4))
            # There is one head only.
            lives.person(agency, random.choice(agency.positions[1:]), day, f"recruit/{monday}/{place}")


def _mondays(first: date, end: date) -> Iterator[date]:
    while first < end:
        yield first
        first += timedelta(days=7)


def _renew_ahead(lives: Lives, today: date) -> None:
    """Renew ahead of time what exceeds the office's limit for the next 90 days."""
    due = [
        draft
        for draft in lives.drafts
        if today <= draft.expires < today + timedelta(days=HORIZON_DAYS) and draft.is_open_at(lives.horizon)
    ]
    due.sort(key=lambda draft: (draft.not_after, draft.agency.id, draft.subscriber.holder))
    excess = len(due) - MOST_EXPIRIES
    ended = [draft for draft in due if draft.agency.ended is not None]
    renewable = [draft for draft in due if draft not in ended]
    for draft in seeded("ahead", today).sample(renewable, max(0, min(excess, len(renewable)))):
        lives.renew_early(draft)
