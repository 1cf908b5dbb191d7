"""The verdict against its peers: a table for each file, then speed, linearity, size and exhaustion.

    python -m tests.benchmarks verdict [--no-peers] [--no-synthetic] [--repeat N]

Ours is timed warm on one core, best of N; pyHanko in the same process (once: it is slow); pdfsig as one process a file,
the way it is used. Times are milliseconds. Nothing is asserted.
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import io
import json
import logging
import os
import platform
import shutil
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from asn1crypto import pem

from certs.validation import Conclusion, Evidence, ValidationPolicy, validate_document

CORPUS = Path(__file__).resolve().parents[3] / "shared" / "corpus"
AT = datetime(2026, 11, 23, tzinfo=UTC)
ACCEPTED = ("intact", "changed_permitted")


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks verdict")
    parser.add_argument("--no-peers", action="store_true", help="leave out pyHanko and pdfsig")
    parser.add_argument("--no-synthetic", action="store_true", help="leave out the files that are made for the purpose")
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    print(describe_machine())
    if CORPUS.is_dir():
        run_corpus(with_peers=not options.no_peers, repeat=options.repeat)
    else:
        print("The public sample data is not beside the project (../shared/corpus); only synthetic files are judged.")
    if not options.no_synthetic:
        run_synthetic(with_peers=not options.no_peers)


def describe_machine():
    model = next(
        (line.split(":", 1)[1].strip() for line in cpu_info() if line.startswith("model name")), platform.machine()
    )
    libraries = ", ".join(f"{name} {version(name)}" for name in ("cryptography", "pikepdf", "asn1crypto", "pyhanko"))
    pdfsig = "pdfsig absent"
    if shutil.which("pdfsig"):
        done = subprocess.run(["pdfsig", "-v"], capture_output=True, text=True, check=False)
        pdfsig = (done.stderr or done.stdout).splitlines()[0]
    return f"{model}, {os.cpu_count()} cores; Python {platform.python_version()}; {libraries}; {pdfsig}"


def cpu_info():
    try:
        return Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return []


# --- the labelled corpus ----------------------------------------------------------------------------------------------


def load_evidence():
    def certificate(path):
        data = path.read_bytes()
        return pem.unarmor(data)[2] if pem.detect(data) else data

    return Evidence.from_der(trust=[certificate(path) for path in sorted((CORPUS / "ca").iterdir())])


def run_corpus(*, with_peers, repeat):
    evidence = load_evidence()
    judges = {"ours": lambda data, _: judge_ours(data, evidence)}
    if with_peers:
        judges["pyhanko"] = lambda data, _: judge_pyhanko(data)
        if shutil.which("pdfsig"):
            judges["pdfsig"] = lambda _, path: judge_pdfsig(path)
    totals = {name: Total() for name in judges}
    print(f"\n{'file':62} {'label':7}" + "".join(f" {name:>20}" for name in judges))
    for folder in ("vn", "pdf"):
        for row in json.loads((CORPUS / folder / "labels.json").read_text()):
            path = CORPUS / folder / row["file"]
            data = path.read_bytes()
            cells = []
            for name, judge in judges.items():
                answer, elapsed = timed(lambda: judge(data, path), repeat if name == "ours" else 1)  # noqa: B023
                mark = totals[name].add(row["acceptable"], answer, elapsed)
                cells.append(f" {answer:>7} {elapsed:10.1f}{mark or '':>2}")
            label = {True: "good", False: "bad", None: "open"}[row["acceptable"]]
            print(f"{row['file'][:62]:62} {label:7}" + "".join(cells), flush=True)
    print("\nA = false accept, R = false reject, X = crash\n")
    ours = totals["ours"]
    for name, total in totals.items():
        ratio = "" if name == "ours" else f"; ours is {total.seconds / ours.seconds:.1f} times as fast"
        print(f"{name:8} {total}{ratio}")


class Total:
    """What one judge did over the corpus."""

    def __init__(self):
        self.files = self.accepts = self.rejects = self.crashes = 0
        self.milliseconds = self.slowest = 0.0

    @property
    def seconds(self):
        return self.milliseconds / 1000

    def add(self, acceptable, answer, elapsed):
        self.files += 1
        self.milliseconds += elapsed
        self.slowest = max(self.slowest, elapsed)
        is_false_accept = acceptable is False and answer == "accept"
        is_false_reject = acceptable is True and answer != "accept"
        self.accepts += is_false_accept
        self.rejects += is_false_reject
        self.crashes += answer == "crash"
        return "A" if is_false_accept else "R" if is_false_reject else "X" if answer == "crash" else ""

    def __str__(self):
        return (
            f"false accepts {self.accepts}, false rejects {self.rejects}, crashes {self.crashes}, "
            f"{self.files / self.seconds:.1f} documents/s, slowest {self.slowest:.0f} ms"
        )


def timed(function, repeat):
    best = float("inf")
    for _ in range(repeat):
        start = time.perf_counter()
        answer = function()
        best = min(best, (time.perf_counter() - start) * 1000)
    return answer, best


def judge_ours(data, evidence):
    report = validate_document(data, policy=ValidationPolicy(), evidence=evidence, at=AT)
    signatures = report.signatures
    return "accept" if signatures and all(s.integrity in ACCEPTED for s in signatures) else "reject"


def judge_pdfsig(path):
    done = subprocess.run(
        ["pdfsig", "-nocert", str(path)], capture_output=True, text=True, errors="replace", check=False
    )
    if done.returncode < 0:
        return "crash"
    found = [line.partition(": ")[2].strip() for line in done.stdout.splitlines() if "Signature Validation:" in line]
    judged = [line for line in found if "not yet been verified" not in line]
    return "accept" if judged and all(line == "Signature is Valid." for line in judged) else "reject"


def judge_pyhanko(data):
    from pyhanko.pdf_utils.misc import PdfError
    from pyhanko.pdf_utils.reader import PdfFileReader
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.general import CMSExtractionError
    from pyhanko.sign.validation import validate_pdf_signature, validate_pdf_timestamp
    from pyhanko.sign.validation.errors import SignatureValidationError
    from pyhanko_certvalidator import ValidationContext

    try:
        reader = PdfFileReader(io.BytesIO(data), strict=False)
        if reader.encrypted:
            reader.decrypt(b"")
        signatures = reader.embedded_signatures
        for signature in signatures:
            context = ValidationContext(trust_roots=[], allow_fetching=False)
            is_stamp = signature.sig_object.get("/SubFilter") == "/ETSI.RFC3161"
            status = (validate_pdf_timestamp if is_stamp else validate_pdf_signature)(signature, context)
            level = status.modification_level
            is_covered = status.coverage.name in ("ENTIRE_FILE", "ENTIRE_REVISION")
            is_unchanged = level is None or level <= ModificationLevel.FORM_FILLING
            if not (status.intact and status.valid and is_covered and is_unchanged):
                return "reject"
    except (PdfError, SignatureValidationError, CMSExtractionError):
        return "reject"
    except Exception:  # noqa: BLE001 - a bare exception is what is counted here
        return "crash"
    return "accept" if signatures else "reject"


# --- files made for the purpose ---------------------------------------------------------------------------------------


def run_synthetic(*, with_peers):
    from tests.pki.authority import NOW, pki
    from tests.pki.cms import signed_data, stamped_by
    from tests.pki.documents import signed_pdf

    evidence = Evidence.from_der(trust=[pki().root.der], certificates=[pki().intermediate.der])

    def sign(data):
        return signed_data(pki().agency, data, unsigned=[stamped_by(pki().tsa)])

    def report_on(name, data, *, repeat=5, peers=with_peers):
        answer, elapsed = timed(
            lambda: validate_document(data, policy=ValidationPolicy(), evidence=evidence, at=NOW), repeat
        )
        line = f"{name:44} {len(data) / 1000:9.0f} KB  {answer.conclusion:12} {elapsed:9.1f} ms"
        if peers:
            peer, slow = timed(lambda: judge_pyhanko(data), 1)
            line += f"   pyHanko: {peer} {slow:9.1f} ms ({slow / elapsed:.0f} times)"
        print(line, flush=True)
        return answer

    print("\nMade for the purpose")
    report_on("one signature", signed_pdf(sign, filler=90_000))
    for count in (50, 100, 200):
        report = report_on(f"{count} signatures", many_signatures(count), repeat=2, peers=with_peers and count <= 100)
        assert report.conclusion is Conclusion.VALID
    large = signed_pdf(sign, filler=90_000_000)
    report_on("one signature, large", large, repeat=2, peers=False)
    print(f"{'':44} peak memory of a process that reads and judges it: {peak_memory(large):.0f} MB")


def peak_memory(data):
    """Megabytes that a fresh process holds at most while it judges `data`."""
    program = (
        "import sys; from datetime import UTC, datetime; from certs.validation import *; "
        "validate_document(open(sys.argv[1], 'rb').read(), policy=ValidationPolicy(), evidence=Evidence(), "
        "at=datetime(2026, 11, 23, tzinfo=UTC)); "
        "print(next(line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')))"
    )
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(data)
        file.flush()
        done = subprocess.run([sys.executable, "-c", program, file.name], capture_output=True, text=True, check=True)
    return int(done.stdout) / 1024


def many_signatures(count):
    """A document signed again and again, with signatures as small as they get; kept between runs."""
    from tests.pki.authority import pki
    from tests.pki.cms import signed_data
    from tests.pki.documents import signed_repeatedly

    return signed_repeatedly(lambda data: signed_data(pki().agency, data), count)


if __name__ == "__main__":
    main(sys.argv[1:])
