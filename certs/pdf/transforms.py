"""What a signature permits afterwards: DocMDP, FieldMDP and field locks (ISO 32000-2, 12.8.2 and 12.7.5.5)."""

from dataclasses import dataclass

from certs.messages import Message, message
from certs.pdf import messages as codes
from certs.pdf.document import Document
from certs.pdf.model import DocMDPPermission
from certs.pdf.values import Value, integer, text_of


@dataclass(frozen=True, slots=True)
class Lock:
    """Fields that must not change any more (table 236 and 259)."""

    action: str
    """`All`, `Include` or `Exclude`."""
    fields: frozenset[str]

    def covers(self, name: str) -> bool:
        """True when the field of that name, or one of its ancestors, is locked."""
        if self.action == "All":
            return True
        is_listed = any(name == listed or name.startswith(listed + ".") for listed in self.fields)
        return is_listed if self.action == "Include" else not is_listed

    def words(self) -> str:
        """As in the standard: `All`, `Include: a, b`, `Exclude: a`."""
        return self.action if self.action == "All" else f"{self.action}: {', '.join(sorted(self.fields))}"


def read_transforms(
    document: Document, dictionary: dict[str, Value], field_number: int
) -> tuple[DocMDPPermission | None, tuple[Lock, ...], list[Message]]:
    """DocMDP and FieldMDP of the signature's /Reference, and the /Lock of its field."""
    revision = document.last
    permission: DocMDPPermission | None = None
    locks: list[Lock] = []
    faults: list[Message] = []
    for item in document.array(dictionary.get("Reference"), revision):
        reference = document.dictionary(item, revision)
        method = document.resolve(reference.get("TransformMethod"), revision)
        parameters = document.dictionary(reference.get("TransformParams"), revision)
        if method == "DocMDP":
            stated = _permission(document.resolve(parameters.get("P", 2), revision))
            if stated is None:
                faults.append(message(codes.ENTRY_MALFORMED, key="DocMDP"))
                stated = DocMDPPermission.NO_CHANGES
            permission = _stricter(permission, stated)
        elif method == "FieldMDP":
            lock = _lock(document, parameters)
            if lock is None:
                faults.append(message(codes.ENTRY_MALFORMED, key="FieldMDP"))
            else:
                locks.append(lock)
    if field_number >= 0:
        lock_dictionary = document.dictionary(document.dictionary(document.get(field_number, revision), revision).get("Lock"), revision)  # fmt: skip
        if lock_dictionary and (lock := _lock(document, lock_dictionary)) is not None:
            locks.append(lock)
            stated = _permission(document.resolve(lock_dictionary.get("P"), revision))
            permission = _stricter(permission, stated) if stated is not None else permission
    return permission, tuple(locks), faults


def _stricter(one: DocMDPPermission | None, other: DocMDPPermission) -> DocMDPPermission:
    return other if one is None else min(one, other, key=lambda level: level.value)


def _permission(value: Value) -> DocMDPPermission | None:
    number = integer(value)
    return DocMDPPermission(str(number)) if number in (1, 2, 3) else None


def _lock(document: Document, parameters: dict[str, Value]) -> Lock | None:
    action = document.resolve(parameters.get("Action"), document.last)
    names = document.array(parameters.get("Fields"), document.last)
    fields = [text_of(document.resolve(name, document.last)) for name in names]
    if action == "All":
        return Lock(action, frozenset())
    if action not in ("Include", "Exclude") or not all(name is not None for name in fields):
        return None
    return Lock(action, frozenset(name for name in fields if name is not None))
