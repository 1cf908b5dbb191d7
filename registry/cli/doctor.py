"""`registry doctor`: does every part work, and if not, what to do."""

import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import typer
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from certs.names import display_name
from registry.certificates.counts_upkeep import count_anew, find_wrong_counts, sum_up
from registry.cli.common import AsJSON, echo_json
from registry.db.migrations import is_current
from registry.mail.smtp import MailError, MailServer, SMTPSender
from registry.queue import connect_redis
from registry.revocation.repository import find_lapsed_lists, find_newest_lists, find_sources
from registry.runtime import Runtime
from registry.settings import Settings
from registry.trust.repository import load_trust

app = typer.Typer(add_completion=False)

_CLOCK_TOLERANCE_SECONDS: Final = 2.0


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of one check."""

    part: str
    is_well: bool
    detail: str
    """What was found; when it is not well, what to do."""


@app.command(epilog="Example: registry doctor --json")
def run(*, as_json: AsJSON = False) -> None:
    """Check database, clock, trust anchors, CRLs, counts, queue, mail server and storage.

    Exit code 1 when something is wrong.
    """
    settings = Settings.from_environ()
    runtime = Runtime.build(settings)
    try:
        findings = tuple(_examine(runtime))
    finally:
        runtime.close()
    is_well = all(finding.is_well for finding in findings)
    if as_json:
        checks = [{"part": f.part, "ok": f.is_well, "detail": f.detail} for f in findings]
        echo_json({"ok": is_well, "checks": checks})
    else:
        for finding in findings:
            typer.echo(f"{'ok  ' if finding.is_well else 'FAIL'}  {finding.part:<10} {finding.detail}")
    if not is_well:
        raise typer.Exit(1)


def _examine(runtime: Runtime) -> Iterator[Finding]:
    checks: tuple[Callable[[Runtime], Finding], ...] = (
        _database,
        _clock,
        _anchors,
        _revocation_lists,
        _counts,
        _queue,
        _mail,
        _storage,
    )
    return (check(runtime) for check in checks)


def _database(runtime: Runtime) -> Finding:
    where = runtime.database.engine.url.render_as_string(hide_password=True)
    try:
        if is_current(runtime.database.engine):
            return Finding("database", True, f"{where} is at the newest revision")
    except SQLAlchemyError as error:
        return Finding("database", False, f"{where} does not answer: {_first_line(error)}")
    return Finding("database", False, f"{where} is not at the newest revision: run `registry migrate`")


def _clock(runtime: Runtime) -> Finding:
    """The host's clock against the database's, which is another host's where it matters."""
    engine = runtime.database.engine
    if engine.dialect.name == "sqlite":
        return Finding("clock", True, f"{runtime.clock.now().isoformat()}; the database is on this host")
    try:
        with engine.connect() as connection:
            theirs: datetime = connection.exec_driver_sql("SELECT clock_timestamp()").scalar_one()
    except SQLAlchemyError as error:
        return Finding("clock", False, f"the database's clock cannot be read: {_first_line(error)}")
    offset = abs((runtime.clock.now() - theirs.astimezone(UTC)).total_seconds())
    is_well = offset <= _CLOCK_TOLERANCE_SECONDS
    advice = "" if is_well else ": set the clocks of both hosts by NTP"
    return Finding("clock", is_well, f"{offset:.1f} s from the database's clock{advice}")


def _anchors(runtime: Runtime) -> Finding:
    try:
        with runtime.database.read() as uow:
            trust = load_trust(uow.session)
    except SQLAlchemyError as error:
        return Finding("trust", False, f"the anchors cannot be read: {_first_line(error)}")
    found = f"{len(trust.anchors)} anchors, {len(trust.intermediates)} intermediate CAs"
    if trust.anchors:
        return Finding("trust", True, found)
    return Finding("trust", False, f"{found}: no signature can be valid; see `registry trust --help`")


def _revocation_lists(runtime: Runtime) -> Finding:
    """Whether the newest CRL of each CA still speaks for today; one that was never fetched is no fault by itself."""
    try:
        with runtime.database.read() as uow:
            held = find_newest_lists(uow.session)
            lapsed = find_lapsed_lists(uow.session, uow.now)
            failing = [source for source in find_sources(uow.session) if source.failure is not None]
    except SQLAlchemyError as error:
        return Finding("crls", False, f"the CRLs cannot be read: {_first_line(error)}")
    if lapsed:
        named = "; ".join(f"{display_name(each.authority)} since {each.next_update:%Y-%m-%d}" for each in lapsed)
        why = f" ({failing[0].url}: {_first_line_of(failing[0].failure)})" if failing else ""
        return Finding("crls", False, f"lapsed: {named}; run `registry trust fetch`{why}")
    if not held:
        return Finding("crls", True, "none is held yet; `registry trust fetch` fetches those that certificates name")
    return Finding("crls", True, f"the newest of {len({each.authority_sha256 for each in held})} CAs are current")


def _counts(runtime: Runtime) -> Finding:
    """The kept counts against the certificates themselves; what is wrong is counted anew at once."""
    try:
        with runtime.database.read() as uow:
            wrong = find_wrong_counts(uow)
        with runtime.database.write() as uow:
            if wrong:
                count_anew(uow)
            else:
                sum_up(uow)
    except SQLAlchemyError as error:
        return Finding("counts", False, f"the counts of the pages cannot be compared: {_first_line(error)}")
    if not wrong:
        return Finding("counts", True, "the kept counts are those of the certificates")
    advice = "were kept with wrong counts and have been counted anew: if it happens again, somebody changes the tables"
    return Finding("counts", False, f"{wrong} agencies or days {advice} by hand")


def _queue(runtime: Runtime) -> Finding:
    client = connect_redis(runtime.settings.resolved_redis_url)
    try:
        client.ping()
    except RedisError as error:
        return Finding("queue", False, f"Redis does not answer: {_first_line(error)}")
    finally:
        client.close()
    return Finding("queue", True, "Redis answers")


def _mail(runtime: Runtime) -> Finding:
    try:
        server = MailServer.parse(runtime.settings.smtp_url)
        with SMTPSender(server, timeout_seconds=10) as sender:
            sender.check()
    except ValueError as error:
        return Finding("mail", False, f"REGISTRY_SMTP_URL: {error}")
    except MailError as error:
        return Finding("mail", False, f"the mail server does not answer: {error}")
    return Finding("mail", True, f"{server.host}:{server.port} answers ({server.security})")


def _storage(runtime: Runtime) -> Finding:
    directory = runtime.settings.blob_dir
    try:
        directory.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=directory) as file:
            file.write(b"x")
    except OSError as error:
        return Finding("storage", False, f"{directory} cannot be written: {error.strerror}")
    return Finding("storage", True, f"{directory} can be written")


def _first_line(error: Exception) -> str:
    return _first_line_of(str(error)) or type(error).__name__


def _first_line_of(text: str | None) -> str:
    return next(iter((text or "").splitlines()), "")
