"""What the columns of lists of agencies mean, and by which labels they are known."""

from enum import StrEnum
from typing import Final

from registry.imports.columns import CERTIFICATE_LISTS, ListField
from registry.lists.headers import Header, Vocabulary, find_header
from registry.lists.spreadsheets import Sheet


class AgencyField(StrEnum):
    """What the columns of lists of agencies can mean."""

    NUMBER = "number"
    """STT; where it is an outline (`I`, `1`, `1.1`, `a`), it says what stands below what."""
    CODE = "code"
    NAME = "name"
    LEVEL = "level"
    PARENT_CODE = "parent_code"
    PARENT = "parent"
    EMAIL = "email"
    ADDRESS = "address"
    TAX_CODE = "tax_code"
    BUDGET_CODE = "budget_code"
    SINCE = "since"
    """The day from which the row holds: the agency's first one, or that of a change."""
    ENDED = "ended"
    """The first day on which the agency, or what the row says, is no more."""
    LAST_DAY = "last_day"
    """The last day on which it is."""
    FORMER_NAMES = "former_names"
    SUCCESSORS = "successors"
    DOCUMENT = "document"
    END_DOCUMENT = "end_document"
    NOTE = "note"


AGENCY_LISTS: Final = Vocabulary(
    synonyms={
        AgencyField.NUMBER: ("stt", "tt", "so tt", "so thu tu", "no", "thu tu"),
        AgencyField.CODE: (
            *("ma dinh danh", "ma dinh danh dien tu", "ma co quan", "ma don vi", "ma", "code", "agency code"),
            *("ma dinh danh co quan", "ma dinh danh don vi", "ma dinh danh theo qd 20", "ma dinh danh dien tu co quan"),
            *("ma dinh danh co quan don vi", "ma dinh danh cua co quan don vi", "ma so", "id"),
        ),
        AgencyField.NAME: (
            *("ten co quan", "ten don vi", "ten co quan don vi", "ten co quan to chuc", "co quan", "don vi", "ten"),
            *("co quan don vi", "co quan to chuc", "name", "agency", "agency name", "ten goi", "ten day du"),
            *("ten co quan to chuc don vi", "ten truong", "ten to chuc"),
        ),
        AgencyField.LEVEL: (
            *(
                "cap",
                "loai hinh",
                "cap hanh chinh",
                "cap don vi",
                "loai don vi",
                "level",
                "khoi",
                "nhom",
                "cap co quan",
            ),
            *("loai", "loai co quan", "phan cap", "phan loai"),
        ),
        AgencyField.PARENT_CODE: (
            *("ma co quan cap tren", "ma don vi cap tren", "ma cap tren", "ma dinh danh cap tren", "ma don vi cha"),
            *("code of the body above", "parent code", "superior code", "ma co quan chu quan", "ma don vi chu quan"),
            *("ma dinh danh co quan cap tren", "ma dinh danh don vi cap tren", "ma cha"),
        ),
        AgencyField.PARENT: (
            *("co quan cap tren", "don vi cap tren", "co quan chu quan", "don vi chu quan", "truc thuoc", "cap tren"),
            *("co quan cap tren truc tiep", "thuoc co quan", "thuoc", "body above", "parent", "superior body"),
            *("don vi quan ly truc tiep", "co quan quan ly truc tiep", "don vi cha", "superior", "thuoc don vi"),
        ),
        AgencyField.EMAIL: (
            *("thu cong vu", "email", "e mail", "thu dien tu", "dia chi thu dien tu", "thu dien tu cong vu", "mail"),
            *("email cong vu", "hop thu cong vu", "dia chi email", "hom thu cong vu", "dia chi thu dien tu cong vu"),
        ),
        AgencyField.ADDRESS: ("dia chi", "address", "dia chi tru so", "tru so", "noi dong tru so", "dia chi co quan"),
        AgencyField.TAX_CODE: ("ma so thue", "mst", "tax code", "ma so thue don vi"),
        AgencyField.BUDGET_CODE: (
            *("ma quan he ngan sach", "ma qhns", "mns", "ma ngan sach", "budget code", "ma so quan he ngan sach"),
            *("ma don vi quan he ngan sach", "ma qhnsnn"),
        ),
        AgencyField.SINCE: (
            *(
                "thanh lap",
                "ngay thanh lap",
                "exists from",
                "tu ngay",
                "co hieu luc tu",
                "hieu luc tu",
                "ngay hieu luc",
            ),
            *("hoat dong tu", "from", "in force from", "ngay bat dau", "ton tai tu"),
        ),
        AgencyField.ENDED: (
            *("ket thuc", "ngay ket thuc", "ended", "giai the", "ngay giai the", "cham dut", "ngay cham dut", "until"),
            *("cham dut hoat dong", "ngay cham dut hoat dong", "ngay sap nhap"),
        ),
        AgencyField.LAST_DAY: (
            "den ngay",
            "den het ngay",
            "hieu luc den",
            "co hieu luc den",
            "last day",
            "ton tai den",
        ),
        AgencyField.FORMER_NAMES: (
            *(
                "ten cu",
                "ten truoc day",
                "former names",
                "former name",
                "ten goi cu",
                "ten goi truoc day",
                "ten co quan cu",
            ),
            *("don vi cu", "co quan cu", "ten don vi cu"),
        ),
        AgencyField.SUCCESSORS: (
            *("ke thua", "co quan ke thua", "don vi ke thua", "ma co quan ke thua", "sap nhap vao", "successors"),
            *("successor", "hop nhat vao", "chuyen thanh"),
        ),
        AgencyField.DOCUMENT: (
            *(
                "van ban",
                "can cu",
                "can cu phap ly",
                "van ban phap ly",
                "so quyet dinh",
                "quyet dinh",
                "legal document",
            ),
            *("quyet dinh thanh lap", "nghi quyet", "so van ban"),
        ),
        AgencyField.END_DOCUMENT: (
            *("van ban ket thuc", "quyet dinh giai the", "van ban giai the", "legal document of the end"),
            *("van ban cham dut", "nghi quyet sap nhap", "quyet dinh sap nhap"),
        ),
        AgencyField.NOTE: ("ghi chu", "note", "notes", "chu thich"),
    },
    keys=frozenset({AgencyField.NAME, AgencyField.CODE}),
)


def find_agency_header(sheet: Sheet) -> Header[AgencyField] | None:
    """The header of a list of agencies; None for a sheet that is none, or that is a list of certificates."""
    header = find_header(sheet, AGENCY_LISTS)
    if header is None:
        return None
    certificates = find_header(sheet, CERTIFICATE_LISTS)
    return None if certificates is not None and _lists_certificates(certificates) else header


def is_tree_of_agencies(sheet: Sheet, certificates: Header[ListField]) -> bool:
    """Whether a sheet surely lists agencies, so that nobody looks for certificates in it: it gives superiors' codes.

    `certificates` is the header that it would have as a list of certificates.
    """
    header = None if _lists_certificates(certificates) else find_header(sheet, AGENCY_LISTS)
    return header is not None and any(
        column.field is AgencyField.PARENT_CODE and column.score == _SURE for column in header.columns
    )


def _lists_certificates(header: Header[ListField]) -> bool:
    return bool({ListField.SERIAL, ListField.SHA256} & set(header.mapping.values()))


_SURE: Final = 100
