"""Sending jobs by name. Nothing here knows what a job does."""

from typing import Any, Protocol

import structlog
from celery import Celery
from kombu.exceptions import OperationalError
from redis import Redis

from certs.messages import define, message
from registry.errors import Unavailable
from registry.jobs import JobMessage

define(
    "queue.unavailable",
    vi="Hàng đợi công việc tạm thời không hoạt động. Việc này đã được ghi nhận và sẽ được thực hiện sau.",
    en="The job queue is down for the moment. The work is recorded and will be done later.",
)


class Queue(Protocol):
    """Where jobs are handed in."""

    def send(self, job: JobMessage) -> None:
        """Hand in a job, or raise `Unavailable`; a job that was handed in may run more than once."""


def create_celery(redis_url: str) -> Celery:
    """The Celery application that both ends share: JSON only, no results, bounded waits.

    It is not made the current application, so nothing depends on which one was built last.
    """
    app = Celery("registry", set_as_current=False)
    app.conf.update(
        broker_url=redis_url,
        task_serializer="json",
        accept_content=["json"],
        task_ignore_result=True,
        task_default_queue="default",
        task_acks_late=True,
        worker_prefetch_multiplier=1,
        broker_connection_retry_on_startup=True,
        broker_transport_options={
            "visibility_timeout": 900,
            "socket_connect_timeout": 2,
            "socket_timeout": 5,
            "retry_on_timeout": True,
        },
        task_publish_retry=False,
        enable_utc=True,
        timezone="Asia/Ho_Chi_Minh",
    )
    return app


def connect_redis(redis_url: str) -> Redis:
    """A client of the Redis server that the queue uses; `redis_url` as Celery reads it. Nothing is connected yet."""
    url = redis_url.replace("redis+socket://", "unix://", 1)
    return Redis.from_url(url, socket_connect_timeout=2, socket_timeout=35)


class CeleryQueue:
    """Jobs over Redis."""

    def __init__(self, app: Celery) -> None:
        self._app = app

    def send(self, job: JobMessage) -> None:
        """Send the message of `job`, with the request it came from in its headers."""
        context: dict[str, Any] = structlog.contextvars.get_contextvars()
        headers = {"request_id": context["request_id"]} if "request_id" in context else {}
        try:
            self._app.send_task(
                job.name, args=[job.model_dump(mode="json")], queue=job.queue.value, headers=headers, retry=False
            )
        except (OperationalError, OSError) as error:
            raise Unavailable(message("queue.unavailable")) from error
