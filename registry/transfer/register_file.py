"""One workbook that holds the whole register with its past: agencies, certificates, their states and their events.

Together with the ZIP of the certificates an empty register becomes the same one: every list and report of every past day
is the same. What it does not carry: accounts, verified documents, sent mail, CA certificates, views and imports.
"""

from pathlib import Path
from typing import IO, Final

from registry.accounts.rights import require_whole_view
from registry.accounts.viewer import Viewer
from registry.db.unit_of_work import Database
from registry.spreadsheets import Words, WorkbookWriter
from registry.transfer.agencies import AGENCY_STRETCHES, iterate_stretches
from registry.transfer.certificates import CERTIFICATES, EVENTS, STATES, iterate_entries

ROWS_OF_A_SHEET: Final = 150_000
"""What an import reads of one sheet is more; longer lists go on in the next."""

_TITLES: Final = {
    "vi": ("Cơ quan", "Chứng thư", "Diễn biến", "Sự kiện"),
    "en": ("Agencies", "Certificates", "States", "Events"),
}


def write_register(database: Database, viewer: Viewer, file: IO[bytes] | Path, words: Words, *, language: str) -> int:
    """Write the whole register and return the number of certificates, row by row.

    Raises `NotPermitted` for whoever sees a part of the province only.
    """
    require_whole_view(viewer)
    titles = _TITLES[language]
    with WorkbookWriter(file, words, language=language, rows_of_a_sheet=ROWS_OF_A_SHEET) as workbook:
        agencies = workbook.add_list(AGENCY_STRETCHES, title=titles[0])
        certificates = workbook.add_list(CERTIFICATES, title=titles[1])
        states = workbook.add_list(STATES, title=titles[2])
        events = workbook.add_list(EVENTS, title=titles[3])
        with database.read() as uow:
            for stretch in iterate_stretches(uow):
                agencies.write(stretch)
        for entry, own_states, own_events in iterate_entries(database):
            certificates.write(entry)
            for state in own_states:
                states.write(state)
            for event in own_events:
                events.write(event)
        return certificates.count
