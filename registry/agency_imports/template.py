"""An empty list of agencies to be filled in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Final

from registry.agencies.tables import AgencyLevel
from registry.spreadsheets import SheetColumn, Words, write_workbook


@dataclass(frozen=True, slots=True)
class _Example:
    code: str
    name: str
    level: AgencyLevel
    parent: str | None
    email: str
    since: str


_COLUMNS: Final[Sequence[SheetColumn[_Example]]] = (
    SheetColumn("Mã định danh", "Code", lambda row, _: row.code),
    SheetColumn("Tên cơ quan", "Name", lambda row, _: row.name, 48),
    SheetColumn("Cấp", "Level", lambda row, words: words(row.level), 20),
    SheetColumn("Mã cơ quan cấp trên", "Code of the body above", lambda row, _: row.parent, 22),
    SheetColumn("Thư công vụ", "E-mail", lambda row, _: row.email, 30),
    SheetColumn("Địa chỉ", "Address", lambda _row, _words: None, 40),
    SheetColumn("Mã số thuế", "Tax code", lambda _row, _words: None),
    SheetColumn("Mã quan hệ ngân sách", "Budget code", lambda _row, _words: None, 22),
    SheetColumn("Có hiệu lực từ", "In force from", lambda row, _: row.since, 16),
    SheetColumn("Kết thúc", "Ended", lambda _row, _words: None, 14),
    SheetColumn("Tên cũ", "Former names", lambda _row, _words: None, 40),
    SheetColumn("Văn bản", "Legal document", lambda _row, _words: None, 30),
    SheetColumn("Kế thừa", "Successors", lambda _row, _words: None),
)

_EXAMPLES: Final = (
    _Example("H02.99", "Sở Mẫu (xóa dòng này)", AgencyLevel.PROVINCE, None, "somau@tinh.example", "01/07/2025"),
    _Example(
        "H02.99.001",
        "Trung tâm Mẫu (xóa dòng này)",
        AgencyLevel.SUBORDINATE,
        "H02.99",
        "ttmau@tinh.example",
        "01/07/2025",
    ),
)


def write_template(file: IO[bytes], words: Words, *, title: str, language: str) -> None:
    """Write a workbook with the headings that an import knows, and two lines that show how they are filled."""
    write_workbook(_COLUMNS, _EXAMPLES, file, words, title=title, language=language)
