"""The judge as it runs in a child process, cut off from the network: the one place that reads a stranger's PDF."""

import ctypes
import logging
import os
import sys
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from certs.validation import Evidence, RevocationRule, ValidationPolicy, report_as_json, validate_document

FACTORY = f"{__name__}:IsolatedJudge"
"""For `registry.bounded.BoundedPool`."""

LANGUAGES = ("vi", "en")

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_FORBIDDEN = frozenset(
    {
        "socket.connect",
        "socket.bind",
        "socket.sendto",
        "socket.sendmsg",
        "socket.getaddrinfo",
        "socket.gethostbyname",
        "os.exec",
        "os.fork",
        "os.forkpty",
        "os.posix_spawn",
        "os.spawn",
        "os.system",
        "subprocess.Popen",
    }
)
"""Audit events (PEP 578) of what judging never needs."""


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What all judgements of one child share."""

    revocation: str
    anchors: tuple[bytes, ...] = field(repr=False)
    intermediates: tuple[bytes, ...] = field(repr=False)
    revocation_lists: tuple[str, ...] = field(default=(), repr=False)
    """Paths of CRLs in DER."""


@dataclass(frozen=True, slots=True)
class Question:
    """One document, judged as of one time."""

    path: str
    at: datetime


class IsolatedJudge:
    """Answers with the JSON of the report in each language. Making one cuts its whole process off from the network."""

    def __init__(self, circumstances: Circumstances) -> None:
        isolate_process()
        for noisy in ("pyhanko_certvalidator", "pikepdf"):
            logging.getLogger(noisy).setLevel(logging.CRITICAL)
        self._policy = ValidationPolicy(revocation=RevocationRule(circumstances.revocation))
        self._evidence = Evidence.from_der(
            trust=circumstances.anchors,
            certificates=circumstances.intermediates,
            crls=(Path(path).read_bytes() for path in circumstances.revocation_lists),
        )

    def __call__(self, question: Question) -> dict[str, dict[str, Any]]:
        """The report by language. Raises `OSError` when the document cannot be read from the disk."""
        data = Path(question.path).read_bytes()
        report = validate_document(data, policy=self._policy, evidence=self._evidence, at=question.at)
        return {language: report_as_json(report, language) for language in LANGUAGES}


def isolate_process() -> None:
    """Give up the network and the start of programs, for this process and for good.

    Where the kernel allows it (as root, or with user name spaces) the process moves into a network of its own that
    leads nowhere, which binds native code too. In every case Python's own calls for sockets and programs are refused;
    alone that stops accidents and our libraries, not machine code that took over the process.
    """
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(_CLONE_NEWNET) != 0:
        libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET)
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: object) -> None:
    del arguments
    if event in _FORBIDDEN:
        raise PermissionError(f"{event} is not allowed where documents are judged (process {os.getpid()})")
