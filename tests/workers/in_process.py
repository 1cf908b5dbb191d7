"""Jobs run where the test runs, with the runtime of the test: its database, its clock, its queue."""

from dataclasses import dataclass
from typing import Any

from registry.jobs import SendOutboxJob
from registry.runtime import Runtime
from registry.settings import Settings
from workers import mail


@dataclass(frozen=True)
class Worker:
    """What a job is given, as far as it asks for it."""

    settings: Settings
    runtime: Runtime


def send_outbox(runtime: Runtime, *, smtp_url: str | None = None) -> None:
    """The job that empties the outbox; `smtp_url` when it is not the one of the settings."""
    settings = runtime.settings if smtp_url is None else runtime.settings.model_copy(update={"smtp_url": smtp_url})
    resources: Any = Worker(settings, runtime)
    mail.send_outbox(resources, SendOutboxJob())
