"""The commands about the register, called as `registry …` calls them, on both databases."""

import csv
import io
import json
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import xlsxwriter
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from python_calamine import CalamineWorkbook

from registry.agencies.tables import AgencyLevel
from registry.cli import main
from registry.db.unit_of_work import Database
from registry.runtime import Runtime
from tests.factories.agencies import make_agency
from tests.factories.certificates import leaf_key, make_certificate, make_der, name_of, small_ca, trust_small_ca


@dataclass(frozen=True)
class Answer:
    code: int
    out: str
    err: str

    @property
    def objects(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]


Registry = Callable[..., Answer]

_TCVN3 = str.maketrans("ọàêốệầăĐứ", "\xe4\xb5\xaa\xe8\xd6\xc7\xa8\xa7\xf8")


@pytest.fixture
def registry(
    runtime: Runtime, database_url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Registry:
    """Call a command in this process, with the database of the test."""
    monkeypatch.setenv("REGISTRY_DATABASE_URL", database_url)
    monkeypatch.setenv("REGISTRY_DATA_DIR", str(runtime.settings.data_dir))
    monkeypatch.setenv("COLUMNS", "300")

    def call(*arguments: str | Path) -> Answer:
        monkeypatch.setattr("sys.argv", ["registry", *map(str, arguments)])
        code: int | str | None = 0
        try:
            main()
        except SystemExit as ended:
            code = ended.code
        captured = capsys.readouterr()
        return Answer(int(code or 0), captured.out, captured.err)

    return call


@pytest.fixture
def files(database: Database, tmp_path: Path) -> Path:
    """A folder with a ZIP, a PEM, a CA certificate and a private key; the register knows one agency."""
    with database.write() as uow:
        trust_small_ca(uow)
        make_agency(uow, "Ủy ban nhân dân huyện Hiệp Hòa", code="H02.25", level=AgencyLevel.DISTRICT)
    folder = tmp_path / "files"
    folder.mkdir()
    seal = make_der(name_of(c="VN", l="Bắc Giang", cn="UBND HUYỆN HIỆP HÒA"), serial=1)
    stranger = make_der(name_of(c="VN", o="Công ty Lạ", cn="Trần Văn Lạ"), serial=2)
    with zipfile.ZipFile(folder / "a.zip", "w") as archive:
        archive.writestr("thư mục/con dấu.cer", seal)
        archive.writestr("lạ.cer", stranger)
    pem = x509.load_der_x509_certificate(seal).public_bytes(Encoding.PEM)
    (folder / "b.pem").write_bytes(pem)
    (folder / "c.cer").write_bytes(small_ca().der)
    (folder / "d.key").write_bytes(leaf_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return folder


def test_import_enters_what_can_be_entered_and_names_the_rest(registry: Registry, files: Path) -> None:
    preview = registry("certificates", "import", "--apply", "none", "--json", files)
    assert preview.code == 1
    assert registry("certificates", "list", "--json").objects == []
    told = registry("certificates", "import", "--apply", "none", files)
    (line,) = (line for line in told.out.splitlines() if "con dấu.cer" in line)
    assert ": new; UBND HUYỆN HIỆP HÒA; 01; Ủy ban nhân dân huyện Hiệp Hòa" in line
    assert all(name in told.out + told.err for name in ("lạ.cer", "b.pem", "c.cer", "d.key"))

    done = registry("certificates", "import", "--json", files)
    outcomes = {Path(item["place"].split("#")[0]).name: item["outcome"] for item in done.objects}
    assert outcomes == {
        "con dấu.cer": "new",
        "lạ.cer": "new",
        "b.pem": "known",
        "c.cer": "refused",
        "d.key": "refused",
    }
    assert {Path(item["place"].split("#")[0]).name: item["outcome"] for item in preview.objects} == outcomes
    (view,) = registry("certificates", "list", "--json").objects
    assert (view["holder"], view["agency_code"], view["kind"]) == ("UBND HUYỆN HIỆP HÒA", "H02.25", "organisation")

    again = registry("certificates", "import", files)
    assert "1 new, 2 known" in again.out
    assert "2 refused" in again.out
    assert "1 without one" in again.out, "the stranger names no agency of the register"
    assert "d.key" in again.err
    assert "lạ.cer: new; Trần Văn Lạ; 02; no agency for “Công ty Lạ”" in again.err
    assert "con dấu.cer" not in again.err + again.out, "what is entered already needs nobody"
    assert "PRIVATE" not in again.err

    told = registry("certificates", "import", "--agency", "H02.25", "--kind", "person", files / "a.zip")
    assert (told.code, "1 entered" in told.out) == (0, True)
    number = told.out.split(":")[0].removeprefix("Import ")
    taken_back = registry("certificates", "undo-import", number)
    assert (taken_back.code, taken_back.out) == (0, f"Import {number} was taken back: 1 certificates.\n")
    assert len(registry("certificates", "list", "--json").objects) == 1


def test_a_preview_says_what_can_be_done_next(registry: Registry, files: Path) -> None:
    refused = registry("certificates", "import", "--apply", "none", files / "d.key")
    assert (refused.code, refused.out.splitlines()[-1]) == (1, "There is nothing to enter.")
    missing = registry("certificates", "import", "--apply", "none", files / "a.zip")
    assert (
        "Name the missing agencies on the page of the import, or import those files again with --agency." in missing.out
    )
    assert "--apply good" in missing.out.splitlines()[-1]

    (files / "tcvn3.csv").write_bytes(
        "STT,Họ và tên,Số hiệu\n1,Trần Văn Đức,54AB02\n".translate(_TCVN3).encode("latin-1")
    )
    converted = registry("certificates", "import", "--apply", "none", files / "tcvn3.csv")
    assert "Trần Văn Đức" in converted.out + converted.err
    assert "text of old fonts was converted: Họ và tên (tcvn3)" in converted.err

    assert registry("agencies", "export", files / "agencies.csv").code == 0
    known = registry("agencies", "import", "--apply", "none", files / "agencies.csv")
    assert (known.code, known.out.splitlines()[-1]) == (0, "There is nothing to enter.")


def test_lists_are_filtered_and_exported_as_shown(registry: Registry, database: Database, tmp_path: Path) -> None:
    with database.write() as uow:
        one = make_agency(uow, "Sở Nội vụ", code="H02.02")
        two = make_agency(uow, "Sở Tư pháp", code="H02.03")
        make_certificate(uow, one, holder="Đinh Thị Bưởi")
        make_certificate(uow, one, holder="=HYPERLINK(1)", not_before=datetime(2022, 1, 1, tzinfo=UTC))
        make_certificate(uow, two, holder="Nguyễn Văn An")
    assert [view["holder"] for view in registry("certificates", "list", "-q", "dinh buoi", "--json").objects] == [
        "Đinh Thị Bưởi"
    ]
    assert len(registry("certificates", "list", "--agency", "H02.02", "--json").objects) == 2
    assert len(registry("certificates", "list", "--agency", "H02.02", "--as-of", "2018-01-01", "--json").objects) == 1
    assert "1 of 3 certificates" in registry("certificates", "list", "--limit", "1").out
    late = registry("certificates", "list", "--issued-from", "01/01/2022", "--issued-until", "2022-12-31", "--json")
    assert [view["holder"] for view in late.objects] == ["=HYPERLINK(1)"]
    early = tmp_path / "early.csv"
    assert registry("certificates", "export", early, "--issued-until", "2021-12-31").code == 0
    assert early.read_text("utf-8-sig").count("\n") == 3

    path = tmp_path / "all.csv"
    assert registry("certificates", "export", path).code == 0
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    assert [row["Chủ thể"] for row in rows] == ["'=HYPERLINK(1)", "Đinh Thị Bưởi", "Nguyễn Văn An"]
    assert rows[1]["Ngày cấp"] == "18/05/2016"
    workbook = tmp_path / "one.xlsx"
    assert registry("certificates", "export", workbook, "--agency", "H02.02", "--language", "en").code == 0
    cells = CalamineWorkbook.from_path(str(workbook)).get_sheet_by_index(0).to_python()
    assert [row[1] for row in cells] == ["Holder", "=HYPERLINK(1)", "Đinh Thị Bưởi"]
    assert registry("certificates", "export", "-").out.count("\n") == 4


def test_agencies_are_listed_and_shown(registry: Registry, database: Database) -> None:
    with database.write() as uow:
        top = make_agency(uow, "UBND huyện Tân Yên", code="H02.30", level=AgencyLevel.DISTRICT)
        unit = make_agency(uow, "UBND xã Hợp Đức", code="H02.30.1", parent_id=top)
        make_certificate(uow, unit, not_after=datetime(2030, 1, 1, tzinfo=UTC))
    listed = registry("agencies", "list", "--under", "H02.30", "--json").objects
    assert [view["code"] for view in listed] == ["H02.30", "H02.30.1"]
    shown = registry("agencies", "show", "H02.30.1", "--json").objects[0]
    assert [link["code"] for link in shown["ancestors"]] == ["H02.30"]
    assert "UBND xã Hợp Đức" in registry("agencies", "show", "H02.30.1").out
    assert registry("agencies", "tree", "--json").objects[0]["total"] == 1
    assert "UBND xã Hợp Đức H02.30.1: 1" in registry("agencies", "tree").out


def test_an_agency_is_split_into_others_of_its_level(registry: Registry, database: Database) -> None:
    with database.write() as uow:
        make_agency(uow, "UBND huyện Lục Ngạn", code="H02.20", level=AgencyLevel.DISTRICT)
    new = ("H02.21; UBND thị xã Chũ", "H02.22;UBND huyện Biên Động")
    assert registry("agencies", "split", "H02.20", *new, "--from", "2025-01-01").code == 0
    listed = registry("agencies", "list", "--as-of", "2025-01-01", "--json").objects
    assert {(view["code"], view["name"], view["level"]) for view in listed} == {
        ("H02.21", "UBND thị xã Chũ", "district"),
        ("H02.22", "UBND huyện Biên Động", "district"),
    }
    assert registry("agencies", "split", "H02.22", "H02.23; Phần mới", "--goes-on").code == 0
    assert len(registry("agencies", "list", "--json").objects) == 3
    refused = registry("agencies", "split", "H02.22", "H02.28 không có dấu")
    assert (refused.code, "H02.28 không có dấu" in refused.err) == (2, True)


def test_the_tree_is_changed_from_a_day_on(registry: Registry, database: Database) -> None:
    def changed(*arguments: str) -> None:
        answer = registry("agencies", *arguments, "--from", "2025-07-01")
        assert answer.code == 0, answer.err

    with database.write() as uow:
        top = make_agency(uow, "UBND huyện Hiệp Hòa", code="H02.25", level=AgencyLevel.DISTRICT)
        make_certificate(uow, make_agency(uow, "UBND xã Hùng Thái", code="H02.25.3", parent_id=top))
        make_agency(uow, "UBND xã Sơn Thịnh", code="H02.25.4", parent_id=top)
        make_agency(uow, "UBND xã Hòa Sơn", code="H02.25.5", parent_id=top)
    changed("create", "H05", "UBND tỉnh Bắc Ninh", "--level", "province", "--email", "bacninh@tinh.example")
    changed(
        "merge",
        "H05.1",
        "UBND xã Hợp Thịnh",
        "H02.25.3",
        "H02.25.4",
        "--below",
        "H05",
        "--document",
        "1658/NQ-UBTVQH15",
    )
    changed("absorb", "H02.25.5", "--into", "H05.1")
    changed("rename", "H05.1", "UBND xã Hợp Thịnh (mới)")
    changed("contact", "H05.1", "--email", "hopthinh@tinh.example")
    changed("dissolve", "H02.25")
    listed = registry("agencies", "list", "--json").objects
    assert [(view["code"], view["email"]) for view in listed] == [
        ("H05", "bacninh@tinh.example"),
        ("H05.1", "hopthinh@tinh.example"),
    ]
    before = registry("agencies", "list", "--as-of", "2025-06-30", "--json").objects
    assert [view["code"] for view in before] == ["H02.25", "H02.25.5", "H02.25.3", "H02.25.4"]
    assert registry("agencies", "move", "H05", "--below", "H05.1").code == 2
    assert registry("agencies", "dissolve", "H05").code == 3
    shown = registry("agencies", "show", "H05.1").out
    assert "Took over from" in shown
    assert "1658/NQ-UBTVQH15" in shown


def test_the_report_is_printed_for_people_and_programs(registry: Registry, database: Database, tmp_path: Path) -> None:
    with database.write() as uow:
        make_certificate(uow, make_agency(uow), holder="Nguyễn Văn An")
    (view,) = registry("report", "issuance", "--as-of", "2016-12-31", "--json").objects
    assert (view["as_of"], view["cumulative"], view["issued_in_year"]) == ("2016-12-31", 1, 1)
    assert view["levels"] == [
        {"level": "commune", "agencies": 1, "covered": 0, "coverage": 0.0, "certificates": 1, "active": 1}
    ]
    assert "đến hết ngày 31/12/2016" in registry("report", "issuance", "--as-of", "2016-12-31").out
    assert "Issued (cumulative)" in registry("report", "issuance", "--language", "en").out
    (later,) = registry("report", "issuance", "--from", "2016-06-01", "--as-of", "2016-12-31", "--json").objects
    assert (later["begin"], later["cumulative"], later["issued_in_period"], later["issued_in_year"]) == (
        "2016-06-01",
        1,
        0,
        1,
    )
    workbook, paper = tmp_path / "report.xlsx", tmp_path / "report.pdf"
    assert registry("report", "issuance", "--xlsx", workbook, "--pdf", paper).code == 0
    assert CalamineWorkbook.from_path(str(workbook)).sheet_names[0] == "Tổng hợp"
    assert paper.read_bytes().startswith(b"%PDF-")


def test_trust_holds_known_anchors_and_refuses_strangers(registry: Registry, corpus: Path, tmp_path: Path) -> None:
    done = registry("trust", "add", corpus / "ca", "--json")
    assert done.code == 0
    assert {view["generation"] for view in done.objects} == {"G1", "G2", "public"}
    assert sum(view["role"] == "anchor" for view in registry("trust", "list", "--json").objects) == 4

    path = tmp_path / "root.cer"
    path.write_bytes(small_ca("Gốc lạ").der)
    refused = registry("trust", "add", path)
    assert refused.code == 1
    assert "fingerprint" in refused.err
    assert registry("trust", "add", path, "--trust-anyway", "--generation", "internal").code == 0
    assert "internal" in {view["generation"] for view in registry("trust", "list", "--json").objects}


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("certificates", "list", "--status", "nonsense"), 2),
        (("certificates", "list", "--as-of", "31/13/2016"), 2),
        (("certificates", "export", "x.txt"), 2),
        (("certificates", "import", "/nowhere/at/all"), 2),
        (("certificates", "list", "--agency", "H99"), 2),
        (("agencies", "show", "H99"), 2),
        (("report", "issuance", "--as-of", "2016-02-30"), 2),
    ],
)
def test_wrong_use_is_told_in_a_sentence(registry: Registry, arguments: tuple[str, ...], code: int) -> None:
    answer = registry(*arguments)
    assert answer.code == code
    assert answer.err.strip()
    assert "Traceback" not in answer.err


def test_the_reminders_of_an_agency_are_shown_and_set(registry: Registry, database: Database) -> None:
    with database.write() as uow:
        health = make_agency(uow, "Sở Y tế", code="H02.14")
        make_agency(uow, "Bệnh viện Sản Nhi", code="H02.14.1", parent_id=health)
    assert "the province's" in registry("alerts", "steps", "H02.14").out

    done = registry("alerts", "steps", "H02.14", "--set", "45,120,0,-3", "--by", "Lê Thị Hạnh", "--json")
    assert done.code == 0, done.err
    (view,) = done.objects
    assert view["own"] == [120, 45, 0, -3]
    assert view["in_force"]["person"] == [120, 45, 30, 0, -3]  # the last day for an extension stays
    assert [change["actor"] for change in view["changes"]] == ["Lê Thị Hạnh"]
    assert "those of H02.14 Sở Y tế" in registry("alerts", "steps", "H02.14.1").out

    assert registry("alerts", "steps", "H02.14", "--follow", "--json").objects[0]["own"] is None
    for wrong in (("--set", "bảy"), ("--set", "999"), ("--set", "7", "--follow")):
        refused = registry("alerts", "steps", "H02.14", *wrong)
        assert (refused.code, "Traceback" in refused.err) == (2, False)
    assert registry("alerts", "steps", "H99").code == 2


@pytest.mark.parametrize("group", ["certificates", "agencies", "report", "trust", "alerts", "webhooks"])
def test_every_command_has_an_example(registry: Registry, group: str) -> None:
    from importlib import import_module

    for command in import_module(f"registry.cli.{group}").app.registered_commands:
        name = command.name or command.callback.__name__.replace("_", "-")
        shown = registry(group, name, "--help")
        assert shown.code == 0
        assert f"Example: registry {group}" in shown.out


def test_a_database_without_tables_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: Any) -> None:
    monkeypatch.setenv("REGISTRY_DATA_DIR", str(tmp_path))
    monkeypatch.delenv("REGISTRY_DATABASE_URL", raising=False)
    monkeypatch.setattr("sys.argv", ["registry", "agencies", "list"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 3
    assert "registry migrate" in capsys.readouterr().err


def test_a_change_of_many_is_looked_at_and_recorded(registry: Registry, database: Database) -> None:
    with database.write() as uow:
        health, tax = make_agency(uow, "Sở Y tế", code="H02.14"), make_agency(uow, "Sở Tài chính", code="H02.05")
        keys = [make_certificate(uow, health, holder=f"Người {number}") for number in range(3)]
        other = make_certificate(uow, tax, holder="Người khác")
    rows = f"agency={health}"
    looked = registry("certificates", "change", "reassigned", "--list", rows, "--to", "H02.05")
    assert looked.code == 0, looked.err
    assert "3 would be changed" in looked.out
    done = registry("certificates", "change", "reassigned", "--list", rows, "--to", "H02.05", "--apply", "--json")
    assert [each["outcome"] for each in done.objects] == ["done"] * 3
    again = registry("certificates", "change", "reassigned", "--id", str(keys[0]), "--id", str(other), "--to", "H02.05")
    assert again.code == 1
    assert "belongs to this agency already" in " ".join(again.out.split())
    wrong = registry("certificates", "change", "revoked", "--id", str(other))
    assert wrong.code == 2
    assert "--reason" in wrong.err
    unknown = registry("certificates", "change", "burned", "--id", str(other))
    assert (unknown.code, unknown.err.startswith("“burned” cannot be recorded: unknown. What can be: reassigned,")) == (
        2,
        True,
    )
    silent = registry("certificates", "change", "noted", "--id", str(other))
    assert (silent.code, "--note: has to be given" in silent.err) == (2, True)
    told = registry("certificates", "change", "noted", "--id", str(other), "--note", "x", "--apply")
    assert (told.code, "1 changed, 0 not" in told.out) == (0, True)
    right = registry("certificates", "change", "corrected", "--id", str(other), "--medium", "sim", "--kind", "device")
    assert (right.code, "person → device, unknown → sim" in " ".join(right.out.split())) == (0, True)
    assert registry("certificates", "change", "lost").code == 2
    assert registry("certificates", "change", "lost", "--id", "1", "--list", "").code == 2


def test_an_import_that_entered_nothing_offers_no_undoing(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "a.cer").write_bytes(b"no certificate")
    answer = registry("certificates", "import", tmp_path / "a.cer")
    assert (answer.code, "Nothing was entered." in answer.out, "undo-import" in answer.out) == (1, True, False)
    (tmp_path / "a.csv").write_text("Mã định danh;Tên;Cấp\nH02.1;;Cấp lạ\n")
    answer = registry("agencies", "import", tmp_path / "a.csv")
    assert (answer.code, "Nothing was entered." in answer.out, "undo-import" in answer.out) == (1, True, False)


def test_what_is_not_read_of_a_list_is_told_in_the_shell(registry: Registry, tmp_path: Path) -> None:
    workbook = xlsxwriter.Workbook(tmp_path / "list.xlsx")
    for name in ("shown", "hidden"):
        page = workbook.add_worksheet(name)
        page.write_row(0, 0, ("Họ tên", "Email", "Số hiệu", "Mật khẩu"))
        page.write_row(1, 0, ("An", "an@b.vn", "0A", "bimat"))
    page.hide()
    workbook.close()
    answer = registry("certificates", "import", "--apply", "none", tmp_path / "list.xlsx")
    assert "shown: passwords or PINs, dropped; delete them from the file: Mật khẩu." in answer.err
    assert "hidden: hidden, not read" in answer.err
    assert "bimat" not in answer.err + answer.out


@pytest.mark.parametrize("choice", ["all", "none"])
def test_a_file_without_agencies_leaves_nothing_to_decide(registry: Registry, tmp_path: Path, choice: str) -> None:
    (tmp_path / "a.csv").write_text("Kính gửi;các đơn vị\n")
    answer = registry("agencies", "import", "--apply", choice, tmp_path / "a.csv")
    assert (answer.code, "No list of agencies" in answer.err, "--number" in answer.out) == (1, True, False)
