"""An import whose process died is gone on with by its number."""

from collections.abc import Callable

import pytest

from registry.cli import main
from registry.clock import FOREVER
from registry.imports.service import claim_import, decide_import
from registry.imports.tables import ImportChoice, ImportRow, ImportState
from registry.runtime import Runtime
from tests.registry.imports.conftest import EVERYTHING, Importing, bodies, importing, person

__all__ = ["bodies", "importing"]


@pytest.fixture
def go_on(
    runtime: Runtime, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Callable[[int], tuple[object, str]]:
    """Call `registry certificates import --number`; gives the exit code and what is said on standard error."""
    monkeypatch.setenv("REGISTRY_DATABASE_URL", database_url)
    monkeypatch.setenv("REGISTRY_DATA_DIR", str(runtime.settings.data_dir))

    def call(number: int) -> tuple[object, str]:
        monkeypatch.setattr("sys.argv", ["registry", "certificates", "import", "--number", str(number)])
        with pytest.raises(SystemExit) as ended:
            main()
        return ended.value.code, capsys.readouterr().err

    return call


@pytest.mark.parametrize("broken_off", [ImportState.RECEIVED, ImportState.APPLYING])
def test_an_import_that_was_broken_off_is_finished(
    importing: Importing, bodies: dict[str, int], go_on: Callable[[int], tuple[object, str]], broken_off: ImportState
) -> None:
    number = importing.submit({"a.cer": person("Nguyễn An", "Sở Y tế")})
    if broken_off is ImportState.APPLYING:
        importing.process(number)
        with importing.runtime.database.write() as uow:
            decide_import(uow, EVERYTHING, number, ImportChoice.GOOD, actor="lan")
    assert importing.row(number).state is broken_off
    assert go_on(number)[0] == 0
    assert (importing.row(number).state, importing.row(number).applied_count) == (ImportState.APPLIED, 1)


def test_an_import_that_another_process_has_is_left_to_it(
    importing: Importing, bodies: dict[str, int], go_on: Callable[[int], tuple[object, str]]
) -> None:
    number = importing.submit({"a.cer": person("Nguyễn An", "Sở Y tế")})
    with importing.runtime.database.write() as uow:
        assert claim_import(uow, number) is not None
        # The command reads the time of the machine, which is another than that of the test.
        uow.session.get_one(ImportRow, number).lease_until = FOREVER
    code, said = go_on(number)
    assert code == 2
    assert f"--number {number} in 15 minutes" in said
    assert importing.row(number).state is ImportState.RECEIVED
