"""Jobs of the changes of many certificates."""

import structlog

from registry.bulk.processing import process_bulk_change
from registry.bulk.service import sweep_bulk_changes
from registry.bulk.tables import BulkChangeRow
from registry.jobs import ProcessBulkChangeJob, SweepBulkChangesJob
from registry.leases import wakeup_name
from workers.resources import Resources

log = structlog.get_logger(__name__)


def process(resources: Resources, job: ProcessBulkChangeJob) -> None:
    """Preview or record a change. Of several runs one works and the others find nothing to do."""
    runtime = resources.runtime
    process_bulk_change(runtime.database, job.bulk_change_id)
    runtime.wakeups.announce(wakeup_name(BulkChangeRow, job.bulk_change_id))


def sweep(resources: Resources, job: SweepBulkChangesJob) -> None:
    """Send again what no worker took or finished in its time."""
    del job
    with resources.runtime.database.write() as uow:
        if stranded := sweep_bulk_changes(uow):
            log.info("bulk_changes_sent_again", count=stranded)
