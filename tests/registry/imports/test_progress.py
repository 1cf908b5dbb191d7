"""How far entering and taking back has come, told over a real Redis while the database tells nobody anything."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from registry.accounts.service import submit_user
from registry.accounts.tables import Role
from registry.db.migrations import migrate
from registry.imports.processing import process_import
from registry.imports.progress import Teller
from registry.imports.service import decide_import, request_undo
from registry.imports.tables import ImportChoice, ImportState
from registry.runtime import Runtime
from registry.settings import Settings
from registry.web.app import create_app
from tests.factories.agencies import make_agency
from tests.factories.certificates import EVERYTHING, trust_small_ca
from tests.fakes.queue import RecordingQueue
from tests.fakes.reader import DirectReader
from tests.registry.imports.conftest import Importing, person, zip_of
from tests.registry.web.browsing import PASSWORD, Browser


@pytest.fixture
def runtime(tmp_path: Path, redis_url: str) -> Iterator[Runtime]:
    runtime = Runtime.build(Settings(data_dir=tmp_path, redis_url=redis_url), queue=RecordingQueue())
    migrate(runtime.database.engine)
    with runtime.database.write() as uow:
        trust_small_ca(uow)
        make_agency(uow, "Sở Y tế", code="H02.14")
        submit_user(uow, username="quantri", full_name="Quản trị", password=PASSWORD, role=Role.ADMINISTRATOR)
    yield runtime
    runtime.close()


def test_who_waits_sees_how_much_is_done(runtime: Runtime) -> None:
    importing = Importing(runtime)
    number = importing.preview({"a.zip": zip_of({f"{i}.cer": person(f"Trần Văn {i}", "Sở Y tế") for i in range(4)})})
    address = f"/api/v1/imports/{number}"
    with TestClient(create_app(runtime), follow_redirects=False) as client:
        browser = Browser(client)
        browser.sign_in("quantri")

        def percent() -> int | None:
            return client.get(address).json()["summary"]["percent"]

        for decide, state in ((_apply, ImportState.APPLYING), (_undo, ImportState.UNDOING)):
            decide(runtime, number)
            assert importing.row(number).state is state
            teller = Teller(runtime.wakeups, importing.row(number))
            teller(1)
            assert percent() == 25
            page = client.get(f"/imports/{number}").text
            assert '<progress max="100" value="25"' in page
            assert "Đã xong 25%" in page

            told: list[int] = []
            directory = runtime.settings.data_dir / "imports"
            process_import(runtime.database, directory, number, reader=DirectReader(), progress=told.append)
            assert told == [4]
            assert percent() is None


def _apply(runtime: Runtime, number: int) -> None:
    with runtime.database.write() as uow:
        decide_import(uow, EVERYTHING, number, ImportChoice.GOOD, actor="lan")


def _undo(runtime: Runtime, number: int) -> None:
    with runtime.database.write() as uow:
        request_undo(uow, EVERYTHING, number, actor="lan")
