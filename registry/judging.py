"""The judgement of one file, as `registry verify` runs it inside a bounded child process.

Nothing here knows a database or a web. A `JudgeSettings` travels to the child once, then one path after another.
"""

import logging
import re
import time
from base64 import b64decode
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.x509 import ocsp

from certs.containers import Found, Refused, read_certificates
from certs.path import load_certificate
from certs.validation import (
    Evidence,
    RevocationRule,
    ValidationPolicy,
    report_as_json,
    validate_document,
)
from registry.judge_settings import JudgeSettings, NamedFiles

_PEM = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----(.+?)-----END \1-----", re.DOTALL)


class UnusableEvidence(Exception):
    """A file given as evidence cannot be used; the text names the file and the reason."""


class JudgeFile:
    """Judges the file at a path and answers with the JSON of its report and the milliseconds it took.

    Raises `UnusableEvidence` when it is made with evidence it cannot read.
    """

    def __init__(self, settings: JudgeSettings) -> None:
        # The path library logs every chain it rejects; here that is a verdict, not an event.
        logging.getLogger("pyhanko_certvalidator").setLevel(logging.CRITICAL)
        logging.getLogger("pikepdf").setLevel(logging.CRITICAL)
        self._settings = settings
        self._policy = ValidationPolicy(revocation=RevocationRule(settings.revocation))
        self._evidence = Evidence.from_der(
            trust=_certificates(settings.trust),
            certificates=_certificates(settings.certificates),
            crls=_revocation_data(settings.crls, x509.load_der_x509_crl, "a CRL"),
            ocsp_responses=_revocation_data(settings.ocsp_responses, ocsp.load_der_ocsp_response, "an OCSP response"),
        )

    def __call__(self, path: str) -> dict[str, Any]:
        """The report as JSON. Raises `OSError` when the file cannot be read."""
        start = time.perf_counter()
        report = validate_document(
            Path(path).read_bytes(),
            policy=self._policy,
            evidence=self._evidence,
            at=self._settings.at,
            password=self._settings.password,
        )
        answer = report_as_json(report, self._settings.language)
        return {**answer, "elapsed_ms": round((time.perf_counter() - start) * 1000, 3)}


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


def _revocation_data(files: NamedFiles, load: Callable[[bytes], object], kind: str) -> list[bytes]:
    """The DER of each file, or of each block of a PEM file; what is nothing of the kind was given by mistake."""
    found: list[bytes] = []
    for name, data in files:
        blocks = _PEM.findall(data)
        try:
            ders = [b64decode(body) for _, body in blocks] if blocks else [data]
            for der in ders:
                load(der)
        except ValueError as error:
            raise UnusableEvidence(f"{name} is not {kind}") from error
        found.extend(ders)
    return found
