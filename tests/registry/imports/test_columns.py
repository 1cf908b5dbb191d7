"""Lists as offices keep them: the header is found, columns are recognised, secrets are dropped, cells become values."""

import io
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.legacy_text import LegacyEncoding
from registry.certificates.tables import CertificateEventKind, CertificateStatus, Custody, Medium, SubscriberKind
from registry.clock import VIETNAM
from registry.imports.columns import CERTIFICATE_LISTS, ListField
from registry.imports.packing import pack_cells, unpack_cells
from registry.imports.sheets import list_rows, make_sheet
from registry.imports.values import RowValues, parse_row, parse_serial
from registry.lists.cells import parse_day
from registry.lists.headers import column_encoding, convert_cell, find_header, is_secret_label, redact
from registry.lists.spreadsheets import Sheet, SheetLimits, SpreadsheetRefused, is_spreadsheet, read_spreadsheet
from tests.factories.spreadsheets import make_open_document, make_workbook

HEADER = (
    "STT",
    "Họ và tên",
    "Chức vụ",
    "Đơn vị công tác",
    "Thư công vụ",
    "Số hiệu chứng thư",
    "Ngày hết hạn",
    "Mật khẩu",
)
ROW = (1, "NGUYỄN VĂN AN", "Chủ tịch", "UBND xã Tân Mỹ", "nvan@bacgiang.gov.vn", "54:03:0A", "07/06/2027", "12345678")


def first_sheet(content: bytes, name: str = "a.xlsx") -> Sheet:
    return read_spreadsheet(content, file_name=name)[0]


def test_a_header_below_a_merged_title_is_found_and_understood() -> None:
    header = find_header(first_sheet(make_workbook(HEADER, [ROW])), CERTIFICATE_LISTS)
    assert header is not None
    assert header.row == 4
    assert header.mapping == {
        0: ListField.NUMBER,
        1: ListField.HOLDER,
        2: ListField.POSITION,
        3: ListField.AGENCY,
        4: ListField.EMAIL,
        5: ListField.SERIAL,
        6: ListField.NOT_AFTER,
    }
    assert header.secrets == ((7, "Mật khẩu"),)


def test_a_header_of_two_rows_joins_the_group_with_its_parts() -> None:
    upper = ("TT", "Họ tên", "Thư điện tử", "Số serial", "Thời hạn hiệu lực", None)
    lower = (None, None, None, None, "Từ ngày", "Đến ngày")
    content = make_workbook([upper, lower], [(1, "An", "a@b.vn", "0A", date(2021, 1, 2), date(2026, 1, 2))])
    header = find_header(first_sheet(content), CERTIFICATE_LISTS)
    assert header is not None
    assert (header.height, header.mapping[4], header.mapping[5]) == (2, ListField.NOT_BEFORE, ListField.NOT_AFTER)


def test_parts_of_a_header_of_two_rows_mean_what_they_mean_in_their_group() -> None:
    upper = ("STT", "Thông tin thuê bao", None, None, "Chứng thư số", None, None, "Thiết bị lưu khóa bí mật", None)
    lower = (None, "Họ tên", "Chức vụ", "Đơn vị", "Serial", "Ngày bắt đầu", "Ngày kết thúc", "Loại", "Số hiệu")
    row = (1, "An", "Văn thư", "Sở Y tế", "0A", "01/02/2021", "01/02/2026", "USB Token", "B4-77", "05/02/2021")
    content = make_workbook([(*upper, "Bàn giao"), (*lower, "Ngày")], [row])
    header = find_header(first_sheet(content), CERTIFICATE_LISTS)
    assert header is not None
    assert list(header.mapping.values()) == [
        *(ListField.NUMBER, ListField.HOLDER, ListField.POSITION, ListField.AGENCY, ListField.SERIAL),
        *(ListField.NOT_BEFORE, ListField.NOT_AFTER, ListField.MEDIUM, ListField.DEVICE_NUMBER),
        ListField.HANDED_OVER_AT,
    ]


@pytest.mark.parametrize(
    ("label", "field"),
    [
        ("Số hiệu chứng thư số (Serial Number)", ListField.SERIAL),
        ("SỐ HIỆU THIẾT BỊ LƯU KHÓA BÍ MẬT", ListField.DEVICE_NUMBER),
        ("Địa chỉ thư điện tử công vụ *", ListField.EMAIL),
        ("Ngày hết hạn chứng thư số", ListField.NOT_AFTER),
        ("Co quan, to chuc quan ly truc tiep", ListField.AGENCY),
        ("Ho va ten", ListField.HOLDER),
        ("Chức vụ cũ", ListField.FORMER_POSITION),
        ("ICCID (SIM)", ListField.ICCID),
        ("Mã quan hệ ngân sách", ListField.BUDGET_CODE),
        ("Người bàn giao", ListField.HANDED_OVER_BY),
        ("Sô hiệu chưng thư", ListField.SERIAL),
        ("Số sê-ri CTS", ListField.SERIAL),
        ("Certificate Serial Number", ListField.SERIAL),
        ("Thời điểm cấp", ListField.ISSUED_AT),
        ("Expiration date", ListField.NOT_AFTER),
        ("Chủ thể chứng thư số", ListField.HOLDER),
        ("Organization", ListField.AGENCY),
    ],
)
def test_labels_are_known_by_their_synonyms(label: str, field: ListField) -> None:
    sheet = Sheet("x", ((label, "Đối tượng", "Tình trạng", "SHA-256"), ("a", "b", "c", "d")))
    header = find_header(sheet, CERTIFICATE_LISTS)
    assert header is not None
    assert header.mapping[0] is field


def test_a_column_without_a_known_label_is_known_by_its_content() -> None:
    header = find_header(
        Sheet("x", (("Họ tên", "Liên hệ"), ("An", "an@b.vn"), ("Bình", "binh@b.vn"))), CERTIFICATE_LISTS
    )
    assert header is not None
    assert header.mapping[1] is ListField.EMAIL


def test_a_sheet_of_prose_has_no_header() -> None:
    assert find_header(Sheet("x", (("Hướng dẫn sử dụng",), ("Điền đủ các cột.",))), CERTIFICATE_LISTS) is None


@pytest.mark.parametrize(
    "label", ["Mật khẩu", "MẬT KHẨU THIẾT BỊ", "Password", "Mã PIN", "PIN", "mk", "PUK", "Mat khau token"]
)
def test_labels_of_secrets(label: str) -> None:
    assert is_secret_label(label)


@pytest.mark.parametrize("label", ["Thiết bị lưu khóa bí mật", "Số hiệu thiết bị lưu khóa", "Ghi chú", "Họ và tên"])
def test_labels_that_are_no_secret(label: str) -> None:
    assert not is_secret_label(label)


def test_a_secret_inside_a_note_is_taken_out() -> None:
    assert redact("bàn giao lần 2, mật khẩu: 12345678, đã ký") == ("bàn giao lần 2, mật khẩu: […] đã ký", True)
    assert redact("mk 12345678") == ("mk […]", True), "people write it without a colon"
    assert redact("đã giao (PIN token Abc@123)") == ("đã giao (PIN token […]", True)
    for harmless in ("không có gì", "đổi mã PIN ngày 12/3/2016", "quên mật khẩu 3 lần", "Mật khẩu mặc định"):
        assert redact(harmless) == (harmless, False)


def test_a_row_becomes_values() -> None:
    mapping = dict(enumerate((ListField.SERIAL, ListField.KIND, ListField.MEDIUM, ListField.STATUS, ListField.CUSTODY)))
    mapping |= {5: ListField.ISSUED_AT, 6: ListField.NOT_AFTER, 7: ListField.ORIGIN, 8: ListField.HOLDER}
    cells = (
        "54 03 0A",
        "Cá nhân",
        "SIM PKI",
        "Đã thu hồi",
        "Đã bàn giao",
        date(2021, 1, 2),
        "2/1/2026",
        "Gia hạn",
        " AN ",
    )
    values = parse_row(cells, mapping, labels={}, encodings={}).values
    assert (values.serial, values.kind, values.medium) == ("54030a", SubscriberKind.PERSON, Medium.SIM)
    assert (values.status, values.custody) == (CertificateStatus.REVOKED, Custody.HANDED_OVER)
    assert (values.origin, values.holder) == (CertificateEventKind.EXTENDED, "AN")
    assert values.issued_at == datetime(2021, 1, 2, tzinfo=VIETNAM)
    assert values.not_after == datetime(2026, 1, 2, 23, 59, 59, tzinfo=VIETNAM), "the last day belongs to it"


def test_what_cannot_be_read_is_named_with_its_column_and_left_out() -> None:
    mapping = {0: ListField.SERIAL, 1: ListField.NOT_AFTER, 2: ListField.EMAIL, 3: ListField.STATUS}
    cells = (5.4e18, "31/02/2021", "không có thư", "??")
    parsed = parse_row(cells, mapping, labels={0: "Số hiệu", 1: "Hết hạn"}, encodings={})
    assert [problem.code for problem in parsed.problems] == [
        "imports.cell.lost_digits",
        "imports.cell.date",
        "imports.cell.email",
        "imports.cell.word",
    ]
    assert "Hết hạn" in parsed.problems[1].text("vi")
    assert parsed.is_empty


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("02/01/2021", date(2021, 1, 2)),
        ("2.1.21", date(2021, 1, 2)),
        ("2021-01-02", date(2021, 1, 2)),
        ("Ngày 2 tháng 1 năm 2021", date(2021, 1, 2)),
        ("2021/01/02", date(2021, 1, 2)),
        ("02-Jan-21", date(2021, 1, 2)),
        ("2/1/2021 8:05:00 SA", date(2021, 1, 2)),
        ("02-Xyz-21", None),
        ("31/02/2021", None),
        ("01/13/2021", None),
        ("44000", None),
    ],
)
def test_days_as_people_write_them(text: str, day: date | None) -> None:
    parsed = parse_day(text)
    assert (parsed.date() if parsed else None) == day


def test_a_number_in_a_column_of_days_says_what_to_do_with_the_column() -> None:
    (problem,) = parse_row((42614.0,), {0: ListField.ISSUED_AT}, labels={0: "Ngày cấp"}, encodings={}).problems
    assert "Cột Ngày cấp: ô chứa số 42614, không phải ngày" in problem.text("vi")


def test_serials_are_one_whatever_stands_between_the_octets() -> None:
    assert {parse_serial(text) for text in ("'0A1B", '="0a1b"', "SN: 0A1B", "0A-1B (hex)")} == {"0a1b"}
    assert {parse_serial(text) for text in ("0x0A1b", "0a:1B", "0A 1B", "0a-1b", "000a1b")} == {"0a1b"}
    assert parse_serial("không có") is None


def test_a_csv_of_a_vietnamese_system_is_read() -> None:
    text = "Danh sách\nHọ và tên;Thư công vụ;Số hiệu\nNguyễn An;an@b.vn;0A\n"
    sheet = first_sheet(text.encode("utf-8-sig"), "danh sách.csv")
    header = find_header(sheet, CERTIFICATE_LISTS)
    assert header is not None
    assert (header.row, set(header.mapping.values())) == (1, {ListField.HOLDER, ListField.EMAIL, ListField.SERIAL})


def test_tcvn3_in_header_and_cells_is_shown_converted() -> None:
    rows = (("Hä vµ tªn", "Th­ c«ng vô", "§¬n vÞ"), ("NguyÔn V¨n Hµ", "a@b.vn", "Së Néi vô"))
    header = find_header(Sheet("x", rows), CERTIFICATE_LISTS)
    assert header is not None
    assert header.mapping == {0: ListField.HOLDER, 1: ListField.EMAIL, 2: ListField.AGENCY}
    encodings = {0: LegacyEncoding.TCVN3, 2: LegacyEncoding.TCVN3}
    parsed = parse_row(rows[1], header.mapping, labels={}, encodings=encodings)
    assert (parsed.values.holder, parsed.values.agency) == ("Nguyễn Văn Hà", "Sở Nội vụ")
    assert parsed.originals["holder"].startswith("NguyÔn")


def test_cells_typed_in_unicode_stay_as_they_are_in_a_column_of_an_old_font() -> None:
    cells = ("TrÇn V¨n §¹t", "Vò §øc Th¾ng", "Phạm Quốc Việt", "Phòng Không Có Trong Sổ", "Trạm y tế xã", "Hà")
    encoding = column_encoding(cells)
    assert encoding is LegacyEncoding.TCVN3
    assert [convert_cell(cell, encoding) for cell in cells[:5]] == ["Trần Văn Đạt", "Vũ Đức Thắng", *cells[2:5]]


def test_rows_in_another_font_are_converted_from_theirs() -> None:
    cells = ("TrÇn V¨n §¹t", "Vò §øc Th¾ng", "Së Y tÕ", "Nguyeãn Thò Hoàng", "Vaên thö", "Hoàng Anh Tuấn")
    encoding = column_encoding(cells)
    assert encoding is LegacyEncoding.TCVN3
    right = ["Trần Văn Đạt", "Vũ Đức Thắng", "Sở Y tế", "Nguyễn Thị Hồng", "Văn thư", "Hoàng Anh Tuấn"]
    assert [convert_cell(cell, encoding) for cell in cells] == right


def test_letters_apart_from_their_marks_beside_an_old_font_are_both_read() -> None:
    apart = unicodedata.normalize("NFD", "Bùi Thị Ngọc Ánh")
    assert column_encoding((apart, "Lê Thị Bưởi")) is LegacyEncoding.DECOMPOSED
    assert column_encoding((apart, "TrÇn V¨n §¹t", "Vò §øc Th¾ng")) is LegacyEncoding.TCVN3


SHAPE = ("STT", "Họ và tên", "Email", "Số hiệu chứng thư", "Ngày cấp", "Ngày hết hạn")


def listed(
    header: Sequence[str], rows: Sequence[Sequence[Any]], *, title: Sequence[str] = (), **merged: int
) -> list[RowValues]:
    sheet = first_sheet(make_workbook(header, rows, title=title))
    if merged:
        sheet = replace(sheet, merged=((merged["column"], merged["first"], merged["last"]),))
    stored = make_sheet(1, 0, "a.xlsx", sheet, {})
    assert stored is not None
    return [row.parsed.values for row in list_rows(stored)]


def entry(number: int, *more: Any) -> tuple[Any, ...]:
    return (number, f"Nguyễn {number}", f"n{number}@b.vn", f"0A0{number}", "1/1/2021", "1/1/2026", *more)


def test_a_line_above_a_group_names_the_agency_of_its_rows() -> None:
    rows = [("I", "Sở Y tế"), entry(1), entry(2), ("II. Sở Tài chính",), entry(3), ("Tổng cộng",), entry(4)]
    assert [values.agency for values in listed(SHAPE, rows)] == ["Sở Y tế", "Sở Y tế", "Sở Tài chính", "Sở Tài chính"]
    own = listed((*SHAPE, "Đơn vị"), [("I", "KHỐI SỞ"), entry(1, "Sở Nội vụ")])
    assert [values.agency for values in own] == ["Sở Nội vụ"]


@pytest.mark.parametrize("mark", ["-nt-", "nt", '"', "''", "Như trên", "n.t"])
def test_marks_that_mean_the_same_as_above(mark: str) -> None:
    rows = [entry(1, "Sở Y tế"), entry(2, mark), entry(3, mark), entry(4, "-")]
    assert [values.agency for values in listed((*SHAPE, "Đơn vị"), rows)] == ["Sở Y tế"] * 3 + [None]


def test_a_merged_cell_speaks_of_all_its_rows() -> None:
    rows = [entry(1, "Sở Y tế"), entry(2), entry(3), entry(4)]
    found = listed((*SHAPE, "Đơn vị"), rows, column=6, first=1, last=3)
    assert [values.agency for values in found] == ["Sở Y tế", "Sở Y tế", "Sở Y tế", None]


def test_merged_cells_are_known_from_the_workbook() -> None:
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer)
    page = workbook.add_worksheet()
    page.merge_range(0, 0, 0, 3, "title")
    page.merge_range(1, 1, 3, 1, "Sở Y tế")
    workbook.close()
    sheet = first_sheet(buffer.getvalue())
    assert sheet.merged == ((1, 1, 3),)
    assert [row[1] for row in sheet.filled_rows] == [None, "Sở Y tế"]


def test_merged_cells_that_repeat_without_end_cost_no_more_than_the_sheet() -> None:
    sheet = Sheet("x", (("a", None), (None, "b")), merged=((0, 0, 1),) * 1_000_000)
    assert sheet.filled_rows == (("a", None), ("a", "b"))


@pytest.mark.parametrize(
    "numbers", [(1, 2, 3, 4, 5, 6), ("(1)", "(2)", "(3)", "(4)", "(5)", "(6)"), ("A", "B", 1, 2, 3, 4)]
)
def test_the_line_that_numbers_the_columns_is_no_row(numbers: tuple[Any, ...]) -> None:
    assert [values.serial for values in listed(SHAPE, [numbers, entry(1)])] == ["0a01"]


def test_labels_that_stand_again_on_the_next_page_are_no_row() -> None:
    assert [values.serial for values in listed(SHAPE, [entry(1), tuple(map(str.upper, SHAPE)), entry(2)])] == [
        "0a01",
        "0a02",
    ]


def test_days_written_month_first_throughout_are_turned_round() -> None:
    def issued(*texts: str) -> list[datetime | None]:
        found = listed(SHAPE, [(1, "An", f"a{n}@b.vn", f"0{n}", text, "x") for n, text in enumerate(texts, start=1)])
        return [values.issued_at for values in found]

    september = datetime(2016, 9, 1, tzinfo=VIETNAM)
    assert issued("9/1/2016", "09/25/2016", "12/31/2016 10:30")[0] == september
    assert issued("1/9/2016", "25/09/2016", "12/31/2016", "12/31/2016")[0] == september, "one day first: all are"
    assert issued("1/9/2016", "09/25/2016") == [september, None], "a slip turns nothing round"


@pytest.mark.parametrize(
    ("text", "address"),
    [("mailto:A@b.vn", "a@b.vn"), (" a @ b . vn. ", "a@b.vn"), ("đủ@b.vn", None), ("a@b.vn, c@b.vn", None)],
)
def test_addresses_as_people_type_them(text: str, address: str | None) -> None:
    parsed = parse_row((text,), {0: ListField.EMAIL}, labels={}, encodings={})
    assert (parsed.values.email, bool(parsed.problems)) == (address, address is None)


def test_sums_and_signatures_below_the_table_are_no_rows() -> None:
    header = (*SHAPE, "Đơn vị", "Số hiệu thiết bị lưu khóa")
    below = [
        ("Tổng cộng", None, None, 1),
        (*(None,) * 4, "Bắc Giang, ngày 5 tháng 1 năm 2017"),
        (None, "NGƯỜI LẬP BIỂU", *(None,) * 4, "THỦ TRƯỞNG ĐƠN VỊ", "KT. GIÁM ĐỐC"),
        (None, "Nguyễn Thị Hoa", *(None,) * 4, "Trần Văn Tú", "Lê Văn 2"),
    ]
    assert [values.serial for values in listed(header, [entry(1, "Sở Y tế", "5300"), *below])] == ["0a01"]


def test_a_name_in_two_columns_and_a_validity_in_one() -> None:
    header = ("Họ và tên đệm", "Tên", "Email", "Số hiệu", "Thời hạn hiệu lực")
    (one, two) = listed(
        header,
        [
            ("Nguyễn Văn", "An", "a@b.vn", "0A", "Từ 01-09-2016 đến 1/9/2026"),
            ("Lê", "Ba", "b@b.vn", "0B", "31/12/2026"),
        ],
    )
    assert (one.holder, two.holder) == ("Nguyễn Văn An", "Lê Ba")
    assert one.not_before == datetime(2016, 9, 1, tzinfo=VIETNAM)
    assert one.not_after == datetime(2026, 9, 1, 23, 59, 59, tzinfo=VIETNAM)
    assert (two.not_before, two.not_after) == (None, datetime(2026, 12, 31, 23, 59, 59, tzinfo=VIETNAM))


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (ListField.STATUS, "Chưa thu hồi", CertificateStatus.ACTIVE),
        (ListField.STATUS, "Đang sử dụng", CertificateStatus.ACTIVE),
        (ListField.STATUS, "Ngừng sử dụng", None),
        (ListField.STATUS, "Không còn hoạt động", None),
        (ListField.CUSTODY, "Chưa trả", Custody.HANDED_OVER),
        (ListField.CUSTODY, "Chưa nhận", Custody.NOT_HANDED_OVER),
        (ListField.CUSTODY, "Đã mở khóa", Custody.HANDED_OVER),
        (ListField.ICCID, "0912345678", None),
        (ListField.ICCID, "8984 0480 0001 2345 678", "8984048000012345678"),
        (ListField.SERIAL, 540300000000.0, None),
        (ListField.SERIAL, 540300.0, "540300"),
    ],
)
def test_words_that_say_the_opposite_are_not_taken_for_it(field: ListField, text: Any, value: object) -> None:
    parsed = parse_row((text,), {0: field}, labels={}, encodings={})
    assert getattr(parsed.values, field.value) == value
    assert bool(parsed.problems) is (value is None)


@pytest.mark.parametrize(
    "note",
    ["mËt khÈu: 87654321", "maät khaåu: 87654321", unicodedata.normalize("NFD", "mật khẩu: 87654321"), "mk 87654321"],
)
def test_a_secret_in_an_old_font_is_kept_nowhere(note: str) -> None:
    rows = [
        (*entry(number), text) for number, text in enumerate((note, "TrÇn V¨n §¹t" if "Ë" in note else "x"), start=1)
    ]
    stored = make_sheet(1, 0, "a.xlsx", first_sheet(make_workbook((*SHAPE, "Ghi chú"), rows, title=())), {})
    assert stored is not None
    assert "87654321" not in f"{unpack_cells(stored.cells)} {stored.columns}"
    first, _ = list_rows(stored)
    assert first.parsed.values.note is not None
    assert "[…]" in first.parsed.values.note


def test_a_hidden_sheet_is_read_only_where_somebody_asks_for_it() -> None:
    buffer = io.BytesIO()
    workbook = xlsxwriter.Workbook(buffer)
    for name in ("shown", "hidden"):
        page = workbook.add_worksheet(name)
        page.write_row(0, 0, SHAPE)
        page.write_row(1, 0, entry(1))
    page.hide()
    workbook.close()
    stored = [make_sheet(1, 0, "a", sheet, {}) for sheet in read_spreadsheet(buffer.getvalue(), file_name="a.xlsx")]
    assert [sheet and sheet.is_chosen for sheet in stored] == [True, False]


def test_an_open_document_spreadsheet_is_read_with_its_days() -> None:
    ends = date(2030, 1, 2)
    rows = [("DANH SÁCH",), (), ("Họ và tên", "Số hiệu", "Ngày hết hạn"), ("Nguyễn An", "0A", ends), (None, "0B", ends)]
    empty = '<table:table-row table:number-rows-repeated="1048000"><table:table-cell table:number-columns-repeated="16384"/></table:table-row>'
    content = make_open_document(rows, rest=empty)
    assert is_spreadsheet(content, file_name="danh sách.ods")
    sheet = first_sheet(content, "danh sách.ods")
    assert sheet.rows[3:] == (("Nguyễn An", "0A", ends), (None, "0B", ends))


@pytest.mark.parametrize(
    "rest",
    [
        '<table:table-row table:number-rows-repeated="300000">{cell}</table:table-row>',
        "<table:table-row a=\">\" table:number-rows-repeated = '300000'>{cell}</table:table-row>",
        '<table:table-row table:number-rows-repeated="&#57;99999">{cell}</table:table-row>',
        '<table:table-row><table:table-cell table:number-columns-repeated="300"/>{cell}</table:table-row>',
        '<table:table-row table:number-rows-repeated="300000"/><table:table-row>{cell}</table:table-row>',
    ],
)
def test_an_open_document_spreadsheet_that_repeats_itself_without_end_is_refused(rest: str) -> None:
    cell = '<table:table-cell office:value-type="string"><text:p>x</text:p></table:table-cell>'
    with pytest.raises(SpreadsheetRefused) as refused:
        read_spreadsheet(make_open_document([("Họ tên", "Email")], rest=rest.format(cell=cell)), file_name="a.ods")
    assert refused.value.reason.code == "imports.sheet.too_many_cells"


def test_a_workbook_whose_last_cell_is_far_away_is_refused_before_it_takes_the_memory() -> None:
    import zipfile

    content = make_workbook(HEADER, [ROW])
    far = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(far, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name.startswith("xl/worksheets/"):
                data = data.replace(
                    b"</sheetData>", b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
                )
            new.writestr(name, data)
    with pytest.raises(SpreadsheetRefused) as refused:
        read_spreadsheet(far.getvalue(), file_name="a.xlsx")
    assert refused.value.reason.code == "imports.sheet.too_many_cells"


def test_limits_and_empty_workbooks_are_told() -> None:
    with pytest.raises(SpreadsheetRefused):
        read_spreadsheet(make_workbook(HEADER, [ROW] * 20), file_name="a.xlsx", limits=SheetLimits(max_rows=10))
    with pytest.raises(SpreadsheetRefused):
        read_spreadsheet(b"", file_name="a.csv")


_CELLS = st.one_of(
    st.none(),
    st.text(max_size=40),
    st.integers(-(2**60), 2**60),
    st.floats(allow_nan=False),
    st.booleans(),
    st.dates(),
    st.datetimes(),
)


@settings(max_examples=200, deadline=None)
@given(cells=st.lists(_CELLS, max_size=30))
def test_any_row_is_read_without_an_error(cells: list[object]) -> None:
    mapping = dict(enumerate(ListField))
    parsed = parse_row(cells, mapping, labels={}, encodings={0: LegacyEncoding.VNI, 2: LegacyEncoding.CP1258})
    for problem in parsed.problems:
        assert problem.text("vi")
    for moment in (parsed.values.not_before, parsed.values.not_after):
        assert moment is None or moment.astimezone(UTC)


@settings(max_examples=100, deadline=None)
@given(rows=st.lists(st.lists(_CELLS, max_size=8), max_size=12))
def test_any_sheet_has_a_header_or_none_and_its_cells_survive_storage(rows: list[list[object]]) -> None:
    sheet = Sheet("x", tuple(map(tuple, rows)))
    header = find_header(sheet, CERTIFICATE_LISTS)
    assert header is None or set(header.mapping.values())
    storable = [[cell for cell in row if not isinstance(cell, str) or cell.isascii()] for row in rows]
    assert unpack_cells(pack_cells(storable)) == storable


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_damaged_spreadsheets_are_refused_with_a_sentence(data: st.DataObject) -> None:
    content = bytearray(
        data.draw(st.sampled_from((WORKBOOK, b"a;b\n\xff\xfe\n", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" * 80)))
    )
    for _ in range(data.draw(st.integers(0, 12))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    name = data.draw(st.sampled_from(("a.xlsx", "a.xls", "a.csv")))
    is_spreadsheet(bytes(content), file_name=name)
    try:
        sheets = read_spreadsheet(bytes(content), file_name=name)
    except SpreadsheetRefused as refused:
        reason = refused.reason.text("vi")
    else:
        reason = ", ".join(sheet.name for sheet in sheets if sheet.rows)
    assert reason


WORKBOOK = make_workbook(HEADER, [ROW])
