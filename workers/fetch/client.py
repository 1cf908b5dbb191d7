"""One request to a stranger's server: no redirect followed, nothing inside reached, time and size bounded."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

import httpcore2

from workers.fetch.addresses import GuardedBackend
from workers.fetch.deadline import deadline_in

_USER_AGENT: Final = "certificate-registry"
_SCHEMES: Final = (b"http", b"https")
_STEP_SECONDS: Final = 10.0


class OutboundError(Exception):
    """The request brought no answer; the text says why and is fit for an operator."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server answered, whatever its status is."""

    status: int
    body: bytes
    """At most as long as was asked for."""


class OutboundClient:
    """Sends requests over connections that are kept between them; to be closed.

    `seconds` bounds a whole request, however slowly the server sends; `allowed_hosts` are those that may lead to
    addresses that are not public. Proxies and settings of the environment are not used. It may be shared by threads.
    """

    def __init__(self, *, seconds: float = 30.0, allowed_hosts: Collection[str] = ()) -> None:
        self._seconds = seconds
        self._pool = httpcore2.ConnectionPool(network_backend=GuardedBackend(allowed_hosts), keepalive_expiry=5.0)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._pool.close()

    def get(self, url: str, *, limit: int) -> Answer:
        """Fetch at most `limit` bytes. Raises `OutboundError`, also for an answer that is longer."""
        return self._request("GET", url, {}, None, limit)

    def post(self, url: str, body: bytes, headers: Mapping[str, str], *, limit: int = 64 * 1024) -> Answer:
        """Send `body`; of the answer at most `limit` bytes. Raises `OutboundError`, also for an answer that is longer."""
        return self._request("POST", url, headers, body, limit)

    def _request(self, method: str, url: str, headers: Mapping[str, str], body: bytes | None, limit: int) -> Answer:
        try:
            address = httpcore2.URL(url)
        except (ValueError, TypeError) as error:  # TypeError: letters that belong into punycode
            raise OutboundError(f"{url!r} is not an address") from error
        if address.scheme not in _SCHEMES or not address.host:
            raise OutboundError(f"{url!r} is not an address of HTTP")
        timeout = dict.fromkeys(("connect", "read", "write", "pool"), _STEP_SECONDS)
        sent = {"User-Agent": _USER_AGENT, "Accept-Encoding": "identity", **headers}
        try:
            with (
                deadline_in(self._seconds),
                self._pool.stream(
                    method, address, headers=list(sent.items()), content=body, extensions={"timeout": timeout}
                ) as response,
            ):
                received = bytearray()
                for chunk in response.iter_stream():
                    received += chunk
                    if len(received) > limit:
                        raise OutboundError(f"the answer is longer than {limit} bytes")
                return Answer(response.status, bytes(received))
        except httpcore2.TimeoutException as error:
            raise OutboundError("the server did not answer in time") from error
        except (httpcore2.NetworkError, httpcore2.ProtocolError, httpcore2.UnsupportedProtocol, OSError) as error:
            raise OutboundError(str(error) or type(error).__name__) from error
