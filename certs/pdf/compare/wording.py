"""What the value of a field says: as shown in a report, and as compared."""

from unicodedata import category

from certs.pdf.document import Document
from certs.pdf.values import Stream, Value, text_of

_LONGEST_SHOWN = 200
_MOST_SHOWN = 8


def shown(document: Document, value: Value, revision: int) -> str:
    """The value in a few words."""
    resolved = document.resolve(value, revision)
    if isinstance(resolved, list):
        return ", ".join(shown(document, item, revision) for item in resolved[:_MOST_SHOWN])[:_LONGEST_SHOWN]
    return _text(resolved)[:_LONGEST_SHOWN]


def words(document: Document, value: Value, revision: int) -> tuple[str, ...] | None:
    """What somebody reads: no spaces, and no characters that nobody sees; None for a stream, which is not read here."""
    resolved = document.resolve(value, revision)
    items = [document.resolve(item, revision) for item in (resolved if isinstance(resolved, list) else [resolved])]
    if any(isinstance(item, Stream) for item in items):
        return None
    texts = ("".join(one for one in _text(item) if category(one)[0] not in "CZ") for item in items)
    return tuple(text for text in texts if text)


def _text(value: Value) -> str:
    return value if isinstance(value, str) else text_of(value) or ""
