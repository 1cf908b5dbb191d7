"""`registry verify` as people and programs call it: a process, its lines and its exit code."""

import json
import os
import subprocess
import sys

import pytest

from registry.accounts.viewer import Viewer
from registry.db.migrations import migrate
from registry.runtime import Runtime
from registry.settings import Settings
from registry.trust.service import add_authority
from tests.pki.authority import NOW, SIGNING, pki
from tests.pki.cms import signed_data, stamped_by
from tests.pki.documents import plain_pdf, signed_pdf

AT = ("--at", NOW.isoformat())


def verify(*arguments, data_dir="/nonexistent"):
    command = [sys.executable, "-m", "registry", "verify", *map(str, arguments)]
    environment = {**os.environ, "REGISTRY_DATA_DIR": str(data_dir)}
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environment)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("verify")
    good = signed_pdf(lambda data: signed_data(pki().agency, data, unsigned=[stamped_by(pki().tsa)]))
    (folder / "good.pdf").write_bytes(good)
    (folder / "altered.pdf").write_bytes(good.replace(b"Quyet dinh", b"Quyet DINH"))
    (folder / "plain.pdf").write_bytes(plain_pdf())
    (folder / "rubbish.pdf").write_bytes(b"not a PDF")
    (folder / "root.cer").write_bytes(pki().root.der)
    (folder / "ca.cer").write_bytes(pki().intermediate.der)
    (folder / "ca.crl").write_bytes(pki().intermediate.crl([(pki().agency, SIGNING)], at=NOW))
    return folder


def trust(folder):
    return ("--trust", folder / "root.cer", "--ca", folder / "ca.cer", *AT)


def test_a_valid_document_is_a_line_and_exit_code_0(folder):
    done = verify("--json", *trust(folder), folder / "good.pdf")
    report = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (0, "")
    assert report["file"] == str(folder / "good.pdf")
    assert report["conclusion"] == "valid"
    assert report["elapsed_ms"] > 0
    assert report["signatures"][0]["indication"] == "TOTAL_PASSED"


def test_many_files_are_lines_in_the_order_given_and_exit_code_1(folder):
    names = ["rubbish.pdf", "good.pdf", "missing.pdf", "altered.pdf", "plain.pdf", "."]
    done = verify("--json", *trust(folder), *(folder / name for name in names))
    reports = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 1
    assert [r["conclusion"] for r in reports] == [
        "unreadable",
        "valid",
        "unreadable",
        "invalid",
        "unsigned",
        "unreadable",
    ]
    assert all(r["message"] and r["warnings"] is not None and r["signatures"] is not None for r in reports)
    # Only what a sender can mend is the sender's to mend.
    advice = dict(zip(names, (r["what_to_do"] for r in reports), strict=True))
    assert "nơi gửi" in advice["rubbish.pdf"]
    assert "đường dẫn" in advice["missing.pdf"]
    assert "đường dẫn" in advice["."]


def test_an_intermediate_given_as_trust_is_no_anchor(folder):
    done = verify("--json", "--trust", folder / "ca.cer", *AT, folder / "good.pdf")
    assert json.loads(done.stdout)["signatures"][0]["sub_indication"] == "NO_CERTIFICATE_CHAIN_FOUND"


def test_the_anchors_of_the_register_are_known(folder, tmp_path):
    runtime = Runtime.build(Settings(data_dir=tmp_path))
    migrate(runtime.database.engine)
    with runtime.database.write() as uow:
        viewer = Viewer.everything()
        add_authority(uow, viewer, pki().root.der, trust_anyway=True)
        add_authority(uow, viewer, pki().intermediate.der)
    runtime.close()
    done = verify("--json", *AT, folder / "good.pdf", data_dir=tmp_path)
    assert json.loads(done.stdout)["conclusion"] == "valid"


def test_a_database_that_cannot_be_read_is_left_out(folder, tmp_path):
    (tmp_path / "registry.db").write_bytes(b"no database")
    done = verify("--json", *AT, folder / "good.pdf", data_dir=tmp_path)
    assert json.loads(done.stdout)["conclusion"] == "indeterminate"
    assert "cannot be read" in done.stderr


def test_revocation_evidence_is_used(folder):
    done = verify("--json", *trust(folder), "--crl", folder / "ca.crl", folder / "good.pdf")
    assert json.loads(done.stdout)["signatures"][0]["sub_indication"] == "REVOKED"
    done = verify("--json", *trust(folder), "--revocation", "required", folder / "good.pdf")
    assert json.loads(done.stdout)["signatures"][0]["sub_indication"] == "TRY_LATER"


def test_a_person_reads_sentences_in_either_language(folder):
    assert "HỢP LỆ" in verify(*trust(folder), folder / "good.pdf").stdout
    assert "The document was" not in verify(*trust(folder), folder / "altered.pdf").stdout
    assert "Invalid: the document was altered" in verify(*trust(folder), "--lang", "en", folder / "altered.pdf").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--at", "yesterday", "good.pdf"),
        ("--trust", "missing.cer", "good.pdf"),
        ("--trust", "rubbish.pdf", "good.pdf"),
        ("--crl", "rubbish.pdf", "good.pdf"),
        ("--ocsp", "rubbish.pdf", "good.pdf"),
        ("--revocation", "perhaps", "good.pdf"),
    ],
)
def test_wrong_use_is_told_and_exit_code_2(folder, arguments):
    done = verify(*(folder / value if "." in value else value for value in arguments))
    assert done.returncode == 2
    assert done.stderr
    assert "Traceback" not in done.stderr
