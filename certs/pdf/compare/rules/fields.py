"""Rules about form fields: which of them changed, and by which rules each is judged (ISO 32000-2, 12.7.4)."""

from certs.pdf.compare.findings import Need
from certs.pdf.compare.rules.field_changes import FieldChanges
from certs.pdf.compare.rules.filling import FillingRules
from certs.pdf.compare.rules.group import RuleGroup
from certs.pdf.compare.rules.signing import SigningRules
from certs.pdf.compare.step import Step
from certs.pdf.form import Field, Form
from certs.pdf.values import Ref, Value


class FieldRules(RuleGroup):
    """Compares the fields of one revision with those of its predecessor."""

    def __init__(self, step: Step) -> None:
        super().__init__(step)
        self.before = step.before.form
        self.after = step.after.form
        self.changes = FieldChanges(step)
        self.signing = SigningRules(step)
        self.filling = FillingRules(step)

    def run(self) -> None:
        """Report every difference of the fields."""
        touched = self.step.touched
        affected: dict[int, Field] = {}
        for number in touched | {
            number for kind, number in self.step.hits if kind in ("field", "fields", "annotation")
        }:
            for field in (self.before.by_number.get(number), self.before.widget_owner.get(number)):
                if field is not None:
                    affected[field.number] = field
            self._shared(number)
        names = {field.name for field in self.before.fields}
        for number in self.before.by_number.keys() - self.after.by_number.keys():
            self._removed(self.before.by_number[number])
            affected.pop(number, None)
        for field in affected.values():
            if field.number >= 0:
                self._existing(field, self.after.by_number[field.number])
            else:
                self.step.report("field_entry", Need.NEVER, field=field.name, key="T")
        for number in self.after.by_number.keys() - self.before.by_number.keys():
            self._added(self.after.by_number[number], names)
        self._written_in_place()

    def _shared(self, number: int) -> None:
        """A widget of two fields: what one of them permits would change what the other shows."""
        if number in self.before.shared_widgets and (
            not self.step.comparison.same_object(number) or ("annotation", number) in self.step.hits
        ):
            field = self.before.widget_owner[number]
            self.step.report("field_entry", Need.NEVER, field=field.name, page=self.changes.page_of(field), key="Kids")

    def _written_in_place(self) -> None:
        """Fields that are no objects of their own have no identity to follow: they must all be the same."""
        old, new = self._in_place(self.before, -1), self._in_place(self.after, 0)
        if len(old) != len(new) or not all(map(self.step.comparison.same, old, new)):
            self.step.report("form_entry", Need.NEVER, key="Fields")

    def _in_place(self, form: Form, since: int) -> list[Value]:
        """What is written into the lists of fields; what is no field is skipped by some, and ends the list for others."""
        items = self.document.array(form.dictionary.get("Fields"), self.revision + since)
        found: list[Value] = [item for item in items if not isinstance(item, Ref | dict) and item is not None]
        found.extend(field.dictionary for field in form.fields if field.number < 0)
        return found

    def _removed(self, field: Field) -> None:
        is_signed = field.type == "Sig" and field.value is not None
        self.step.report("signature_removed" if is_signed else "field_removed", Need.NEVER, field=field.name)

    def _added(self, field: Field, names: set[str]) -> None:
        page = self.changes.page_of(field)
        if not field.is_terminal and field.name not in names and not field.widgets:
            return  # its terminal fields are judged
        if not field.is_terminal or self.changes.takes_over(field.widgets):
            self.step.report("field_added", Need.NEVER, field=field.name, page=page)
            return
        if field.type != "Sig" or field.name in names:
            self.step.report("field_added", Need.NEVER, field=field.name, page=page)
            return
        self.signing.added(field)

    def _existing(self, old: Field, new: Field) -> None:
        changed = self.changes.keys(old, new)
        if not changed:
            return
        if not old.is_terminal:
            self.filling.parent(old, new, changed)
        elif old.type == "Sig" or (old.value is not None and self.changes.was_signature(old.value)):
            self.signing.existing(old, new, changed)
        else:
            self.filling.existing(old, new, changed)
