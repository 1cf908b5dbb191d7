"""One judgement of one document, as it runs inside a bounded child process; the command line and the workers share it.

Nothing here knows a database or a web. A `JudgeSettings` travels to the child once, then paths or bytes.
"""

import logging
import re
import time
from base64 import b64decode
from binascii import Error as BadBase64
from pathlib import Path

from certs.containers import Found, Refused, read_certificates
from certs.path import RevocationEvidence, load_certificate
from certs.validation import (
    Evidence,
    RevocationRule,
    ValidationPolicy,
    ValidationReport,
    validate_document,
)
from registry.judge_settings import JudgeSettings, NamedFiles

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.+?)-----END \1-----", re.DOTALL)


class UnusableEvidence(Exception):
    """A file given as evidence cannot be used; the text names the file and the reason."""


class Judge:
    """Judges documents under one setting. Raises `UnusableEvidence` when it is made with evidence it cannot read."""

    def __init__(self, settings: JudgeSettings) -> None:
        # The path library logs every chain it rejects; here that is a verdict, not an event.
        logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
        logging.getLogger("pikepdf").setLevel(logging.CRITICAL)
        self._settings = settings
        self._policy = ValidationPolicy(revocation=RevocationRule(settings.revocation))
        self._evidence = Evidence.from_der(
            trust=_certificates(settings.trust),
            certificates=_certificates(settings.certificates),
        )
        revocation = RevocationEvidence(
            frozenset(der for _, data in settings.crls for der in _ders(data)),
            frozenset(der for _, data in settings.ocsp_responses for der in _ders(data)),
        )
        self._evidence = Evidence(self._evidence.anchors, self._evidence.certificates, revocation)

    def judge(self, data: bytes) -> ValidationReport:
        """The report on one document."""
        settings = self._settings
        return validate_document(
            data,
            policy=self._policy,
            evidence=self._evidence,
            at=settings.at,
            password=settings.password,
        )


class JudgeBytes:
    """Judges a document given as bytes and answers with the JSON of its report."""

    def __init__(self, settings: JudgeSettings) -> None:
        self._language = settings.language
        self._judge = Judge(settings)

    def __call__(self, data: bytes) -> dict[str, object]:
        """The report as JSON."""
        return dict(self._judge.judge(data).as_json(self._language))


class JudgeFile:
    """Judges the file at a path and answers with the JSON of its report and the milliseconds it took."""

    def __init__(self, settings: JudgeSettings) -> None:
        self._judge = JudgeBytes(settings)

    def __call__(self, path: str) -> dict[str, object]:
        """The report as JSON. Raises `OSError` when the file cannot be read."""
        start = time.perf_counter()
        report = self._judge(Path(path).read_bytes())
        return {**report, "elapsed_ms": round((time.perf_counter() - start) * 1000, 3)}


def _certificates(files: NamedFiles) -> list[bytes]:
    found: list[bytes] = []
    for name, data in files:
        for finding in read_certificates(data, file_name=name):
            match finding:
                case Found():
                    found.append(finding.certificate.der)
                case Refused():
                    raise UnusableEvidence(f"{finding.place}: {finding.reason.text('en')}")
    for der in found:
        load_certificate(der)
    return found


def _ders(data: bytes) -> list[bytes]:
    """DER as it is, or the blocks of a PEM file."""
    blocks = _PEM.findall(data)
    if not blocks:
        return [data]
    try:
        return [b64decode(body) for _, body in blocks]
    except BadBase64 as error:
        raise UnusableEvidence(str(error)) from error
