"""Filling a data directory, in a process of its own: what that takes of memory is given back when it ends."""

from typing import Final

from registry.clock import local_day
from registry.db.migrations import is_current, migrate
from registry.demo.prepared import Login, mark_prepared
from registry.demo.province import fill
from registry.demo.province.accounts import ACCOUNTS
from registry.runtime import Runtime
from registry.settings import Settings

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
    logins = [Login(account.role.value, account.username, account.password, account.agency) for account in ACCOUNTS]
    mark_prepared(settings.data_dir, logins)


def _fill(runtime: Runtime) -> None:
    from rich.console import Console  # noqa: PLC0415 - a second start has nothing to show
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("…", total=1.0)
        fill(
            runtime,
            today=local_day(runtime.clock.now()),
            progress=lambda stage, share: bar.update(
                task, completed=share, description=_STAGES.get(stage, stage), refresh=True
            ),
        )
