"""Query objects to and from the parameters of an address, so that a number and the link to its rows are one thing."""

from collections.abc import Callable, Collection, Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import TypeVar

from certs.messages import Message, define, message
from registry.clock import end_of_day, local_day
from registry.errors import InvalidInput
from registry.forms import parse_day

E = TypeVar("E", bound=StrEnum)
Q = TypeVar("Q")

Parameters = tuple[tuple[str, str], ...]
"""Names and values in order; `urllib.parse.urlencode` takes them as they are."""

define(
    "parameters.value",
    vi="Giá trị {value} của tham số {name} không dùng được. Cần: {expected}.",
    en="The value {value} of the parameter {name} cannot be used. Expected: {expected}.",
)
define(
    "parameters.number",
    vi="“{value}” không phải là số nguyên từ {minimum} đến {maximum}.",
    en="“{value}” is no whole number from {minimum} to {maximum}.",
)


class ParameterReader:
    """The parameters of one address. Every method raises `InvalidInput` naming the parameter at fault.

    Empty values count as absent, because forms send the fields that nobody filled in.
    """

    def __init__(self, parameters: Iterable[tuple[str, str]]) -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in parameters:
            if value.strip():
                self._values.setdefault(name, []).append(value.strip())

    def all(self, name: str) -> tuple[str, ...]:
        """Every value, in order, each once."""
        return tuple(dict.fromkeys(self._values.get(name, ())))

    def text(self, name: str) -> str | None:
        """The first value."""
        values = self._values.get(name)
        return values[0] if values else None

    def integer(self, name: str, *, minimum: int, maximum: int) -> int | None:
        """A whole number within bounds."""
        text = self.text(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) < 20 and minimum <= int(text) <= maximum):
            problem = message("parameters.number", value=text[:60], minimum=minimum, maximum=maximum)
            raise InvalidInput(problem, field=name)
        return int(text)

    def boolean(self, name: str) -> bool | None:
        """`1` or `0`."""
        text = self.text(name)
        if text is None:
            return None
        if text not in ("0", "1"):
            raise _unusable(name, text, "0, 1")
        return text == "1"

    def members(self, name: str, enum: type[E]) -> tuple[E, ...]:
        """Members of an enumeration."""
        values = self.all(name)
        known = {member.value: member for member in enum}
        for value in values:
            if value not in known:
                raise _unusable(name, value, ", ".join(known))
        return tuple(known[value] for value in values)

    def member(self, name: str, enum: type[E]) -> E | None:
        """The first of the members of an enumeration, or None when there is none."""
        return next(iter(self.members(name, enum)), None)

    def day(self, name: str) -> date | None:
        """A calendar day, `YYYY-MM-DD`, or as people type it: see `parse_day`."""
        text = self.text(name)
        if text is None:
            return None
        day = parse_day(text)
        if day is None:
            raise InvalidInput(message("forms.day", value=text[:60]), field=name)
        if not 1900 <= day.year <= 9000:
            raise _unusable(name, text, "1900-9000")
        return day

    def moment(self, name: str) -> datetime | None:
        """A moment: a day stands for its last microsecond in Viet Nam, else ISO 8601 with an offset."""
        text = self.text(name)
        if text is None:
            return None
        if "T" not in text[1:]:
            day = self.day(name)
            return None if day is None else end_of_day(day)
        try:
            moment = datetime.fromisoformat(text)
        except ValueError as error:
            raise _unusable(name, text, "dd/mm/yyyy, YYYY-MM-DD, YYYY-MM-DDTHH:MM:SS+07:00") from error
        if moment.tzinfo is None or not 1900 <= moment.year <= 9000:
            raise _unusable(name, text, "dd/mm/yyyy, YYYY-MM-DD, YYYY-MM-DDTHH:MM:SS+07:00")
        return moment


def read_usable(
    parameters: Iterable[tuple[str, str]], read: Callable[[Parameters], Q], *, typed: Collection[str]
) -> tuple[Q, dict[str, Message]]:
    """Read a query without what cannot be used of the parameters that people type, with the reason by name.

    What only a broken link can hold is raised on as `InvalidInput`.
    """
    problems: dict[str, Message] = {}
    left = tuple(parameters)
    while True:
        try:
            return read(left), problems
        except InvalidInput as refused:
            name = refused.field
            if name is None or name not in typed or name in problems:
                raise
            problems[name] = refused.reason
            left = tuple(each for each in left if each[0] != name)


def write_moment(at: datetime) -> str:
    """The inverse of `ParameterReader.moment`: the day alone where it says it all."""
    day = local_day(at)
    return day.isoformat() if end_of_day(day) == at else at.isoformat()


def _unusable(name: str, value: str, expected: str) -> InvalidInput:
    return InvalidInput(message("parameters.value", name=name, value=value[:60], expected=expected), field=name)
