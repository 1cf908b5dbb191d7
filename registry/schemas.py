"""The base of everything that comes in from outside as JSON or as a form; what goes out is in `registry.views`."""

from typing import Any

from pydantic import BaseModel, ConfigDict, model_validator

from certs.messages import define, message

define(
    "input.nul",
    vi="Văn bản chứa ký tự rỗng (NUL), không thể lưu được. Hãy xóa ký tự đó rồi gửi lại.",
    en="The text holds a NUL character, which cannot be stored. Remove it and send again.",
)


def contains_nul(value: Any) -> bool:
    """Whether any text inside `value` (text, list, mapping) holds a NUL character, which PostgreSQL cannot store."""
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, dict):
        return any(contains_nul(key) or contains_nul(item) for key, item in value.items())
    if isinstance(value, (list, tuple, set)):
        return any(contains_nul(item) for item in value)
    return False


class Incoming(BaseModel):
    """Base of submissions, updates and queries: unknown fields and NUL characters are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _refuse_nul(cls, data: Any) -> Any:
        if contains_nul(data):
            raise ValueError(message("input.nul").text("en"))
        return data
