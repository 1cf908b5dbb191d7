"""The base of everything that leaves a feature."""

from typing import Self

from pydantic import BaseModel, ConfigDict

from certs.messages import Message


class View(BaseModel):
    """A value made from rows; frozen, and free of the session it was read in."""

    model_config = ConfigDict(frozen=True)


class MessageView(View):
    """A statement of the register in both languages."""

    code: str
    vi: str
    en: str

    @classmethod
    def of(cls, message: Message) -> Self:
        """The view of a message."""
        return cls(code=message.code, vi=message.text("vi"), en=message.text("en"))
