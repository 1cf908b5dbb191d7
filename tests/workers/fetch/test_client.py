"""Requests to servers that do not mean well."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from workers.fetch import OutboundClient, OutboundError
from workers.fetch.addresses import is_public

Respond = Callable[[BaseHTTPRequestHandler], None]


@contextmanager
def server_that(respond: Respond) -> Iterator[tuple[str, list[str]]]:
    """Its address and the paths it was asked for."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            respond(self)

        def do_POST(self) -> None:
            asked.append(self.path)
            respond(self)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def answer(status: int, body: bytes = b"", **headers: str) -> Respond:
    def respond(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return respond


@pytest.fixture
def client() -> Iterator[OutboundClient]:
    """One that may reach this machine, as an operator can allow."""
    with OutboundClient(seconds=10, allowed_hosts=("127.0.0.1",)) as client:
        yield client


def test_an_answer_is_fetched_whole(client: OutboundClient) -> None:
    with server_that(answer(200, b"list" * 1000)) as (url, _):
        got = client.get(f"{url}/a.crl", limit=4000)
    assert (got.status, got.body) == (200, b"list" * 1000)


def test_what_is_sent_arrives(client: OutboundClient) -> None:
    seen = []

    def respond(handler: BaseHTTPRequestHandler) -> None:
        seen.append((handler.rfile.read(int(handler.headers["Content-Length"])), handler.headers["X-Signature"]))
        answer(202)(handler)

    with server_that(respond) as (url, _):
        assert client.post(f"{url}/hook", b"{}", {"X-Signature": "abc"}).status == 202
    assert seen == [(b"{}", "abc")]


def test_an_answer_past_the_limit_is_not_read_to_its_end(client: OutboundClient) -> None:
    with server_that(answer(200, b"x" * 4001)) as (url, _), pytest.raises(OutboundError, match="longer than 4000"):
        client.get(url, limit=4000)


def test_a_redirect_is_an_answer_and_is_not_followed(client: OutboundClient) -> None:
    with server_that(answer(302, Location="/elsewhere")) as (url, asked):
        assert client.get(f"{url}/a", limit=100).status == 302
        assert asked == ["/a"]


def test_this_machine_is_out_of_reach_unless_allowed() -> None:
    with server_that(answer(200)) as (url, asked), OutboundClient() as guarded:
        for address in (url, url.replace("127.0.0.1", "localhost"), url.replace("127.0.0.1", "[::ffff:127.0.0.1]")):
            with pytest.raises(OutboundError, match="not public"):
                guarded.get(address, limit=100)
        assert asked == []


def test_a_server_that_sends_a_byte_at_a_time_is_left_when_the_time_is_over() -> None:
    done = threading.Event()

    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.wfile.write(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not done.wait(0.05):
            handler.wfile.write(b"a")

    with server_that(drip) as (url, _), OutboundClient(seconds=0.5, allowed_hosts=("127.0.0.1",)) as hasty:
        try:
            with pytest.raises(OutboundError, match="in time"):
                hasty.get(url, limit=10**6)
        finally:
            done.set()


@pytest.mark.parametrize(
    "url",
    [
        "",
        "x",
        "ftp://a.example/a",
        "http://",
        "http:///a",
        "http://a:99999/",
        "http://é.example/",
        "file:///etc/passwd",
    ],
)
def test_what_is_no_address_of_http_is_refused(client: OutboundClient, url: str) -> None:
    with pytest.raises(OutboundError, match="is not an address"):
        client.get(url, limit=100)


def test_a_name_without_an_address_is_an_error_in_words(client: OutboundClient) -> None:
    with pytest.raises(OutboundError, match="cannot be resolved"):
        client.get("http://nothing.invalid/", limit=100)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("203.113.0.1", True),
        ("2405:4800::1", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("172.16.0.1", False),
        ("192.168.1.1", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("64:ff9b::10.0.0.1", False),
        ("64:ff9b::203.113.0.1", True),
        ("2002:0a00:0001::", False),
        ("nonsense", False),
    ],
)
def test_only_addresses_of_the_public_internet_are_public(address: str, *, public: bool) -> None:
    assert is_public(address) is public
