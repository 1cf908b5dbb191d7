"""Many counts at once: for a report that would otherwise read the register once for each of its numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import add
from typing import Final

from sqlalchemy import String, and_, case, func, select, type_coerce
from sqlmodel import col

from registry.accounts.viewer import Viewer
from registry.certificates.conditions import conditions, counting
from registry.certificates.query import CertificateQuery, Dimension
from registry.certificates.repository import levels_at
from registry.certificates.tables import CertificatePeriodRow, CertificateRow
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork

_PLACES: Final = {Dimension.KIND: 0, Dimension.MEDIUM: 1, Dimension.GENERATION: 2}


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of several queries that narrow one base, in total and by some dimensions."""

    queries: tuple[CertificateQuery, ...]
    by_agency: dict[int, list[int]]
    """For each managing agency the counts in the order of `queries`."""
    by_facts: dict[tuple[str, str, str], list[int]]
    """The same for each kind, medium and generation."""
    levels: dict[int, str]

    def total(self, query: CertificateQuery) -> int:
        """What `count_certificates` answers for one of the queries."""
        place = self.queries.index(query)
        return sum(counts[place] for counts in self.by_agency.values())

    def by(self, query: CertificateQuery, dimension: Dimension) -> dict[str, int]:
        """What `count_by` answers for one of the queries, by agency, level, kind, medium or generation."""
        place = self.queries.index(query)
        found: dict[str, int] = {}
        if dimension in _PLACES:
            for facts, counts in self.by_facts.items():
                key = facts[_PLACES[dimension]]
                found[key] = found.get(key, 0) + counts[place]
        else:
            for agency, counts in self.by_agency.items():
                key = self.levels[agency] if dimension is Dimension.LEVEL else str(agency)
                found[key] = found.get(key, 0) + counts[place]
        order = (lambda key: (int(key), "")) if dimension is Dimension.AGENCY else (lambda key: (0, key))
        return {key: found[key] for key in sorted(found, key=order) if found[key]}


def tally(uow: UnitOfWork, viewer: Viewer, base: CertificateQuery, narrowed: Sequence[CertificateQuery]) -> Tally:
    """Count `base` and all of `narrowed` in one pass over one index.

    Each of `narrowed` must ask for a part of what `base` asks for, as of the same moment and without text.
    """
    period = CertificatePeriodRow
    # The first columns of the index, in its order: nothing has to be sorted.
    texts = (type_coerce(col(column), String) for column in (period.kind, period.medium, period.generation))
    groups = (col(period.agency_id), *texts)
    sums = [func.sum(case((and_(*conditions(query)), 1), else_=0)) for query in narrowed]
    statement = counting(base, viewer, uow.now, *groups, func.count(), *sums).group_by(*groups)
    by_agency: dict[int, list[int]] = {}
    by_facts: dict[tuple[str, str, str], list[int]] = {}
    nothing = [0] * (len(narrowed) + 1)
    for agency, kind, medium, generation, *counts in uow.session.execute(statement):
        by_agency[agency] = list(map(add, by_agency.get(agency, nothing), counts))
        facts = (kind, medium, generation)
        by_facts[facts] = list(map(add, by_facts.get(facts, nothing), counts))
    return Tally((base, *narrowed), by_agency, by_facts, levels_at(uow, base.as_of))


def issue_years(uow: UnitOfWork) -> range:
    """The years in Viet Nam from the first certificate of the register to its last, whoever may see them."""
    issued = col(CertificateRow.issued_at)
    first: datetime | None = uow.session.execute(select(func.min(issued))).scalar_one()
    last: datetime | None = uow.session.execute(select(func.max(issued))).scalar_one()
    return range(0) if first is None or last is None else range(local_day(first).year, local_day(last).year + 1)
