"""Rules about form fields and the widgets that show them (ISO 32000-2, 12.7)."""

from typing import TYPE_CHECKING

from certs.pdf.appearance import appearances, paints, rectangle_of
from certs.pdf.compare.findings import Need
from certs.pdf.compare.resources import OnlyAdded
from certs.pdf.compare.state import SILENT_ANNOTATION
from certs.pdf.form import Field
from certs.pdf.signatures import is_signature_dictionary
from certs.pdf.values import Ref, Value, integer, text_of

if TYPE_CHECKING:
    from certs.pdf.compare.steps import Step

_READ_ONLY = 1
_PUSH_BUTTON = 1 << 16
_PRINT = 4
_HIDING = 1 | 2 | 32 | 256
"""Invisible, Hidden, NoView, ToggleNoView (table 167)."""
_SIGNING_CHANGES = frozenset({"V", "AP", "AS", "F", "Ff", "MK", "DA", "Q", "Rect", "Lock", "SV", "Kids", "BS", "Border", "T", "FT", "Subtype", "DV", "H", "TU"})  # fmt: skip
_FILLING_CHANGES = frozenset({"V", "AP", "AS", "I", "RV", "TI", "DA", "Q"})
_TEXT_SHOWN = 200


class FieldRules:
    """Compares the form of one revision with that of its predecessor."""

    def __init__(self, step: "Step") -> None:
        self.step = step
        self.document = step.document
        self.before = step.before.form
        self.after = step.after.form

    def run(self) -> None:
        """Report every difference of the form."""
        self._form()
        touched = self.step.touched
        affected: dict[int, Field] = {}
        for number in touched | {
            number for kind, number in self.step.hits if kind in ("field", "fields", "annotation")
        }:
            for field in (self.before.by_number.get(number), self.before.widget_owner.get(number)):
                if field is not None:
                    affected[field.number] = field
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

    def _written_in_place(self) -> None:
        """Fields that are no objects of their own have no identity to follow: they must all be the same."""
        old = [field.dictionary for field in self.before.fields if field.number < 0]
        new = [field.dictionary for field in self.after.fields if field.number < 0]
        if len(old) != len(new) or not all(map(self.step.comparison.same, old, new)):
            self.step.report("form_entry", Need.NEVER, key="Fields")

    def _form(self) -> None:
        old, new = self.before.dictionary, self.after.dictionary
        changed = set(self.step.hits.get(("form", 0), ()))
        if old is not new:
            changed |= self.step.comparison.changed_keys(old, new)
        for key in changed - {"Fields", "SigFlags"}:
            if key == "DR" and OnlyAdded(self.step).are_resources(old.get(key), new.get(key)):
                continue
            if key in ("DA", "Q") and key not in old:
                continue
            if key == "NeedAppearances" and (self._resolved(new.get(key)) is not True or not self._has_values()):
                continue
            self.step.report("form_entry", Need.NEVER, key=key)

    def _resolved(self, value: Value) -> Value:
        return self.document.resolve(value, self.step.revision)

    def _has_values(self) -> bool:
        return any(field.type != "Sig" and field.is_terminal and field.value is not None for field in self.after.fields)

    def _removed(self, field: Field) -> None:
        is_signed = field.type == "Sig" and field.value is not None
        self.step.report("signature_removed" if is_signed else "field_removed", Need.NEVER, field=field.name)

    def _page(self, field: Field) -> int | None:
        pages = self.step.after.page_of
        return next((pages[number] for number in field.widgets if pages.get(number)), None)

    def _added(self, field: Field, names: set[str]) -> None:
        if not field.is_terminal and field.name not in names:
            return  # its terminal fields are judged
        page = self._page(field)
        if field.type != "Sig" or field.name in names:
            self.step.report("field_added", Need.NEVER, field=field.name, page=page)
            return
        for number in (field.number, *field.widgets):
            if {"A", "AA"} & self.document.dictionary(Ref(number, 0), self.step.revision).keys():
                self.step.report("field_entry", Need.NEVER, field=field.name, page=page, key="AA")
        if field.value is not None:
            self._signed(field, is_new=True)
            return
        if self._is_shown(field) and self._draws(field) and not self._is_signed_in_the_end(field):
            # Without a signature it is no more than a picture laid over the page.
            self.step.report("annotation_added", Need.NEVER, page=page, kind="Widget")
        self.step.report("signature_field_added", Need.SIGN, field=field.name, page=page, is_new_field=True)

    def _is_signed_in_the_end(self, field: Field) -> bool:
        """Some programs write the field first and sign it with their next revision."""
        last = self.document.last
        value = self.document.dictionary(Ref(field.number, 0), last).get("V")
        return is_signature_dictionary(self.document.dictionary(value, last))

    def _draws(self, field: Field) -> bool:
        """Whether the appearances of a field paint anything, as far as their content can be read."""
        for number in field.widgets:
            widget = self.document.dictionary(Ref(number, 0), self.step.revision)
            streams = appearances(self.document, widget, self.step.revision)
            if any(paints(self.document, stream, self.step.revision) for stream in streams):
                return True
        return False

    def _signed(self, field: Field, *, is_new: bool) -> None:
        value = self.document.dictionary(field.value, self.step.revision)
        if field.type != "Sig" or not is_signature_dictionary(value):
            self.step.report("field_entry", Need.NEVER, field=field.name, page=self._page(field), key="V")
            return
        if isinstance(field.value, Ref) and self._is_signature(field.value):
            # The signature was there before: it is shown a second time where its signer did not put it.
            self.step.report("signature_dictionary", Need.NEVER, field=field.name, page=self._page(field))
            return
        is_time_stamp = (
            self._resolved(value.get("SubFilter")) == "ETSI.RFC3161"
            or self._resolved(value.get("Type")) == "DocTimeStamp"
        )
        rule = "timestamp_added" if is_time_stamp else "signature_added"
        # A time-stamp that shows itself changes what a reader sees, as a signature does.
        need = Need.TIME_STAMP if is_time_stamp and not self._is_shown(field) else Need.SIGN
        self.step.report(rule, need, field=field.name, page=self._page(field), is_new_field=is_new)

    def _is_shown(self, field: Field) -> bool:
        """Whether a widget of the field has an area and something to draw there."""
        for number in field.widgets:
            widget = self.document.dictionary(Ref(number, 0), self.step.revision)
            rectangle = rectangle_of(self.document, widget.get("Rect"), self.step.revision)
            is_empty = rectangle is not None and (rectangle[0] == rectangle[2] or rectangle[1] == rectangle[3])
            if "AP" in widget and not is_empty:
                return True
        return False

    def _changed_keys(self, old: Field, new: Field) -> set[str]:
        changed: set[str] = set()
        for number in {old.number, *old.widgets}:
            changed |= self.step.hits.get(("field", number), set()) | self.step.hits.get(("annotation", number), set())
            if number in self.step.touched:
                before = self.document.get(number, self.step.revision - 1)
                after = self.document.get(number, self.step.revision)
                if isinstance(before, dict) and isinstance(after, dict):
                    changed |= self.step.comparison.changed_keys(before, after)
                elif before is not None or after is not None:
                    changed.add("Subtype")
        kids_differ = set(old.widgets) != set(new.widgets) or ("Kids" in changed and self._has_kids_in_place(new))
        changed.discard("Kids")
        if kids_differ:
            changed.add("Kids")
        if "Type" in changed and "Type" not in old.dictionary:
            changed.discard("Type")
        if old.name != new.name or old.type != new.type:
            changed.add("T")
        if not self.step.comparison.same(old.value, new.value):
            changed.add("V")
        if "MK" in changed and not old.dictionary.get("MK") and not new.dictionary.get("MK"):
            changed.discard("MK")  # an empty dictionary says as much as none
        return changed - (SILENT_ANNOTATION - {"Parent"})

    def _has_kids_in_place(self, field: Field) -> bool:
        """Whether a widget of the field is written into its list of kids, where nothing compares it."""
        kids = self.document.array(field.dictionary.get("Kids"), self.step.revision)
        return not all(isinstance(kid, Ref) for kid in kids)

    def _existing(self, old: Field, new: Field) -> None:
        changed = self._changed_keys(old, new)
        if not changed:
            return
        if not old.is_terminal:
            # Kids that are fields are judged themselves; a value given here is inherited by them.
            for key in changed - {"Kids", "V"}:
                self.step.report("field_entry", Need.NEVER, field=old.name, key=key)
            if "V" in changed and isinstance(self._resolved(new.value), dict):
                self.step.report("field_entry", Need.NEVER, field=old.name, key="V")
            elif "V" in changed:
                self._filled(old, new)
        elif old.type == "Sig" or (old.value is not None and self._is_signature(old.value)):
            self._signature_field(old, new, changed)
        else:
            self._plain_field(old, new, changed)

    def _is_signature(self, value: Value) -> bool:
        return is_signature_dictionary(self.document.dictionary(value, self.step.revision - 1))

    def _signature_field(self, old: Field, new: Field, changed: set[str]) -> None:
        page = self._page(new) or self._page(old)
        if old.value is not None:
            if new.value is None:
                self.step.report("signature_removed", Need.NEVER, field=old.name, page=page)
            elif "V" in changed:
                self.step.report("signature_dictionary", Need.NEVER, field=old.name, page=page)
            self._drop_harmless_flags(old, new, changed)
            self._not_filled(old, changed - {"V"}, page)
            return
        if new.value is None:
            for key in changed - {"SV"}:
                self.step.report("field_entry", Need.NEVER, field=old.name, page=page, key=key)
            return
        for key in changed - _SIGNING_CHANGES:
            self.step.report("field_entry", Need.NEVER, field=old.name, page=page, key=key)
        if "T" in changed and old.name != new.name:
            self.step.report("field_entry", Need.NEVER, field=old.name, page=page, key="T")
        if "Lock" in changed and "Lock" in old.dictionary:
            self.step.report("field_entry", Need.NEVER, field=old.name, page=page, key="Lock")
        self._signed(new, is_new=False)

    def _plain_field(self, old: Field, new: Field, changed: set[str]) -> None:
        page = self._page(new) or self._page(old)
        self._drop_harmless_flags(old, new, changed)
        if "V" in changed and (self._has_no_value(old) or isinstance(self._resolved(new.value), dict)):
            self.step.report("field_entry", Need.NEVER, field=old.name, page=page, key="V")
            changed.discard("V")
        allowed = _FILLING_CHANGES if "V" in changed else frozenset()
        self._not_filled(old, changed - allowed, page)
        if "V" in changed:
            self._filled(old, new)

    def _has_no_value(self, field: Field) -> bool:
        """Push buttons and fields without a type cannot be filled in; a value would only excuse another picture."""
        flags = integer(self.document.resolve(field.dictionary.get("Ff", 0), self.step.revision - 1)) or 0
        return field.type not in ("Tx", "Ch", "Btn") or (field.type == "Btn" and bool(flags & _PUSH_BUTTON))

    def _drop_harmless_flags(self, old: Field, new: Field, changed: set[str]) -> None:
        """Signing programs set flags for reading only, for printing and for locking; what hides a field is judged."""
        if "Ff" in changed and self._only_read_only(old, new):
            changed.discard("Ff")
        if "F" in changed and not self._hides(old):
            changed.discard("F")

    def _not_filled(self, field: Field, keys: set[str], page: int | None) -> None:
        for key in keys:
            if key in ("AP", "AS", "MK"):
                self.step.report("appearance_replaced", Need.NEVER, field=field.name, page=page)
            else:
                self.step.report("field_entry", Need.NEVER, field=field.name, page=page, key=key)

    def _filled(self, old: Field, new: Field) -> None:
        self.step.report(
            "form_filled",
            Need.FILL,
            field=old.name,
            page=self._page(new) or self._page(old),
            old=self._shown(old.value, self.step.revision - 1),
            new=self._shown(new.value, self.step.revision),
        )

    def _shown(self, value: Value, revision: int) -> str:
        resolved = self.document.resolve(value, revision)
        if isinstance(resolved, list):
            return ", ".join(self._shown(item, revision) for item in resolved[:8])[:_TEXT_SHOWN]
        text = resolved if isinstance(resolved, str) else text_of(resolved)
        return (text or "")[:_TEXT_SHOWN]

    def _only_read_only(self, old: Field, new: Field) -> bool:
        before = integer(self.document.resolve(old.dictionary.get("Ff", 0), self.step.revision - 1)) or 0
        after = integer(self._resolved(new.dictionary.get("Ff", 0))) or 0
        return after & ~_READ_ONLY == before & ~_READ_ONLY

    def _hides(self, field: Field) -> bool:
        """True when some widget of the field became, or stopped being, visible by its flags, or is no longer printed."""
        for number in field.widgets:
            before = self.document.dictionary(Ref(number, 0), self.step.revision - 1).get("F", 0)
            after = self.document.dictionary(Ref(number, 0), self.step.revision).get("F", 0)
            old = integer(self.document.resolve(before, self.step.revision - 1)) or 0
            new = integer(self._resolved(after)) or 0
            if (old ^ new) & _HIDING or old & ~new & _PRINT:
                return True
        return False
