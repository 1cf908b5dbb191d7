"""What the columns of lists of certificates mean, and by which labels they are known.

A person may correct what is proposed, and the correction is remembered under the fingerprint of the header.
"""

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Final

from registry.lists.headers import Vocabulary


class ListField(StrEnum):
    """What the columns of lists that offices keep can mean."""

    SERIAL = "serial"
    SHA256 = "sha256"
    HOLDER = "holder"
    FAMILY_NAME = "family_name"
    """`Họ và tên đệm`, where the given name has a column of its own, which is then the holder's."""
    KIND = "kind"
    POSITION = "position"
    AGENCY = "agency"
    AGENCY_CODE = "agency_code"
    PARENT_AGENCY = "parent_agency"
    TAX_CODE = "tax_code"
    BUDGET_CODE = "budget_code"
    EMAIL = "email"
    MEDIUM = "medium"
    DEVICE_NUMBER = "device_number"
    ICCID = "iccid"
    ISSUER = "issuer"
    ISSUED_AT = "issued_at"
    NOT_BEFORE = "not_before"
    NOT_AFTER = "not_after"
    VALIDITY = "validity"
    """Both in one cell, as `01/09/2016 - 01/09/2026`."""
    STATUS = "status"
    REVOKED_AT = "revoked_at"
    REVOCATION_REASON = "revocation_reason"
    CUSTODY = "custody"
    HANDED_OVER_AT = "handed_over_at"
    HANDED_OVER_BY = "handed_over_by"
    ORIGIN = "origin"
    REPLACES = "replaces"
    NOTE = "note"
    NUMBER = "number"
    """STT: the row's number in the list, passed over."""
    NAMED_AGENCY_CODE = "named_agency_code"
    """Of the agency that the certificate itself names; `AGENCY_CODE` is that of the responsible one."""
    FORMER_POSITION = "former_position"
    FORMER_AGENCY = "former_agency"


# Folded, without punctuation. The first is the usual one; the names of the register's own export are among them.
SYNONYMS: Final[Mapping[ListField, tuple[str, ...]]] = {
    ListField.SERIAL: (
        *("so hieu chung thu", "so hieu chung thu so", "so hieu", "so serial", "serial", "serial number"),
        *("so seri", "seri", "ma chung thu", "ma chung thu so", "so chung thu", "so chung thu so", "cert serial"),
        *(
            "so se ri",
            "so se ri cts",
            "so se ri chung thu so",
            "so dinh danh chung thu",
            "so seri cts",
            "so serial cts",
        ),
        *("certificate serial number", "certificate serial", "so dinh danh chung thu so", "so serial chung thu so"),
        *("so hieu chung thu so thue bao", "so hieu cts", "so cts", "serial cts", "so seri chung thu so"),
    ),
    ListField.SHA256: ("sha256", "sha 256", "van tay", "dau van tay", "fingerprint", "van tay sha 256"),
    ListField.HOLDER: (
        *("ho va ten", "ho ten", "ten thue bao", "thue bao", "chu the", "ho va ten nguoi su dung", "nguoi su dung"),
        *("ten nguoi dung", "full name", "name", "holder", "ho ten can bo", "ten chung thu", "ten chung thu so"),
        *("ho ten thue bao", "ho va ten thue bao", "chu so huu", "nguoi duoc cap", "ten doi tuong", "ten"),
        *("ten ca nhan to chuc", "ho ten nguoi duoc cap", "subject", "ten to chuc ca nhan", "chu the chung thu so"),
        *("chu the chung thu", "subscriber name", "subscriber"),
    ),
    ListField.FAMILY_NAME: ("ho va ten dem", "ho ten dem", "ho dem", "ho va dem", "ho lot", "ho va chu lot", "ho"),
    ListField.KIND: (
        *("doi tuong", "loai thue bao", "loai doi tuong", "loai", "loai chung thu", "loai chung thu so", "kind"),
        *("ca nhan to chuc", "subscriber kind", "loai cts", "nguoi co quan", "doi tuong nguoi co quan"),
    ),
    ListField.POSITION: ("chuc vu", "chuc danh", "chuc vu hien tai", "chuc vu moi", "position", "chuc vu chuc danh"),
    ListField.AGENCY: (
        *("don vi", "co quan", "ten co quan to chuc", "co quan don vi", "ten co quan", "ten don vi", "don vi cong tac"),
        *("organization", "organisation", "department", "unit", "ten to chuc"),
        *("co quan to chuc", "noi cong tac", "agency", "don vi moi", "don vi quan ly", "co quan quan ly"),
        *(
            "co quan to chuc quan ly truc tiep",
            "don vi su dung",
            "agency name",
            "managing agency",
            "co quan cong tac",
            "phong ban don vi",
        ),
    ),
    ListField.AGENCY_CODE: (
        *("ma dinh danh", "ma dinh danh dien tu", "ma co quan", "ma don vi", "agency code", "ma dinh danh co quan"),
        *("ma dinh danh dien tu co quan",),
    ),
    ListField.PARENT_AGENCY: (
        *("don vi cap tren", "co quan cap tren", "co quan chu quan", "don vi chu quan", "truc thuoc"),
        *("co quan cap tren truc tiep", "thuoc co quan", "huyen", "huyen thanh pho"),
    ),
    ListField.TAX_CODE: ("ma so thue", "mst", "tax code", "ma so thue don vi"),
    ListField.BUDGET_CODE: (
        *("ma quan he ngan sach", "ma qhns", "mns", "ma ngan sach", "budget code", "ma don vi quan he ngan sach"),
        *("ma so quan he ngan sach", "ma qhnsnn"),
    ),
    ListField.EMAIL: (
        *("thu cong vu", "email", "e mail", "dia chi thu dien tu cong vu", "thu dien tu cong vu", "thu dien tu"),
        *("email cong vu", "hop thu cong vu", "dia chi email", "mail", "mail cong vu", "dia chi thu dien tu"),
        *("hom thu cong vu", "email cong vu thue bao", "dia chi thu cong vu"),
    ),
    ListField.MEDIUM: (
        *("loai thiet bi", "phuong tien", "loai thiet bi luu khoa", "phuong tien luu khoa", "medium", "hinh thuc ky"),
        *("thiet bi", "loai thiet bi luu khoa bi mat"),
        *("loai token", "phuong tien luu khoa bi mat"),
    ),
    ListField.DEVICE_NUMBER: (
        *(
            "so hieu thiet bi luu khoa",
            "so hieu thiet bi",
            "so token",
            "so usb token",
            "ma thiet bi",
            "so serial token",
        ),
        *("so hieu thiet bi luu khoa bi mat", "device number", "thiet bi luu khoa", "so hieu token", "so thiet bi"),
        *("serial token", "ma token", "token", "so hieu usb token", "so seri thiet bi", "so seri token", "device"),
    ),
    ListField.ICCID: ("iccid", "iccid sim", "so iccid", "so sim", "sim", "ma sim", "so hieu sim", "so iccid sim"),
    ListField.ISSUER: (
        "don vi cap",
        "to chuc cap",
        "co quan cap",
        "issuer",
        "nha cung cap",
        "to chuc chung thuc",
        "ca",
    ),
    ListField.ISSUED_AT: (
        *("ngay cap", "ngay cap chung thu", "issued", "ngay cap cts", "ngay cap chung thu so", "thoi gian cap"),
        *("issued at", "ngay phat hanh", "cap ngay", "thoi diem cap", "issued date", "issue date", "date of issue"),
    ),
    ListField.NOT_BEFORE: (
        *(
            "hieu luc tu",
            "thoi han tu",
            "ngay bat dau",
            "ngay hieu luc",
            "ngay bat dau hieu luc",
            "tu ngay",
            "valid from",
        ),
        *("not before", "co hieu luc tu", "ngay co hieu luc", "thoi han tu ngay", "thoi han hieu luc tu ngay"),
    ),
    ListField.NOT_AFTER: (
        *("ngay het han", "het han", "han su dung", "hieu luc den", "den ngay", "ngay het hieu luc", "valid to"),
        *("valid until", "expiration date", "expiry date", "expiration", "thoi gian het han", "thoi han den"),
        *("not after", "expiry", "ngay het han cts", "thoi han den ngay", "thoi diem het han", "co hieu luc den"),
        *("thoi han hieu luc den ngay", "ngay het han chung thu so", "expires", "ngay ket thuc"),
    ),
    ListField.VALIDITY: (
        *("thoi han hieu luc", "thoi han", "hieu luc", "thoi gian hieu luc", "thoi han su dung", "validity"),
        *("hieu luc chung thu so", "thoi han chung thu so", "thoi gian co hieu luc", "thoi han hieu luc cua chung thu"),
    ),
    ListField.STATUS: ("trang thai", "tinh trang", "status", "trang thai chung thu", "hien trang", "tinh trang cts"),
    ListField.REVOKED_AT: ("ngay thu hoi", "thu hoi ngay", "revoked", "revoked at", "thoi diem thu hoi"),
    ListField.REVOCATION_REASON: ("ly do thu hoi", "revocation reason", "ly do"),
    ListField.CUSTODY: (
        "tinh trang thiet bi",
        "custody",
        "trang thai thiet bi",
        "tinh trang ban giao",
        "thiet bi o dau",
    ),
    ListField.HANDED_OVER_AT: (
        *("ngay ban giao", "ngay giao", "ngay nhan", "ngay ban giao thiet bi", "handed over", "handed over at"),
        *("ngay nhan thiet bi", "ngay giao nhan", "thoi gian ban giao"),
    ),
    ListField.HANDED_OVER_BY: (
        *("nguoi ban giao", "nguoi giao", "can bo ban giao", "handed over by", "nguoi giao thiet bi"),
        *("ho ten nguoi ban giao",),
    ),
    ListField.ORIGIN: ("hinh thuc cap", "loai yeu cau", "origin", "hinh thuc", "loai cap", "cap moi gia han"),
    ListField.REPLACES: (
        "thay cho",
        "thay the chung thu",
        "replaces",
        "so hieu chung thu cu",
        "chung thu cu",
        "thay the",
    ),
    ListField.NOTE: ("ghi chu", "note", "chu thich", "noi dung khac", "notes", "y kien"),
    ListField.NAMED_AGENCY_CODE: ("ma co quan neu trong chung thu", "code of the agency named in the certificate"),
    ListField.NUMBER: ("stt", "tt", "so tt", "so thu tu", "no", "thu tu"),
    ListField.FORMER_POSITION: ("chuc vu cu", "chuc vu truoc day"),
    ListField.FORMER_AGENCY: ("don vi cu", "co quan cu", "don vi truoc day", "co quan truoc day", "don vi cong tac cu"),
}

CERTIFICATE_LISTS: Final = Vocabulary(
    synonyms=SYNONYMS,
    keys=frozenset({ListField.SERIAL, ListField.SHA256, ListField.HOLDER, ListField.EMAIL, ListField.AGENCY}),
    contents=(
        (re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"), ListField.EMAIL, 60),
        (re.compile(r"89\d{16,18}"), ListField.ICCID, 60),
        (re.compile(r"[0-9a-fA-F]{64}"), ListField.SHA256, 90),
    ),
)
