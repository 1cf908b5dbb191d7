"""Reading lists and signed PDFs of strangers in a child process that may spend so much and no more.

A workbook of some kilobytes can ask for terabytes, and the reader of workbooks ends the process that it runs in then.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

import structlog

from certs.containers import Finding, Refused
from certs.messages import Message, define, message
from registry.bounded import BoundedPool, Bounds
from registry.imports.reading import find_certificates
from registry.lists.finding import find_lists, find_sheets, show_place
from registry.lists.spreadsheets import Sheet

log = structlog.get_logger(__name__)

OUT_OF_BOUNDS = define(
    "imports.out_of_bounds",
    vi="Tệp không đọc được trong giới hạn thời gian và bộ nhớ cho phép. Hãy chia nhỏ hoặc lưu lại rồi nhập lại.",
    en="The file could not be read within the limits of time and memory. Divide it or save it again.",
)

FACTORY: Final = "registry.imports.bounded_reading:make_reader"
_BOUNDS: Final = Bounds(cpu_seconds=60, wall_seconds=120, memory_bytes=700 * 1024 * 1024, tasks_per_child=50)

Contents = tuple[list[tuple[str, Sheet | Message]], list[Finding]]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file to be read."""

    file_name: str
    data: bytes


def make_reader(context: Any) -> Callable[[ReadFile], Contents]:
    """Make the function that reads one file; it needs nothing from the caller."""
    del context

    def read(task: ReadFile) -> Contents:
        return (
            list(find_sheets(task.data, file_name=task.file_name)),
            list(find_certificates(task.data, file_name=task.file_name)),
        )

    return read


@contextmanager
def bounded_reader() -> Iterator["BoundedReader"]:
    """A reader whose children start when the first file of their kind comes: most imports hold certificates only."""
    with BoundedPool[ReadFile, Contents](FACTORY, None, workers=1, bounds=_BOUNDS) as pool:
        yield BoundedReader(pool)


class BoundedReader:
    """Reads lists and PDFs in a child; certificates and ZIPs, whose reading is bounded by itself, in this process."""

    def __init__(self, pool: BoundedPool[ReadFile, Contents]) -> None:
        self._pool = pool

    def sheets(self, data: bytes, *, file_name: str) -> Iterable[tuple[str, Sheet | Message]]:
        """See `registry.lists.finding.find_sheets`."""
        for name, content in find_lists(data, file_name=file_name):
            contents = self._read(content, name)
            yield from contents[0] if contents else [(show_place(name), message(OUT_OF_BOUNDS))]

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
