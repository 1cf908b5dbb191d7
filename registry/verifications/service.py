"""Handing in documents, the life of their judgement, and reading the verdict.

    RECEIVED ──claim──▶ PROCESSING ──finish──▶ DONE
        ▲                   │
        └─give back, sweep──┴──third death──▶ REFUSED

The attempt is counted when the row is claimed, before the work: a document that takes its worker down with it is seen
to do so, and after `MAX_ATTEMPTS` nobody tries again.
"""

import errno
import secrets
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from certs.messages import message
from certs.validation import ValidationPolicy, report_as_json, unreadable_report
from registry.blobs import FileBlobStore
from registry.db.unit_of_work import UnitOfWork
from registry.jobs import ValidateDocumentJob
from registry.leases import DELIVERY_TIME, MAX_ATTEMPTS, REDELIVERY_TIME
from registry.verifications.errors import NoFile, StorageFull, TooManyFiles
from registry.verifications.repository import VerificationRepository
from registry.verifications.tables import VerificationRow, VerificationState

LANGUAGES = ("vi", "en")
Reports = Mapping[str, Mapping[str, Any]]
"""A report as `registry verify --json` prints it, by the language of its sentences."""

MAX_FILES = 20
"""Files of one request: more are better sent apart, so that one answer need not wait for all of them."""


@dataclass(frozen=True, slots=True)
class Upload:
    """One file as it comes in: the name that the sender gave it, and its bytes in pieces."""

    file_name: str
    chunks: Iterable[bytes]


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to judge one document until the lease ends."""

    verification_id: str
    attempt: int
    file_name: str
    sha256: str


def submit_documents(
    uow: UnitOfWork, blobs: FileBlobStore, uploads: Sequence[Upload], *, limit: int, user_id: int | None
) -> tuple[str, ...]:
    """Store the files and have them judged; return the identifiers of their verifications in the same order.

    All are taken or none. Raises `NoFile`, `TooManyFiles`, `TooLarge` past `limit` bytes, `StorageFull`.
    """
    if not uploads:
        raise NoFile
    if len(uploads) > MAX_FILES:
        raise TooManyFiles(MAX_FILES)
    repository = VerificationRepository(uow.session)
    identifiers = []
    for upload in uploads:
        try:
            blob = blobs.put(upload.chunks, limit=limit)
        except OSError as error:
            if error.errno in {errno.ENOSPC, errno.EDQUOT}:
                raise StorageFull from error
            raise
        row = VerificationRow(
            id=secrets.token_hex(16),
            file_name=clean_file_name(upload.file_name),
            sha256=blob.sha256,
            size=blob.size,
            state=VerificationState.RECEIVED,
            lease_until=uow.now + DELIVERY_TIME,
            submitted_at=uow.now,
            submitted_by=user_id,
        )
        repository.add(row)
        uow.enqueue(ValidateDocumentJob(verification_id=row.id))
        identifiers.append(row.id)
    return tuple(identifiers)


def clean_file_name(name: str) -> str:
    """The last part of a name that a stranger chose, without what could mislead: never empty, at most 255 characters."""
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rsplit("/", 1)[-1]
    # Cc, Cf, Cs…: control, direction-changing and unpaired characters are not part of a name that people read.
    visible = "".join(character for character in last if not unicodedata.category(character).startswith("C"))
    return visible.strip()[:255].strip() or "document.pdf"


def claim_verification(
    uow: UnitOfWork, verification_id: str, *, lease: timedelta, policy: ValidationPolicy
) -> Claim | None:
    """Take the document for judging, or None when there is nothing to do: judged, refused, gone, or with somebody else.

    A document whose attempts are used up is refused here, with a report that says so.
    """
    row = VerificationRepository(uow.session).find_for_change(verification_id)
    if row is None or row.state not in VerificationRow.WAITING:
        return None
    if row.state is VerificationState.PROCESSING and row.lease_until is not None and row.lease_until > uow.now:
        return None
    if row.attempts >= MAX_ATTEMPTS:
        _refuse(row, uow.now, policy)
        return None
    row.attempts += 1
    row.state = VerificationState.PROCESSING
    row.lease_until = uow.now + lease
    return Claim(row.id, row.attempts, row.file_name, row.sha256)


def record_report(uow: UnitOfWork, claim: Claim, reports: Reports, *, elapsed: timedelta) -> None:
    """Keep the report, given in each language. Nothing happens when another attempt took over meanwhile."""
    row = _claimed(uow, claim)
    if row is None:
        return
    _finish(row, VerificationState.DONE, reports, now=uow.now, elapsed=elapsed)


def return_untried(uow: UnitOfWork, claim: Claim) -> None:
    """Give back a document that could not even be begun: the attempt does not count, and the sweep sends it again."""
    row = _claimed(uow, claim)
    if row is not None:
        row.state = VerificationState.RECEIVED
        row.attempts -= 1
        row.lease_until = uow.now + DELIVERY_TIME


def record_exhaustion(uow: UnitOfWork, claim: Claim, *, policy: ValidationPolicy) -> bool:
    """Give back a document whose judge had to be ended; True when it is refused for good, else it is sent again."""
    row = _claimed(uow, claim)
    if row is None:
        return False
    if row.attempts >= MAX_ATTEMPTS:
        _refuse(row, uow.now, policy)
        return True
    row.state = VerificationState.RECEIVED
    row.lease_until = uow.now + DELIVERY_TIME
    uow.enqueue(ValidateDocumentJob(verification_id=row.id))
    return False


def sweep_verifications(uow: UnitOfWork, *, limit: int = 1000) -> int:
    """Send again what no worker took or finished in its time; return how many. Safe to run at any time, also twice."""
    stranded = VerificationRepository(uow.session).find_stranded(uow.now, limit=limit)
    for row in stranded:
        # Nobody has it any more; who had it may still report until somebody else takes it.
        row.state, row.lease_until = VerificationState.RECEIVED, uow.now + REDELIVERY_TIME
        uow.enqueue(ValidateDocumentJob(verification_id=row.id))
    return len(stranded)


def _claimed(uow: UnitOfWork, claim: Claim) -> VerificationRow | None:
    row = VerificationRepository(uow.session).find_for_change(claim.verification_id)
    if row is None or row.state not in VerificationRow.WAITING or row.attempts != claim.attempt:
        return None
    return row


def _refuse(row: VerificationRow, now: datetime, policy: ValidationPolicy) -> None:
    reason = message("verifications.exhausted", attempts=row.attempts)
    report = unreadable_report(row.sha256, row.size, now, policy, reason)
    reports = {language: report_as_json(report, language) for language in LANGUAGES}
    _finish(row, VerificationState.REFUSED, reports, now=now, elapsed=timedelta(0))


def _finish(
    row: VerificationRow, state: VerificationState, reports: Reports, *, now: datetime, elapsed: timedelta
) -> None:
    milliseconds = round(elapsed.total_seconds() * 1000, 1)
    row.report = {
        language: {"file": row.file_name, **reports[language], "elapsed_ms": milliseconds} for language in LANGUAGES
    }
    row.conclusion = reports["vi"]["conclusion"]
    row.state = state
    row.finished_at = now
    row.lease_until = None
