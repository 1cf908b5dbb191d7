"""What stands in the files of an import: sheets with their rows, certificates, and which row speaks of which certificate.

Pure: bytes go in, values come out, in an order that is the same at every reading.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import Final

from certs.certificate import Certificate
from certs.container_messages import SPREADSHEET
from certs.containers import ContainerLimits, Finding, Refused, read_certificates
from certs.legacy_text import LegacyEncoding
from certs.messages import Message, define, message
from certs.names import display_name
from certs.text import fold
from registry.clock import local_day
from registry.imports.columns import ListField
from registry.imports.list_shape import has_month_first, read_lines, with_days_turned
from registry.imports.values import ParsedRow, RowValues, parse_row
from registry.lists.edges import ends_table, is_sum
from registry.lists.spreadsheets import LIST_EXTENSIONS, Cell, is_spreadsheet

NOT_AS_LISTED = define(
    "imports.not_as_listed",
    vi="Chứng thư không khớp với dòng {row} của danh sách: {what} là “{certificate}”, danh sách ghi “{listed}”.",
    en="The certificate is not what row {row} of the list says: {what} is “{certificate}”, the list has “{listed}”.",
)
OTHER_EMAIL = define(
    "imports.other_email",
    vi="Danh sách ghi thư {listed}, chứng thư ghi {certificate}.",
    en="The list has the address {listed}, the certificate {certificate}.",
)
LISTED_TWICE = define(
    "imports.listed_twice",
    vi="Danh sách có nhiều dòng cho chứng thư này; dùng dòng {row}.",
    en="The list has several rows for this certificate; row {row} is used.",
)
MONTH_FIRST = define(
    "imports.month_first",
    vi="Danh sách ghi ngày theo kiểu tháng/ngày/năm; đã đổi về ngày/tháng/năm. Hãy kiểm tra thời hạn.",
    en="The list writes its days month first; they were turned round. Check the validity.",
)
SERIAL_OF_SEVERAL = define(
    "imports.serial_of_several",
    vi="Số hiệu {serial} được ghi cho nhiều chứng thư khác nhau: xem cả {row}. Hãy sửa số hiệu trong danh sách.",
    en="The serial number {serial} stands for different certificates: see {row}, too. Correct it in the list.",
)
UNNAMED_LIST = define(
    "imports.unnamed_list",
    vi="Đây có vẻ là bảng tính nhưng tên tệp không cho biết; hãy đổi tên thành .xlsx, .xls, .ods hoặc .csv rồi nộp lại.",
    en="This seems to be a spreadsheet, but its name does not say so; rename it to .xlsx, .xls, .ods or .csv.",
)


@dataclass(frozen=True, slots=True)
class ListRow:
    """One row of a chosen sheet, with what its cells say."""

    place: str
    """File, sheet and row, safe to show."""
    parsed: ParsedRow
    fields: frozenset[ListField]
    """What the list has columns for: of that, nothing is guessed where a cell is empty."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One thing found: a certificate, with a row of a list or without; a row without its certificate; or a refusal."""

    place: str
    certificate: Certificate | None = None
    row: ListRow | None = None
    refusal: Message | None = None
    remarks: tuple[Message, ...] = ()


def find_certificates(data: bytes, *, file_name: str, limits: ContainerLimits | None = None) -> Iterator[Finding]:
    """The certificates in a file and what was refused; lists are left to `find_sheets`. Never raises for content."""
    if is_spreadsheet(data, file_name=file_name):
        return
    for finding in read_certificates(data, file_name=file_name, limits=limits):
        if not (isinstance(finding, Refused) and finding.reason.code == SPREADSHEET):
            yield finding
        elif not finding.place.lower().endswith(LIST_EXTENSIONS):
            yield Refused(finding.place, message(UNNAMED_LIST))


def parse_rows(
    cells: Iterable[Sequence[Cell]],
    mapping: Mapping[int, ListField],
    *,
    place: str,
    first_row: int,
    labels: Mapping[int, str],
    encodings: Mapping[int, LegacyEncoding],
) -> Iterator[ListRow]:
    """Read the data rows of a sheet; `first_row` is the 1-based number of the first.

    Passed over are empty ones, headings, and what stands below the table: sums, signatures.
    """
    fields = frozenset(mapping.values())
    rows = list(cells)
    turned = has_month_first(rows, mapping)
    is_below = False
    for line in read_lines(rows, mapping, first_row=first_row, labels=labels, encodings=encodings):
        row = with_days_turned(line.cells, mapping) if turned else line.cells
        parsed = parse_row(row, mapping, labels=labels, encodings=encodings, heading=line.heading)
        if turned:
            parsed = replace(parsed, problems=(*parsed.problems, message(MONTH_FIRST)))
        is_row = parsed.values.is_of_certificate
        is_below = is_below or (not is_row and ends_table(line.cells, encodings))
        if not parsed.is_empty and (is_row or not (is_below or is_sum(line.cells, encodings))):
            yield ListRow(f"{place} › {line.number}", parsed, fields)


def combine(findings: Iterable[Finding], rows: Sequence[ListRow]) -> Iterator[Draft]:
    """Join certificates with the rows that speak of them: certificates in their order, then the rows that are left."""
    index = _RowIndex(rows)
    for finding in findings:
        if isinstance(finding, Refused):
            yield Draft(finding.place, refusal=finding.reason)
        else:
            yield index.join(finding.place, finding.certificate)
    left = list(index.left())
    others = _with_serial_of_others(left)
    for row in left:
        refusal = None
        if (other := others.get(row.place)) is not None:
            refusal = message(SERIAL_OF_SEVERAL, serial=row.parsed.values.serial, row=other.place)
        yield Draft(row.place, row=row, refusal=refusal)


def _with_serial_of_others(rows: Sequence[ListRow]) -> dict[str, ListRow]:
    """For the place of each row another one with its serial number that cannot be of the same certificate."""
    first: dict[tuple[str | None, str], ListRow] = {}
    found: dict[str, ListRow] = {}
    for row in rows:
        values = row.parsed.values
        if values.serial is None or values.sha256:
            continue
        earlier = first.setdefault((values.issuer, values.serial), row)
        if not _may_be_one(earlier.parsed.values, values):
            # Nobody knows which of them it is.
            found[row.place] = earlier
            found.setdefault(earlier.place, row)
    return found


def _may_be_one(one: RowValues, other: RowValues) -> bool:
    if one.holder and other.holder and not resembles(one.holder, other.holder):
        return False
    if one.not_after is None or other.not_after is None:
        return True
    return abs((local_day(one.not_after) - local_day(other.not_after)).days) <= 1


@dataclass(slots=True)
class _RowIndex:
    rows: Sequence[ListRow]
    by_sha256: dict[str, list[int]] = field(default_factory=dict)
    by_serial: dict[str, list[int]] = field(default_factory=dict)
    by_email: dict[str, list[int]] = field(default_factory=dict)
    used: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        for number, row in enumerate(self.rows):
            values = row.parsed.values
            if values.sha256:
                self.by_sha256.setdefault(values.sha256, []).append(number)
            elif values.serial:
                self.by_serial.setdefault(values.serial, []).append(number)
            elif values.email:
                self.by_email.setdefault(values.email, []).append(number)

    def join(self, place: str, certificate: Certificate) -> Draft:
        found = self.find(certificate) if self.rows else []
        if not found:
            return Draft(place, certificate)
        self.used.update(found)
        told = {number: _contradiction(certificate, self.rows[number]) for number in found}
        chosen = next((number for number, refusal in told.items() if refusal is None), found[0])
        row, refusal = self.rows[chosen], told[chosen]
        remarks = [message(LISTED_TWICE, row=row.place)] if len(found) > 1 else []
        listed = row.parsed.values.email
        addresses = [address.casefold() for address in certificate.emails]
        if listed and addresses and listed not in addresses:
            remarks.append(message(OTHER_EMAIL, listed=listed, certificate=addresses[0]))
        return Draft(place, certificate, row, refusal, tuple(remarks))

    def find(self, certificate: Certificate) -> list[int]:
        found = self.by_sha256.get(certificate.sha256) or self.by_serial.get(certificate.serial)
        if found:
            return found
        if self.by_serial and not certificate.serial.startswith("-"):
            # Some lists give the serial number in decimal digits.
            decimal = str(int(certificate.serial, 16))
            if found := self.by_serial.get(decimal if len(decimal) % 2 == 0 else f"0{decimal}"):
                return found
        by_address = [number for address in certificate.emails for number in self.by_email.get(address.casefold(), ())]
        # An address alone may belong to several certificates of one person: the dates have to agree.
        return [number for number in by_address if _same_end(certificate, self.rows[number].parsed.values) is True]

    def left(self) -> Iterator[ListRow]:
        return (row for number, row in enumerate(self.rows) if number not in self.used)


def _contradiction(certificate: Certificate, row: ListRow) -> Message | None:
    values = row.parsed.values
    if values.sha256 and values.serial and not _same_serial(values.serial, certificate.serial):
        return message(
            NOT_AS_LISTED, row=row.place, what="serial", certificate=certificate.serial, listed=values.serial
        )
    holder = certificate.subject.common_name
    if values.holder and holder and not resembles(values.holder, holder):
        return message(NOT_AS_LISTED, row=row.place, what="CN", certificate=display_name(holder), listed=values.holder)
    if values.not_after and _same_end(certificate, values) is False:
        return message(
            NOT_AS_LISTED,
            row=row.place,
            what="notAfter",
            certificate=f"{local_day(certificate.not_after):%d/%m/%Y}",
            listed=f"{local_day(values.not_after):%d/%m/%Y}",
        )
    return None


def _same_serial(listed: str, own: str) -> bool:
    if listed == own:
        return True
    return not own.startswith("-") and listed.lstrip("0") == str(int(own, 16))


def _same_end(certificate: Certificate, values: RowValues) -> bool | None:
    """Whether the list gives the same last day, give or take one for lists that count in UTC; None: it gives none."""
    if values.not_after is None:
        return None
    return abs((local_day(values.not_after) - local_day(certificate.not_after)).days) <= 1


_ALIKE: Final = 0.75


def resembles(one: str, other: str) -> bool:
    """Whether two spellings may be one name: case, diacritics, titles and small slips do not count."""
    first, second = fold(one), fold(other)
    if first in second or second in first:
        return True
    return SequenceMatcher(None, first, second, autojunk=False).ratio() >= _ALIKE
