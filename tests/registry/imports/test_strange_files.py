"""Lists and archives as strangers make them: read, or refused with a sentence; nothing of a key is kept."""

import base64
import io
import zipfile
from collections.abc import Callable

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from certs.containers import Refused
from registry.bounded import BoundedPool, Bounds
from registry.imports.bounded_reading import FACTORY, BoundedReader
from registry.imports.packing import unpack_cells
from registry.imports.reading import find_certificates
from registry.imports.sheets import list_rows, make_sheet
from registry.lists.finding import find_sheets, holds_secret
from registry.lists.spreadsheets import Sheet
from tests.factories.certificates import leaf_key
from tests.factories.spreadsheets import make_workbook
from tests.registry.imports.conftest import Importing, zip_of

HEADER = ("Họ và tên", "Số hiệu chứng thư", "Ngày cấp", "Ngày hết hạn", "Thư công vụ", "Ghi chú")
ROW = ("Nguyễn Văn An", "0A1B", "01/02/2020", "01/02/2030", "an@b.vn", "x")
CSV = "\r\n".join(";".join(row) for row in (HEADER, ROW))
BOOK = make_workbook(HEADER, [ROW])
KEY = leaf_key().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
KEY_DER = leaf_key().private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


def edited(change: Callable[[str, bytes], bytes], workbook: bytes = BOOK) -> bytes:
    with zipfile.ZipFile(io.BytesIO(workbook)) as archive:
        return zip_of({name: change(name, archive.read(name)) for name in archive.namelist()})


def in_sheet(old: bytes, new: bytes) -> bytes:
    return edited(lambda name, content: content.replace(old, new, 1) if "sheet1" in name else content)


def what_is_said(data: bytes, file_name: str) -> list[str]:
    """`rows` for a list that is read, the codes of the reasons for what is refused."""
    said = [
        f"{len(sheet.rows) > 1:d} list" if isinstance(sheet, Sheet) else sheet.code
        for _, sheet in find_sheets(data, file_name=file_name)
    ]
    return said + [
        each.reason.code for each in find_certificates(data, file_name=file_name) if isinstance(each, Refused)
    ]


@pytest.mark.parametrize(
    ("data", "file_name"),
    [
        (CSV.encode(), "a.csv"),
        (CSV.encode("utf-16"), "a.csv"),
        (CSV.encode("utf-16-le"), "without its mark.csv"),
        (CSV.encode("utf-16-be"), "without its mark.csv"),
        (CSV.replace(";", "\t").encode(), "text that calls itself.xls"),
        (CSV.encode(), "text that calls itself.XLSX"),
        (("sep=;\r\n" + CSV).encode(), "a.csv"),
        (CSV.replace("Nguyễn Văn An", '"Nguyễn\r\nVăn An"').encode(), "a line broken inside a cell.csv"),
        (make_workbook(HEADER, [("Nguyễn\nVăn An", *ROW[1:])]), "a.xlsx"),
        (zip_of({"trong.zip": zip_of({"ds.xlsx": BOOK})}), "a.zip"),
    ],
)
def test_lists_of_every_shape_are_read_alike(data: bytes, file_name: str) -> None:
    ((place, sheet),) = find_sheets(data, file_name=file_name)
    assert isinstance(sheet, Sheet)
    stored = make_sheet(1, 0, place, sheet, {})
    assert stored is not None
    (row,) = list_rows(stored)
    values = row.parsed.values
    assert (values.holder, values.serial, values.email, row.parsed.problems) == ("Nguyễn Văn An", "0a1b", "an@b.vn", ())


@pytest.mark.parametrize(
    ("data", "file_name", "code"),
    [
        (b"<html><table><tr><td>Ho ten</td></tr></table></html>", "a.xls", "imports.sheet.other_kind"),
        (b"\xef\xbb\xbf<?xml version='1.0'?><Workbook/>", "a.xls", "imports.sheet.other_kind"),
        (zip_of({"[Content_Types].xml": b"", "xl/a": b""}), "no workbook.xlsx", "imports.sheet.damaged"),
        (zip_of({"[Content_Types].xml": b"", "xl/a": b""}), "no workbook.zip", "imports.unnamed_list"),
        (zip_of({"không đuôi": BOOK}), "a.zip", "imports.unnamed_list"),
        (
            zip_of({"b.zip": zip_of({"a.xlsx": zip_of({"[Content_Types].xml": b"", "xl/a": b""})})}),
            "a.zip",
            "imports.sheet.damaged",
        ),
        (b"", "a.xlsx", "imports.sheet.empty"),
        (BOOK[:-100], "a.xlsx", "imports.sheet.damaged"),
    ],
)
def test_no_file_disappears_without_a_word(data: bytes, file_name: str, code: str) -> None:
    assert what_is_said(data, file_name) == [code]


@pytest.mark.parametrize(
    "reference",
    [
        b'r = "XFD1048576"',
        b"r='XFD1048576'",
        b'r="xfd1048576"',
        b'r="&#88;FD1048576"',
        b'r="A99999999999999999999"',
        b'spans="a" r=" A1048576"',
        b'r="GR200000"',
    ],
)
def test_however_a_sheet_names_a_far_cell_it_is_refused_before_room_is_made(reference: bytes) -> None:
    # The reader of workbooks would end this process.
    assert what_is_said(in_sheet(b'r="A5"', reference), "a.xlsx") == ["imports.sheet.too_many_cells"]


@pytest.mark.parametrize("row", [b"<row/>" * 1_048_576, b"<row>" + b"<c><v>1</v></c>" * 300 + b"</row>"])
def test_rows_and_cells_without_a_place_are_counted(row: bytes) -> None:
    book = in_sheet(b"</sheetData>", row + b"</sheetData>")
    assert what_is_said(book, "a.xlsx")[0] in ("imports.sheet.too_many_cells", "imports.sheet.bomb")


def test_a_sheet_under_another_name_or_in_another_code_is_looked_at_too() -> None:
    far = in_sheet(b'r="A5"', b'r="XFD1048576"')
    with zipfile.ZipFile(io.BytesIO(far)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts.pop("xl/worksheets/sheet1.xml")
    moved = {name: content.replace(b"worksheets/sheet1.xml", b"elsewhere/s") for name, content in parts.items()}
    assert what_is_said(zip_of({**moved, "xl/elsewhere/s": sheet}), "a.xlsx") == ["imports.sheet.too_many_cells"]
    wide = sheet.decode().encode("utf-16")
    assert what_is_said(zip_of({**moved, "xl/elsewhere/s": wide}), "a.xlsx") == ["imports.sheet.too_many_cells"]


@pytest.mark.parametrize(
    "prologue",
    [
        b'<!DOCTYPE a [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>',
        b'<!DOCTYPE a [<!ENTITY c SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_entities_are_not_resolved(prologue: bytes) -> None:
    def change(name: str, content: bytes) -> bytes:
        if name != "xl/sharedStrings.xml":
            return content
        head, _, rest = content.partition(b"?>")
        return head + b"?>" + prologue + rest.replace("Nguyễn".encode(), b"&c;")

    assert what_is_said(edited(change), "a.xlsx") == ["imports.sheet.damaged"]


def test_a_list_inside_a_zip_is_bounded_as_one_alone() -> None:
    def change(name: str, content: bytes) -> bytes:
        return content.replace("Nguyễn Văn An".encode(), b"Q" * 30_000) if name == "xl/sharedStrings.xml" else content

    amplified = edited(change, make_workbook(HEADER, [("Nguyễn Văn An",) * 6] * 6000))
    with BoundedPool(FACTORY, None, workers=1, bounds=Bounds(cpu_seconds=20, memory_bytes=200 << 20)) as pool:
        reader = BoundedReader(pool)
        ((place, reason),) = reader.sheets(zip_of({"ds.xlsx": amplified}), file_name="a.zip")
    assert (place, getattr(reason, "code", None)) == ("a.zip/ds.xlsx", "imports.out_of_bounds")


WITH_KEYS = {
    "a line.csv": CSV.replace("x", base64.b64encode(KEY_DER).decode()).encode(),
    "below.csv": (CSV + "\r\n" + base64.encodebytes(KEY_DER).decode()).encode(),
    "wide.csv": (CSV + "\r\n" + KEY).encode("utf-16"),
    "in a cell.xlsx": make_workbook(HEADER, [(*ROW[:-1], KEY)]),
    "one line a cell.xlsx": make_workbook(HEADER, [ROW, *(("", "", "", "", "", line) for line in KEY.splitlines())]),
    "base64.xlsx": make_workbook(HEADER, [(*ROW[:-1], base64.b64encode(KEY_DER).decode())]),
    "inside.zip": zip_of({"ds.csv": CSV.replace("x", base64.b64encode(KEY_DER).decode()).encode()}),
    "not a.pdf": b"%PDF-1.4\n" + KEY.encode(),
    "behind zeros.cer": b"\0" * 10 + KEY_DER,
}


@pytest.mark.parametrize("file_name", WITH_KEYS)
def test_a_list_with_a_key_is_refused_and_the_owner_told_to_protect_it(file_name: str) -> None:
    assert what_is_said(WITH_KEYS[file_name], file_name) == ["container.private_key"]
    if file_name.endswith(("csv", "cer")):
        assert holds_secret(WITH_KEYS[file_name], file_name=file_name) is not None, "it is not even stored for reading"


def test_columns_without_a_label_or_with_a_secret_one_are_not_kept(
    importing: Importing, bodies: dict[str, int]
) -> None:
    labels = ("MậtKhẩu", "P/W", "PassWord1", "Mã PIN 2", "")
    content = make_workbook((*HEADER, *labels), [(*ROW, *(["S3cret"] * len(labels)))])
    import_id = importing.preview({"ds.xlsx": content})
    (stored,) = importing.sheets(import_id)
    assert "S3cret" not in str(list(list_rows(stored)))
    assert "S3cret" not in str(unpack_cells(stored.cells))
    assert stored.secrets == list(labels[:-1])
