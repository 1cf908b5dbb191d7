"""The filled province, for reading."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from registry.runtime import Runtime
from registry.settings import Settings
from tests.fakes.queue import RecordingQueue
from tests.province import filled_data_dir


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return filled_data_dir(tmp_path_factory)


@pytest.fixture
def filled(province: Path) -> Iterator[Runtime]:
    runtime = Runtime.build(Settings(data_dir=province, database_url="", redis_url=""), queue=RecordingQueue())
    yield runtime
    runtime.close()
