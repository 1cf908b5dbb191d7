"""`registry beat`."""

import os
import sys

import typer

app = typer.Typer(add_completion=False)


@app.command(epilog="Example: registry beat")
def run() -> None:
    """Send the jobs that run by the clock. Several may run: one sends, the others stand by."""
    # An empty name of the pid file: a container that was killed must not refuse to start again.
    options = ["--pidfile", "", "--loglevel", "INFO"]
    os.execv(sys.executable, [sys.executable, "-m", "celery", "-A", "workers.beat", "-q", "beat", *options])  # noqa: S606
