"""A guess at what a certificate was issued to, from what its subject says; a person confirms the uncertain ones."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from certs.messages import Message, define, message
from certs.names import CodeKind, DistinguishedName, display_name
from certs.text import fold, normalise


class SubjectKind(StrEnum):
    """The kinds of subscriber in Nghị định 68/2024/NĐ-CP."""

    ORGANISATION = "organisation"
    PERSON = "person"
    DEVICE = "device"
    """A device, a service or software."""


@dataclass(frozen=True, slots=True)
class KindGuess:
    """The likely kind with the observations that led to it."""

    kind: SubjectKind | None
    """`None` when nothing points anywhere."""
    is_certain: bool
    """True when a code or a key usage says it; false when only words do, which then need a person's confirmation."""
    reasons: tuple[Message, ...]


KIND_BY_CODE = define(
    "subject_kind.code",
    vi="Chủ thể có mã {register}.",
    en="The subject holds a {register} number.",
)
KIND_BY_USAGE = define(
    "subject_kind.usage",
    vi="Mục đích sử dụng khóa là {usage}.",
    en="The key is meant for {usage}.",
)
KIND_BY_WORD = define(
    "subject_kind.word",
    vi="Tên “{name}” có từ “{word}”.",
    en="The name “{name}” holds the word “{word}”.",
)
KIND_BY_PERSONAL_ATTRIBUTE = define(
    "subject_kind.personal_attribute",
    vi="Chủ thể có thuộc tính của cá nhân ({attribute}).",
    en="The subject has an attribute of a person ({attribute}).",
)
KIND_BY_SURNAME = define(
    "subject_kind.surname",
    vi="Tên “{name}” bắt đầu bằng họ “{word}”.",
    en="The name “{name}” begins with the surname “{word}”.",
)
KIND_BY_ADDRESS = define(
    "subject_kind.address",
    vi="Tên “{name}” là địa chỉ máy.",
    en="The name “{name}” is the address of a machine.",
)
KIND_BY_REPETITION = define(
    "subject_kind.repetition",
    vi="Tên trùng với tên cơ quan trong chủ thể.",
    en="The name repeats the name of the body in the subject.",
)

_PERSON_CODES: Final = (CodeKind.CCCD, CodeKind.CMND)
_DEVICE_USAGES: Final = ("timeStamping", "OCSPSigning", "serverAuth", "codeSigning")
_PERSON_ATTRIBUTES: Final = ("GN", "SN", "T")
_DEVICE_WORDS: Final = (
    "tsa|ocsp|server|máy chủ|thiết bị|phần mềm|hệ thống|dịch vụ|trục liên thông|api|gateway|hsm|time ?stamp(?:ing)?|"
    "generator|test"
)
_ORGANISATION_WORDS: Final = (
    "ubnd|ủy ban|uỷ ban|hđnd|hội đồng|sở|phòng|ban|trường|chi cục|cục|tổng cục|trung tâm|văn phòng|bộ|công ty|"
    "tổng công ty|tỉnh ủy|tỉnh uỷ|huyện ủy|huyện uỷ|thành ủy|thành uỷ|đảng ủy|đảng uỷ|đảng bộ|thanh tra|bệnh viện|"
    "kho bạc|công an|viện|tòa án|toà án|trạm|đội|hạt|quỹ|bảo hiểm|hội|liên đoàn|cổng thông tin|đài|báo|học viện|"
    "đại học|cao đẳng|tỉnh đoàn|đoàn thanh niên|nhà|thư viện|bảo tàng|hợp tác xã|xã|phường|thị trấn|thị xã|huyện|"
    "quận|thành phố|tỉnh|chi nhánh|ngân hàng|tập đoàn|doanh nghiệp|mặt trận"
)
_SURNAMES: Final = (
    "nguyễn|trần|lê|phạm|hoàng|huỳnh|phan|vũ|võ|đặng|bùi|đỗ|hồ|ngô|dương|lý|đào|đoàn|đinh|lâm|trịnh|mai|trương|phùng|"
    "hà|lương|tạ|thân|giáp|chu|tô|lưu|cao|vi|la|lục|nông|hứa|ong|kiều|thái|tống|nghiêm|khổng|quách|triệu|đàm|tăng|bàn"
)


@dataclass(frozen=True, slots=True)
class _Words:
    """A list of words to be found with their marks, or without them in text that has none.

    Marks tell `Ban` the committee from `Bàn` the surname, and are missing in certificates of some issuers.
    """

    marked: re.Pattern[str]
    bare: re.Pattern[str]

    @classmethod
    def of(cls, words: str, prefix: str = "") -> "_Words":
        bare = "|".join(fold(word) for word in words.split("|"))
        return cls(re.compile(rf"{prefix}(?:{words})\b"), re.compile(rf"{prefix}(?:{bare})\b"))

    def found_in(self, name: str) -> str | None:
        found = (self.bare if name.isascii() else self.marked).search(name)
        return found[0] if found else None


_DEVICE: Final = _Words.of(_DEVICE_WORDS, r"\b")
_ORGANISATION: Final = _Words.of(_ORGANISATION_WORDS, "^")
_SURNAME: Final = _Words.of(_SURNAMES, "^")
_ADDRESS: Final = re.compile(r"(?:\*\.)?[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_PERSON_WORDS: Final = range(2, 7)


def guess_kind(subject: DistinguishedName, extended_key_usages: tuple[str, ...]) -> KindGuess:
    """Guess the kind from codes, key usages, attributes and words, in this order of trust. Never raises."""
    return _by_facts(subject, extended_key_usages) or _by_words(subject)


def _by_facts(subject: DistinguishedName, usages: tuple[str, ...]) -> KindGuess | None:
    codes = [code.kind for code in subject.codes]
    # An employee's certificate of a public CA holds both numbers: the person's own decides.
    for code in _PERSON_CODES:
        if code in codes:
            return KindGuess(SubjectKind.PERSON, is_certain=True, reasons=(message(KIND_BY_CODE, register=code),))
    machine = [usage for usage in _DEVICE_USAGES if usage in usages]
    if machine and "emailProtection" not in usages:
        reason = message(KIND_BY_USAGE, usage=machine[0])
        return KindGuess(SubjectKind.DEVICE, is_certain=True, reasons=(reason,))
    for attribute in _PERSON_ATTRIBUTES:
        if subject.values(attribute):
            reason = message(KIND_BY_PERSONAL_ATTRIBUTE, attribute=attribute)
            return KindGuess(SubjectKind.PERSON, is_certain=False, reasons=(reason,))
    if codes:
        reason = message(KIND_BY_CODE, register=codes[0])
        # Software of an agency carries the agency's number too; a word that says so makes it doubtful.
        words = _by_words(subject)
        is_certain = words.kind is not SubjectKind.DEVICE
        kind = SubjectKind.ORGANISATION if is_certain else SubjectKind.DEVICE
        return KindGuess(kind, is_certain=is_certain, reasons=(reason,) if is_certain else (reason, *words.reasons))
    return None


def _by_words(subject: DistinguishedName) -> KindGuess:
    name = subject.common_name
    if not name:
        return KindGuess(None, is_certain=False, reasons=())
    plain = normalise(name).casefold()
    shown = display_name(name)
    kind = None
    reasons: tuple[Message, ...] = ()
    if _ADDRESS.fullmatch(plain):
        kind, reasons = SubjectKind.DEVICE, (message(KIND_BY_ADDRESS, name=shown),)
    elif word := _ORGANISATION.found_in(plain):
        kind, reasons = SubjectKind.ORGANISATION, (message(KIND_BY_WORD, name=shown, word=word),)
    elif word := _DEVICE.found_in(plain):
        kind, reasons = SubjectKind.DEVICE, (message(KIND_BY_WORD, name=shown, word=word),)
    elif any(fold(body) == fold(name) for body in (*subject.organisational_units, *subject.values("O"))):
        kind, reasons = SubjectKind.ORGANISATION, (message(KIND_BY_REPETITION),)
    elif (word := _SURNAME.found_in(plain)) and _could_be_a_person(plain):
        kind, reasons = SubjectKind.PERSON, (message(KIND_BY_SURNAME, name=shown, word=word),)
    return KindGuess(kind, is_certain=False, reasons=reasons)


def _could_be_a_person(plain: str) -> bool:
    return len(plain.split()) in _PERSON_WORDS and plain.replace(" ", "").isalpha()
