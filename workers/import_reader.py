"""What runs in the bounded child that reads lists and signed PDFs of an import."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from certs.containers import Finding
from certs.messages import Message
from registry.imports.reading import find_certificates, find_sheets
from registry.imports.spreadsheets import Sheet

FACTORY = "workers.import_reader:make_reader"

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
