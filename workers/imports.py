"""Jobs of the imports."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Final

import structlog

from certs.containers import Finding, Refused
from certs.messages import Message, define, message
from certs.zip_members import is_zip
from registry.bounded import BoundedPool, Bounds
from registry.imports.processing import process_import
from registry.imports.reading import find_certificates, find_sheets, show_place
from registry.imports.service import sweep_imports
from registry.imports.spreadsheets import Sheet, is_spreadsheet
from registry.imports.waiting import wakeup_key
from registry.jobs import ProcessImportJob, SweepImportsJob
from workers.import_reader import FACTORY, Contents, ReadFile
from workers.resources import Resources

log = structlog.get_logger(__name__)

OUT_OF_BOUNDS = define(
    "imports.out_of_bounds",
    vi="Tệp không đọc được trong giới hạn thời gian và bộ nhớ cho phép. Hãy chia nhỏ hoặc lưu lại rồi nhập lại.",
    en="The file could not be read within the limits of time and memory. Divide it or save it again.",
)

_BOUNDS: Final = Bounds(cpu_seconds=60, wall_seconds=120, memory_bytes=700 * 1024 * 1024, tasks_per_child=50)


def process(resources: Resources, job: ProcessImportJob) -> None:
    """Read, enter or take back an import. Of several runs one works and the others find nothing to do."""
    runtime = resources.runtime
    directory = runtime.settings.data_dir / "imports"
    with _bounded_reader() as reader:
        process_import(runtime.database, directory, job.import_id, reader=reader)
    runtime.wakeups.announce(wakeup_key(job.import_id))


def sweep(resources: Resources, job: SweepImportsJob) -> None:
    """Send again what no worker took or finished in its time."""
    del job
    with resources.runtime.database.write() as uow:
        if stranded := sweep_imports(uow):
            log.info("imports_sent_again", count=stranded)


@contextmanager
def _bounded_reader() -> Iterator["BoundedReader"]:
    # Children start when the first file of their kind comes: most imports hold certificates only.
    with BoundedPool[ReadFile, Contents](FACTORY, None, workers=1, bounds=_BOUNDS) as pool:
        yield BoundedReader(pool)


class BoundedReader:
    """Reads lists and PDFs in a child; certificates and ZIPs, whose reading is bounded by itself, in this process."""

    def __init__(self, pool: BoundedPool[ReadFile, Contents]) -> None:
        self._pool = pool

    def sheets(self, data: bytes, *, file_name: str) -> Iterable[tuple[str, Sheet | Message]]:
        """See `registry.imports.reading.find_sheets`."""
        if is_spreadsheet(data, file_name=file_name):
            contents = self._read(data, file_name)
            return contents[0] if contents else [(show_place(file_name), message(OUT_OF_BOUNDS))]
        return find_sheets(data, file_name=file_name) if is_zip(data) else ()

    def certificates(self, data: bytes, *, file_name: str) -> Iterable[Finding]:
        """See `registry.imports.reading.find_certificates`."""
        if b"%PDF-" in data[:1024]:
            contents = self._read(data, file_name)
            return contents[1] if contents else [Refused(show_place(file_name), message(OUT_OF_BOUNDS))]
        return find_certificates(data, file_name=file_name)

    def _read(self, data: bytes, file_name: str) -> Contents | None:
        outcome = self._pool.run(ReadFile(file_name, data))
        if outcome.failure is not None:
            log.warning("import_file_stopped", failure=outcome.failure.value, seconds=round(outcome.seconds, 1))
        return outcome.value
