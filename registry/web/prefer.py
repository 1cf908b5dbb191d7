"""How long a program waits for a worker before it is answered (RFC 7240, `Prefer: wait=N`)."""

import re
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Response

from registry.web.dependencies import CurrentRuntime

_LONGEST_SECONDS: Final = 30.0
_WAIT: Final = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d{1,4})\"?\s*(?:$|[,;])", re.IGNORECASE)

ACCEPTED: Final[dict[int | str, dict[str, Any]]] = {
    202: {"description": "Taken; a worker is at it. Ask `Location` again."}
}
"""What is described of a route that answers so when the wait was not long enough."""


def say_where(response: Response, location: str, *, is_done: bool) -> None:
    """Say where the work can be asked for, and answer 202 when the wait was not long enough."""
    response.headers["Location"] = location
    if not is_done:
        response.status_code = 202


def _wait_seconds(
    runtime: CurrentRuntime,
    prefer: Annotated[
        str | None, Header(description="`wait=N`: wait up to N seconds for the worker (RFC 7240).")
    ] = None,
) -> float:
    wanted = _WAIT.search(prefer or "")
    if wanted is None:
        return runtime.settings.verification_wait_seconds
    return min(float(wanted.group(1)), _LONGEST_SECONDS)


WaitSeconds = Annotated[float, Depends(_wait_seconds)]
"""Seconds; without a wish those of the settings."""
