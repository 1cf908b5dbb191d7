"""What differs in a form field and its widgets, and what is said where no rule explains it (ISO 32000-2, 12.7.4)."""

from collections.abc import Iterable

from certs.pdf.compare.findings import Need
from certs.pdf.compare.looks import Looks, only_read_only
from certs.pdf.compare.rules.group import RuleGroup
from certs.pdf.compare.state import SILENT_ANNOTATION
from certs.pdf.compare.step import Step
from certs.pdf.form import Field
from certs.pdf.signatures import is_signature_dictionary
from certs.pdf.values import Ref, Value


class FieldChanges(RuleGroup):
    """Compares fields of one revision with those of its predecessor, for all rules about fields."""

    def __init__(self, step: Step) -> None:
        super().__init__(step)
        self.before = step.before.form
        self.looks = Looks(step.document, step.revision)

    def page_of(self, field: Field) -> int | None:
        """1-based number of the first page that shows the field after the step; None when no page does."""
        pages = self.step.after.page_of
        return next((pages[number] for number in field.widgets if pages.get(number)), None)

    def keys(self, old: Field, new: Field) -> set[str]:
        """The entries of the field and its widgets that differ, or lead to something that does; silent ones are left out."""
        changed: set[str] = set()
        for number in {old.number, *old.widgets}:
            changed |= self._reached(number)
            if number in self.step.touched:
                before = self.document.get(number, self.revision - 1)
                after = self.document.get(number, self.revision)
                if isinstance(before, dict) and isinstance(after, dict):
                    changed |= self.step.comparison.changed_keys(before, after)
                elif before is not None or after is not None:
                    changed.add("Subtype")
        kids_differ = set(old.widgets) != set(new.widgets) or old.is_terminal != new.is_terminal
        kids_differ = kids_differ or ("Kids" in changed and self._has_kids_in_place(new))
        changed.discard("Kids")
        if kids_differ:
            changed.add("Kids")
        if "Type" in changed and "Type" not in old.dictionary:
            changed.discard("Type")
        if old.name != new.name or old.type != new.type:
            changed.add("T")
        if not self.is_same_value(old, new):
            changed.add("V")
        if "MK" in changed and not old.dictionary.get("MK") and not new.dictionary.get("MK"):
            changed.discard("MK")  # an empty dictionary says as much as none
        return changed - (SILENT_ANNOTATION - {"Parent"})

    def is_same_value(self, old: Field, new: Field) -> bool:
        """Whether both hold the same value, their own or an inherited one."""
        return self.step.comparison.same(old.value, new.value)

    def was_signature(self, value: Value) -> bool:
        """Whether the value was a signature dictionary before the step."""
        return is_signature_dictionary(self.document.dictionary(value, self.revision - 1))

    def takes_over(self, widgets: Iterable[int]) -> bool:
        """Whether something that was on a page, or showed another field, would become part of a field.

        Signing that field could then change it. Only a signature field that the form did not list may be taken in.
        """
        for number in widgets:
            if number in self.before.widget_owner:
                return True
            if number in self.step.before.page_of:
                known = self.document.dictionary(Ref(number, 0), self.revision - 1)
                if self.document.resolve(known.get("FT"), self.revision - 1) != "Sig":
                    return True
        return False

    def drop_harmless_flags(self, old: Field, new: Field, changed: set[str]) -> None:
        """Signing programs set flags for reading only, for printing and for locking; what hides a field is judged."""
        if "Ff" in changed and only_read_only(self.document, old, new, self.revision):
            changed.discard("Ff")
        if "F" in changed and not self.looks.are_hidden_or_shown(old):
            changed.discard("F")

    def report_unexplained(self, field: Field, keys: set[str], page: int | None) -> None:
        """Report changed entries that neither signing nor filling in explains."""
        for key in keys:
            if key in ("AP", "AS", "MK"):
                self.step.report("appearance_replaced", Need.NEVER, field=field.name, page=page)
            else:
                self.step.report("field_entry", Need.NEVER, field=field.name, page=page, key=key)

    def _reached(self, number: int) -> set[str]:
        """The keys of a part of a field through which something that changed is reached."""
        hits = self.step.hits
        return set[str]().union(*(hits.get((kind, number), ()) for kind in ("field", "fields", "annotation")))

    def _has_kids_in_place(self, field: Field) -> bool:
        """Whether a widget of the field is written into its list of kids, where nothing compares it."""
        kids = self.document.array(field.dictionary.get("Kids"), self.revision)
        return not all(isinstance(kid, Ref) for kid in kids)
