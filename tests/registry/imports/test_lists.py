"""Lists with and without certificates beside them, on both databases."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from registry.accounts.viewer import Viewer
from registry.certificates.changes import Change, record_custody
from registry.certificates.detail import get_certificate
from registry.certificates.query import CertificateQuery, Flag, Standing
from registry.certificates.repository import find_certificates
from registry.certificates.schemas import CertificateDetail, CertificateView
from registry.certificates.tables import CertificateEventKind, Custody, Medium, SubscriberKind
from registry.clock import local_day
from registry.imports.columns import ListField
from registry.imports.service import confirm_agencies, record_mapping
from registry.imports.tables import AgencyStanding, ImportChoice, ImportState, ItemOutcome
from registry.imports.views import find_questions, get_import
from registry.packed_messages import unpack_message
from tests.factories.certificates import FIVE_YEARS, ISSUED
from tests.factories.spreadsheets import make_workbook
from tests.registry.imports.conftest import Importing, person, zip_of

EVERYTHING = Viewer.everything()
HEADER = (
    *("STT", "Họ và tên", "Chức vụ", "Đơn vị", "Thư công vụ", "Số hiệu chứng thư", "Ngày cấp", "Ngày hết hạn"),
    *(
        "Số hiệu thiết bị lưu khóa",
        "Trạng thái",
        "Ngày thu hồi",
        "Ngày bàn giao",
        "Người bàn giao",
        "Ghi chú",
        "Mật khẩu",
    ),
)
ENDS = local_day(ISSUED + FIVE_YEARS)


def row(serial: str, holder: str = "NGUYỄN THỊ LAN", agency: str = "Sở Y tế", **more: Any) -> tuple[Any, ...]:
    values: dict[str, Any] = {
        "position": "Văn thư",
        "email": "ntlan@bacgiang.example",
        "issued": local_day(ISSUED),
        "ends": f"{ENDS:%d/%m/%Y}",
        "device": "5300112233",
        **more,
    }
    return (
        *(1, holder, values["position"], agency, values["email"], serial, values["issued"], values["ends"]),
        *(values["device"], values.get("status"), values.get("revoked"), values.get("handed_over"), "Trần Văn Tú"),
        *(values.get("note"), "matkhau123"),
    )


def views(importing: Importing, text: str = "") -> tuple[CertificateView, ...]:
    with importing.runtime.database.read() as uow:
        return find_certificates(uow, EVERYTHING, CertificateQuery(as_of=uow.now, text=text)).items


def detail(importing: Importing, certificate_id: int) -> CertificateDetail:
    with importing.runtime.database.read() as uow:
        return get_certificate(uow, EVERYTHING, certificate_id, uow.now)


def test_a_list_beside_its_certificates(importing: Importing, bodies: dict[str, int]) -> None:
    lan = person("Nguyễn Thị Lan", "Sở Y tế", email="ntlan@bacgiang.example", serial=0x54030A)
    sheet = make_workbook(
        HEADER,
        [
            row("54:03:0A", handed_over="20/05/2016", note="đổi PIN: 1234"),
            row("AA01", holder="PHẠM VĂN HÒA", status="Thu hồi", revoked="01/02/2018", email="pvhoa@x.example"),
            (None, "Người lập biểu", *(None,) * 13),
        ],
    )
    import_id = importing.preview({"ds.xlsx": sheet, "certs.zip": zip_of({"lan.cer": lan})})
    items = importing.items(import_id)
    assert [(item.outcome, item.agency_standing) for item in items] == [
        (ItemOutcome.NEW, AgencyStanding.CERTAIN),
        (ItemOutcome.NEW, AgencyStanding.CERTAIN),
    ]
    assert [item.place for item in items] == ["certs.zip/lan.cer", "ds.xlsx › Danh sách › 7"]
    with importing.runtime.database.read() as uow:
        (described,) = get_import(uow, EVERYTHING, import_id).sheets
    assert described.secrets == ("Mật khẩu",)

    importing.apply(import_id)
    lan_view, hoa_view = sorted(views(importing), key=lambda view: view.serial)
    assert (lan_view.serial, lan_view.position, lan_view.device_number) == ("54030a", "Văn thư", "5300112233")
    assert (lan_view.custody, lan_view.standing) == (Custody.HANDED_OVER, Standing.EXPIRED)
    assert (hoa_view.holder, hoa_view.sha256, hoa_view.standing) == ("PHẠM VĂN HÒA", None, Standing.REVOKED)
    assert Flag.UNKNOWN_CA in hoa_view.flags
    events = {event.kind: event for event in detail(importing, lan_view.id).events}
    handed_over = events[CertificateEventKind.HANDED_OVER]
    assert local_day(handed_over.effective_at) == local_day(datetime(2016, 5, 20, tzinfo=UTC))
    assert "Trần Văn Tú" in (handed_over.note or "")
    revoked = {event.kind: event for event in detail(importing, hoa_view.id).events}[CertificateEventKind.REVOKED]
    assert local_day(revoked.effective_at) == local_day(datetime(2018, 2, 1, tzinfo=UTC))


def test_no_secret_of_a_list_is_stored_anywhere(importing: Importing, bodies: dict[str, int]) -> None:
    sheet = make_workbook(HEADER, [row("0A", note="mật khẩu: bimatcuatoi")])
    import_id = importing.preview({"ds.xlsx": sheet})
    importing.apply(import_id)
    with importing.runtime.database.read() as uow:
        from sqlalchemy import text

        from registry.db.types import metadata
        from registry.imports.packing import unpack_cells
        from registry.imports.repository import ImportRepository

        for table in metadata.sorted_tables:
            rows = str(uow.session.execute(text(f'SELECT * FROM "{table.name}"')).all())
            assert "matkhau123" not in rows
            assert "bimatcuatoi" not in rows
        for stored in ImportRepository(uow.session).sheets(import_id):
            assert "matkhau123" not in str(unpack_cells(stored.cells))
            assert "bimatcuatoi" not in str(unpack_cells(stored.cells))
    assert list(importing.directory.rglob("*")) == []


def test_a_certificate_that_is_not_what_its_row_says_is_refused(importing: Importing, bodies: dict[str, int]) -> None:
    lan = person("Nguyễn Thị Lan", "Sở Y tế", serial=0x10)
    for wrong in (row("10", holder="Đỗ Quang Vinh"), row("10", ends="31/12/2030")):
        import_id = importing.preview({"ds.xlsx": make_workbook(HEADER, [wrong]), "lan.cer": lan})
        (item,) = importing.items(import_id)
        assert item.outcome is ItemOutcome.REFUSED
        assert item.reasons[0]["code"] == "imports.not_as_listed"
        assert importing.apply(import_id, ImportChoice.ALL).applied_count == 0


def test_one_serial_number_of_two_certificates_is_refused_in_both_rows(
    importing: Importing, bodies: dict[str, int]
) -> None:
    rows = [row("20"), row("20", holder="Đỗ Quang Vinh"), row("21"), row("21"), row("22"), row("22", ends="31/12/2030")]
    items = importing.items(importing.preview({"ds.xlsx": make_workbook(HEADER, rows)}))
    assert [item.outcome.value for item in items] == ["refused", "refused", "new", "known", "refused", "refused"]
    assert {item.reasons[0]["code"] for item in items if item.outcome is ItemOutcome.REFUSED} == {
        "imports.serial_of_several"
    }
    assert "ds.xlsx › Danh sách › 7" in unpack_message(items[0].reasons[0]).text("vi")


@pytest.mark.parametrize("wrong", [{"holder": "Trần Văn Bình"}, {"ends": "01/01/2040"}])
def test_a_row_with_the_serial_number_of_another_certificate_of_the_register_is_refused(
    importing: Importing, bodies: dict[str, int], wrong: dict[str, str]
) -> None:
    importing.apply(importing.preview({"lan.cer": person("Nguyễn Thị Lan", "Sở Y tế", serial=0x24)}))
    content = make_workbook(HEADER, [row("24", **wrong)])
    import_id = importing.preview({"ds.xlsx": content})
    (item,) = importing.items(import_id)
    assert item.outcome is ItemOutcome.REFUSED
    assert "Nguyễn Thị Lan" in unpack_message(item.reasons[0]).text("vi")
    assert importing.row(import_id).counts["good"] == 0


def test_of_several_rows_the_one_that_fits_the_certificate_counts(importing: Importing, bodies: dict[str, int]) -> None:
    lan = person("Nguyễn Thị Lan", "Sở Y tế", serial=0x20)
    rows = [row("20", holder="Đỗ Quang Vinh", device="1"), row("20", device="2")]
    (item,) = importing.items(importing.preview({"ds.xlsx": make_workbook(HEADER, rows), "lan.cer": lan}))
    assert item.outcome is ItemOutcome.NEW
    assert item.columns is not None
    assert item.columns["device_number"] == "2"


def test_rows_that_lack_what_the_register_needs_are_refused(importing: Importing, bodies: dict[str, int]) -> None:
    header = ("Họ và tên", "Đơn vị", "Thư công vụ")
    import_id = importing.preview({"ds.csv": "\n".join([";".join(header), "An;Sở Y tế;an@x.example"]).encode()})
    (item,) = importing.items(import_id)
    assert (item.outcome, item.reasons[0]["code"]) == (ItemOutcome.REFUSED, "imports.entry.lacks")
    reason = unpack_message(item.reasons[0])
    assert "thiếu số hiệu, ngày cấp, ngày hết hạn." in reason.text("vi")
    assert "lacks the serial number, the day of issue, the day of expiry." in reason.text("en")


def test_a_list_of_agencies_alone_names_the_holders_by_it(importing: Importing, bodies: dict[str, int]) -> None:
    header = ("STT", "Tên cơ quan, tổ chức", "Số hiệu", "Ngày cấp", "Ngày hết hạn")
    importing.apply(
        importing.preview({"ds.xlsx": make_workbook(header, [(1, "Sở Y tế", "0A", "1/1/2021", "1/1/2026")])})
    )
    (view,) = views(importing)
    assert (view.holder, view.kind, view.agency_id) == ("Sở Y tế", SubscriberKind.ORGANISATION, bodies["health"])


def test_the_certificate_completes_what_was_known_from_a_list(importing: Importing, bodies: dict[str, int]) -> None:
    importing.apply(importing.preview({"ds.xlsx": make_workbook(HEADER, [row("20")])}))
    (listed,) = views(importing)
    assert (listed.sha256, listed.generation) == (None, "unknown")

    later = importing.preview({"lan.cer": person("Nguyễn Thị Lan", "Sở Y tế", serial=0x20)})
    assert [item.outcome for item in importing.items(later)] == [ItemOutcome.COMPLETES]
    importing.apply(later)
    (complete,) = views(importing)
    assert (complete.id, complete.generation, complete.device_number) == (listed.id, "demo-G1", "5300112233")
    assert complete.sha256 is not None
    assert complete.email == "ntlan@bacgiang.example", "the certificate states no other"
    assert [found.id for found in views(importing, "5300112233 ntlan")] == [listed.id]
    importing.undo(later)
    (again,) = views(importing)
    assert (again.sha256, again.generation, again.device_number) == (None, "unknown", "5300112233")


def test_the_list_gives_the_address_that_a_certificate_does_not_state(
    importing: Importing, bodies: dict[str, int]
) -> None:
    certificates = {
        "lan.cer": person("Nguyễn Thị Lan", "Sở Y tế", serial=0x21),
        "lan-2.cer": person("Nguyễn Thị Lan", "Sở Y tế", serial=0x22, email="lan@khac.example"),
    }
    rows = [row("21"), row("22", device="5300112234")]
    importing.apply(importing.preview({**certificates, "ds.xlsx": make_workbook(HEADER, rows)}))
    assert {view.serial: view.email for view in views(importing)} == {
        "21": "ntlan@bacgiang.example",
        "22": "lan@khac.example",
    }
    assert [view.serial for view in views(importing, "ntlan@bacgiang")] == ["21"]
    # The next certificate may come without the list.
    begin = ISSUED + FIVE_YEARS - timedelta(days=30)
    later = importing.preview({"moi.cer": person("Nguyễn Thị Lan", "Sở Y tế", serial=0x23, not_before=begin)})
    assert [item.outcome for item in importing.items(later)] == [ItemOutcome.RENEWS]


def test_what_a_list_says_differently_is_shown_applied_and_undone(importing: Importing, bodies: dict[str, int]) -> None:
    lan = person("Nguyễn Thị Lan", "Sở Y tế", serial=0x30)
    importing.apply(importing.preview({"lan.cer": lan}))
    moved = row("30", agency="UBND huyện Tân Yên", device="999", status="Thu hồi", revoked="03/04/2017")
    import_id = importing.preview({"ds.xlsx": make_workbook(HEADER, [moved])})
    (item,) = importing.items(import_id)
    assert item.outcome is ItemOutcome.DIFFERS
    assert {each["field"] for each in item.differences} == {"position", "device_number", "email", "agency", "status"}
    assert "imports.only_listed" not in {unpack_message(reason).code for reason in item.reasons}, (
        "the register holds the certificate itself"
    )
    assert importing.row(import_id).counts["good"] == 0, "changes are not among the good ones"

    importing.apply(import_id, ImportChoice.ALL)
    (view,) = views(importing)
    assert (view.agency_id, view.device_number, view.position) == (bodies["tan_yen"], "999", "Văn thư")
    assert view.standing is Standing.REVOKED
    importing.undo(import_id)
    (view,) = views(importing)
    assert (view.agency_id, view.device_number, view.position) == (bodies["health"], None, None)
    assert view.standing is Standing.EXPIRED
    kinds = [event.kind for event in detail(importing, view.id).events]
    assert CertificateEventKind.REVOKED in kinds, "history keeps what was recorded"
    assert kinds[-1] is CertificateEventKind.CORRECTED


def test_renewals_are_found_in_the_register_and_within_the_import(importing: Importing, bodies: dict[str, int]) -> None:
    def of(begin: datetime, serial: int) -> bytes:
        return person("Nguyễn Thị Lan", "Sở Y tế", email="lan@x.example", serial=serial, not_before=begin)

    first, second = ISSUED, ISSUED + FIVE_YEARS - timedelta(days=20)
    third, other = second + FIVE_YEARS - timedelta(days=10), ISSUED + timedelta(days=400)
    importing.apply(importing.preview({"1.cer": of(first, 1)}))
    import_id = importing.preview({"3.cer": of(third, 3), "2.cer": of(second, 2)})
    items = importing.items(import_id)
    assert [item.outcome for item in items] == [ItemOutcome.RENEWS, ItemOutcome.RENEWS]
    importing.apply(import_id)
    replaced = {view.serial: view.is_replaced for view in views(importing)}
    assert replaced == {"01": True, "02": True, "03": False}
    chain = next(view for view in views(importing) if view.serial == "03")
    assert [view.serial for view in detail(importing, chain.id).replaces] == ["02", "01"]

    importing.undo(import_id)
    (left,) = views(importing)
    assert (left.serial, left.is_replaced) == ("01", False)
    # A second certificate in the middle of the first one's time is another one, not its renewal.
    assert [item.outcome for item in importing.items(importing.preview({"4.cer": of(other, 4)}))] == [ItemOutcome.NEW]


def test_an_import_is_not_undone_once_something_depends_on_it(importing: Importing, bodies: dict[str, int]) -> None:
    import_id = importing.preview({"lan.cer": person("Nguyễn Thị Lan", "Sở Y tế")})
    importing.apply(import_id)
    (view,) = views(importing)
    with importing.runtime.database.write() as uow:
        change = Change(effective_at=uow.now, actor="tu")
        record_custody(uow, EVERYTHING, view.id, what=CertificateEventKind.HANDED_OVER, change=change)
    row = importing.undo(import_id)
    assert row.state is ImportState.APPLIED
    assert row.reason is not None
    assert row.reason["code"] == "imports.still_depended_on"
    assert len(views(importing)) == 1


def test_a_corrected_mapping_is_remembered(importing: Importing, bodies: dict[str, int]) -> None:
    header = ("Họ và tên", "Thư công vụ", "Cột lạ", "Ngày cấp", "Ngày hết hạn", "Đơn vị")
    content = make_workbook(header, [("An", "an@x.example", "0A", "02/01/2021", "02/01/2026", "Sở Y tế")])
    first = importing.preview({"ds.xlsx": content})
    assert [item.outcome for item in importing.items(first)] == [ItemOutcome.REFUSED]
    with importing.runtime.database.write() as uow:
        record_mapping(uow, EVERYTHING, first, {0: {2: ListField.SERIAL}}, actor="lan")
    assert importing.process(first).state is ImportState.READY
    assert importing.items(first)[0].serial == "0a"

    second = importing.preview({"ds khác.xlsx": content})
    assert importing.items(second)[0].serial == "0a"


def test_rows_that_name_no_agency_are_asked_about_together_and_not_remembered(
    importing: Importing, bodies: dict[str, int]
) -> None:
    header = ("Họ tên", "Email", "Số hiệu", "Ngày cấp", "Ngày hết hạn")
    sheet = make_workbook(header, [(f"An {n}", f"a{n}@b.vn", f"0{n}", "1/1/2021", "1/1/2026") for n in (1, 2)])
    first = importing.preview({"ds.xlsx": sheet})
    with importing.runtime.database.write() as uow:
        (question,) = find_questions(uow, EVERYTHING, first)
        assert (question.agency_key, question.count, question.proposal) == ("", 2, None)
        assert confirm_agencies(uow, EVERYTHING, first, {"": bodies["health"]}, actor="lan") == 2
    importing.apply(first)
    assert {view.agency_id for view in views(importing)} == {bodies["health"]}
    importing.undo(first)
    again = importing.items(importing.preview({"ds.xlsx": sheet}))
    assert {item.agency_standing for item in again} == {AgencyStanding.MISSING}


def test_a_confirmed_agency_is_remembered(importing: Importing, bodies: dict[str, int]) -> None:
    one = person("Đỗ Thu", "Phòng không có trong sổ")
    first = importing.preview({"1.cer": one})
    assert importing.items(first)[0].agency_standing is AgencyStanding.MISSING
    with importing.runtime.database.write() as uow:
        (question,) = find_questions(uow, EVERYTHING, first)
        assert confirm_agencies(uow, EVERYTHING, first, {question.agency_key: bodies["health"]}, actor="lan") == 1
    importing.apply(first)
    assert [view.agency_id for view in views(importing)] == [bodies["health"]]

    second = importing.preview({"2.cer": person("Đỗ Thái", "PHÒNG KHÔNG CÓ TRONG SỔ")})
    (item,) = importing.items(second)
    assert (item.agency_id, item.agency_standing) == (bodies["health"], AgencyStanding.CERTAIN)


@pytest.mark.parametrize("encoding", ["tcvn3"])
def test_legacy_text_is_shown_converted_before_it_is_stored(
    importing: Importing, bodies: dict[str, int], encoding: str
) -> None:
    header = ("Hä vµ tªn", "§¬n vÞ", "Th­ c«ng vô", "Sè hiÖu", "Ngµy cÊp", "Ngµy hÕt h¹n")
    rows = [("NguyÔn V¨n Hµ", "Së Y tÕ", "a@b.example", "0A", "02/01/2021", "02/01/2026")]
    import_id = importing.preview({"cu.xlsx": make_workbook(header, rows, title=("Danh s¸ch",))})
    (item,) = importing.items(import_id)
    assert item.columns is not None
    assert (item.columns["holder"], item.originals["holder"]) == ("Nguyễn Văn Hà", "NguyÔn V¨n Hµ")
    assert item.agency_id == bodies["health"]
    with importing.runtime.database.read() as uow:
        (sheet,) = get_import(uow, EVERYTHING, import_id).sheets
    assert {column.encoding for column in sheet.columns} == {encoding, None}


def test_sim_and_kind_come_from_the_list(importing: Importing, bodies: dict[str, int]) -> None:
    header = ("Đối tượng", "Tên thuê bao", "Cơ quan", "Số hiệu", "Ngày cấp", "Ngày hết hạn", "ICCID", "Loại thiết bị")
    rows = [("Cơ quan", "Con dấu Sở", "Sở Y tế", "0B", "02/01/2021", "02/01/2026", "8984012345678901234", "SIM")]
    importing.apply(importing.preview({"ds.xlsx": make_workbook(header, rows)}))
    (view,) = views(importing)
    assert (view.kind.value, view.medium) == ("organisation", Medium.SIM)


def test_a_list_without_a_header_is_told_about_also_beside_others(importing: Importing) -> None:
    """A sheet of explanations in a workbook with a list is none of it; a workbook without any list is."""
    listed = make_workbook(
        ("Họ và tên", "Số hiệu chứng thư"), [("Nguyễn Văn An", "0A1B")], more={"Giải thích": [("xem công văn",)]}
    )
    agencies = make_workbook(
        ("Mã định danh", "Tên cơ quan", "Thư công vụ", "Mã cơ quan cấp trên"), [("H1", "Sở A", "", "H")]
    )
    explained = make_workbook(("Nội dung", "Ý kiến"), [("không có gì", "")])
    files = {"ds.xlsx": listed, "y-kien.xlsx": explained, "co-quan.xlsx": agencies}
    refused = {
        item.place: unpack_message(item.reasons[0]).code
        for item in importing.items(importing.preview(files))
        if not item.is_listed
    }
    assert refused == {
        "y-kien.xlsx › Danh sách": "imports.sheet.no_header",
        "co-quan.xlsx › Danh sách": "imports.sheet.of_agencies",
    }
