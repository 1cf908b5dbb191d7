"""Rules about the entries that all fields of a form share (ISO 32000-2, table 224)."""

from certs.pdf.compare.drawn import drawn_by_readers, is_drawn_anew, may_show_other_words, shows_something
from certs.pdf.compare.findings import Need
from certs.pdf.compare.rules.group import RuleGroup
from certs.pdf.compare.rules.resources import OnlyAdded
from certs.pdf.compare.step import Step
from certs.pdf.values import Value


class FormRules(RuleGroup):
    """Compares the form dictionary of one revision with that of its predecessor."""

    def __init__(self, step: Step) -> None:
        super().__init__(step)
        self.before = step.before.form
        self.after = step.after.form

    def run(self) -> None:
        """Report every difference of these entries; the lists of fields are judged with the fields."""
        old, new = self.before.dictionary, self.after.dictionary
        changed = set(self.step.hits.get(("form", 0), ()))
        if old is not new:
            changed |= self.step.comparison.changed_keys(old, new)
        for key in changed - {"Fields", "SigFlags"}:
            if key == "DR" and OnlyAdded(self.step).are_resources(old.get(key), new.get(key)):
                continue
            if key in ("DA", "Q") and key not in old and not self._are_values_drawn():
                continue
            if key == "NeedAppearances" and not self._shows_other_values(old, new):
                continue
            self.step.report("form_entry", Need.NEVER, key=key)

    def _are_values_drawn(self) -> bool:
        """Whether readers draw a value themselves, before or after the step."""
        states = ((self.before, self.revision - 1), (self.after, self.revision))
        return any(drawn_by_readers(self.document, form, revision) for form, revision in states)

    def _shows_other_values(self, old: dict[str, Value], new: dict[str, Value]) -> bool:
        """Whether fields may look different from now on, drawn by the reader or no longer drawn by it."""
        if is_drawn_anew(self.document, new, self.revision):
            shown = (shows_something(self.document, field, self.revision) for field in self.after.fields)
            return self._has_values() or any(shown)
        if not is_drawn_anew(self.document, old, self.revision):
            return False
        return any(may_show_other_words(self.document, field, self.revision) for field in self.after.fields)

    def _has_values(self) -> bool:
        return any(field.type != "Sig" and field.is_terminal and field.value is not None for field in self.after.fields)
