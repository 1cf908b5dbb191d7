"""The entry point of `celery -A workers.main …`: the only module of the workers that reads the environment.

The application is built when Celery asks for `app`, so importing the module has no side effect.
"""

from functools import cache
from typing import Any

from celery import Celery, signals

from registry.observability import configure_logging
from registry.settings import Settings
from workers.app import create_app


@cache
def _build() -> Celery:
    app = create_app(Settings.from_environ())

    def close(**_: Any) -> None:
        app.registry_resources.close()

    signals.setup_logging.connect(lambda **_: configure_logging(), weak=False)
    signals.worker_process_shutdown.connect(close, weak=False)
    signals.worker_shutdown.connect(close, weak=False)
    return app


def __getattr__(name: str) -> Celery:
    if name == "app":
        return _build()
    raise AttributeError(name)
