"""Headless Chromium on a live server with the demonstration province."""

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import uvicorn
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from certs.containers import Found, read_certificates
from certs.validation import Evidence, ValidationPolicy, report_as_json, validate_document
from registry.clock import SystemClock, local_day
from registry.db.migrations import migrate
from registry.demo.mailbox import Mailbox
from registry.demo.province import fill
from registry.jobs import ValidateDocumentJob
from registry.runtime import Runtime
from registry.settings import Settings
from registry.verifications.service import claim_verification, record_report
from registry.web.app import create_app
from tests.fakes.queue import RecordingQueue

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass(frozen=True)
class Site:
    url: str
    runtime: Runtime
    queue: RecordingQueue

    @property
    def documents(self) -> Path:
        return self.runtime.settings.data_dir / "documents"

    def judge_what_waits(self) -> None:
        """Do the worker's part for every document that was handed in."""
        authorities = [path.read_bytes() for path in sorted((self.documents / "chung-thu").glob("*DEMO*.cer"))]
        authorities += [path.read_bytes() for path in sorted((self.documents / "chung-thu").glob("*-demo-*.cer"))]
        found = [one for data in authorities for one in read_certificates(data, file_name="a.cer")]
        evidence = Evidence.from_der(trust=[one.certificate.der for one in found if isinstance(one, Found)])
        policy = ValidationPolicy()
        # The queue is everybody's: a test before may have left jobs of other kinds in it.
        for job in [each for each in self.queue.take() if isinstance(each, ValidateDocumentJob)]:
            with self.runtime.database.write() as uow:
                claim = claim_verification(uow, job.verification_id, lease=timedelta(minutes=1), policy=policy)
            assert claim is not None
            data = self.runtime.blobs.read(claim.sha256)
            report = validate_document(data, policy=policy, evidence=evidence, at=self.runtime.clock.now())
            reports = {language: report_as_json(report, language) for language in ("vi", "en")}
            with self.runtime.database.write() as uow:
                record_report(uow, claim, reports, elapsed=timedelta(milliseconds=100))


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = Settings(
        data_dir=tmp_path_factory.mktemp("site"),
        public_url=f"http://127.0.0.1:{port}",
        verification_wait_seconds=0.0,
    )
    queue = RecordingQueue()
    runtime = Runtime.build(settings, queue=queue)
    migrate(runtime.database.engine)
    fill(runtime, today=local_day(SystemClock().now()))
    mail = b"From: so@tinh.example\r\nTo: syt@bacgiang.example\r\nSubject: Expiry\r\n\r\n2 certificates expire.\r\n"
    Mailbox(settings.data_dir / "mail").keep(mail, at=SystemClock().now())
    server = uvicorn.Server(uvicorn.Config(create_app(runtime), port=port, log_config=None))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    waiting = threading.Event()
    while not server.started and thread.is_alive():
        waiting.wait(0.05)
    yield Site(f"http://127.0.0.1:{port}", runtime, queue)
    server.should_exit = True
    thread.join(20)
    runtime.close()


@pytest.fixture(scope="package")
def chromium(site: Site) -> Iterator[Browser]:
    """Started after the site is filled and closed with this package: while it runs, no `asyncio.run` (as in pyHanko) works."""
    del site
    executable = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if executable is None:
        if os.environ.get("CI"):
            pytest.fail("Chromium is not installed; the browser tests must run here")
        pytest.skip("Chromium is not installed")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=ARGUMENTS)
        yield browser
        browser.close()


def is_trouble(message: ConsoleMessage) -> bool:
    """Errors of scripts and of the policy; an answer such as 422 is what a test asked for."""
    return message.type == "error" and "the server responded with a status" not in message.text


OpenPage = Callable[..., Page]


@pytest.fixture
def open_page(chromium: Browser, site: Site) -> Iterator[OpenPage]:
    """Open a page of a new visitor; errors of its scripts and of its policy fail the test."""
    contexts, troubles = [], []

    def open_one(
        path: str = "/", *, username: str | None = None, width: int = 1366, dark: bool = False, **more: object
    ) -> Page:
        context = chromium.new_context(
            base_url=site.url,
            viewport={"width": width, "height": 768},
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce",
            locale="vi-VN",
            **more,
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda message: troubles.append(message.text) if is_trouble(message) else None)
        if username is not None:
            page.goto("/login")
            page.fill("#username", username)
            page.fill("#password", f"{username}-demo")
            page.click("form[action='/login'] button")
        page.goto(path)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert troubles == []
