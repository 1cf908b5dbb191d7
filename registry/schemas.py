"""The base of everything that comes in from outside as JSON or as a form; what goes out is in `registry.views`."""

import re
from typing import Annotated, Any, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from certs.messages import define, message

define(
    "input.nul",
    vi="Văn bản chứa ký tự rỗng (NUL), không thể lưu được. Hãy xóa ký tự đó rồi gửi lại.",
    en="The text holds a NUL character, which cannot be stored. Remove it and send again.",
)

EmailAddress = Annotated[str, Field(max_length=254, pattern=r"^[^@\s]+@[^@\s]+$")]
EmailAddressOrEmpty = Annotated[str, Field(max_length=254, pattern=r"^(?:[^@\s]+@[^@\s]+)?$")]
"""The empty text takes an address away."""


def contains_nul(value: Any) -> bool:
    """Whether any text inside `value` (text, list, mapping) holds a NUL character, which PostgreSQL cannot store."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(contains_nul(key) or contains_nul(item) for key, item in value.items())
    if isinstance(value, (list, tuple, set)):
        return any(contains_nul(item) for item in value)
    return False


# Controls but for tabs and ends of lines, and what turns the direction of writing round: notes would read backwards.
_HIDDEN: Final = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def without_hidden(text: str) -> str:
    """The text without characters that nobody types and that would make a page show something else."""
    return _HIDDEN.sub("", text)


def _without_hidden(value: Any) -> Any:
    if isinstance(value, str):
        return without_hidden(value)
    if isinstance(value, dict):
        return {key: _without_hidden(item) for key, item in value.items()}
    return [_without_hidden(item) for item in value] if isinstance(value, list) else value


class Incoming(BaseModel):
    """Base of submissions, updates and queries: unknown fields and NUL characters are refused, hidden ones left out."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_nul(cls, data: Any) -> Any:
        if contains_nul(data):
            raise ValueError(message("input.nul").text("en"))
        return _without_hidden(data)
