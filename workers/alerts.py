"""Jobs of the alerts. A second run of each finds nothing new."""

from registry.alerts import canary, coverage, lapses, revocations, watch
from registry.alerts.summary import mail as summary
from registry.jobs import (
    ScanExpiriesJob,
    SummariseWeekJob,
    TellCoverageJob,
    TellLapsesJob,
    TellRevocationsJob,
    WatchAlertsJob,
)
from workers.resources import Resources


def scan_expiries(resources: Resources, job: ScanExpiriesJob) -> None:
    """Find what expires and put the mail of the day into the outbox."""
    del job
    canary.scan_with_canary(resources.runtime.database, resources.settings)


def watch_alerts(resources: Resources, job: WatchAlertsJob) -> None:
    """Look whether the alerts work, and alarm the administrators when they do not."""
    del job
    watch.watch_alerts(resources.runtime.database, resources.settings)


def tell_lapses(resources: Resources, job: TellLapsesJob) -> None:
    """Tell the administrators of CA certificates, trust anchors and CRLs about to lapse."""
    del job
    lapses.tell_lapses(resources.runtime.database, resources.settings)


def tell_revocations(resources: Resources, job: TellRevocationsJob) -> None:
    """Tell agencies and holders of certificates that were revoked."""
    del job
    revocations.tell_revocations(resources.runtime.database, resources.settings)


def tell_coverage(resources: Resources, job: TellCoverageJob) -> None:
    """Tell of agencies left without a valid organisation certificate."""
    del job
    coverage.tell_coverage(resources.runtime.database, resources.settings)


def summarise_week(resources: Resources, job: SummariseWeekJob) -> None:
    """Write the weekly summary for the administrators when its time has come."""
    del job
    summary.summarise_week(resources.runtime.database, resources.settings)
