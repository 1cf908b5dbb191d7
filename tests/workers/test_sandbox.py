"""Judging where a stranger's file can do no harm."""

import socket
from datetime import UTC, datetime
from pathlib import Path

import pytest

from registry.bounded import BoundedPool, Bounds, Failure
from registry.trust.schemas import Trust
from workers.sandbox import JudgeStopped, Sandbox

NOW = datetime(2026, 11, 23, tzinfo=UTC)
NO_TRUST = Trust((), ())


@pytest.fixture
def sandbox():
    sandbox = Sandbox(seconds=20, memory_bytes=700 * 1024**2, revocation="warn")
    yield sandbox
    sandbox.close()


def test_a_document_is_judged_in_both_languages(sandbox: Sandbox, corpus: Path) -> None:
    reports, elapsed = sandbox.judge(corpus / "vn" / "222-ttg.signed.pdf", NO_TRUST, at=NOW)
    assert set(reports) == {"vi", "en"}
    assert reports["vi"]["signatures"][0]["sub_indication"] == "NO_CERTIFICATE_CHAIN_FOUND"
    assert reports["vi"]["message"] != reports["en"]["message"]
    assert elapsed.total_seconds() > 0


def test_what_is_no_pdf_is_unreadable(sandbox: Sandbox, tmp_path: Path) -> None:
    path = tmp_path / "a.pdf"
    path.write_bytes(b"not a PDF")
    reports, _ = sandbox.judge(path, NO_TRUST, at=NOW)
    assert reports["vi"]["conclusion"] == "unreadable"


def test_a_judge_past_its_time_is_stopped_and_the_next_document_is_judged(corpus: Path, tmp_path: Path) -> None:
    import os

    endless = tmp_path / "endless.pdf"
    os.mkfifo(endless)  # reading it waits for ever
    sandbox = Sandbox(seconds=0.5, memory_bytes=700 * 1024**2, revocation="warn")
    try:
        with pytest.raises(JudgeStopped) as stopped:
            sandbox.judge(endless, NO_TRUST, at=NOW)
        assert stopped.value.failure is Failure.TIME
        path = tmp_path / "a.pdf"
        path.write_bytes(b"not a PDF")
        assert sandbox.judge(path, NO_TRUST, at=NOW)[0]["vi"]["conclusion"] == "unreadable"
    finally:
        sandbox.close()


class Knocker:
    """A task that tries to reach somebody, after its process was isolated."""

    def __init__(self, port: int) -> None:
        from workers.judge import isolate_process

        isolate_process()
        self._port = port

    def __call__(self, way: str) -> str:
        import _socket

        try:
            if way == "name":
                socket.getaddrinfo("example.org", 80)
            elif way == "program":
                import os

                os.system("true")
            else:
                _socket.socket().connect(("127.0.0.1", self._port))
        except OSError as error:
            return type(error).__name__
        return "reached"


@pytest.mark.parametrize("way", ["address", "name", "program"])
def test_the_judge_reaches_nobody_and_starts_nothing(way: str) -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        BoundedPool[str, str](f"{__name__}:Knocker", server.getsockname()[1], bounds=Bounds(wall_seconds=20)) as pool,
    ):
        assert pool.run(way).value == "PermissionError"


def test_native_code_reaches_nobody_where_the_kernel_allows_it() -> None:
    """The same through libc alone, which no audit hook sees."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        bounds = Bounds(wall_seconds=20)
        with BoundedPool[str, int](f"{__name__}:NativeKnocker", server.getsockname()[1], bounds=bounds) as pool:
            outcome = pool.run("")
    if outcome.value == -1:
        pytest.skip("this system lets no process have a network of its own")
    assert outcome.value != 0


class NativeKnocker:
    def __init__(self, port: int) -> None:
        from workers.judge import isolate_process

        network = Path("/proc/self/ns/net")
        before = network.readlink()
        isolate_process()
        self._is_isolated = network.readlink() != before
        self._port = port

    def __call__(self, payload: str) -> int:
        """The error number of connect(2); -1 without a network of its own."""
        import ctypes
        import struct

        del payload
        if not self._is_isolated:
            return -1
        libc = ctypes.CDLL(None, use_errno=True)
        descriptor = libc.socket(2, 1, 0)
        address = struct.pack("=HH4s8x", 2, socket.htons(self._port), socket.inet_aton("127.0.0.1"))
        return ctypes.get_errno() if libc.connect(descriptor, address, len(address)) else 0
