"""Jobs of the imports."""

import structlog

from registry.imports.bounded_reading import bounded_reader
from registry.imports.processing import process_import
from registry.imports.progress import Teller
from registry.imports.service import sweep_imports
from registry.imports.tables import ImportRow
from registry.imports.waiting_files import sweep_folders
from registry.jobs import ProcessImportJob, SweepImportsJob
from registry.leases import wakeup_name
from workers.resources import Resources

log = structlog.get_logger(__name__)


def process(resources: Resources, job: ProcessImportJob) -> None:
    """Read, enter or take back an import. Of several runs one works and the others find nothing to do."""
    runtime = resources.runtime
    directory = runtime.settings.data_dir / "imports"
    with runtime.database.read() as uow:
        teller = Teller(runtime.wakeups, uow.session.get(ImportRow, job.import_id))
    with bounded_reader() as reader:
        process_import(runtime.database, directory, job.import_id, reader=reader, progress=teller)
    runtime.wakeups.announce(wakeup_name(ImportRow, job.import_id))


def sweep(resources: Resources, job: SweepImportsJob) -> None:
    """Send again what no worker took or finished in its time, and delete files that nobody will read."""
    del job
    runtime = resources.runtime
    with runtime.database.write() as uow:
        if stranded := sweep_imports(uow):
            log.info("imports_sent_again", count=stranded)
    with runtime.database.read() as uow:
        if left := sweep_folders(uow, runtime.settings.data_dir / "imports"):
            log.info("import_folders_deleted", count=left)
