"""The worker's side of an import: lists and PDFs are read in a bounded child."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.blobs import FileBlobStore
from registry.bounded import BoundedPool, Bounds
from registry.db.migrations import migrate
from registry.imports.bounded_reading import FACTORY, BoundedReader
from registry.imports.service import ImportUpload, submit_import
from registry.imports.tables import ImportRow, ImportState
from registry.imports.views import find_items, get_import
from registry.jobs import ProcessImportJob, SweepImportsJob
from registry.runtime import Runtime
from registry.settings import Settings
from tests.factories.certificates import EVERYTHING
from tests.factories.spreadsheets import make_workbook
from workers.imports import process, sweep
from workers.resources import Resources

LIST = make_workbook(
    ("Họ tên", "Đơn vị", "Số hiệu", "Ngày cấp", "Hết hạn"), [("An", "Sở", "0A", "1/2/2021", "1/2/2026")]
)


@pytest.fixture
def resources(tmp_path: Path) -> Iterator[Resources]:
    resources = Resources(Settings(data_dir=tmp_path))
    migrate(resources.runtime.database.engine)
    yield resources
    resources.close()


def test_a_worker_reads_lists_and_pdfs_in_a_child(resources: Resources) -> None:
    runtime: Runtime = resources.runtime
    with runtime.database.write() as uow:
        uploads = [ImportUpload("ds.xlsx", (LIST,)), ImportUpload("a.pdf", (b"%PDF-1.7\n%%EOF",))]
        number = submit_import(uow, EVERYTHING, uploads, directory=runtime.settings.data_dir / "imports", actor="lan")
    process(resources, ProcessImportJob(import_id=number))
    process(resources, ProcessImportJob(import_id=number))
    sweep(resources, SweepImportsJob())
    with runtime.database.read() as uow:
        assert get_import(uow, EVERYTHING, number).summary.state is ImportState.READY
        items = find_items(uow, EVERYTHING, number).items
    assert {item.place: item.outcome.value for item in items} == {
        "a.pdf": "refused",
        "ds.xlsx › Danh sách › 6": "new",
    }


def test_files_that_a_crash_left_are_deleted_and_those_still_to_be_read_stay(resources: Resources) -> None:
    runtime = resources.runtime
    directory = runtime.settings.data_dir / "imports"
    with runtime.database.write() as uow:
        numbers = [
            submit_import(uow, EVERYTHING, [ImportUpload("ds.xlsx", (LIST,))], directory=directory, actor="lan")
            for _ in range(2)
        ]
    process(resources, ProcessImportJob(import_id=numbers[0]))
    with runtime.database.read() as uow:
        read, unread = (uow.session.get_one(ImportRow, number).folder for number in numbers)
    for name in ("never_recorded", "just_coming", read):
        FileBlobStore(directory / name).put((b"x",), limit=1)
    for name in ("never_recorded", read, unread):
        os.utime(directory / name, (0, 0))
    sweep(resources, SweepImportsJob())
    assert {path.name for path in directory.iterdir()} == {"just_coming", unread}


def test_a_file_past_the_bounds_is_refused_with_a_sentence() -> None:
    with BoundedPool(FACTORY, None, workers=1, bounds=Bounds(memory_bytes=1024)) as pool:
        reader = BoundedReader(pool)
        ((place, reason),) = reader.sheets("An;Sở Y tế\n".encode() * 150_000, file_name="ds.csv")
        (finding,) = reader.certificates(b"%PDF-1.7" + b" " * 2_000_000, file_name="a.pdf")
    assert (place, reason.code) == ("ds.csv", "imports.out_of_bounds")
    assert (finding.place, finding.reason.code) == ("a.pdf", "imports.out_of_bounds")
