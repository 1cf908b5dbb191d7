"""Methods as RFC 9110 has them, where the framework knows of each route's own only."""

from itertools import chain

from starlette.datastructures import MutableHeaders
from starlette.routing import Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from registry.web.routing import ROUTERS


class Methods:
    """Answers HEAD wherever GET is answered (9.3.2), and names every method of an address that refuses one (15.5.6)."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        is_head = scope["method"] == "HEAD"
        # The server goes by the method of its own scope, and expects no content when that is HEAD.
        inner = {**scope, "method": "GET"} if is_head else scope

        async def send_as_asked(event: Message) -> None:
            is_refusal = event["type"] == "http.response.start" and event["status"] == 405
            if is_refusal and (methods := _methods_of(inner)):
                MutableHeaders(scope=event)["Allow"] = ", ".join(methods)
            if is_head and event["type"] == "http.response.body":
                event = {**event, "body": b""}
            await send(event)

        try:
            await self.app(inner, receive, send_as_asked)
        finally:
            if "route" in inner:
                scope["route"] = inner["route"]


def _methods_of(scope: Scope) -> list[str]:
    """Every method that some route takes at the address of `scope`."""
    found: set[str] = set()
    for route in chain.from_iterable(router.routes for router in ROUTERS):
        if isinstance(route, Route) and route.matches(scope)[0] is not Match.NONE:
            found.update(route.methods or ())
    if "GET" in found:
        found.add("HEAD")
    return sorted(found)
