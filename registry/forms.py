"""Reading what a person typed into a form: every field is looked at before anybody complains, and nothing typed is lost."""

import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final, TypeVar

from certs.messages import Message, define, message
from certs.text import fold, normalise
from registry.clock import local_day, start_of_day
from registry.schemas import without_hidden

E = TypeVar("E", bound=StrEnum)

define("forms.required", vi="Cần nhập mục này.", en="This has to be filled in.")
define(
    "forms.day",
    vi="“{value}” không phải là ngày. Hãy nhập theo dạng dd/mm/yyyy, ví dụ 01/07/2025.",
    en="“{value}” is no day. Write it as dd/mm/yyyy, for example 01/07/2025.",
)
define(
    "forms.year",
    vi="Năm {year} nằm ngoài khoảng 1990 đến 2200. Hãy kiểm tra lại ngày.",
    en="The year {year} is not between 1990 and 2200. Check the day.",
)
define(
    "forms.too_long",
    vi="Nội dung dài {length} ký tự, quá giới hạn {limit}. Hãy rút ngắn.",
    en="The text is {length} characters long, past the limit of {limit}. Shorten it.",
)
define("forms.choice", vi="Hãy chọn một mục trong danh sách.", en="Choose one of the list.")
define(
    "forms.email",
    vi="“{value}” không phải là địa chỉ thư điện tử.",
    en="“{value}” is no e-mail address.",
)


class FormReader:
    """The fields of one form. What cannot be used becomes a problem under the name of its field."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.typed = dict(values)
        """As it was typed, to be shown again."""
        self.problems: dict[str, Message] = {}
        self.choices: dict[str, Sequence[Any]] = {}
        """What a field may mean, where that is not clear: the form shows it to choose from."""

    def text(self, name: str, *, limit: int, is_required: bool = False) -> str:
        """A text without blanks around it and hidden characters in it; empty when nothing was typed or it cannot be used."""
        text = normalise(without_hidden(self.typed.get(name, "")))
        if len(text) > limit:
            self.fail(name, message("forms.too_long", length=len(text), limit=limit))
            return ""
        if is_required and not text:
            self.fail(name, message("forms.required"))
        return text

    def email(self, name: str) -> str:
        """An e-mail address, or empty."""
        text = self.text(name, limit=254)
        head, _, host = text.partition("@")
        if text and (not head or not host or "@" in host or " " in text):
            self.fail(name, message("forms.email", value=text[:60]))
        return text

    def day(self, name: str) -> date | None:
        """A day that has to be there, in any way that `parse_day` reads."""
        text = self.text(name, limit=60, is_required=True)
        if not text:
            return None
        day = parse_day(text)
        if day is None:
            self.fail(name, message("forms.day", value=text))
        elif not 1990 <= day.year <= 2200:
            self.fail(name, message("forms.year", year=day.year))
            return None
        return day

    def member(self, name: str, enum: type[E]) -> E | None:
        """A member of an enumeration that has to be chosen."""
        try:
            return enum(self.typed.get(name, ""))
        except ValueError:
            self.fail(name, message("forms.choice"))
            return None

    def fail(self, name: str, problem: Message) -> None:
        """Say what is wrong with a field; the first complaint stays."""
        self.problems.setdefault(name, problem)


def parse_day(text: str) -> date | None:
    """The day written as `23/11/2026`, `23-11-2026`, `23.11.26`, `23 tháng 11 năm 2026` or `2026-11-23`; None for anything else.

    A year of two digits is one of this century.
    """
    plain = fold(text)
    if match := _ISO_DAY.fullmatch(plain):
        year, month, day = map(int, match.groups())
    elif match := _DAY.fullmatch(plain) or _DAY_IN_WORDS.fullmatch(plain):
        day, month, year = map(int, match.groups())
        year += 2000 if year < 100 else 0
    else:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


_ISO_DAY: Final = re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})")
_DAY: Final = re.compile(r"(?:ngay )?([0-9]{1,2}) ?[/.-] ?([0-9]{1,2}) ?[/.-] ?([0-9]{4}|[0-9]{2})")
_DAY_IN_WORDS: Final = re.compile(r"(?:ngay )?([0-9]{1,2}) thang ([0-9]{1,2}) nam ([0-9]{4})")


def moment_of(day: date, *, now: datetime, begin: datetime | None = None) -> datetime:
    """From when a change of `day` holds: now, if that is today, else the begin of the day in Viet Nam.

    On the day of `begin`, before which there is nothing to change, it is that moment.
    """
    if day == local_day(now):
        return now
    start = start_of_day(day)
    return begin if begin is not None and local_day(begin) == day and begin > start else start
