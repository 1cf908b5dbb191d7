"""Lists of agencies as provinces keep them: title block, synonyms, text dates, legacy letters, numbering, indentation."""

from datetime import UTC, datetime

import pytest

from certs.legacy_text import LegacyEncoding
from registry.agencies.tables import AgencyLevel
from registry.agency_imports.columns import AgencyField
from registry.agency_imports.reading import AgencyLists, read_agency_lists
from registry.agency_imports.values import ListedAgency, level_of_name
from registry.clock import VIETNAM
from tests.factories.spreadsheets import make_workbook

HEADER = ("STT", "Mã định danh", "Tên cơ quan, đơn vị", "Cấp", "Cơ quan cấp trên", "Thư công vụ", "Ngày thành lập")


def read(content: bytes, name: str = "a.xlsx") -> AgencyLists:
    lists = read_agency_lists(content, file_name=name)
    assert lists.problems == ()
    return lists


def only(lists: AgencyLists) -> ListedAgency:
    (row,) = lists.rows
    return row


def test_a_list_below_a_title_block_is_read() -> None:
    row = (1, "H02.15", "SỞ THÔNG TIN VÀ TRUYỀN THÔNG", "Sở, ban, ngành", None, "STTTT@bacgiang.gov.vn", "01/01/2008")
    lists = read(make_workbook(HEADER, [row], title=("UBND TỈNH BẮC GIANG", "DANH SÁCH CƠ QUAN")))
    found = only(lists)
    assert (found.code, found.name) == ("H02.15", "SỞ THÔNG TIN VÀ TRUYỀN THÔNG")
    assert (found.level, found.email) == (AgencyLevel.PROVINCE, "sttt" + "t@bacgiang.gov.vn")
    assert found.since == datetime(2008, 1, 1, tzinfo=VIETNAM)
    assert found.place.endswith("› 5")
    assert [column.field for column in lists.sheets[0].columns][:4] == [
        AgencyField.NUMBER,
        AgencyField.CODE,
        AgencyField.NAME,
        AgencyField.LEVEL,
    ]


@pytest.mark.parametrize(
    ("text", "level"),
    [
        ("Cấp tỉnh", AgencyLevel.PROVINCE),
        ("Sở, ban, ngành", AgencyLevel.PROVINCE),
        ("Khối Đảng, đoàn thể", AgencyLevel.PROVINCE),
        ("UBND huyện", AgencyLevel.DISTRICT),
        ("Thị xã", AgencyLevel.DISTRICT),
        ("Phường", AgencyLevel.COMMUNE),
        ("Xã, thị trấn", AgencyLevel.COMMUNE),
        ("Trường học", AgencyLevel.SCHOOL),
        ("MN", AgencyLevel.SCHOOL),
        ("TH&THCS", AgencyLevel.SCHOOL),
        ("Đơn vị trực thuộc sở", AgencyLevel.SUBORDINATE),
        ("District", AgencyLevel.DISTRICT),
        ("Commune", AgencyLevel.COMMUNE),
        ("Subordinate unit", AgencyLevel.SUBORDINATE),
    ],
)
def test_levels_are_understood_in_many_words(text: str, level: AgencyLevel) -> None:
    row = (1, "H02.15", "Cơ quan A", text, None, None, None)
    assert only(read(make_workbook(HEADER, [row]))).level is level


@pytest.mark.parametrize(
    ("name", "level"),
    [
        ("Ủy ban nhân dân xã Tân Mỹ", AgencyLevel.COMMUNE),
        ("UBND huyện Hiệp Hòa", AgencyLevel.DISTRICT),
        ("Đảng ủy phường Dĩnh Kế", AgencyLevel.COMMUNE),
        ("Trường Mầm non Hoa Sen", AgencyLevel.SCHOOL),
        ("Sở Y tế", AgencyLevel.PROVINCE),
        ("Trung tâm Lưu trữ", None),
    ],
)
def test_a_name_tells_the_level_where_the_list_does_not(name: str, level: AgencyLevel | None) -> None:
    assert level_of_name(name, has_parent=False) is level


def test_numbers_say_what_stands_below_what() -> None:
    header = ("TT", "Mã", "Tên đơn vị")
    rows = [
        ("I", "H02.01", "Sở Y tế"),
        ("1", "H02.01.1", "Bệnh viện Đa khoa"),
        ("2", "H02.01.2", "Trung tâm Y tế"),
        ("2.1", "H02.01.2.1", "Trạm Y tế"),
        ("II", "H02.02", "Sở Nội vụ"),
        ("1", "H02.02.1", "Chi cục Lưu trữ"),
    ]
    lists = read(make_workbook(header, rows))
    assert [row.above for row in lists.rows] == [None, 0, 0, 2, None, 4]


def test_indentation_says_it_too() -> None:
    rows = [
        ("H02.01", "Sở Y tế"),
        ("H02.01.1", "    Bệnh viện Đa khoa"),
        ("H02.01.2", "    Trung tâm Y tế"),
        ("H02.01.2.1", "        Trạm Y tế"),
        ("H02.02", "Sở Nội vụ"),
    ]
    lists = read(make_workbook(("Mã", "Tên đơn vị"), rows))
    assert [row.above for row in lists.rows] == [None, 0, 0, 2, None]


def test_a_plain_count_is_no_outline_and_a_line_between_groups_is_no_agency() -> None:
    rows = [("", None, "HUYỆN HIỆP HÒA"), (1, "H02.9.1", "UBND xã Đông Lỗ"), (2, "H02.9.2", "UBND xã Mai Đình")]
    lists = read(make_workbook(("STT", "Mã", "Tên đơn vị"), rows))
    assert [row.code for row in lists.rows] == ["H02.9.1", "H02.9.2"]
    assert [row.above for row in lists.rows] == [None, None]


@pytest.mark.parametrize("header", [HEADER, ("STT", "Tên cơ quan", "Cấp", "Email")])
def test_sums_and_signatures_are_no_agencies(header: tuple[str, ...]) -> None:
    name = header.index(next(label for label in header if label.startswith("Tên")))

    def line(text: str, code: str | None = None) -> tuple[str | None, ...]:
        cells: list[str | None] = [None] * len(header)
        cells[name] = text
        cells[name + 1 if name == 1 else name - 1] = code
        return tuple(cells)

    rows = [line("Sở Y tế", "H02.16"), line("Cộng:"), line("Sở Nội vụ", "H02.17"), line("Tổng cộng")]
    below = [line("Bắc Giang, ngày 5 tháng 1 năm 2017"), line("NGƯỜI LẬP BIỂU"), line("Nguyễn Thị Hoa")]
    found = read_agency_lists(make_workbook(header, [*rows, *below]), file_name="a.xlsx").rows
    assert [row.name for row in found] == ["Sở Y tế", "Sở Nội vụ"]


def test_legacy_letters_are_converted() -> None:
    # `Sở Y tế` and `Trường Tiểu học Tân Mỹ` in TCVN3, read as Windows-1252.
    content = "Mã định danh,Tên cơ quan\nH02.1,Së Y tÕ\nH02.2,Tr­êng TiÓu häc T©n Mü\n".encode()
    lists = read(content, "a.csv")
    assert [row.name for row in lists.rows] == ["Sở Y tế", "Trường Tiểu học Tân Mỹ"]
    assert lists.sheets[0].columns[1].encoding == LegacyEncoding.TCVN3


def test_former_names_want_their_day_and_successors_may_have_one() -> None:
    header = ("Mã", "Tên cơ quan", "Tên cũ", "Kế thừa", "Đến ngày", "Mật khẩu")
    rows = [
        ("H02.1", "Sở B", "Sở A (đến 19/02/2025)", "H05.1; H05.2 (01/07/2025)", "30/06/2025", "12345"),
        ("H02.2", "Sở D", "Sở C", None, None, "12345"),
    ]
    lists = read(make_workbook(header, rows))
    first, second = lists.rows
    assert [(each.name, each.until) for each in first.former_names] == [("Sở A", datetime(2025, 2, 19, tzinfo=VIETNAM))]
    assert [(each.code, each.at) for each in first.successors] == [
        ("H05.1", None),
        ("H05.2", datetime(2025, 7, 1, tzinfo=VIETNAM)),
    ]
    assert first.until == datetime(2025, 6, 30, 17, 0, tzinfo=UTC), "the last day belongs to it"
    assert second.former_names == ()
    assert [problem.code for problem in second.problems] == ["agency_imports.former_undated"]
    assert lists.sheets[0].secrets == ("Mật khẩu",)


@pytest.mark.parametrize("content", [b"", b"no list at all", b"PK\x03\x04 broken"])
def test_what_is_no_list_is_told_about(content: bytes) -> None:
    lists = read_agency_lists(content, file_name="a.csv")
    assert lists.rows == ()
    assert len(lists.problems) == 1


def test_who_hands_in_a_key_store_is_told_to_protect_it() -> None:
    key_store = b"\x30\x82\x01\x00\x02\x01\x03\x30" + b"x" * 200
    (problem,) = read_agency_lists(key_store, file_name="a.p12").problems
    assert problem.code == "container.key_store"


def test_a_list_of_certificates_is_passed_over() -> None:
    header = ("Số hiệu chứng thư", "Họ và tên", "Đơn vị", "Mã cơ quan", "Ngày hết hạn")
    lists = read_agency_lists(
        make_workbook(header, [("0A", "An", "Sở Y tế", "H02.1", "01/01/2030")]), file_name="a.xlsx"
    )
    assert lists.rows == ()
