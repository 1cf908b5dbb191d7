"""Fixtures that every kind of test shares."""

import itertools
import random
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from registry.db.engine import create_database_engine
from registry.db.migrations import migrate
from registry.db.unit_of_work import Database
from registry.runtime import Runtime
from registry.settings import Settings
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue
from tests.services import Mailbox, postgresql_server, redis_server, smtp_server

CORPUS = Path(__file__).resolve().parents[2] / "shared" / "corpus"
_numbers = itertools.count(1)


@pytest.fixture
def corpus() -> Path:
    """The folder of public sample data, when it stands beside the project."""
    if not CORPUS.is_dir():
        pytest.skip("the public sample data is not beside the project (../shared/corpus)")
    return CORPUS


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """URL of a real PostgreSQL server, up to and without the database name's parameters.

    Its directory is not one of pytest's: as root the server runs as a user of its own, which has to reach it, and every
    further pytest run closes pytest's common directory to others.
    """
    with (
        tempfile.TemporaryDirectory(prefix="registry-postgresql-") as directory,
        postgresql_server(Path(directory) / "data") as url,
    ):
        yield url


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a real Redis server."""
    # The path of a socket has at most 107 bytes, so it does not go into the test's own long directory.
    directory = tmp_path_factory.mktemp("r")
    with redis_server(directory) as url:
        yield url


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A real SMTP server and what it received."""
    with smtp_server() as mailbox:
        yield mailbox


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 11, 23, 2, 0, tzinfo=UTC))


@pytest.fixture
def queue() -> RecordingQueue:
    return RecordingQueue()


def _new_postgresql_database(server: str) -> str:
    name = f"test_{next(_numbers)}_{random.randrange(10**9)}"
    engine = create_database_engine(server)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    head, _, query = server.partition("?")
    base = head.rsplit("/", 1)[0]
    return f"{base}/{name}?{query}" if query else f"{base}/{name}"


def _drop_postgresql_database(server: str, url: str) -> None:
    name = url.partition("?")[0].rsplit("/", 1)[1]
    engine = create_database_engine(server)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    engine.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """An empty database of each kind; the test runs once on each."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'registry.db'}"
        return
    server = request.getfixturevalue("postgresql")
    url = _new_postgresql_database(server)
    yield url
    # Hundreds of databases left to the end of the run take the server minutes to write out and delete.
    _drop_postgresql_database(server, url)


@pytest.fixture
def runtime(tmp_path: Path, database_url: str, queue: RecordingQueue, clock: FakeClock) -> Iterator[Runtime]:
    """A migrated runtime on each kind of database, with a queue that records and a clock that stands still."""
    settings = Settings(data_dir=tmp_path / "data", database_url=database_url)
    runtime = Runtime.build(settings, clock=clock, queue=queue)
    migrate(runtime.database.engine)
    yield runtime
    runtime.close()


@pytest.fixture
def database(runtime: Runtime) -> Database:
    """The migrated database of `runtime`."""
    return runtime.database
