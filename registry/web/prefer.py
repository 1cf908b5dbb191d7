"""How long a program waits for a worker before it is answered (RFC 7240, `Prefer: wait=N`)."""

import re
from typing import Annotated, Any, Final

from fastapi import Depends, Header

from registry.web.dependencies import CurrentRuntime

_LONGEST_SECONDS: Final = 30.0
_WAIT: Final = re.compile(r"(?:^|[,;])\s*wait\s*=\s*\"?(\d{1,4})\"?\s*(?:$|[,;])", re.IGNORECASE)

ACCEPTED: Final[dict[int | str, dict[str, Any]]] = {
    202: {"description": "Taken; a worker is at it. Ask `Location` again."}
}
"""What is described of a route that answers so when the wait was not long enough."""


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
