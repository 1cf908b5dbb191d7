"""The life of one document's judgement, on each kind of database."""

import threading
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from certs.validation import ValidationPolicy
from registry.blobs import FileBlobStore
from registry.db.unit_of_work import Database
from registry.errors import NotFound, TooLarge
from registry.jobs import ValidateDocumentJob
from registry.leases import DELIVERY_TIME, MAX_ATTEMPTS, REDELIVERY_TIME
from registry.runtime import Runtime
from registry.verifications.errors import NoFile, StorageFull, TooManyFiles
from registry.verifications.reading import get_verification_view
from registry.verifications.service import (
    MAX_FILES,
    Claim,
    Upload,
    claim_verification,
    clean_file_name,
    record_exhaustion,
    record_report,
    return_untried,
    submit_documents,
    sweep_verifications,
)
from registry.verifications.tables import VerificationRow, VerificationState
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue

LEASE = timedelta(minutes=2)
POLICY = ValidationPolicy()
REPORTS = {language: {"conclusion": "unsigned", "message": language, "signatures": []} for language in ("vi", "en")}


def submit(runtime: Runtime, *contents: bytes) -> tuple[str, ...]:
    uploads = [Upload(f"{number}.pdf", [content]) for number, content in enumerate(contents)]
    with runtime.database.write() as uow:
        return submit_documents(uow, runtime.blobs, uploads, limit=1000, user_id=None)


def claim(database: Database, verification_id: str) -> Claim | None:
    with database.write() as uow:
        return claim_verification(uow, verification_id, lease=LEASE, policy=POLICY)


def row(database: Database, verification_id: str) -> VerificationRow:
    with database.read() as uow:
        return uow.session.exec(select(VerificationRow).where(VerificationRow.id == verification_id)).one()


def sweep(database: Database) -> int:
    with database.write() as uow:
        return sweep_verifications(uow)


def test_documents_are_stored_and_their_jobs_leave_after_the_commit(runtime: Runtime, queue: RecordingQueue) -> None:
    first, second = submit(runtime, b"one", b"two")
    assert queue.take() == [ValidateDocumentJob(verification_id=first), ValidateDocumentJob(verification_id=second)]
    kept = row(runtime.database, first)
    assert (kept.state, kept.file_name, kept.size) == (VerificationState.RECEIVED, "0.pdf", 3)
    assert runtime.blobs.read(kept.sha256) == b"one"
    assert len(first) == 32
    assert first != second


def test_all_files_are_taken_or_none(runtime: Runtime, queue: RecordingQueue) -> None:
    with pytest.raises(TooLarge):
        submit(runtime, b"small", b"x" * 1001)
    with pytest.raises(NoFile):
        submit(runtime)
    with pytest.raises(TooManyFiles):
        submit(runtime, *[b"x"] * (MAX_FILES + 1))
    assert queue.take() == []
    with runtime.database.read() as uow:
        assert uow.session.exec(select(VerificationRow)).all() == []


def test_a_full_disk_is_told_and_leaves_nothing(runtime: Runtime, queue: RecordingQueue, tmp_path: Path) -> None:
    class FullStore(FileBlobStore):
        def put(self, chunks: Iterable[bytes], *, limit: int):
            raise OSError(28, "No space left on device")

    with pytest.raises(StorageFull), runtime.database.write() as uow:
        submit_documents(uow, FullStore(tmp_path), [Upload("a.pdf", [b"x"])], limit=10, user_id=None)
    assert queue.take() == []


def test_the_broker_may_be_down_when_documents_come(runtime: Runtime, queue: RecordingQueue, clock: FakeClock) -> None:
    queue.is_down = True
    (key,) = submit(runtime, b"one")
    queue.is_down = False
    assert sweep(runtime.database) == 0
    clock.advance(DELIVERY_TIME + timedelta(seconds=1))
    assert sweep(runtime.database) == 1
    assert queue.take() == [ValidateDocumentJob(verification_id=key)]
    assert sweep(runtime.database) == 0
    clock.advance(REDELIVERY_TIME + timedelta(seconds=1))
    assert sweep(runtime.database) == 1


def test_a_report_is_kept_in_both_languages(runtime: Runtime) -> None:
    (key,) = submit(runtime, b"one")
    mine = claim(runtime.database, key)
    assert mine is not None
    with runtime.database.write() as uow:
        record_report(uow, mine, REPORTS, elapsed=timedelta(milliseconds=12))
    with runtime.database.read() as uow:
        view = get_verification_view(uow, key, language="en")
    assert view.state is VerificationState.DONE
    assert view.conclusion == "unsigned"
    assert view.report == {
        "file": "0.pdf",
        "conclusion": "unsigned",
        "message": "en",
        "signatures": [],
        "elapsed_ms": 12.0,
    }
    assert claim(runtime.database, key) is None


def test_of_two_workers_one_judges(runtime: Runtime) -> None:
    (key,) = submit(runtime, b"one")
    together = threading.Barrier(2)
    claims: list[Claim | None] = []

    def work() -> None:
        together.wait()
        claims.append(claim(runtime.database, key))

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(taken is not None for taken in claims) == [False, True]


def test_a_worker_that_died_is_relieved_and_comes_too_late(
    runtime: Runtime, queue: RecordingQueue, clock: FakeClock
) -> None:
    (key,) = submit(runtime, b"one")
    dead = claim(runtime.database, key)
    queue.take()
    clock.advance(LEASE - timedelta(seconds=1))
    assert claim(runtime.database, key) is None
    assert sweep(runtime.database) == 0
    clock.advance(timedelta(seconds=2))
    assert (sweep(runtime.database), sweep(runtime.database)) == (1, 0), "it is on its way again"
    assert queue.take() == [ValidateDocumentJob(verification_id=key)]
    alive = claim(runtime.database, key)
    assert alive is not None
    assert alive.attempt == 2

    late = {language: {**report, "conclusion": "valid"} for language, report in REPORTS.items()}
    with runtime.database.write() as uow:
        assert dead is not None
        record_report(uow, dead, late, elapsed=timedelta(0))
    assert row(runtime.database, key).state is VerificationState.PROCESSING
    with runtime.database.write() as uow:
        record_report(uow, alive, REPORTS, elapsed=timedelta(0))
    assert row(runtime.database, key).conclusion == "unsigned"


def test_a_worker_that_is_only_slow_counts_until_another_takes_over(runtime: Runtime, clock: FakeClock) -> None:
    (key,) = submit(runtime, b"one")
    slow = claim(runtime.database, key)
    assert slow is not None
    clock.advance(LEASE + timedelta(seconds=1))
    assert sweep(runtime.database) == 1
    with runtime.database.write() as uow:
        record_report(uow, slow, REPORTS, elapsed=timedelta(0))
    assert row(runtime.database, key).state is VerificationState.DONE
    assert claim(runtime.database, key) is None


def test_a_document_that_always_kills_is_refused_after_three_attempts(runtime: Runtime, queue: RecordingQueue) -> None:
    (key,) = submit(runtime, b"bomb")
    queue.take()
    for attempt in range(1, MAX_ATTEMPTS + 1):
        taken = claim(runtime.database, key)
        assert taken is not None
        assert taken.attempt == attempt
        with runtime.database.write() as uow:
            assert record_exhaustion(uow, taken, policy=POLICY) is (attempt == MAX_ATTEMPTS)
        assert len(queue.take()) == (attempt < MAX_ATTEMPTS)
    refused = row(runtime.database, key)
    assert (refused.state, refused.conclusion) == (VerificationState.REFUSED, "unreadable")
    with runtime.database.read() as uow:
        view = get_verification_view(uow, key, language="vi")
    assert view.report is not None
    assert "quá phức tạp" in view.report["message"]
    assert claim(runtime.database, key) is None


def test_a_document_that_kills_the_worker_itself_is_refused_too(runtime: Runtime, clock: FakeClock) -> None:
    (key,) = submit(runtime, b"bomb")
    for _ in range(MAX_ATTEMPTS):
        assert claim(runtime.database, key) is not None
        clock.advance(LEASE + timedelta(seconds=1))
    assert claim(runtime.database, key) is None
    assert row(runtime.database, key).state is VerificationState.REFUSED


def test_an_attempt_that_could_not_begin_does_not_count(runtime: Runtime) -> None:
    (key,) = submit(runtime, b"one")
    for _ in range(MAX_ATTEMPTS + 2):
        taken = claim(runtime.database, key)
        assert taken is not None
        with runtime.database.write() as uow:
            return_untried(uow, taken)
    assert row(runtime.database, key).attempts == 0


def test_what_does_not_exist_is_not_found(runtime: Runtime) -> None:
    with runtime.database.read() as uow, pytest.raises(NotFound):
        get_verification_view(uow, "0" * 32, language="vi")
    assert claim(runtime.database, "0" * 32) is None


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("Quyết định 222.pdf", "Quyết định 222.pdf"),
        ("C:\\Users\\lan\\a.pdf", "a.pdf"),
        ("../../etc/passwd", "passwd"),
        ("fdp.\u202eexe\0\r\n", "fdp.exe"),
        ("", "document.pdf"),
        ("Quye\u0302\u0301t.pdf", "Quyết.pdf"),
    ],
)
def test_file_names_are_what_people_see(sent: str, kept: str) -> None:
    assert clean_file_name(sent) == kept


@given(st.text(max_size=400))
def test_any_file_name_can_be_kept(name: str) -> None:
    kept = clean_file_name(name)
    assert 0 < len(kept) <= 255
    assert "/" not in kept
    assert clean_file_name(kept) == kept
    kept.encode()
