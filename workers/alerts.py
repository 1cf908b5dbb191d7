"""Jobs of the alerts."""

from registry.alerts import scan
from registry.jobs import ScanExpiriesJob
from workers.resources import Resources


def scan_expiries(resources: Resources, job: ScanExpiriesJob) -> None:
    """Find what expires and put the mail of the day into the outbox; a second run finds nothing new."""
    del job
    scan.scan_expiries(resources.runtime.database, resources.settings)
