"""How a job becomes a Celery task: check the message, bind the log context, call the handler."""

from collections.abc import Callable
from typing import Any, TypeVar

import structlog
from celery import Celery

from registry.jobs import JobMessage
from workers.resources import Resources

log = structlog.get_logger(__name__)

Message = TypeVar("Message", bound=JobMessage)


def add_task(
    app: Celery, resources: Resources, message: type[Message], handle: Callable[[Resources, Message], None]
) -> None:
    """Register the task of one job under its wire name.

    A message that does not fit its model raises `pydantic.ValidationError`: the task fails, visibly, and the sweep of
    its feature sends a good one. The handler opens its own units of work and must bear being run twice, at once or
    after a crash; what it raises is not caught here, so that a failure is a failure.
    """

    def task(self: Any, payload: dict[str, Any]) -> None:
        request_id = (self.request.headers or {}).get("request_id")
        context = {"job": message.name, "job_id": self.request.id}
        if request_id is not None:
            context["request_id"] = request_id
        with structlog.contextvars.bound_contextvars(**context):
            job = message.model_validate(payload)
            log.info("job_started")
            handle(resources, job)
            log.info("job_done")

    # Not shared: by default Celery hands a task on to every other application of the process.
    app.task(task, bind=True, name=message.name, shared=False)
