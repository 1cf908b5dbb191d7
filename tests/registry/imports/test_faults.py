"""Two at once, a kill in the middle, lost messages, strangers' bytes: one set of rows, all of a unit or nothing."""

import io
import os
import signal
import subprocess
import sys
import threading
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, NoEncryption, PrivateFormat
from cryptography.hazmat.primitives.serialization.pkcs12 import serialize_key_and_certificates
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from registry.accounts.viewer import Viewer
from registry.certificates.query import CertificateQuery
from registry.certificates.repository import count_certificates
from registry.certificates.tables import CertificateEventRow, CertificatePeriodRow, CertificateRow
from registry.imports.reading import find_certificates
from registry.imports.repository import CHUNK
from registry.imports.service import claim_import, decide_import, sweep_imports
from registry.imports.tables import ImportChoice, ImportState, ItemOutcome
from registry.jobs import ProcessImportJob
from registry.leases import MAX_ATTEMPTS
from registry.lists.finding import find_sheets, holds_secret
from registry.runtime import Runtime
from tests.factories.certificates import leaf_key, small_ca
from tests.factories.spreadsheets import make_workbook
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue
from tests.registry.imports.conftest import Importing, person, zip_of

EVERYTHING = Viewer.everything()


def counts(importing: Importing) -> tuple[int, int, int, int]:
    """Certificates, periods, events, and what a list shows."""
    with importing.runtime.database.read() as uow:
        tables = (CertificateRow, CertificatePeriodRow, CertificateEventRow)
        stored = [uow.session.execute(select(func.count()).select_from(table)).scalar_one() for table in tables]
        return (*stored, count_certificates(uow, EVERYTHING, CertificateQuery(as_of=uow.now)))


def many(number: int) -> bytes:
    names = ("An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Khánh", "Lan", "Minh", "Nga")
    return zip_of(
        {
            f"{index}.cer": person(f"Nguyễn {names[index % 10]} {names[index // 10]}", "Sở Y tế")
            for index in range(number)
        }
    )


def test_two_imports_of_the_same_files_at_once_give_one_set_of_rows(
    importing: Importing, bodies: dict[str, int]
) -> None:
    content = many(20)
    both = [importing.preview({"a.zip": content}), importing.preview({"b.zip": content})]
    start = threading.Barrier(2)
    failures: list[BaseException] = []

    def apply(import_id: int) -> None:
        start.wait()
        try:
            importing.apply(import_id)
        except BaseException as error:  # noqa: BLE001 (shown by the assertion below)
            failures.append(error)

    threads = [threading.Thread(target=apply, args=(each,)) for each in both]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert counts(importing) == (20, 20, 40, 20)
    assert sorted(importing.row(each).applied_count for each in both) == [0, 20]
    outcomes = {item.outcome for each in both for item in importing.items(each)}
    assert outcomes == {ItemOutcome.NEW, ItemOutcome.KNOWN}


def test_one_import_processed_by_two_workers_at_once_is_read_once(importing: Importing, bodies: dict[str, int]) -> None:
    import_id = importing.submit({"a.zip": many(12)})
    threads = [threading.Thread(target=importing.process, args=(import_id,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert importing.row(import_id).state is ImportState.READY
    assert len(importing.items(import_id)) == 12


KILLED = """
import os, signal, sys
from pathlib import Path
from registry.imports.processing import process_import
from registry.imports.repository import ImportRepository
from registry.runtime import Runtime
from registry.settings import Settings
from tests.fakes.queue import RecordingQueue
from tests.fakes.reader import DirectReader

data_dir, url, number, where, rounds = sys.argv[1:]
left = [int(rounds)]

def die(original):
    def dying(*arguments, **options):
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        left[0] -= 1
        return original(*arguments, **options)
    return dying

setattr(ImportRepository, where, die(getattr(ImportRepository, where)))
runtime = Runtime.build(Settings(data_dir=Path(data_dir), database_url=url), queue=RecordingQueue())
process_import(runtime.database, Path(data_dir) / "imports", int(number), reader=DirectReader())
"""


def killed(importing: Importing, import_id: int, where: str, rounds: int = 0) -> None:
    """Process the import in another process that is killed when it comes to `where` for the time after `rounds`."""
    settings_ = importing.runtime.settings
    done = subprocess.run(
        [sys.executable, "-c", KILLED, settings_.data_dir, settings_.database_url, str(import_id), where, str(rounds)],
        cwd=Path(__file__).parents[3],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])},
        timeout=120,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL


def test_a_worker_killed_while_entering_leaves_nothing_and_another_enters_all(
    importing: Importing, bodies: dict[str, int], clock: FakeClock
) -> None:
    import_id = importing.preview({"a.zip": many(30)})
    with importing.runtime.database.write() as uow:
        decide_import(uow, EVERYTHING, import_id, ImportChoice.GOOD, actor="lan")
    killed(importing, import_id, "count_by_outcome")
    assert counts(importing) == (0, 0, 0, 0)
    assert importing.row(import_id).state is ImportState.APPLYING

    clock.advance(timedelta(days=4000))
    assert importing.process(import_id).state is ImportState.APPLIED
    assert counts(importing) == (30, 30, 60, 30)


def test_a_reading_that_was_killed_goes_on_where_it_stopped(
    importing: Importing, bodies: dict[str, int], clock: FakeClock
) -> None:
    pem = b"".join(b"-----BEGIN X509 CRL-----\nAA==\n-----END X509 CRL-----\n" for _ in range(CHUNK))
    import_id = importing.submit({"a.pem": pem, "b.zip": many(3)})
    killed(importing, import_id, "insert_items", rounds=1)
    row = importing.row(import_id)
    assert (row.state, row.done, row.attempts) == (ImportState.RECEIVED, CHUNK, 1)

    clock.advance(timedelta(days=4000))
    assert importing.process(import_id).state is ImportState.READY
    assert [item.position for item in importing.items(import_id)] == list(range(CHUNK + 3))
    assert importing.row(import_id).counts["new"] == 3


def test_a_lost_import_is_sent_again_and_given_up_in_the_end(
    importing: Importing, bodies: dict[str, int], clock: FakeClock, queue: RecordingQueue
) -> None:
    import_id = importing.submit({"a.cer": person("An", "Sở Y tế")})
    assert queue.take() == [ProcessImportJob(import_id=import_id)]
    with importing.runtime.database.write() as uow:
        assert sweep_imports(uow) == 0, "it is still on its way"
    for _ in range(MAX_ATTEMPTS):
        clock.advance(timedelta(hours=1))
        with importing.runtime.database.write() as uow:
            assert sweep_imports(uow) == 1
        with importing.runtime.database.write() as uow:
            assert claim_import(uow, import_id) is not None
            assert claim_import(uow, import_id) is None, "somebody has it"
        assert queue.take() == [ProcessImportJob(import_id=import_id)]
    clock.advance(timedelta(hours=1))
    row = importing.process(import_id)
    assert row.state is ImportState.REFUSED
    assert row.reason is not None
    importing.process(import_id)
    assert list(importing.directory.rglob("*")) == [], "what nobody will read is not kept"


def test_a_private_key_is_never_written_anywhere(importing: Importing, bodies: dict[str, int]) -> None:
    key = leaf_key()
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    store = serialize_key_and_certificates(b"a", key, None, None, BestAvailableEncryption(b"x"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("k.key", pem)
    import_id = importing.submit({"khóa.pem": pem, "kho.p12": store, "trong zip.zip": packed.getvalue()})
    written = b"".join(path.read_bytes() for path in importing.directory.rglob("*") if path.is_file())
    assert written, "the ZIP waits to be read"
    assert pem not in written
    assert store not in written
    importing.process(import_id)
    assert importing.row(import_id).file_key is None, "no copy of the folder can be read any more"
    items = importing.items(import_id)
    assert [item.outcome for item in items] == [ItemOutcome.REFUSED] * 3
    assert {item.reasons[0]["code"] for item in items} == {"container.private_key", "container.key_store"}
    assert [path for path in importing.directory.rglob("*") if path.is_file()] == []


@pytest.mark.parametrize("name", ["ca.cer", "cut.cer", "empty.cer", "bomb.zip", "readme.txt"])
def test_what_is_no_certificate_of_a_subscriber_is_refused_with_a_sentence(
    importing: Importing, bodies: dict[str, int], name: str
) -> None:
    content = {
        "ca.cer": small_ca().der,
        "cut.cer": person("An", "Sở Y tế")[:-40],
        "empty.cer": b"",
        "bomb.zip": zip_of({"a.cer": b"\0" * (40 * 1024 * 1024)}),
        "readme.txt": b"Kinh gui",
    }[name]
    import_id = importing.preview({name: content})
    (item,) = importing.items(import_id)
    assert item.outcome is ItemOutcome.REFUSED
    assert item.reasons[0]["code"]


def test_an_unknown_ca_is_a_warning_that_stays(importing: Importing, bodies: dict[str, int]) -> None:
    stranger = person("Nguyễn An", "Sở Y tế", ca=small_ca("CA lạ"))
    import_id = importing.preview({"a.cer": stranger})
    (item,) = importing.items(import_id)
    assert item.outcome is ItemOutcome.NEW
    assert "imports.unknown_ca" in [reason["code"] for reason in item.reasons]
    importing.apply(import_id)
    with importing.runtime.database.read() as uow:
        query = CertificateQuery(as_of=uow.now, generations=("unknown",))
        assert count_certificates(uow, EVERYTHING, query) == 1


FILES = (
    person("Nguyễn An", "Sở Y tế"),
    zip_of({"a.cer": person("Nguyễn Bình", "Sở Y tế"), "ds.csv": b"a;b\n"}),
    make_workbook(("Họ tên", "Email", "Số hiệu"), [("An", "a@b.vn", "0A")]),
    b"%PDF-1.7\n/Contents <" + b"30" * 200 + b">\n%%EOF",
    b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----",
)


@settings(max_examples=80, deadline=None)
@given(data=st.data())
def test_whatever_bytes_come_only_findings_leave(data: st.DataObject) -> None:
    content = bytearray(data.draw(st.sampled_from(FILES)))
    for _ in range(data.draw(st.integers(0, 10))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    name = data.draw(st.sampled_from(("a.cer", "a.zip", "a.xlsx", "a.csv", "a.p12", "a.pdf", "")))
    holds_secret(bytes(content), file_name=name)
    for place, sheet in find_sheets(bytes(content), file_name=name):
        assert isinstance(place, str)
        assert sheet is not None
    for finding in find_certificates(bytes(content), file_name=name):
        assert finding.place is not None


def test_rights_are_those_of_whoever_hands_it_in(runtime: Runtime, bodies: dict[str, int]) -> None:
    from registry.accounts.service import submit_user
    from registry.accounts.tables import Role
    from registry.errors import NotPermitted
    from registry.imports.errors import ImportNotFound
    from registry.imports.views import get_import
    from tests.registry.web.browsing import PASSWORD

    with runtime.database.write() as uow:
        officer = submit_user(
            uow, username="yte", full_name="Y tế", password=PASSWORD, role=Role.OFFICER, agency_id=bodies["health"]
        )
        uow.session.flush()
        viewer = Viewer(user_id=officer.id, role=Role.OFFICER, agency_path=f"/{bodies['health']}/")
    own = Importing(runtime, viewer)
    import_id = own.preview(
        {"a.zip": zip_of({"1.cer": person("Lan", "Sở Y tế"), "2.cer": person("Tú", "UBND huyện Tân Yên")})}
    )
    assert [item.agency_id for item in own.items(import_id)] == [bodies["health"], None]
    assert own.apply(import_id, ImportChoice.ALL).applied_count == 1

    everything = Importing(runtime)
    other = person("Phạm Tú", "UBND huyện Tân Yên")
    theirs = everything.preview({"2.cer": other})
    everything.apply(theirs)
    with runtime.database.read() as uow, pytest.raises(ImportNotFound):
        get_import(uow, viewer, theirs)
    (item,) = own.items(own.preview({"2.cer": other}))
    assert (item.outcome, item.reasons[0]["code"]) == (ItemOutcome.REFUSED, "imports.other_agency")

    auditor = Importing(runtime, Viewer(user_id=None, role=Role.AUDITOR, agency_path=None))
    with pytest.raises(NotPermitted):
        auditor.submit({"a.cer": b"x"})
