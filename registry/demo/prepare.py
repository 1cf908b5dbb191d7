"""Filling a data directory, in a process of its own: what that takes of memory is given back when it ends."""

import json
from pathlib import Path
from typing import Any, Final

from registry.clock import local_day
from registry.db.migrations import is_current, migrate
from registry.demo.province import fill
from registry.demo.province.accounts import ACCOUNTS
from registry.runtime import Runtime
from registry.settings import Settings

ACCOUNTS_FILE: Final = "accounts.json"

_STAGES: Final = {
    "plan": "agencies and people / cơ quan và con người",
    "keys": "keys of the demo CA / khóa của CA demo",
    "certificates": "certificates / chứng thư",
    "register": "register / sổ đăng ký",
    "documents": "signed documents / văn bản đã ký",
}


def prepare(settings: Settings) -> None:
    """Migrate the database and fill it with the demonstration province where it is empty; a second call changes nothing.

    Shows its progress on a terminal. The logins are left in the data directory for the supervisor to print.
    """
    runtime = Runtime.build(settings)
    try:
        if not is_current(runtime.database.engine):
            migrate(runtime.database.engine)
        _fill(runtime)
    finally:
        runtime.close()
    _write_accounts(settings.data_dir / ACCOUNTS_FILE)


def _fill(runtime: Runtime) -> None:
    from rich.console import Console  # noqa: PLC0415 - a second start has nothing to show
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True, disable=False) as bar:
        task = bar.add_task("…", total=1.0)
        fill(
            runtime,
            today=local_day(runtime.clock.now()),
            progress=lambda stage, share: bar.update(
                task, completed=share, description=_STAGES.get(stage, stage), refresh=True
            ),
        )


def _write_accounts(path: Path) -> None:
    accounts: list[dict[str, Any]] = [
        {
            "role": account.role.value,
            "username": account.username,
            "password": account.password,
            "agency": account.agency,
        }
        for account in ACCOUNTS
    ]
    path.write_text(json.dumps(accounts, ensure_ascii=False, indent=1), encoding="utf-8")
    path.chmod(0o600)
