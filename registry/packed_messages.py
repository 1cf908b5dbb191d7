"""Messages of the register as they are kept in rows: what was said stays, in every language and any later wording."""

from collections.abc import Mapping
from typing import Any

from certs.messages import Message
from registry.views import MessageView


def pack_message(reason: Message) -> dict[str, Any]:
    """A message as code and parameters; the sentence is made when it is shown."""
    return {"code": reason.code, "parameters": {name: _storable(value) for name, value in reason.parameters.items()}}


def unpack_message(packed: Mapping[str, Any]) -> Message:
    """The message that `pack_message` packed."""
    return Message(packed["code"], packed["parameters"])


def show_message(packed: Mapping[str, Any] | None) -> MessageView | None:
    """The same in both languages, to be shown; None for none."""
    return None if packed is None else MessageView.of(unpack_message(packed))


def _storable(text: str) -> str:
    return text.replace("\0", "").encode("utf-8", "replace").decode()
