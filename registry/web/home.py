"""The first page: what expires when, what needs me now, coverage, and whether the watching parts are alive."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from registry.accounts.viewer import Viewer
from registry.agencies.query import AgencyQuery, Coverage
from registry.agencies.repository import count_agencies_by_level
from registry.agencies.tables import AgencyLevel
from registry.alerts.health import find_health
from registry.certificates.counts import (
    ExpiryCounts,
    count_naming_ended_bodies,
    counts_by_expiry,
    total_counts,
)
from registry.certificates.query import CertificateQuery, CertificateSort, Dimension, Flag, Standing
from registry.certificates.repository import count_by, count_certificates
from registry.certificates.tables import Custody, SubscriberKind
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.verifications.repository import VerificationRepository
from registry.web.charts import ChartBar, ChartSeries, stacked_bars
from registry.web.dependencies import OptionalViewer, ReadUow
from registry.web.health import queue_state
from registry.web.labels import label
from registry.web.page import CurrentPage
from registry.web.templating import with_parameters
from registry.web.translation import load_translations, mark_plural

router: Final = APIRouter(include_in_schema=False)

MONTHS: Final = 18
SOON_DAYS: Final = 30
SOON: Final = timedelta(days=SOON_DAYS)
ONE_DAY: Final = timedelta(days=1)
STRANDED_AFTER: Final = timedelta(minutes=2)
"""A document that no worker took for so long counts as stranded."""


ExpiryByDay = dict[tuple[date, SubscriberKind], ExpiryCounts]


@dataclass(frozen=True, slots=True)
class MonthRow:
    """One month: its name, and for each kind how many certificates expire and where they are listed."""

    name: str
    total: int
    target: str
    bars: tuple[ChartBar, ...]


@dataclass(frozen=True, slots=True)
class Task:
    """A counted sentence that links to exactly so many rows."""

    count: int
    sentence: str
    target: str
    tone: str


@dataclass(frozen=True, slots=True)
class LevelCoverage:
    """How many agencies of a level hold a valid organisation certificate, and the lists of those that do not."""

    level: AgencyLevel
    agencies: int
    covered: int
    target: str
    uncovered_target: str

    @property
    def share(self) -> float:
        """Between 0 and 1."""
        return self.covered / self.agencies


@router.get("/")
def home_page(page: CurrentPage, viewer: OptionalViewer, uow: ReadUow) -> Response:
    """The state of the register in five seconds; whoever is not signed in gets to the check of documents."""
    if viewer is None:
        return page.redirect("/verify" if page.runtime.settings.verification_is_public else "/login")
    now = uow.now
    today = local_day(now)
    by_day = counts_by_expiry(uow, viewer, now, today - SOON, _add_months(today.replace(day=1), MONTHS) - ONE_DAY)
    months = _months(uow, viewer, by_day, page.language)
    coverage = _coverage(uow, viewer)
    alerts = find_health(uow, page.runtime.settings)
    return page.render(
        "home.html",
        months=months,
        chart=_chart(months, page.language),
        kinds=tuple(SubscriberKind),
        expiring_total=sum(month.total for month in months),
        tasks=_tasks(uow, viewer, by_day, coverage, page.language),
        coverage=coverage,
        alerts_work=alerts.is_working,
        alerts_said=tuple(sentence.text(page.language) for sentence in alerts.sentences),
        queue=queue_state(page.runtime),
        stranded=len(VerificationRepository(uow.session).find_stranded(now - STRANDED_AFTER, limit=100)),
    )


def _months(uow: UnitOfWork, viewer: Viewer, by_day: ExpiryByDay, language: str) -> tuple[MonthRow, ...]:
    """The months from this one on, with what is active today, not replaced, and expires in them."""
    _ = load_translations(language).gettext
    today = local_day(uow.now)
    first = today.replace(day=1)
    starts = [_add_months(first, index) for index in range(MONTHS)]
    everything = replace(
        _unreplaced(uow, Standing.ACTIVE), expires_from=first, expires_until=_add_months(first, MONTHS) - ONE_DAY
    )
    counts: Counter[tuple[str, str]] = Counter()
    # What ends today is partly over.
    of_today = replace(everything, expires_from=today, expires_until=today)
    for bucket in count_by(uow, viewer, of_today, Dimension.KIND):
        counts[bucket.key, f"{today:%Y-%m}"] = bucket.count
    for (day, kind), each in by_day.items():
        if day > today:
            counts[kind, f"{day:%Y-%m}"] += each.begun
    rows = []
    for start in starts:
        key, name = f"{start:%Y-%m}", f"{start:%m/%Y}"
        month = everything.narrow(Dimension.EXPIRY_MONTH, key)
        bars = tuple(
            ChartBar(
                value=counts[kind, key],
                target=with_parameters("/certificates", replace(month, kinds=(kind,)).to_parameters()),
                sentence=_("%(month)s: %(count)s expire (%(kind)s)")
                % {"month": name, "count": counts[kind, key], "kind": _(label(kind))},
            )
            for kind in SubscriberKind
        )
        total = sum(bar.value for bar in bars)
        rows.append(MonthRow(name, total, with_parameters("/certificates", month.to_parameters()), bars))
    return tuple(rows)


def _chart(months: tuple[MonthRow, ...], language: str) -> Markup:
    _ = load_translations(language).gettext
    # The first is the month that today is in: the chart marks it.
    labels = [f"{month.name[:2]}/{month.name[-2:]}" for month in months]
    series = [
        ChartSeries(_(label(kind)), tuple(month.bars[index] for month in months))
        for index, kind in enumerate(SubscriberKind)
    ]
    return stacked_bars(labels, series, marked=0)


def _tasks(
    uow: UnitOfWork, viewer: Viewer, by_day: ExpiryByDay, coverage: tuple[LevelCoverage, ...], language: str
) -> tuple[Task, ...]:
    """What somebody has to act on, the most urgent first; what counts nothing is left out."""
    today = local_day(uow.now)
    expiring = replace(_unreplaced(uow), expiring_within_days=SOON_DAYS)
    expired = replace(
        _unreplaced(uow, Standing.EXPIRED),
        expires_from=today - SOON,
        expires_until=today,
        sort=CertificateSort.EXPIRY_DESCENDING,
    )
    active = CertificateQuery(as_of=uow.now, standings=(Standing.ACTIVE,))
    counts = total_counts(uow, viewer, uow.now)
    certificates = (
        (expiring, _count_expiring(uow, viewer, by_day, expiring), _EXPIRING, "undetermined"),
        (expired, _count_expired(uow, viewer, by_day, expired), _EXPIRED, "invalid"),
        (replace(active, custodies=(Custody.LOST,)), counts.lost, _LOST, "invalid"),
        (replace(active, custodies=(Custody.LOCKED,)), counts.locked, _LOCKED, "undetermined"),
        (
            replace(active, flags=(Flag.NAMES_ENDED_BODY,)),
            count_naming_ended_bodies(uow, viewer, uow.now),
            _ENDED_BODY,
            "undetermined",
        ),
        (replace(active, flags=(Flag.WEAK,)), counts.weak, _WEAK, "undetermined"),
        (replace(active, flags=(Flag.UNKNOWN_CA,)), counts.unknown_ca, _UNKNOWN_CA, "undetermined"),
    )
    ngettext = load_translations(language).ngettext
    tasks = [
        Task(count, ngettext(*sentences, count), with_parameters("/certificates", query.to_parameters()), tone)
        for query, count, sentences, tone in certificates
    ]
    uncovered = AgencyQuery(as_of=uow.now, coverage=Coverage.UNCOVERED)
    count = sum(line.agencies - line.covered for line in coverage)
    target = with_parameters("/agencies", uncovered.to_parameters())
    tasks.append(Task(count, ngettext(*_UNCOVERED, count), target, "undetermined"))
    return tuple(task for task in tasks if task.count)


def _unreplaced(uow: UnitOfWork, *standings: Standing) -> CertificateQuery:
    return CertificateQuery(as_of=uow.now, standings=standings, flags=(Flag.NOT_REPLACED,), sort=CertificateSort.EXPIRY)


def _count_expiring(uow: UnitOfWork, viewer: Viewer, by_day: ExpiryByDay, query: CertificateQuery) -> int:
    """What the query counts: whole days are known, of today and of the last day a part."""
    today = local_day(uow.now)
    parts = (
        count_certificates(uow, viewer, replace(query, expires_from=day, expires_until=day))
        for day in (today, today + SOON)
    )
    return sum(parts) + sum(each.begun for (day, _), each in by_day.items() if today < day < today + SOON)


def _count_expired(uow: UnitOfWork, viewer: Viewer, by_day: ExpiryByDay, query: CertificateQuery) -> int:
    today = local_day(uow.now)
    part = count_certificates(uow, viewer, replace(query, expires_from=today))
    return part + sum(each.unrevoked for (day, _), each in by_day.items() if today - SOON <= day < today)


def _coverage(uow: UnitOfWork, viewer: Viewer) -> tuple[LevelCoverage, ...]:
    agencies = AgencyQuery(as_of=uow.now)
    existing = count_agencies_by_level(uow, viewer, agencies)
    covered = count_agencies_by_level(uow, viewer, replace(agencies, coverage=Coverage.COVERED))

    def line(level: AgencyLevel) -> LevelCoverage:
        of_level = replace(agencies, levels=(level,))
        return LevelCoverage(
            level=level,
            agencies=existing[level],
            covered=covered.get(level, 0),
            target=with_parameters("/agencies", of_level.to_parameters()),
            uncovered_target=with_parameters(
                "/agencies", replace(of_level, coverage=Coverage.UNCOVERED).to_parameters()
            ),
        )

    return tuple(line(level) for level in AgencyLevel if existing.get(level))


def _add_months(day: date, count: int) -> date:
    index = day.year * 12 + day.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


_EXPIRING: Final = mark_plural(
    "certificate expires within 30 days and has not been replaced",
    "certificates expire within 30 days and have not been replaced",
)
_EXPIRED: Final = mark_plural(
    "certificate expired in the last 30 days and has not been replaced",
    "certificates expired in the last 30 days and have not been replaced",
)
_LOST: Final = mark_plural(
    "active certificate is on a device that was reported lost: have it revoked",
    "active certificates are on devices that were reported lost: have them revoked",
)
_LOCKED: Final = mark_plural(
    "active certificate is on a locked device: have the device recovered",
    "active certificates are on locked devices: have the devices recovered",
)
_ENDED_BODY: Final = mark_plural(
    "active certificate names a body that has ended: have it changed or revoked",
    "active certificates name a body that has ended: have them changed or revoked",
)
_WEAK: Final = mark_plural(
    "active certificate uses a weak algorithm",
    "active certificates use a weak algorithm",
)
_UNKNOWN_CA: Final = mark_plural(
    "active certificate has no path to a trust anchor of the register",
    "active certificates have no path to a trust anchor of the register",
)
_UNCOVERED: Final = mark_plural(
    "agency has no valid organisation certificate",
    "agencies have no valid organisation certificate",
)
