"""The life of an import: handed in, previewed, decided upon, applied, undone.

    RECEIVED ──read──▶ READY ──decide──▶ APPLYING ──enter──▶ APPLIED ──undo──▶ UNDOING ──▶ UNDONE
        ▲                │ │                                    ▲                 │
        └──other columns─┘ └──none──▶ DISCARDED                 └──depended on────┘

What a worker has to do it claims first: see `registry.leases`.
"""

import errno
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Final

from sqlalchemy import update
from sqlmodel import col

from certs.messages import message
from certs.names import display_name
from registry.accounts.rights import require_writer
from registry.accounts.viewer import Viewer
from registry.agencies.errors import agency_not_found
from registry.agencies.repository import find_agencies_by_id
from registry.blobs import bounded
from registry.certificates.tables import SubscriberKind
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.errors import TooLarge
from registry.imports.columns import ListField
from registry.imports.errors import MappingRefused, NothingToImport, NotInState, StorageFull
from registry.imports.repository import APPLICABLE, ImportRepository
from registry.imports.sheets import change_mapping
from registry.imports.staging import LEASE
from registry.imports.tables import (
    AgencyMatchRow,
    AgencyStanding,
    ColumnMappingRow,
    ImportChoice,
    ImportFileRow,
    ImportItemRow,
    ImportRow,
    ImportState,
    SheetKind,
)
from registry.imports.waiting_files import WaitingFiles, make_file_key, remove_files
from registry.jobs import ProcessImportJob
from registry.leases import (
    Claim,
    claim,
    find_claimable,
    find_for_change,
    is_exhausted,
    send,
    send_stranded,
    settle,
)
from registry.lists.finding import holds_secret
from registry.packed_messages import pack_message

MAX_FILES: Final = 10_000
"""The folder of a province holds a file for each of its certificates."""
MAX_FILE_BYTES: Final = 256 * 1024 * 1024
"""Of one file, whatever the settings allow for documents: a ZIP holds many certificates."""

_APPLYING_TIME: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class ImportUpload:
    """One file as it comes in: the name (with folders) that the sender gave it, and its bytes in pieces."""

    file_name: str
    chunks: Iterable[bytes]


def submit_import(
    uow: UnitOfWork,
    viewer: Viewer,
    uploads: Iterable[ImportUpload],
    *,
    directory: Path,
    actor: str,
    agency_id: int | None = None,
    kind: SubscriberKind | None = None,
    limit: int = MAX_FILE_BYTES,
) -> int:
    """Take the files of an import and have them read; returns its number.

    Files wait in a folder of their own below `directory`, encrypted. One that holds a private key is not written there: it
    is refused at once. Raises `NotPermitted`, `AgencyNotFound`, `NothingToImport`, `TooLarge` past `limit` bytes,
    `StorageFull`; then nothing is recorded, and the caller's transaction must not be committed.
    """
    require_writer(viewer)
    if agency_id is not None:
        _check_agency(uow, viewer, agency_id)
    folder, key = secrets.token_hex(16), make_file_key()
    row = ImportRow(
        folder=folder,
        file_key=key,
        state=ImportState.RECEIVED,
        created_at=uow.now,
        created_by=viewer.user_id,
        actor=actor,
        agency_id=agency_id,
        kind=kind,
    )
    uow.session.add(row)
    uow.session.flush()
    import_id = key_of(row)
    waiting = WaitingFiles(directory / folder, key)
    try:
        # One more than may be: of a whole disk no more than that is copied.
        taken = enumerate(islice(uploads, MAX_FILES + 1))
        files = [_take(waiting, import_id, number, upload, limit) for number, upload in taken]
    except TooLarge:
        remove_files(directory, folder)
        raise
    except OSError as error:
        remove_files(directory, folder)
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise StorageFull from error
        raise
    if not files or len(files) > MAX_FILES:
        remove_files(directory, folder)
        reason = message("imports.too_many_files", limit=MAX_FILES) if files else message("imports.nothing")
        raise NothingToImport(reason, field="files")
    uow.session.add_all(files)
    send(uow, row, ProcessImportJob(import_id=import_id))
    return import_id


def _take(waiting: WaitingFiles, import_id: int, position: int, upload: ImportUpload, limit: int) -> ImportFileRow:
    name = display_name(upload.file_name.replace("\\", "/").lstrip("/"))[-400:] or "?"
    data = b"".join(bounded(upload.chunks, limit))
    secret = holds_secret(data, file_name=name)
    sha256 = None if secret else waiting.put(data)
    reason = pack_message(secret) if secret else None
    return ImportFileRow(
        import_id=import_id, position=position, file_name=name, sha256=sha256, size=len(data), reason=reason
    )


def claim_import(uow: UnitOfWork, import_id: int) -> Claim | None:
    """Take an import for the work it waits for, or None when there is none: done, decided, gone, or with somebody else.

    One whose attempts are used up is given up here.
    """
    row = find_claimable(uow, ImportRow, import_id)
    if row is None:
        return None
    if is_exhausted(row):
        _give_up(row)
        return None
    return claim(uow, row, lease=LEASE if row.state is ImportState.RECEIVED else _APPLYING_TIME)


def _give_up(row: ImportRow) -> None:
    row.reason, row.file_key = pack_message(message("imports.exhausted", attempts=row.attempts)), None
    after = {
        ImportState.RECEIVED: ImportState.READY if row.revision else ImportState.REFUSED,
        ImportState.APPLYING: ImportState.READY,
        ImportState.UNDOING: ImportState.APPLIED,
    }
    settle(row, after[row.state])


def decide_import(uow: UnitOfWork, viewer: Viewer, import_id: int, choice: ImportChoice, *, actor: str) -> None:
    """Apply all of a preview, the good ones, or none. Raises `ImportNotFound`, `NotPermitted`, `NotInState`."""
    row = _changeable(uow, viewer, import_id, ImportState.READY)
    row.choice, row.decided_by, row.reason = choice, actor, None
    if choice is ImportChoice.NONE:
        row.state = ImportState.DISCARDED
    else:
        _send(uow, row, ImportState.APPLYING)


def request_undo(uow: UnitOfWork, viewer: Viewer, import_id: int, *, actor: str) -> None:
    """Take back what was applied. Raises `ImportNotFound`, `NotPermitted`, `NotInState`.

    Whether anything depends on it is looked at when it is done; then the import is `APPLIED` again, with the reason.
    """
    row = _changeable(uow, viewer, import_id, ImportState.APPLIED)
    row.decided_by, row.reason = actor, None
    _send(uow, row, ImportState.UNDOING)


def record_mapping(
    uow: UnitOfWork,
    viewer: Viewer,
    import_id: int,
    fields: Mapping[int, Mapping[int, ListField | None]],
    *,
    chosen: Sequence[int] | None = None,
    actor: str,
) -> None:
    """Give columns of sheets (by position and column) other meanings, choose sheets, and read the lists anew.

    The mapping is remembered for the next list with the same header. Raises `ImportNotFound`, `NotPermitted`,
    `NotInState`, `MappingRefused`.
    """
    row = _changeable(uow, viewer, import_id, ImportState.READY)
    sheets = {
        sheet.position: sheet
        for sheet in ImportRepository(uow.session).sheets(import_id)
        if sheet.kind is SheetKind.LIST
    }
    if not set(fields) <= set(sheets) or not set(chosen or ()) <= set(sheets):
        raise MappingRefused
    for position, changes in fields.items():
        sheet = sheets[position]
        if not set(changes) <= {column["column"] for column in sheet.columns}:
            raise MappingRefused
        remembered = change_mapping(sheet, changes)
        uow.session.merge(
            ColumnMappingRow(fingerprint=sheet.fingerprint, fields=remembered, updated_at=uow.now, updated_by=actor)
        )
    if chosen is not None:
        for position, sheet in sheets.items():
            sheet.is_chosen = position in chosen
    row.done = 0
    _send(uow, row, ImportState.RECEIVED)


def confirm_agencies(
    uow: UnitOfWork, viewer: Viewer, import_id: int, agencies: Mapping[str, int], *, actor: str
) -> int:
    """Say which agency is meant, by the way it is named (`agency_key`); returns the number of items concerned.

    It is remembered for the next import. The empty name stands for what names none and is still open in this import,
    and is not remembered. Raises `ImportNotFound`, `NotPermitted`, `NotInState`, `AgencyNotFound`.
    """
    row = _changeable(uow, viewer, import_id, ImportState.READY)
    for agency_id in set(agencies.values()):
        _check_agency(uow, viewer, agency_id)
    item = ImportItemRow
    changed = 0
    for key, agency_id in agencies.items():
        is_open = () if key else (col(item.agency_standing).in_((AgencyStanding.DOUBTFUL, AgencyStanding.MISSING)),)
        result = uow.session.connection().execute(
            update(item)
            .where(
                col(item.import_id) == import_id,
                col(item.revision) == row.revision,
                col(item.agency_key) == key,
                col(item.outcome).in_(APPLICABLE),
                *is_open,
            )
            .values(agency_id=agency_id, agency_standing=AgencyStanding.CONFIRMED, agency_score=100)
        )
        changed += result.rowcount
        if key and result.rowcount:
            uow.session.merge(
                AgencyMatchRow(agency_key=key, agency_id=agency_id, confirmed_at=uow.now, confirmed_by=actor)
            )
    row.counts = ImportRepository(uow.session).count_by_outcome(import_id, row.revision)
    return changed


def sweep_imports(uow: UnitOfWork, *, limit: int = 100) -> int:
    """Send again what no worker took or finished in its time; returns how many. Safe to run at any time, also twice."""
    return send_stranded(uow, ImportRow, lambda key: ProcessImportJob(import_id=key), limit=limit)


def _send(uow: UnitOfWork, row: ImportRow, state: ImportState) -> None:
    row.state = state
    send(uow, row, ProcessImportJob(import_id=key_of(row)))


def _changeable(uow: UnitOfWork, viewer: Viewer, import_id: int, state: ImportState) -> ImportRow:
    ImportRepository(uow.session).find(viewer, import_id)
    require_writer(viewer)
    row = find_for_change(uow, ImportRow, import_id)
    if row is None or row.state is not state:
        raise NotInState
    return row


def _check_agency(uow: UnitOfWork, viewer: Viewer, agency_id: int) -> None:
    agency = find_agencies_by_id(uow, (agency_id,), uow.now).get(agency_id)
    if agency is None or not viewer.may_change_path(agency.path):
        raise agency_not_found(agency_id)
