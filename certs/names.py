"""Distinguished names as the register keeps them: every attribute in its order, shown without deceiving anyone.

The exact bytes are the identity of a name. Two names *match* by RFC 5280, 7.1. What people see passes through
`display_name`, because a certificate may hold characters that hide, turn round or cut off the rest of a line.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property, lru_cache
from typing import Final, NamedTuple

from certs.der import OBJECT_IDENTIFIER, SEQUENCE, SET, MalformedDER, decode_oid, read_element, read_whole

# RFC 4514, 3, and what certificates of this country use besides.
SHORT_NAMES: Final = {
    "2.5.4.3": "CN",
    "2.5.4.4": "SN",
    "2.5.4.5": "serialNumber",
    "2.5.4.6": "C",
    "2.5.4.7": "L",
    "2.5.4.8": "ST",
    "2.5.4.9": "STREET",
    "2.5.4.10": "O",
    "2.5.4.11": "OU",
    "2.5.4.12": "T",
    "2.5.4.13": "description",
    "2.5.4.17": "postalCode",
    "2.5.4.20": "telephoneNumber",
    "2.5.4.41": "name",
    "2.5.4.42": "GN",
    "2.5.4.43": "initials",
    "2.5.4.44": "generationQualifier",
    "2.5.4.46": "dnQualifier",
    "2.5.4.65": "pseudonym",
    "2.5.4.97": "organizationIdentifier",
    "0.9.2342.19200300.100.1.1": "UID",
    "0.9.2342.19200300.100.1.25": "DC",
    "1.2.840.113549.1.9.1": "E",
}


class CodeKind(StrEnum):
    """The registers whose numbers stand in UID attributes, as `UID=MST:0100109106`."""

    MST = "MST"
    """Mã số thuế: the tax code of an organisation."""
    MNS = "MNS"
    """Mã quan hệ ngân sách: the budget code of a public body."""
    CCCD = "CCCD"
    """Căn cước công dân: the citizen's identity number."""
    CMND = "CMND"
    """Chứng minh nhân dân: the identity number before CCCD."""


@dataclass(frozen=True, slots=True)
class Code:
    """One number with its register, as the subject states it; nobody has checked it."""

    kind: CodeKind
    value: str


class NameAttribute(NamedTuple):
    """One attribute of a name."""

    oid: str
    name: str
    """Short name of RFC 4514 where there is one, else the OID."""
    value: str
    """The text as encoded; `#` and the hexadecimal encoding where it is not text. Not safe to show: `display_name`."""
    rdn: int
    """0-based place of the relative distinguished name it belongs to; equal for attributes joined with `+`."""
    is_text: bool = True
    """False when the encoding is no string type, or its bytes are not what the type allows."""


@dataclass(frozen=True)
class DistinguishedName:
    """A name as it was encoded. Equal when the bytes are equal; see `matches` for equality of meaning."""

    der: bytes

    @cached_property
    def rows(self) -> tuple[NameAttribute, ...]:
        """Every attribute in the order of the certificate, repetitions included."""
        return _read_rows(self.der)

    def values(self, name: str) -> tuple[str, ...]:
        """The texts of all attributes with this short name or OID, in order and untouched."""
        return tuple([row.value for row in self.rows if row.is_text and name in (row.name, row.oid)])

    @property
    def common_name(self) -> str | None:
        """The last CN, which is the most specific one; `None` when there is none."""
        return _last(self.values("CN"))

    @property
    def organisation(self) -> str | None:
        """The first O."""
        return _first(self.values("O"))

    @property
    def organisational_units(self) -> tuple[str, ...]:
        """Every OU; in this PKI from the superior body down."""
        return self.values("OU")

    @property
    def uids(self) -> tuple[str, ...]:
        """Every UID, with its prefix."""
        return self.values("UID")

    @property
    def emails(self) -> tuple[str, ...]:
        """Every E (emailAddress, RFC 2985), trimmed."""
        return tuple(value.strip() for value in self.values("E") if value.strip())

    @property
    def codes(self) -> tuple[Code, ...]:
        """The numbers in UID attributes whose register is known; spaces around and inside them removed."""
        return tuple(code for code in map(_read_code, self.uids) if code is not None)

    @cached_property
    def comparison_key(self) -> tuple[frozenset[tuple[str, str]], ...]:
        """Equal for two names exactly when they match; can be a dictionary key."""
        rdns: dict[int, set[tuple[str, str]]] = {}
        for row in self.rows:
            rdns.setdefault(row.rdn, set()).add((row.oid, _prepared(row.value) if row.is_text else row.value))
        return tuple(frozenset(rdn) for rdn in rdns.values())

    def matches(self, other: "DistinguishedName") -> bool:
        """Say whether both are one name by RFC 5280, 7.1: case, width and inner white space do not count.

        The order of attributes does count. The string preparation is that of RFC 4518 as far as NFKC, case folding
        and white space go; characters of later Unicode versions are not refused.
        """
        return self.der == other.der or self.comparison_key == other.comparison_key

    def __str__(self) -> str:
        """For people: RFC 4514 escapes and short names, but in the order of the certificate, and safe to show."""
        return self._readable

    @cached_property
    def _readable(self) -> str:
        rdns: dict[int, list[str]] = {}
        for row in self.rows:
            value = _escaped(display_name(row.value)) if row.is_text else row.value
            rdns.setdefault(row.rdn, []).append(f"{row.name}={value}")
        return ", ".join(["+".join(rdn) for rdn in rdns.values()])

    def __reduce__(self) -> tuple[type["DistinguishedName"], tuple[bytes]]:
        return DistinguishedName, (self.der,)


def parse_name(der: bytes) -> DistinguishedName:
    """Read a Name (RFC 5280, 4.1.2.4) from its DER. Raises `MalformedDER` when it is not one."""
    name = DistinguishedName(der)
    _ = name.rows
    return name


def _read_rows(der: bytes) -> tuple[NameAttribute, ...]:
    rows: list[NameAttribute] = []
    position = read_whole(der, SEQUENCE).content
    end = len(der)
    rdn = -1
    while position < end:
        rdn += 1
        members = read_element(der, position, end)
        if members.tag != SET or members.content == members.end:
            raise MalformedDER(f"no relative distinguished name at byte {position}")
        position = members.content
        while position < members.end:
            pair = read_element(der, position, members.end)
            oid = read_element(der, pair.content, pair.end)
            value = read_element(der, oid.end, pair.end)
            if pair.tag != SEQUENCE or oid.tag != OBJECT_IDENTIFIER or value.end != pair.end:
                raise MalformedDER(f"no attribute at byte {position}")
            dotted, name = _attribute_type(oid.value)
            text = _decode(value.tag, value.value)
            if text is None:
                rows.append(NameAttribute(dotted, name, f"#{value.encoding.hex()}", rdn, is_text=False))
            else:
                rows.append(NameAttribute(dotted, name, text, rdn))
            position = pair.end
    return tuple(rows)


@lru_cache(maxsize=256)
def _attribute_type(content: bytes) -> tuple[str, str]:
    dotted = decode_oid(content)
    return dotted, SHORT_NAMES.get(dotted, dotted)


_CODECS: Final = {
    0x0C: ("utf-8",),
    # Issuers do put UTF-8 into the ASCII types. Both readings are tried, nothing is guessed beyond them.
    0x12: ("ascii", "utf-8"),
    0x13: ("ascii", "utf-8"),
    0x16: ("ascii", "utf-8"),
    0x1A: ("ascii", "utf-8"),
    # T.61 is read as Latin-1 by every implementation, because that is what issuers put there.
    0x14: ("latin-1",),
    0x1C: ("utf-32-be",),
    0x1E: ("utf-16-be",),
}


def _decode(tag: int, content: bytes) -> str | None:
    for codec in _CODECS.get(tag, ()):
        try:
            return content.decode(codec)
        except UnicodeDecodeError:
            continue
    return None


_CODE: Final = re.compile(r"\s*(MST|MNS|CCCD|CMND)\s*[:：]\s*(\S.*?)\s*", re.IGNORECASE | re.DOTALL)


def _read_code(uid: str) -> Code | None:
    found = _CODE.fullmatch(uid)
    if found is None:
        return None
    return Code(CodeKind(found[1].upper()), "".join(found[2].split()))


def _first(values: tuple[str, ...]) -> str | None:
    return values[0] if values else None


def _last(values: tuple[str, ...]) -> str | None:
    return values[-1] if values else None


def _prepared(value: str) -> str:
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold())
    # RFC 4518, 2.2: control and format characters map to nothing, so a hidden one never makes two names of one.
    return " ".join("".join(c for c in folded if c.isspace() or unicodedata.category(c) not in ("Cc", "Cf")).split())


_SPECIAL: Final = re.compile(r'[\\",+;<>]|^[# ]| $')


def _escaped(value: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", value) if _SPECIAL.search(value) else value


# Letters and marks that print as nothing although Unicode does not class them as format characters.
_BLANKS: Final = frozenset(
    "\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u2800\u3164\uffa0"
    + "".join(map(chr, range(0xFE00, 0xFE10)))
    + "".join(map(chr, range(0xE0100, 0xE01F0)))
)
_HIDDEN_CATEGORIES: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
# Latin letters, their marks and common signs: nearly every name, told in one look. None of them needs to be changed.
_PLAIN: Final = re.compile("[ -~\u00a1-\u00ac\u00ae-\u024f\u0300-\u034e\u0350-\u036f\u1e00-\u1eff]*")


def display_name(text: str) -> str:
    """Make untrusted text safe and honest to show on one line.

    NUL and control characters become their symbols (`␀`), characters that change direction, join, hide or have no
    meaning become their number (`⟦U+202E⟧`), other kinds of space become a space. Letters and marks of every script
    stay. This is for eyes only: escape for HTML as always, and never compare or store the result.
    """
    if _PLAIN.fullmatch(text):
        return text
    return "".join(c if " " <= c <= "~" else _shown(c) for c in text)


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Zs":
        return " "
    if category not in _HIDDEN_CATEGORIES and character not in _BLANKS:
        return character
    code = ord(character)
    if code < 0x20:
        return chr(0x2400 + code)
    return "\u2421" if code == 0x7F else f"⟦U+{code:04X}⟧"
