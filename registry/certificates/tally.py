"""Many counts at once: for a report that would otherwise read the register once for each of its numbers."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import String, and_, func, null, select, type_coerce
from sqlmodel import col

from registry.accounts.viewer import Viewer
from registry.certificates.conditions import conditions, counting
from registry.certificates.query import CertificateQuery, Dimension
from registry.certificates.repository import levels_at
from registry.certificates.tables import (
    CertificateEventKind,
    CertificateEventRow,
    CertificatePeriodRow,
    SubscriberKind,
)
from registry.clock import local_day, start_of_day
from registry.db.unit_of_work import UnitOfWork

_PLACES: Final = {Dimension.KIND: 0, Dimension.MEDIUM: 1, Dimension.GENERATION: 2}


@dataclass(frozen=True, slots=True)
class Tally:
    """The counts of several queries that narrow one base, in total and by some dimensions."""

    queries: tuple[CertificateQuery, ...]
    by_agency: dict[tuple[int, str], tuple[int, ...]]
    """For each managing agency and kind the counts in the order of `queries`."""
    by_facts: dict[tuple[str, str, str], tuple[int, ...]]
    """The same for each kind, medium and generation."""
    levels: dict[int, str]

    def total(self, query: CertificateQuery) -> int:
        """What `count_certificates` answers for one of the queries."""
        place = self.queries.index(query)
        return sum(counts[place] for counts in self.by_facts.values())

    def by(self, query: CertificateQuery, dimension: Dimension) -> dict[str, int]:
        """What `count_by` answers for one of the queries, by agency, level, kind, medium or generation."""
        place = self.queries.index(query)
        found: Counter[str] = Counter()
        if dimension in _PLACES:
            for facts, counts in self.by_facts.items():
                found[facts[_PLACES[dimension]]] += counts[place]
        else:
            for (agency, _), counts in self.by_agency.items():
                found[self.levels[agency] if dimension is Dimension.LEVEL else str(agency)] += counts[place]
        order = (lambda key: (int(key), "")) if dimension is Dimension.AGENCY else (lambda key: (0, key))
        return {key: found[key] for key in sorted(found, key=order) if found[key]}

    def agencies_with(self, query: CertificateQuery, kind: SubscriberKind) -> frozenset[int]:
        """The agencies that have a certificate of a kind among what one of the queries asks for."""
        place = self.queries.index(query)
        return frozenset(agency for (agency, of), counts in self.by_agency.items() if of == kind and counts[place])


def tally(uow: UnitOfWork, viewer: Viewer, base: CertificateQuery, narrowed: Sequence[CertificateQuery]) -> Tally:
    """Count `base` and all of `narrowed` in one pass over one index.

    Each of `narrowed` must ask for a part of what `base` asks for, as of the same moment and without text.
    """
    period = CertificatePeriodRow
    # The first columns of the index, in its order: nothing has to be sorted.
    facts = [type_coerce(col(column), String) for column in (period.kind, period.medium, period.generation)]
    sums = [func.count().filter(and_(*conditions(query))) for query in narrowed]
    named = [each.label(f"count_{place}") for place, each in enumerate((func.count(), *sums))]
    grouped = counting(base, viewer, uow.now, col(period.agency_id), *facts, *named)
    groups = grouped.group_by(col(period.agency_id), *facts).cte("groups")
    # Summed up where they are: a register has nearly as many groups as certificates.
    totals = [func.sum(groups.c[each.name]) for each in named]
    agency, kind, medium, generation = list(groups.c)[:4]
    by_agency = select(agency, kind, null(), null(), *totals).group_by(agency, kind)
    by_facts = select(null(), kind, medium, generation, *totals).group_by(kind, medium, generation)
    found = Tally((base, *narrowed), {}, {}, levels_at(uow, base.as_of))
    for key, of, by, under, *counts in uow.session.execute(by_agency.union_all(by_facts)):
        if key is None:
            found.by_facts[of, by, under] = tuple(map(int, counts))
        else:
            found.by_agency[key, of] = tuple(map(int, counts))
    return found


def count_parts(
    uow: UnitOfWork, viewer: Viewer, base: CertificateQuery, parts: Sequence[CertificateQuery]
) -> tuple[int, ...]:
    """How many of what `base` asks for each of `parts` asks for too, in one pass and as of the same moment."""
    sums = (func.count().filter(and_(*conditions(part))) for part in parts)
    return tuple(uow.session.execute(counting(base, viewer, uow.now, *sums)).one())


def count_events(
    uow: UnitOfWork, viewer: Viewer, base: CertificateQuery, kinds: Collection[CertificateEventKind], begin: date
) -> dict[str, int]:
    """To how many of what `base` asks for each of the events happened from `begin` to the moment of `base`.

    The same as `count_certificates` with `events` and `event_from`, for all kinds in one pass.
    """
    event = CertificateEventRow
    happened = (
        select(col(event.kind).label("kind"), col(event.certificate_id).label("certificate_id"))
        .where(
            col(event.kind).in_(kinds),
            col(event.effective_at) >= start_of_day(begin),
            col(event.effective_at) <= base.as_of,
        )
        .distinct()
        .subquery()
    )
    statement = counting(base, viewer, uow.now, happened.c.kind, func.count())
    joined = statement.join(happened, happened.c.certificate_id == col(CertificatePeriodRow.certificate_id))
    return dict(uow.session.execute(joined.group_by(happened.c.kind)).all())


def issue_years(uow: UnitOfWork) -> range:
    """The years in Viet Nam from the first certificate of the register to its last, whoever may see them."""
    issued = col(CertificatePeriodRow.issued_at)
    first: datetime | None = uow.session.execute(select(func.min(issued))).scalar_one()
    last: datetime | None = uow.session.execute(select(func.max(issued))).scalar_one()
    return range(0) if first is None or last is None else range(local_day(first).year, local_day(last).year + 1)
