"""Jobs of the imports."""

import structlog

from registry.imports.bounded_reading import bounded_reader
from registry.imports.processing import process_import
from registry.imports.service import sweep_imports
from registry.imports.waiting import wakeup_key
from registry.jobs import ProcessImportJob, SweepImportsJob
from workers.resources import Resources

log = structlog.get_logger(__name__)


def process(resources: Resources, job: ProcessImportJob) -> None:
    """Read, enter or take back an import. Of several runs one works and the others find nothing to do."""
    runtime = resources.runtime
    directory = runtime.settings.data_dir / "imports"
    with bounded_reader() as reader:
        process_import(runtime.database, directory, job.import_id, reader=reader)
    runtime.wakeups.announce(wakeup_key(job.import_id))


def sweep(resources: Resources, job: SweepImportsJob) -> None:
    """Send again what no worker took or finished in its time."""
    del job
    with resources.runtime.database.write() as uow:
        if stranded := sweep_imports(uow):
            log.info("imports_sent_again", count=stranded)
