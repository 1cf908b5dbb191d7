"""The entry point of `celery -A workers.beat beat`: a scheduler that knows what to send when, and not how it is done."""

from functools import cache

from celery import Celery, signals

from registry.observability import configure_logging
from registry.queue import create_celery
from registry.settings import Settings
from workers.schedule import SCHEDULE


def create_beat(settings: Settings) -> Celery:
    """Build the application of the scheduler. Nothing is connected until beat starts."""
    app = create_celery(settings.resolved_redis_url)
    app.conf.update(
        beat_schedule={entry.job.name: entry.as_celery() for entry in SCHEDULE},
        beat_scheduler="workers.scheduler:LockedScheduler",
        beat_max_loop_interval=10,
    )
    return app


@cache
def _build() -> Celery:
    signals.setup_logging.connect(lambda **_: configure_logging(), weak=False)
    return create_beat(Settings.from_environ())


def __getattr__(name: str) -> Celery:
    if name == "app":
        return _build()
    raise AttributeError(name)
