"""Which addresses a request may go to: public ones, and the hosts that the operator named."""

import ipaddress
import socket
from collections.abc import Collection, Iterable
from typing import Any

import httpcore2

from workers.fetch.deadline import BoundedStream, remaining

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")


class InsideAddress(httpcore2.ConnectError):
    """The name leads to an address that is not public."""


class GuardedBackend(httpcore2.NetworkBackend):
    """Connects to public addresses only.

    The name is resolved here, once, and the connection goes to an address that was looked at: a name server that
    answers differently the second time gains nothing. `allowed_hosts` may lead anywhere.
    """

    def __init__(self, allowed_hosts: Collection[str] = ()) -> None:
        self._allowed = frozenset(host.lower() for host in allowed_hosts)
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        """Connect to the first address that answers. Raises `InsideAddress` when any of them is not public."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore2.ConnectError(f"the name {host} cannot be resolved") from error
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if host.lower() not in self._allowed and not all(map(is_public, addresses)):
            raise InsideAddress(f"{host} leads to an address that is not public")
        failure: Exception | None = None
        for address in addresses:
            try:
                stream = self._backend.connect_tcp(address, port, remaining(timeout), local_address, socket_options)
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
            else:
                return BoundedStream(stream)
        raise failure or httpcore2.ConnectError(f"the name {host} has no address")

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore2.NetworkStream:
        """Refused: a socket file is inside by definition."""
        del timeout, socket_options
        raise InsideAddress(f"{path} is not public")

    def sleep(self, seconds: float) -> None:
        """Wait, between attempts."""
        self._backend.sleep(seconds)


def is_public(text: str) -> bool:
    """Whether an address is one of the public internet, also inside the forms in which IPv6 carries IPv4."""
    try:
        address: Address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address):
        carried = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if address in _NAT64:
            carried = ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
        if carried is not None:
            return is_public(str(carried))
    return address.is_global and not address.is_multicast
