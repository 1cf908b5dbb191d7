"""A reader of imports without a child process."""

from collections.abc import Iterable

from certs.containers import Finding
from certs.messages import Message
from registry.imports.reading import find_certificates
from registry.lists.finding import find_sheets
from registry.lists.spreadsheets import Sheet


class DirectReader:
    """Reads in this process what the tests made themselves."""

    def sheets(self, data: bytes, *, file_name: str) -> Iterable[tuple[str, Sheet | Message]]:
        """See `registry.lists.finding.find_sheets`."""
        return find_sheets(data, file_name=file_name)

    def certificates(self, data: bytes, *, file_name: str) -> Iterable[Finding]:
        """See `registry.imports.reading.find_certificates`."""
        return find_certificates(data, file_name=file_name)
