"""Rules about filling in fields other than those of signatures (ISO 32000-2, 12.7.5)."""

from certs.pdf.compare.findings import Need
from certs.pdf.compare.looks import Looks
from certs.pdf.compare.rules.field_changes import FieldChanges
from certs.pdf.compare.rules.group import RuleGroup
from certs.pdf.compare.step import Step
from certs.pdf.compare.wording import shown, words
from certs.pdf.form import Field
from certs.pdf.values import integer

_PUSH_BUTTON = 1 << 16
_FILLING_CHANGES = frozenset({"V", "AP", "AS", "I", "RV", "TI", "DA", "Q", "BS"})


class FillingRules(RuleGroup):
    """Judges the values of fields of one revision against those of its predecessor."""

    def __init__(self, step: Step) -> None:
        super().__init__(step)
        self.before = step.before.form
        self.after = step.after.form
        self.changes = FieldChanges(step)
        self.looks = Looks(step.document, step.revision)
        self.looks_before = Looks(step.document, step.revision - 1)

    def existing(self, old: Field, new: Field, changed: set[str]) -> None:
        """Report what the changed keys of a field that takes a value mean; `changed` is used up."""
        page = self.changes.page_of(new) or self.changes.page_of(old)
        self.changes.drop_harmless_flags(old, new, changed)
        if "V" in changed and (
            self._has_no_value(old) or isinstance(self.document.resolve(new.value, self.revision), dict)
        ):
            self.step.report("field_entry", Need.NEVER, field=old.name, page=page, key="V")
            changed.discard("V")
        is_filled = "V" in changed and not self._reads_the_same(old, new)
        if "V" in changed and not is_filled:
            # Another spelling of the same words excuses no other picture; that of a field left empty may show nothing.
            changed.discard("V")
            was_painted, is_painted = self.looks_before.are_painted(old), self.looks.are_painted(new)
            if words(self.document, new.value, self.revision) == () and not (was_painted or is_painted):
                changed.discard("AP")
        self.changes.report_unexplained(old, changed - (_FILLING_CHANGES if is_filled else frozenset()), page)
        if is_filled:
            self._filled(old, new)

    def parent(self, old: Field, new: Field, changed: set[str]) -> None:
        """Report what changed in a field that holds other fields."""
        # Kids that are fields are judged themselves; a value given here is inherited by them.
        for key in changed - {"V"}:
            self.step.report("field_entry", Need.NEVER, field=old.name, key=key)
        if "V" in changed and isinstance(self.document.resolve(new.value, self.revision), dict):
            self.step.report("field_entry", Need.NEVER, field=old.name, key="V")
        elif "V" in changed:
            self._filled(old, new)
            self._filled_below(old)

    def _filled_below(self, parent: Field) -> None:
        """Fields that inherit a value from their parent are filled with it, and may be locked where it is not."""
        self.document.budget.spend(len(self.before.fields))
        for old in self.before.fields:
            new = self.after.by_number.get(old.number)
            if new is not None and old.name.startswith(parent.name + ".") and not self.changes.is_same_value(old, new):
                self._filled(old, new)

    def _filled(self, old: Field, new: Field) -> None:
        self.step.report(
            "form_filled",
            Need.FILL,
            field=old.name,
            page=self.changes.page_of(new) or self.changes.page_of(old),
            old=shown(self.document, old.value, self.revision - 1),
            new=shown(self.document, new.value, self.revision),
        )

    def _reads_the_same(self, old: Field, new: Field) -> bool:
        before = words(self.document, old.value, self.revision - 1)
        return before is not None and before == words(self.document, new.value, self.revision)

    def _has_no_value(self, field: Field) -> bool:
        """Push buttons and fields without a type cannot be filled in; a value would only excuse another picture."""
        flags = integer(self.document.resolve(field.dictionary.get("Ff", 0), self.revision - 1)) or 0
        return field.type not in ("Tx", "Ch", "Btn") or (field.type == "Btn" and bool(flags & _PUSH_BUTTON))
