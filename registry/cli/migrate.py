"""`registry migrate`."""

import typer

from registry.db.migrations import migrate
from registry.runtime import Runtime
from registry.settings import Settings

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: REGISTRY_DATABASE_URL=postgresql://… registry migrate")
def run() -> None:
    """Bring the database to the newest revision. Safe to run at any time, also by several hosts at once."""
    runtime = Runtime.build(Settings.from_environ())
    migrate(runtime.database.engine)
    typer.echo("The database is at the newest revision.")
