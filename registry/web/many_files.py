"""Forms with more files than Starlette takes by default: people drop whole folders."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from fastapi import Request
from fastapi.routing import APIRoute
from starlette.responses import Response

_FILES: Final = 10_000
_FIELDS: Final = 1000
_FIELD_BYTES: Final = 1024 * 1024


class _RequestWithManyFiles(Request):
    def form(self, *, max_files: float = _FILES, max_fields: float = _FIELDS, max_part_size: int = _FIELD_BYTES) -> Any:
        # Starlette keeps the type of what can be awaited and entered to itself.
        return super().form(max_files=max_files, max_fields=max_fields, max_part_size=max_part_size)


class RouteForManyFiles(APIRoute):
    """A route whose forms may hold as many files as an import takes. The size of the whole is bounded as everywhere."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Make the handler that gets such a request."""
        handle = super().get_route_handler()

        async def handle_many(request: Request) -> Response:
            return await handle(_RequestWithManyFiles(request.scope, request.receive))

        return handle_many
