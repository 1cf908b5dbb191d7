"""The demonstration province, filled once for a test session and copied by whoever changes it."""

import shutil
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import text

from registry.db.migrations import migrate
from registry.demo.province import fill
from registry.runtime import Runtime
from registry.settings import Settings
from tests.fakes.queue import RecordingQueue

TODAY = date(2026, 11, 23)
_filled: dict[Path, Path] = {}


def filled_data_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with SQLite as of `TODAY`, made by the first caller of the session. Copy it before you write."""
    base = tmp_path_factory.getbasetemp()
    if base not in _filled:
        directory = tmp_path_factory.mktemp("province")
        runtime = Runtime.build(Settings(data_dir=directory, database_url="", redis_url=""), queue=RecordingQueue())
        migrate(runtime.database.engine)
        fill(runtime, today=TODAY)
        with runtime.database.engine.connect() as connection:
            # So that the one file holds everything when it is copied.
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
        runtime.close()
        _filled[base] = directory
    return _filled[base]


def copy_of_province(tmp_path_factory: pytest.TempPathFactory, target: Path) -> Path:
    """A copy of the filled data directory at `target`, to be changed at will."""
    shutil.copytree(filled_data_dir(tmp_path_factory), target, dirs_exist_ok=True)
    return target
