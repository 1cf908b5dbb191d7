"""From the cells of one row of a list of agencies to typed values."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from certs.messages import define
from certs.text import fold, normalise
from registry.agencies.tables import AgencyLevel
from registry.agency_imports.columns import AgencyField
from registry.lists.cells import (
    BAD_WORD,
    BadCell,
    CellReader,
    CellsRead,
    has_time,
    moment_within,
    parse_day,
    read_code,
    read_email,
    read_text,
    read_words,
)
from registry.lists.spreadsheets import Cell
from registry.views import MessageView, View

FORMER_UNDATED = define(
    "agency_imports.former_undated",
    vi="Cột {column}: tên cũ “{value}” cần ghi ngày, ví dụ: Sở A (đến 19/02/2025). Tên này chưa được ghi.",
    en="Column {column}: the former name “{value}” needs its day, e.g. Sở A (đến 19/02/2025). It is left out.",
)


class FormerName(View):
    """A name that an agency had."""

    name: str
    until: datetime
    """From then on the next name held."""


class Successor(View):
    """A body that took over."""

    code: str
    at: datetime | None = None
    """None: when the agency ended."""


class ListedAgency(View):
    """What one row of a list says. None: it says nothing about that."""

    place: str
    """File, sheet and row, safe to show."""
    code: str | None = None
    name: str | None = None
    level: AgencyLevel | None = None
    parent: str | None = None
    """Code or name of the superior body."""
    has_parent_column: bool = False
    above: int | None = None
    """Place among the rows of the list of the one it stands below, by numbering or indentation."""
    heading: str | None = None
    """The line above it that is no agency but may name one, e.g. `HUYỆN HIỆP HÒA`."""
    email: str | None = None
    address: str | None = None
    tax_code: str | None = None
    budget_code: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    """The moment from which it is no more."""
    former_names: tuple[FormerName, ...] = ()
    successors: tuple[Successor, ...] = ()
    document: str | None = None
    """On which the agency, or what the row says, is founded."""
    end_document: str | None = None
    note: str | None = None
    problems: tuple[MessageView, ...] = ()
    unreadable: tuple[AgencyField, ...] = ()
    """Cells without which the row cannot be used and that could not be read."""


def listed_agency(place: str, read: CellsRead[AgencyField], **outline: Any) -> ListedAgency:
    """Put together what the cells of a row say."""
    values = read.values
    until = values.get(AgencyField.ENDED) or values.get(AgencyField.LAST_DAY)
    return ListedAgency(
        place=place,
        parent=values.get(AgencyField.PARENT_CODE) or values.get(AgencyField.PARENT),
        until=until,
        problems=tuple(map(MessageView.of, read.problems)),
        **{name: values[field] for field, name in _PLAIN.items() if field in values},
        **outline,
    )


_PLAIN: Final[Mapping[AgencyField, str]] = {
    field: field.value
    for field in (
        *(AgencyField.CODE, AgencyField.NAME, AgencyField.LEVEL, AgencyField.EMAIL, AgencyField.ADDRESS),
        *(AgencyField.TAX_CODE, AgencyField.BUDGET_CODE, AgencyField.SINCE, AgencyField.FORMER_NAMES),
        *(AgencyField.SUCCESSORS, AgencyField.DOCUMENT, AgencyField.END_DOCUMENT),
        AgencyField.NOTE,
    )
}

_BULLET: Final = re.compile(r"^\s*(?:[-+*•–]\s+|\d+(?:\.\d+)*[.)]\s+)")


def _name(text: str, cell: Cell) -> str:
    del cell
    return read_text(300)(normalise(_BULLET.sub("", text)), None)


_LEVEL: Final = read_words(
    ("truong|school|mam non|tieu hoc|thcs|thpt|giao duc|mn|th|ptdtbt|gdtx|c[123]", AgencyLevel.SCHOOL),
    ("truc thuoc|su nghiep|subordinate", AgencyLevel.SUBORDINATE),
    ("huyen|quan|thi xa|thanh pho|district|tp|tx", AgencyLevel.DISTRICT),
    ("xa|phuong|thi tran|commune", AgencyLevel.COMMUNE),
    ("so|ban|nganh|tinh|province|dang|doan the|mat tran|hoi|trung uong", AgencyLevel.PROVINCE),
    ("phong|trung tam|chi cuc|benh vien|don vi", AgencyLevel.SUBORDINATE),
)

_BY_NAME: Final = (
    (r"truong|mam non|mau giao|tieu hoc|trung hoc", AgencyLevel.SCHOOL),
    (r"(?:so|ban|cuc|thanh tra tinh|tinh uy|tinh doan|van phong) .*", AgencyLevel.PROVINCE),
    (r"(?:huyen uy|thi uy|thanh uy|quan uy|huyen doan)", AgencyLevel.DISTRICT),
)
_COMMITTEE: Final = re.compile(
    r"(?:uy ban nhan dan|ubnd|hoi dong nhan dan|hdnd|dang uy|uy ban mat tran to quoc|hdnd va ubnd"
    r"|hoi dong nhan dan va uy ban nhan dan) (?P<of>tinh|huyen|quan|thi xa|thanh pho|tp|tx|xa|phuong|thi tran)\b"
)
_OF: Final = {
    **dict.fromkeys(("huyen", "quan", "thi xa", "thanh pho", "tp", "tx"), AgencyLevel.DISTRICT),
    **dict.fromkeys(("xa", "phuong", "thi tran"), AgencyLevel.COMMUNE),
    "tinh": AgencyLevel.PROVINCE,
}


def level_of_name(name: str, *, has_parent: bool) -> AgencyLevel | None:
    """The level that a name speaks of (`UBND xã …`, `Trường …`); what stands below another is else a unit of it."""
    folded = fold(name)
    if match := _COMMITTEE.match(folded):
        return _OF[match["of"]]
    for pattern, level in _BY_NAME:
        if re.match(rf"(?:{pattern})\b", folded) and not (has_parent and level is AgencyLevel.PROVINCE):
            return level
    return AgencyLevel.SUBORDINATE if has_parent else None


_MOMENT: Final = moment_within(1900, 2200)


def _last_day(text: str, cell: Cell) -> datetime:
    moment = _MOMENT(text, cell)
    return moment if has_time(cell, text) else moment + timedelta(days=1)


_DATED: Final = re.compile(
    r"^(?P<what>.*?)\s*\(\s*(?:đến|den|tới|until|từ|from)?\s*(?:ngày)?\s*(?P<day>[^()]+)\)$", re.IGNORECASE
)
_BETWEEN: Final = re.compile(r"[;\n]+")


def _former_names(text: str, cell: Cell) -> tuple[FormerName, ...]:
    del cell
    found: list[FormerName] = []
    for part in filter(None, map(str.strip, _BETWEEN.split(text))):
        match = _DATED.match(part)
        until = parse_day(match["day"].strip()) if match else None
        if match is None or until is None:
            raise BadCell(FORMER_UNDATED)
        found.append(FormerName(name=_name(match["what"], None), until=until))
    return tuple(sorted(found, key=lambda each: each.until))


def _successors(text: str, cell: Cell) -> tuple[Successor, ...]:
    del cell
    found: list[Successor] = []
    for part in filter(None, map(str.strip, re.split(r"[;,\n]+", text))):
        match = _DATED.match(part)
        at = parse_day(match["day"].strip()) if match else None
        if match is not None and at is None:
            raise BadCell(BAD_WORD)
        found.append(Successor(code=read_code(match["what"] if match else part, None), at=at))
    return tuple(found)


READERS: Final[Mapping[AgencyField, CellReader]] = {
    AgencyField.CODE: read_code,
    AgencyField.NAME: _name,
    AgencyField.LEVEL: _LEVEL,
    AgencyField.PARENT_CODE: read_code,
    AgencyField.PARENT: read_text(300),
    AgencyField.EMAIL: read_email,
    AgencyField.ADDRESS: read_text(300),
    AgencyField.TAX_CODE: read_code,
    AgencyField.BUDGET_CODE: read_code,
    AgencyField.SINCE: _MOMENT,
    AgencyField.ENDED: _MOMENT,
    AgencyField.LAST_DAY: _last_day,
    AgencyField.FORMER_NAMES: _former_names,
    AgencyField.SUCCESSORS: _successors,
    AgencyField.DOCUMENT: read_text(200),
    AgencyField.END_DOCUMENT: read_text(200),
    AgencyField.NOTE: read_text(1000),
}

NEEDED: Final = (AgencyField.CODE, AgencyField.SINCE, AgencyField.ENDED, AgencyField.LAST_DAY, AgencyField.SUCCESSORS)
"""A row is not used when one of these is filled and cannot be read."""
