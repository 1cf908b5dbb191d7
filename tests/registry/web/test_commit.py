"""Nobody is told "done" before it is: the commit comes before the answer."""

from typing import Annotated

import pytest
from fastapi import APIRouter, FastAPI, Form
from fastapi.testclient import TestClient
from sqlalchemy import event
from sqlmodel import Session, select

from registry.accounts.tables import Role, UserRow
from registry.jobs import ScanExpiriesJob
from registry.runtime import Runtime
from registry.web.dependencies import ReadUow, WriteUow
from registry.web.problems import add_problem_handlers
from tests.fakes.queue import RecordingQueue

router = APIRouter()


@router.post("/people")
def add_person(uow: WriteUow, name: Annotated[str, Form()]) -> dict[str, str]:
    row = UserRow(username=name, full_name=name, password_hash="-", role=Role.AUDITOR, created_at=uow.now)
    uow.session.add(row)
    uow.enqueue(ScanExpiriesJob())
    return {"done": name}


@router.post("/read")
def try_to_write(uow: ReadUow) -> dict[str, str]:
    row = UserRow(username="x", full_name="x", password_hash="-", role=Role.AUDITOR, created_at=uow.now)
    uow.session.add(row)
    uow.session.flush()
    return {}


@pytest.fixture
def client(runtime: Runtime) -> TestClient:
    app = FastAPI()
    app.state.runtime = runtime
    add_problem_handlers(app)
    app.include_router(router)
    return TestClient(app, raise_server_exceptions=False)


def people(runtime: Runtime) -> list[str]:
    with runtime.database.read() as uow:
        return list(uow.session.exec(select(UserRow.username)))


def test_what_was_answered_is_committed(client: TestClient, runtime: Runtime, queue: RecordingQueue) -> None:
    assert client.post("/people", data={"name": "lan"}).json() == {"done": "lan"}
    assert people(runtime) == ["lan"]
    assert queue.take() == [ScanExpiriesJob()]


def test_a_failed_commit_is_a_failed_request(client: TestClient, runtime: Runtime, queue: RecordingQueue) -> None:
    def refuse(session: Session) -> None:
        raise RuntimeError("the disk is full")

    event.listen(Session, "before_commit", refuse)
    try:
        answer = client.post("/people", data={"name": "lan"})
    finally:
        event.remove(Session, "before_commit", refuse)
    assert answer.status_code == 500
    assert people(runtime) == []
    assert queue.jobs == []


def test_reading_leaves_nothing_behind(client: TestClient, runtime: Runtime) -> None:
    assert client.post("/read").status_code == 200
    assert people(runtime) == []
