"""The web application."""

from functools import partial
from typing import Any

from fastapi import Depends, FastAPI
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from registry.accounts.throttle import SignInThrottle
from registry.alerts.calendar.keeper import ForecastKeeper
from registry.alerts.metrics import collect_alert_metrics
from registry.runtime import Runtime
from registry.settings import load_secret_key
from registry.web.forgery import refuse_forgery
from registry.web.methods import Methods
from registry.web.metrics import Metrics
from registry.web.middleware import InputLimits, RequestContext, SecurityHeaders, UnexpectedErrors
from registry.web.problems import add_problem_handlers
from registry.web.routing import ROUTERS
from registry.web.templating import STATIC


class _StaticFiles(StaticFiles):
    """Static files; one asked for by its digest never changes and is kept for a year."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        is_versioned = b"v=" in scope["query_string"]
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if is_versioned else "public, max-age=86400"
        )
        return response


def create_app(runtime: Runtime) -> FastAPI:
    """Build the application around `runtime`, which stays the property of the caller. Nothing is connected yet."""
    app = FastAPI(
        title="Certificate registry",
        description="Register of digital-signature certificates: who holds which, and whether a signed PDF can be relied on.",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        dependencies=[Depends(refuse_forgery)],
    )
    app.state.runtime = runtime
    app.state.secret_key = load_secret_key(runtime.settings)
    app.state.metrics = metrics = Metrics()
    metrics.add_source(partial(collect_alert_metrics, runtime.database))
    app.state.sign_in_throttle = SignInThrottle()
    app.state.forecasts = ForecastKeeper()
    add_problem_handlers(app)
    for router in ROUTERS:
        app.include_router(router)
    app.mount("/static", _StaticFiles(directory=STATIC), name="static")
    middleware: tuple[tuple[Any, dict[str, Any]], ...] = (
        (RequestContext, {"metrics": metrics}),
        (SecurityHeaders, {"is_https": runtime.settings.public_url.startswith("https://")}),
        (UnexpectedErrors, {}),
        (InputLimits, {"upload_limit_bytes": runtime.settings.upload_limit_bytes}),
        (Methods, {}),
    )
    for layer, options in reversed(middleware):
        app.add_middleware(layer, **options)
    return app
