"""`registry worker`."""

import os
import sys
from typing import Annotated

import typer

from registry.jobs import QueueName

app = typer.Typer(add_completion=False)

_MODULE = "workers.main"
"""Celery imports it by name: nothing in `registry` knows the workers."""


@app.command(epilog="Example: registry worker --queues documents --concurrency 2")
def run(
    queues: Annotated[str, typer.Option(help="Queues to work on, separated by commas.")] = ",".join(QueueName),
    concurrency: Annotated[int, typer.Option(min=1, help="Jobs done at the same time.")] = 2,
    name: Annotated[str, typer.Option(help="Name of this worker; several on one host need different ones.")] = "worker",
) -> None:
    """Work on jobs until told to stop (Ctrl-C or SIGTERM), then finish the ones in hand.

    Jobs run in threads: those that judge documents have a bounded process each, the others wait for a database or a
    mail server most of the time.
    """
    chosen = [queue.strip() for queue in queues.split(",") if queue.strip()]
    if unknown := sorted(set(chosen) - set(QueueName)):
        raise typer.BadParameter(
            f"unknown: {', '.join(unknown)}; there are {', '.join(QueueName)}", param_hint="--queues"
        )
    options = ["--queues", ",".join(chosen), "--concurrency", str(concurrency), "--hostname", f"{name}@%h"]
    quiet = ["--pool", "threads", "--without-gossip", "--without-mingle", "--loglevel", "INFO"]
    # The process becomes Celery, so that signals reach it and no parent is left waiting.
    os.execv(sys.executable, [sys.executable, "-m", "celery", "-A", _MODULE, "-q", "worker", *options, *quiet])  # noqa: S606
