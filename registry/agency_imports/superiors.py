"""Which body a row of a list stands below."""

from dataclasses import dataclass, field

from certs.messages import Message, message
from registry.agency_imports import messages as say
from registry.agency_imports.values import ListedAgency
from registry.imports.matching import plain_name


@dataclass(slots=True)
class NameIndex:
    """Every code, and whom each name belongs to: in the register as it is now, and in the list."""

    codes: set[str] = field(default_factory=set)
    by_name: dict[str, set[str]] = field(default_factory=dict)

    def add(self, code: str, name: str) -> None:
        """Take note of a name."""
        self.codes.add(code)
        self.by_name.setdefault(plain_name(name), set()).add(code)


@dataclass(frozen=True, slots=True)
class Superior:
    """The superior body; `code` None: none, or nothing is said about it."""

    code: str | None
    is_from_prefix: bool = False


def find_superior(row: ListedAgency, code: str, above: str | None, names: NameIndex) -> Superior | Message:
    """The superior body by its code or name, the outline, the heading above, or the code; or why there is none.

    `above` is the code of the row that this one stands below by the outline of the list.
    """
    if row.parent is not None:
        return _named(row.parent, code, names)
    if row.has_parent_column:
        return Superior(None)
    if row.above is not None:
        return Superior(above) if above else message(say.UNKNOWN_SUPERIOR, superior=f"#{row.above + 1}")
    if row.heading:
        for text in (row.heading, f"UBND {row.heading}"):
            found = names.by_name.get(plain_name(text), set()) - {code}
            if len(found) == 1:
                return Superior(next(iter(found)))
    prefix = code
    while "." in prefix:
        prefix = prefix.rpartition(".")[0]
        if prefix in names.codes:
            return Superior(prefix, is_from_prefix=True)
    return Superior(None)


def _named(text: str, code: str, names: NameIndex) -> Superior | Message:
    if text in names.codes:
        return Superior(text)
    found = names.by_name.get(plain_name(text), set()) - {code}
    if len(found) == 1:
        return Superior(next(iter(found)))
    if found:
        return message(say.SEVERAL_SUPERIORS, superior=text, count=len(found))
    return message(say.UNKNOWN_SUPERIOR, superior=text)
