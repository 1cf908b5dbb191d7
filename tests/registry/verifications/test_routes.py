"""Verification over HTTP, with the worker's part done by the test: what the web promises whatever the worker does."""

import errno
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlalchemy.exc import OperationalError
from sqlmodel import select

from certs.validation import ValidationPolicy
from registry.clock import Clock
from registry.jobs import ValidateDocumentJob
from registry.runtime import Runtime
from registry.settings import Settings
from registry.verifications.service import claim_verification, record_report
from registry.verifications.tables import VerificationRow
from registry.web.app import create_app
from tests.fakes.queue import RecordingQueue

REPORTS = {language: {"conclusion": "unsigned", "message": language, "signatures": []} for language in ("vi", "en")}


@pytest.fixture
def client(runtime: Runtime) -> Iterator[TestClient]:
    with TestClient(create_app(runtime), raise_server_exceptions=False) as client:
        yield client


def pdf(name: str = "a.pdf", content: bytes = b"%PDF-1.7") -> tuple[str, tuple[str, bytes, str]]:
    return "files", (name, content, "application/pdf")


def judge(runtime: Runtime, verification_id: str) -> None:
    with runtime.database.write() as uow:
        claim = claim_verification(uow, verification_id, lease=timedelta(minutes=1), policy=ValidationPolicy())
        assert claim is not None
        record_report(uow, claim, REPORTS, elapsed=timedelta(0))
    runtime.wakeups.announce(verification_id)


def rows(runtime: Runtime) -> list[VerificationRow]:
    with runtime.database.read() as uow:
        return list(uow.session.exec(select(VerificationRow)))


def test_what_is_not_done_in_time_is_answered_with_where_it_will_be(
    client: TestClient, runtime: Runtime, queue: RecordingQueue
) -> None:
    answer = client.post("/api/v1/verifications", files=[pdf()], headers={"Prefer": "wait=0"})
    assert answer.status_code == 202
    (item,) = answer.json()["items"]
    assert (item["state"], item["report"]) == ("received", None)
    assert queue.take() == [ValidateDocumentJob(verification_id=item["id"])]

    judge(runtime, item["id"])
    later = client.get(answer.headers["Location"], headers={"Accept-Language": "en"})
    assert later.status_code == 200
    assert (later.json()["conclusion"], later.json()["report"]["message"]) == ("unsigned", "en")


def test_many_files_are_found_again_together(client: TestClient) -> None:
    answer = client.post(
        "/api/v1/verifications", files=[pdf("a.pdf"), pdf("b.pdf", b"%PDF-2.0")], headers={"Prefer": "wait=0"}
    )
    assert answer.status_code == 202
    later = client.get(answer.headers["Location"])
    assert [item["file_name"] for item in later.json()["items"]] == ["a.pdf", "b.pdf"]


@pytest.fixture
def connected(tmp_path, database_url: str, redis_url: str, queue: RecordingQueue, clock: Clock) -> Iterator[Runtime]:
    """A runtime with a real Redis to wake waiting requests."""
    from registry.db.migrations import migrate

    settings = Settings(data_dir=tmp_path / "data", database_url=database_url, redis_url=redis_url)
    runtime = Runtime.build(settings, clock=clock, queue=queue)
    migrate(runtime.database.engine)
    yield runtime
    runtime.close()


def test_a_waiting_request_is_woken_by_the_verdict(connected: Runtime, queue: RecordingQueue) -> None:
    sent = threading.Event()

    def send(job: ValidateDocumentJob) -> None:
        queue.jobs.append(job)
        sent.set()

    queue.send = send  # type: ignore[method-assign,assignment]

    def work() -> None:
        assert sent.wait(20)
        (job,) = queue.take()
        assert isinstance(job, ValidateDocumentJob)
        judge(connected, job.verification_id)

    worker = threading.Thread(target=work)
    worker.start()
    with TestClient(create_app(connected)) as client:
        answer = client.post("/api/v1/verifications", files=[pdf()], headers={"Prefer": "wait=30"})
    worker.join()
    assert answer.status_code == 200
    assert answer.json()["items"][0]["conclusion"] == "unsigned"


def test_a_commit_that_fails_answers_with_an_error_and_sends_no_job(
    client: TestClient, runtime: Runtime, queue: RecordingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(connection: Any) -> None:
        if runtime.database.engine.dialect.name == "postgresql":
            connection.rollback()  # the server ends a transaction whose COMMIT fails; SQLite leaves it open
        raise OperationalError("COMMIT", {}, OSError("the disk is gone"))

    with monkeypatch.context() as patch:
        patch.setattr(runtime.database.engine.dialect, "do_commit", fail)
        answer = client.post("/api/v1/verifications", files=[pdf()], headers={"Prefer": "wait=0"})
    assert answer.status_code >= 500
    assert queue.take() == []
    assert rows(runtime) == []


def test_a_full_disk_answers_507_and_leaves_no_row(
    client: TestClient, runtime: Runtime, queue: RecordingQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("registry.blobs.os.fsync", refuse)
        answer = client.post("/api/v1/verifications", files=[pdf()], headers={"Prefer": "wait=0"})
    assert answer.status_code == 507
    assert answer.json()["code"] == "verifications.storage_full"
    assert queue.take() == []
    assert rows(runtime) == []
    assert list(runtime.settings.blob_dir.glob("incoming-*")) == []


def test_a_broker_that_is_down_costs_nobody_a_document(
    client: TestClient, runtime: Runtime, queue: RecordingQueue
) -> None:
    queue.is_down = True
    answer = client.post("/api/v1/verifications", files=[pdf()], headers={"Prefer": "wait=0"})
    assert answer.status_code == 202
    assert [row.id for row in rows(runtime)] == [answer.json()["items"][0]["id"]]


def test_a_file_past_the_limit_is_refused_with_a_problem(client: TestClient, runtime: Runtime) -> None:
    big = b"x" * (runtime.settings.upload_limit_bytes + 1)
    answer = client.post("/api/v1/verifications", files=[pdf("big.pdf", big)])
    assert answer.status_code == 413
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert rows(runtime) == []


def test_unknown_and_malformed_requests_are_problems(client: TestClient) -> None:
    assert client.get(f"/api/v1/verifications/{'0' * 32}").status_code == 404
    assert client.get("/api/v1/verifications?id=x").status_code == 404
    assert client.post("/api/v1/verifications").status_code == 422


def test_only_people_who_signed_in_may_verify_where_it_is_not_public(runtime: Runtime) -> None:
    settings = runtime.settings.model_copy(update={"verification_is_public": False})
    closed = Runtime(settings, runtime.clock, runtime.queue, runtime.database, runtime.blobs, runtime.wakeups)
    with TestClient(create_app(closed)) as client:
        assert client.post("/api/v1/verifications", files=[pdf()]).status_code == 401
        assert client.get(f"/api/v1/verifications/{'0' * 32}").status_code == 401
    assert rows(runtime) == []
