"""For whoever operates the service: is it alive, is it ready, how is it doing."""

from typing import Literal

import structlog
from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse, Response

from registry.db.migrations import is_current
from registry.queue import connect_redis
from registry.runtime import Runtime
from registry.web.dependencies import CurrentRuntime

log = structlog.get_logger(__name__)
router = APIRouter(tags=["operation"])

PartState = Literal["ok", "outdated", "down"]


class ReadinessView(BaseModel):
    """Whether each part can be used; the service is ready when all are `ok`."""

    database: PartState
    queue: PartState


@router.get("/healthz", summary="Whether the process answers")
def healthz() -> dict[str, str]:
    """Answer as long as the process can; nothing else is asked."""
    return {"status": "ok"}


@router.get("/readyz", summary="Whether every part can be used", responses={503: {"model": ReadinessView}})
def readyz(runtime: CurrentRuntime) -> JSONResponse:
    """200 when the database is at the newest revision and Redis answers, else 503 with what is wrong."""
    view = ReadinessView(database=_database_state(runtime), queue=queue_state(runtime))
    is_ready = view.database == "ok" and view.queue == "ok"
    return JSONResponse(view.model_dump(), 200 if is_ready else 503)


@router.get("/metrics", summary="Metrics for Prometheus", response_class=Response)
def metrics(request: Request) -> Response:
    """Counts and times, never a name or an address of a person."""
    return Response(request.app.state.metrics.render(), media_type=CONTENT_TYPE_LATEST)


def _database_state(runtime: Runtime) -> PartState:
    try:
        return "ok" if is_current(runtime.database.engine) else "outdated"
    except SQLAlchemyError:
        log.warning("database_unreachable", exc_info=True)
        return "down"


def queue_state(runtime: Runtime) -> PartState:
    """Whether the Redis of the job queue answers."""
    client = connect_redis(runtime.settings.resolved_redis_url)
    try:
        client.ping()
    except RedisError as error:
        log.warning("queue_unreachable", error=str(error))
        return "down"
    finally:
        client.close()
    return "ok"
