"""Doing what an import waits for. Run by a worker, or by the command line in its own process.

It may run twice, at once or after a crash: the row is claimed first, a reading goes on after its last stored piece, and
entering or taking back is one transaction, which a kill at any moment leaves undone as a whole.
"""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from registry.db.unit_of_work import Database
from registry.imports.apply import apply_items
from registry.imports.errors import StillDependedOn
from registry.imports.repository import ImportRepository, viewer_of
from registry.imports.service import claim_import
from registry.imports.staging import Progress, Reader, stage
from registry.imports.tables import ImportRow, ImportState
from registry.imports.undo import undo_items
from registry.imports.waiting_files import remove_files
from registry.leases import Claim, find_claimed, settle
from registry.packed_messages import pack_message


def process_import(
    database: Database, directory: Path, import_id: int, *, reader: Reader, progress: Progress | None = None
) -> None:
    """Read, enter or take back the import, whichever it waits for; nothing when it waits for a person or is taken.

    What goes wrong on the way is raised, and the attempt counts; a sweep lets another worker try.
    """
    with database.write() as uow:
        claim = claim_import(uow, import_id)
    if claim is None:
        _clear(database, directory, import_id)
        return
    with _rare_collections():
        match claim.state:
            case ImportState.RECEIVED:
                stage(database, directory, claim, reader=reader, progress=progress)
                # Only now: until the items are stored, the files are what a next attempt reads.
                _clear(database, directory, import_id)
            case ImportState.APPLYING:
                _apply(database, claim, progress)
            case _:
                _undo(database, claim, progress)


@contextmanager
def _rare_collections() -> Iterator[None]:
    """Look for cycles of garbage seldom.

    An import makes millions of objects and hardly a cycle; a fifth of its time would go into looking.
    """
    usual = gc.get_threshold()
    gc.set_threshold(100_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*usual)


def _clear(database: Database, directory: Path, import_id: int) -> None:
    """Delete the files of an import of which nothing will be read: it was read to the end, or given up."""
    with database.read() as uow:
        row = uow.session.get(ImportRow, import_id)
    if row is not None and row.state is not ImportState.RECEIVED:
        remove_files(directory, row.folder)


def _apply(database: Database, claim: Claim, progress: Progress | None) -> None:
    with database.write() as uow:
        row = find_claimed(uow, ImportRow, claim)
        if row is None:
            return
        row.applied_count = apply_items(uow, viewer_of(uow, row), row, progress)
        row.counts = ImportRepository(uow.session).count_by_outcome(claim.key, row.revision)
        row.applied_at = uow.now
        settle(row, ImportState.APPLIED)


def _undo(database: Database, claim: Claim, progress: Progress | None) -> None:
    try:
        with database.write() as uow:
            row = find_claimed(uow, ImportRow, claim)
            if row is None:
                return
            undo_items(uow, row, progress)
            row.undone_at = uow.now
            settle(row, ImportState.UNDONE)
    except StillDependedOn as error:
        with database.write() as uow:
            row = find_claimed(uow, ImportRow, claim)
            if row is not None:
                row.reason = pack_message(error.reason)
                settle(row, ImportState.APPLIED)
