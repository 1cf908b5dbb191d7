"""Forms with more files than Starlette takes by default: people drop whole folders."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

_FIELDS: Final = 1000
_FIELD_BYTES: Final = 1024 * 1024


def route_for_files(most: int) -> type[APIRoute]:
    """A kind of route whose forms may hold `most` files. The size of the whole is bounded as everywhere."""

    class RequestWithManyFiles(Request):
        def form(
            self, *, max_files: float = most, max_fields: float = _FIELDS, max_part_size: int = _FIELD_BYTES
        ) -> Any:
            # Starlette keeps the type of what can be awaited and entered to itself.
            return super().form(max_files=max_files, max_fields=max_fields, max_part_size=max_part_size)

    class RouteForManyFiles(APIRoute):
        def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
            handle = super().get_route_handler()

            async def handle_many(request: Request) -> Response:
                return await handle(RequestWithManyFiles(request.scope, request.receive))

            return handle_many

    return RouteForManyFiles
