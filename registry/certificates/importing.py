"""The certificates in files and folders that somebody names on the command line."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from certs.containers import Finding, Refused, read_certificates
from certs.messages import define, message

define(
    "importing.unreadable",
    vi="Không đọc được tệp: {reason}.",
    en="The file cannot be read: {reason}.",
)


def find_in_files(paths: Iterable[Path]) -> Iterator[Finding]:
    """Everything in the files and, for folders, in the files below them, in the order of their names."""
    for path in paths:
        files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        for file in files:
            try:
                data = file.read_bytes()
            except OSError as error:
                yield Refused(str(file), message("importing.unreadable", reason=error.strerror or error))
            else:
                yield from read_certificates(data, file_name=str(file))
