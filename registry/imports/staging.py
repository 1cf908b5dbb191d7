"""Reading the files of an import into items, piece by piece, so that a worker that dies loses one piece at most."""

import itertools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Protocol

from certs.certificate import parse_certificate
from certs.containers import Finding, Found, Refused
from certs.messages import Message, message
from registry.db.unit_of_work import Database
from registry.imports.assessing import Assessor, Item
from registry.imports.history_sheets import read_histories
from registry.imports.packing import pack_columns, pack_facts
from registry.imports.preview import compare_with_register, link_within
from registry.imports.reading import Draft, combine
from registry.imports.repository import CHUNK, ImportRepository, load_agency_index, viewer_of
from registry.imports.sheets import NO_HEADER, OF_AGENCIES, is_of_agencies, list_rows, make_sheet
from registry.imports.tables import ImportFileRow, ImportRow, ImportState, ItemOutcome, SheetKind
from registry.imports.waiting_files import WaitingFiles
from registry.leases import Claim, find_claimed, settle
from registry.lists.finding import show_place
from registry.lists.spreadsheets import Sheet
from registry.packed_messages import pack_message, unpack_message
from registry.trust.repository import load_issuers

LEASE: Final = timedelta(minutes=5)
"""A worker that stores nothing for so long has died; another goes on from where it stopped."""

Progress = Callable[[int], None]
"""Told how many items are stored so far."""


class Reader(Protocol):
    """Reads the bytes of strangers; see `registry.imports.bounded_reading`."""

    def sheets(self, data: bytes, *, file_name: str) -> Iterable[tuple[str, Sheet | Message]]:
        """See `registry.lists.finding.find_sheets`."""

    def certificates(self, data: bytes, *, file_name: str) -> Iterable[Finding]:
        """See `registry.imports.reading.find_certificates`."""


def stage(
    database: Database, directory: Path, claim: Claim, *, reader: Reader, progress: Progress | None = None
) -> None:
    """Read a claimed import into the items of its next revision and make it `READY`, unless another worker took over.

    1. The lists become sheets, without secrets, and the certificates in the files become findings in a fixed order. A
       second reading, with other meanings of the columns, takes the findings from the first: the files are gone then.
    2. Each piece is assessed, compared with the register and stored in a transaction of its own.
    3. A reading that was broken off goes on after the last stored piece.
    """
    with database.read() as uow:
        repository, import_id = ImportRepository(uow.session), claim.key
        row = uow.session.get_one(ImportRow, import_id)
        files = repository.files(import_id)
        agencies = load_agency_index(uow, viewer_of(uow, row))
        staging = _Staging(
            database=database,
            claim=claim,
            revision=row.revision + 1,
            assessor=Assessor(load_issuers(uow.session), agencies, row.agency_id, row.kind),
            stored=repository.count_items(import_id, row.revision + 1),
        )
    findings: Iterator[Finding]
    if row.revision:
        findings = _earlier_findings(database, row)
    else:
        waiting = WaitingFiles(directory / row.folder, row.file_key)
        # The lists first, at once: certificates are joined with their rows while they are read.
        refused = _read_sheets(database, waiting, import_id, files, reader)
        findings = itertools.chain(refused, _read_files(waiting, files, reader))
    with database.read() as uow:
        sheets = [sheet for sheet in ImportRepository(uow.session).sheets(import_id) if sheet.is_chosen]
    rows = [each for sheet in sheets if sheet.kind is SheetKind.LIST for each in list_rows(sheet)]
    staging.assessor.histories.update(read_histories(sheets))
    staging.run(combine(findings, rows), progress)


@dataclass(slots=True)
class _Staging:
    """One reading under way."""

    database: Database
    claim: Claim
    revision: int
    assessor: Assessor
    stored: int
    """Items that an earlier attempt of the same reading has stored."""
    seen: dict[str, int] = field(default_factory=dict)
    """Where each certificate came first."""

    def run(self, drafts: Iterator[Draft], progress: Progress | None) -> None:
        position = 0
        while chunk := list(itertools.islice(drafts, CHUNK)):
            items = self.assess(position, chunk)
            is_stored = position + len(chunk) <= self.stored
            if not is_stored and not self.store(position, chunk, items):
                return
            position += len(chunk)
            if progress is not None:
                progress(position)
        self.finish()

    def assess(self, position: int, chunk: Sequence[Draft]) -> list[Item]:
        items = [self.assessor.assess(draft) for draft in chunk]
        for number, (draft, item) in enumerate(zip(chunk, items, strict=True), start=position):
            # What is refused takes nobody's place: a row that lacks something may stand before the one that does not.
            if item.outcome is not ItemOutcome.REFUSED:
                first = self.seen.setdefault(_identity(draft), number)
                if first != number and item.outcome is ItemOutcome.NEW:
                    item.outcome = ItemOutcome.KNOWN
                    item.reasons.append(message("imports.twice", position=first + 1))
        return items

    def store(self, position: int, chunk: Sequence[Draft], items: Sequence[Item]) -> bool:
        """Whether it was stored; False when another worker took over."""
        with self.database.write() as uow:
            row = find_claimed(uow, ImportRow, self.claim)
            if row is None:
                return False
            fresh = [item for item in items if item.outcome is ItemOutcome.NEW]
            compare_with_register(uow.session, fresh, self.assessor.agencies.agency_ids)
            ImportRepository(uow.session).insert_items(
                [
                    _row(
                        item,
                        self.claim.key,
                        self.revision,
                        number,
                        is_listed=draft.certificate is None and draft.row is not None,
                    )
                    for number, (draft, item) in enumerate(zip(chunk, items, strict=True), start=position)
                ]
            )
            row.done = position + len(chunk)
            row.lease_until = uow.now + LEASE
        return True

    def finish(self) -> None:
        with self.database.write() as uow:
            repository, import_id = ImportRepository(uow.session), self.claim.key
            row = find_claimed(uow, ImportRow, self.claim)
            if row is None:
                return
            link_within(uow.session, import_id, self.revision)
            repository.delete_items(import_id, row.revision)
            row.revision = self.revision
            row.file_key = None
            row.counts = repository.count_by_outcome(import_id, self.revision)
            settle(row, ImportState.READY)


def _read_files(waiting: WaitingFiles, files: Sequence[ImportFileRow], reader: Reader) -> Iterator[Finding]:
    for file in files:
        if file.sha256 is not None:
            yield from reader.certificates(waiting.read(file.sha256), file_name=file.file_name)
        elif file.reason is not None:
            yield Refused(show_place(file.file_name), unpack_message(file.reason))


def _read_sheets(
    database: Database, waiting: WaitingFiles, import_id: int, files: Sequence[ImportFileRow], reader: Reader
) -> list[Refused]:
    """Store the sheets of all lists, once; returns what could not be read."""
    refused: list[Refused] = []
    found: list[tuple[str, Sheet]] = []
    for file in files:
        if file.sha256 is None:
            continue
        for place, sheet in reader.sheets(waiting.read(file.sha256), file_name=file.file_name):
            if isinstance(sheet, Message):
                refused.append(Refused(place, sheet))
            else:
                found.append((place, sheet))
    headless: list[tuple[str, Sheet]] = []
    readable: set[str] = set()
    with database.write() as uow:
        repository = ImportRepository(uow.session)
        known = {sheet.position for sheet in repository.sheets(import_id)}
        remembered = repository.remembered_mappings()
        for position, (place, sheet) in enumerate(found):
            row = make_sheet(import_id, position, place, sheet, remembered)
            if row is None:
                headless.append((place, sheet))
                continue
            readable.add(_workbook(place, sheet))
            if position not in known:
                uow.session.add(row)
    # A workbook may hold a sheet of explanations beside its list; one without any list is told about.
    refused.extend(
        Refused(place, message(OF_AGENCIES if is_of_agencies(sheet) else NO_HEADER))
        for place, sheet in headless
        if _workbook(place, sheet) not in readable
    )
    return refused


def _workbook(place: str, sheet: Sheet) -> str:
    """The place of the file that the sheet belongs to."""
    return place.removesuffix(show_place("", sheet.name))


def _earlier_findings(database: Database, row: ImportRow) -> Iterator[Finding]:
    after = -1
    while True:
        with database.read() as uow:
            chunk = ImportRepository(uow.session).items_after(row, after)
        for item in chunk:
            if item.der is not None:
                yield Found(item.place, parse_certificate(item.der))
            elif not item.is_listed:
                yield Refused(item.place, unpack_message(item.reasons[0]))
        if len(chunk) < CHUNK:
            return
        after = chunk[-1].position


def _identity(draft: Draft) -> str:
    """Equal for two drafts that would be one row of the register."""
    if draft.certificate is not None:
        return draft.certificate.sha256
    if draft.row is not None and draft.row.parsed.values.serial:
        values = draft.row.parsed.values
        return f"{values.issuer or ''}\x1f{values.serial}"
    # What is refused is no row; its place tells it apart from everything else.
    return f"\x1e{draft.place}"


def _row(item: Item, import_id: int, revision: int, position: int, *, is_listed: bool) -> dict[str, Any]:
    return {
        "import_id": import_id,
        "revision": revision,
        "position": position,
        "place": item.place,
        "is_listed": is_listed,
        "outcome": item.outcome,
        "reasons": [pack_message(reason) for reason in item.reasons],
        "differences": item.differences,
        "der": item.der,
        "sha256": item.sha256,
        "serial": item.serial,
        "columns": None if item.columns is None else pack_columns(item.columns),
        "facts": pack_facts(item.facts),
        "originals": dict(item.originals),
        "agency_id": item.agency_id,
        "agency_standing": item.agency_standing,
        "agency_score": item.agency_score,
        "agency_reason": None if item.agency_reason is None else pack_message(item.agency_reason),
        "agency_key": item.agency_key,
        "agency_text": item.agency_text,
        "renewal_key": item.renewal_key,
        "replaces_id": item.replaces_id,
        "replaces_position": None,
        "certificate_id": item.certificate_id,
        "is_created": False,
        "before": [],
    }
