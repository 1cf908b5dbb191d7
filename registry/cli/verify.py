"""`registry verify`: judge signed PDF documents, without a database or a server."""

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Final, NamedTuple

import typer

from registry.bounded import BoundedPool, Failure, Outcome, StartFailed
from registry.clock import VIETNAM, SystemClock
from registry.judge_settings import JUDGE_FILE, JudgeSettings, NamedFiles

MAXIMUM_BYTES: Final = 256 * 1024 * 1024
"""The largest file that fits into the memory a child may take; the largest seen in practice had a tenth of it."""
JSON = dict[str, Any]


class Revocation(StrEnum):
    """What missing revocation evidence means."""

    REQUIRED = "required"
    WARN = "warn"


class Language(StrEnum):
    """Language of the sentences."""

    VI = "vi"
    EN = "en"


app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

_SENTENCES: Final[dict[str, tuple[str, str]]] = {
    "ask": (
        "Đề nghị nơi gửi cung cấp tệp PDF đọc được.",
        "Ask the sender for a readable PDF.",
    ),
    "look": (
        "Hãy kiểm tra lại đường dẫn và quyền đọc tệp rồi kiểm tra lại.",
        "See whether the path is right and the file may be read, and try again.",
    ),
    "shrink": (
        "Hãy chuyển tệp này cho cán bộ kỹ thuật, hoặc đề nghị nơi gửi cung cấp bản nhỏ hơn.",
        "Hand the file to the IT staff, or ask the sender for a smaller one.",
    ),
    "stamp": ("dấu thời gian", "time-stamp"),
    "claim": ("thời gian người ký khai (chưa có bằng chứng)", "time claimed by the signer (unproven)"),
    "missing": ("Không có tệp này.", "There is no such file."),
    "directory": ("Đây là thư mục; hãy chỉ ra từng tệp PDF.", "This is a directory; name the PDF files."),
    "unreadable": ("Không được phép đọc tệp này.", "This file may not be read."),
    "large": (
        "Tệp lớn hơn giới hạn {limit} MB nên không được kiểm tra.",
        "The file is larger than the limit of {limit} MB and was not judged.",
    ),
    Failure.TIME: (
        "Tệp quá phức tạp để kiểm tra trong giới hạn thời gian cho phép. Không được coi là hợp lệ.",
        "The file is too complex to judge within the time allowed. Do not treat it as valid.",
    ),
    Failure.MEMORY: (
        "Tệp quá phức tạp để kiểm tra trong giới hạn bộ nhớ cho phép. Không được coi là hợp lệ.",
        "The file is too complex to judge within the memory allowed. Do not treat it as valid.",
    ),
    Failure.CRASH: (
        "Chương trình không đọc được tệp này nên không kết luận. Không được coi là hợp lệ.",
        "The program could not read this file and says nothing about it. Do not treat it as valid.",
    ),
}

_WORDS: Final = {
    "valid": ("HỢP LỆ", "VALID"),
    "invalid": ("KHÔNG HỢP LỆ", "INVALID"),
    "indeterminate": ("CHƯA XÁC ĐỊNH", "UNDETERMINED"),
    "unsigned": ("KHÔNG CÓ CHỮ KÝ SỐ", "NOT SIGNED"),
    "unreadable": ("KHÔNG ĐỌC ĐƯỢC", "UNREADABLE"),
}


@app.command()
def verify(
    paths: Annotated[list[Path], typer.Argument(metavar="PATH...", help="PDF files to judge.")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line and file.")] = False,
    at: Annotated[
        str | None,
        typer.Option(help="Judge as of this time (ISO 8601; without a zone it is Viet Nam time). Default: now."),
    ] = None,
    trust: Annotated[
        list[Path] | None,
        typer.Option(
            help="Certificates to trust: a self-signed one is an anchor, any other only helps to build paths."
        ),
    ] = None,
    ca: Annotated[list[Path] | None, typer.Option(help="CA certificates that help to build paths.")] = None,
    crl: Annotated[list[Path] | None, typer.Option(help="Certificate revocation lists (DER or PEM).")] = None,
    ocsp: Annotated[list[Path] | None, typer.Option(help="OCSP responses (DER).")] = None,
    revocation: Annotated[
        Revocation, typer.Option(help="Missing revocation evidence: a warning, or INDETERMINATE.")
    ] = Revocation.WARN,
    password: Annotated[str | None, typer.Option(help="Password that opens the documents.")] = None,
    lang: Annotated[Language, typer.Option(help="Language of the sentences.")] = Language.VI,
) -> None:
    """Judge signed PDF documents; exit code 0 when every one is valid, else 1.

    Example: registry verify --trust rootca.crt --trust rootcag2.crt --ca cpcag2.crt decision.pdf
    """
    held = _registered()
    settings = JudgeSettings(
        at=_parse_time(at),
        revocation=revocation.value,
        password=password,
        language=lang.value,
        trust=(*held.anchors, *_read(trust)),
        certificates=(*held.intermediates, *_read(ca)),
        crls=(*held.crls, *_read(crl)),
        ocsp_responses=_read(ocsp),
    )
    is_all_valid = True
    try:
        for report in _judge_all(paths, settings, lang):
            is_all_valid &= report["conclusion"] == "valid"
            typer.echo(json.dumps(report, ensure_ascii=False) if as_json else as_text(report, lang))
    except StartFailed as error:
        typer.echo(f"The evidence cannot be used: {error}", err=True)
        raise typer.Exit(2) from error
    if not is_all_valid:
        raise typer.Exit(1)


def _parse_time(text: str | None) -> datetime:
    if text is None:
        return SystemClock().now()
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise typer.BadParameter(
            f"{text!r} is not a time; write 2026-11-23 or 2026-11-23T14:05:00+07:00", param_hint="--at"
        ) from error
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=VIETNAM)


def _read(paths: list[Path] | None) -> NamedFiles:
    """The contents of evidence files; a missing one is wrong use, for its absence would change every answer."""
    found: list[tuple[str, bytes]] = []
    for path in paths or []:
        try:
            found.append((path.name, path.read_bytes()))
        except OSError as error:
            raise typer.BadParameter(f"{path}: {error.strerror}") from error
    return tuple(found)


class _Held(NamedTuple):
    """What the register of this machine holds for judging."""

    anchors: NamedFiles = ()
    intermediates: NamedFiles = ()
    crls: NamedFiles = ()


def _registered() -> _Held:
    """The anchors, CA certificates and CRLs of the register, when this machine has one; nothing otherwise."""
    # Only a look at whether there is a register: reading the settings takes as long as judging a document.
    database = Path(os.environ.get("REGISTRY_DATA_DIR") or "var/registry") / "registry.db"
    if not os.environ.get("REGISTRY_DATABASE_URL") and not database.is_file():
        return _Held()
    from sqlalchemy.exc import SQLAlchemyError  # noqa: PLC0415
    from sqlmodel import Session  # noqa: PLC0415

    from registry.blobs import FileBlobStore  # noqa: PLC0415
    from registry.db.engine import create_database_engine  # noqa: PLC0415
    from registry.revocation.repository import load_evidence  # noqa: PLC0415
    from registry.settings import Settings  # noqa: PLC0415
    from registry.trust.repository import load_trust  # noqa: PLC0415

    settings = Settings.from_environ()
    engine = create_database_engine(settings.resolved_database_url)
    try:
        with Session(engine) as session:
            trust = load_trust(session)
            lists = load_evidence(session)
    except SQLAlchemyError:
        typer.echo("The CA certificates of the register are left out: its database cannot be read.", err=True)
        return _Held()
    finally:
        engine.dispose()
    blobs = FileBlobStore(settings.blob_dir)
    return _Held(
        tuple(("the register", der) for der in trust.anchors),
        tuple(("the register", der) for der in trust.intermediates),
        _read([path for path in map(blobs.path, lists) if path.is_file()]),
    )


def _judge_all(paths: list[Path], settings: JudgeSettings, lang: Language) -> Iterator[JSON]:
    """One report for each path, in the order given, each as soon as all before it are there."""
    refused = {index: refusal for index, path in enumerate(paths) if (refusal := _refusal(path, lang)) is not None}
    judged = [index for index in range(len(paths)) if index not in refused]
    finished: dict[int, JSON] = {index: _unreadable(paths[index], *refusal) for index, refusal in refused.items()}
    workers = min(len(judged), os.cpu_count() or 1)
    following = 0
    with BoundedPool[str, JSON](JUDGE_FILE, settings, workers=workers) as pool, _progress(len(paths)) as advance:
        advance(len(refused))
        for outcome in pool.map(str(paths[index]) for index in judged):
            index = judged[outcome.index]
            finished[index] = _report(paths[index], outcome, lang)
            advance(1)
            while following in finished:
                yield finished.pop(following)
                following += 1
    while following in finished:
        yield finished.pop(following)
        following += 1


@contextmanager
def _progress(total: int) -> Iterator[Callable[[int], None]]:
    """A bar on standard error when somebody watches more than one file."""
    if total < 2 or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # noqa: PLC0415 - a tenth of a second that one file should not wait for
    from rich.progress import Progress  # noqa: PLC0415

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("registry verify", total=total)
        yield lambda count: bar.advance(task, count)


def _refusal(path: Path, lang: Language) -> tuple[str, str] | None:
    """Why a path cannot be judged, and what to do; None when it can."""
    if path.is_dir():
        return _say("directory", lang), _say("look", lang)
    try:
        size = path.stat().st_size
    except OSError:
        return _say("missing", lang), _say("look", lang)
    if size > MAXIMUM_BYTES:
        return _say("large", lang).format(limit=MAXIMUM_BYTES // 1024**2), _say("shrink", lang)
    return None if os.access(path, os.R_OK) else (_say("unreadable", lang), _say("look", lang))


def _report(path: Path, outcome: Outcome[str, JSON], lang: Language) -> JSON:
    if outcome.value is not None:
        report = outcome.value
        return {"file": str(path), **report}
    return {
        **_unreadable(path, _say(outcome.failure or Failure.CRASH, lang), _say("ask", lang)),
        "elapsed_ms": round(outcome.seconds * 1000, 3),
    }


def _unreadable(path: Path, reason: str, advice: str) -> JSON:
    digest, size = _digest(path)
    return {
        "file": str(path),
        "sha256": digest,
        "bytes": size,
        "conclusion": "unreadable",
        "message": reason,
        "what_to_do": advice,
        "warnings": [],
        "elapsed_ms": 0.0,
        "signatures": [],
    }


def _digest(path: Path) -> tuple[str | None, int | None]:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), path.stat().st_size
    except OSError:
        return None, None


def _say(key: str, lang: Language) -> str:
    return _SENTENCES[key][lang is Language.EN]


def as_text(report: JSON, lang: Language) -> str:
    """A report for a person at a terminal. Times are shown in Viet Nam time with their offset."""
    is_english = lang is Language.EN
    lines = [
        f"{report['file']}: {_WORDS[report['conclusion']][is_english]}",
        f"  {report['message']}",
        f"  → {report['what_to_do']}",
    ]
    for signature in report["signatures"]:
        status = signature["indication"] + (f" ({signature['sub_indication']})" if signature["sub_indication"] else "")
        lines.append(f"  • {signature['field']}: {signature['signer'] or '?'}: {status}, {signature['integrity']}")
        stamp, claim = signature["timestamp"], signature["claimed_signing_time"]
        if stamp is not None:
            lines.append(f"      {_say('stamp', lang)}: {_shown(stamp)}")
        elif claim is not None:
            lines.append(f"      {_say('claim', lang)}: {_shown(claim)}")
        # Further signatures and validation data are what every document of several signers shows: not worth a line.
        if signature["integrity"] in ("changed", "changed_permitted"):
            lines.extend(f"      {'+' if c['permitted'] else '!'} {c['what']}" for c in signature["changes"])
    lines.extend(f"  ! {warning.partition(': ')[2]}" for warning in report["warnings"])
    return "\n".join(lines)


def _shown(time: str) -> str:
    return datetime.fromisoformat(time).astimezone(VIETNAM).strftime("%d/%m/%Y %H:%M:%S +07:00")
