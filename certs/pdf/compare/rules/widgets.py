"""Rules about form fields and the widgets that show them (ISO 32000-2, 12.7)."""

from collections.abc import Iterable

from certs.pdf.appearance import appearance_differs
from certs.pdf.compare.findings import Need
from certs.pdf.compare.looks import Looks, only_read_only
from certs.pdf.compare.rules.resources import OnlyAdded
from certs.pdf.compare.state import SILENT_ANNOTATION
from certs.pdf.compare.step import Step
from certs.pdf.compare.wording import shown, words
from certs.pdf.form import Field, Form
from certs.pdf.signatures import is_signature_dictionary
from certs.pdf.values import Ref, Value, integer

_PUSH_BUTTON = 1 << 16
_SIGNING_CHANGES = frozenset({"V", "AP", "AS", "F", "Ff", "MK", "DA", "Q", "Rect", "Lock", "SV", "Kids", "BS", "Border", "T", "FT", "Subtype", "DV", "H", "TU"})  # fmt: skip
_FILLING_CHANGES = frozenset({"V", "AP", "AS", "I", "RV", "TI", "DA", "Q"})


class FieldRules:
    """Compares the form of one revision with that of its predecessor."""

    def __init__(self, step: Step) -> None:
        self.step = step
        self.document = step.document
        self.before = step.before.form
        self.after = step.after.form
        self.looks = Looks(step.document, step.revision)

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
            self.step.report("field_entry", Need.NEVER, field=field.name, page=self._page(field), key="Kids")

    def _written_in_place(self) -> None:
        """Fields that are no objects of their own have no identity to follow: they must all be the same."""
        old, new = self._in_place(self.before, -1), self._in_place(self.after, 0)
        if len(old) != len(new) or not all(map(self.step.comparison.same, old, new)):
            self.step.report("form_entry", Need.NEVER, key="Fields")

    def _in_place(self, form: Form, since: int) -> list[Value]:
        """What is written into the lists of fields; what is no field is skipped by some, and ends the list for others."""
        items = self.document.array(form.dictionary.get("Fields"), self.step.revision + since)
        found: list[Value] = [item for item in items if not isinstance(item, Ref | dict) and item is not None]
        found.extend(field.dictionary for field in form.fields if field.number < 0)
        return found

    def _form(self) -> None:
        old, new = self.before.dictionary, self.after.dictionary
        changed = set(self.step.hits.get(("form", 0), ()))
        if old is not new:
            changed |= self.step.comparison.changed_keys(old, new)
        for key in changed - {"Fields", "SigFlags"}:
            if key == "DR" and OnlyAdded(self.step).are_resources(old.get(key), new.get(key)):
                continue
            if key in ("DA", "Q") and key not in old and not (self._is_drawn_anew(old) and self._has_values()):
                continue
            if key == "NeedAppearances" and not self._shows_other_values(old, new):
                continue
            self.step.report("form_entry", Need.NEVER, key=key)

    def _resolved(self, value: Value) -> Value:
        return self.document.resolve(value, self.step.revision)

    def _is_drawn_anew(self, form: dict[str, Value]) -> bool:
        """Whether readers draw the values themselves instead of showing the appearances (table 224)."""
        return self._resolved(form.get("NeedAppearances")) is True

    def _shows_other_values(self, old: dict[str, Value], new: dict[str, Value]) -> bool:
        """Whether values may look different from now on, drawn by the reader or no longer drawn by it."""
        if self._is_drawn_anew(new):
            return self._has_values()
        if not self._is_drawn_anew(old):
            return False
        return any(appearance_differs(self.document, field, self.step.revision) for field in self.after.fields)

    def _has_values(self) -> bool:
        return any(field.type != "Sig" and field.is_terminal and field.value is not None for field in self.after.fields)

    def _removed(self, field: Field) -> None:
        is_signed = field.type == "Sig" and field.value is not None
        self.step.report("signature_removed" if is_signed else "field_removed", Need.NEVER, field=field.name)

    def _page(self, field: Field) -> int | None:
        pages = self.step.after.page_of
        return next((pages[number] for number in field.widgets if pages.get(number)), None)

    def _added(self, field: Field, names: set[str]) -> None:
        page = self._page(field)
        if not field.is_terminal and field.name not in names and not field.widgets:
            return  # its terminal fields are judged
        if not field.is_terminal or self._takes_over(field.widgets):
            self.step.report("field_added", Need.NEVER, field=field.name, page=page)
            return
        if field.type != "Sig" or field.name in names:
            self.step.report("field_added", Need.NEVER, field=field.name, page=page)
            return
        for number in (field.number, *field.widgets):
            if {"A", "AA"} & self.document.dictionary(Ref(number, 0), self.step.revision).keys():
                self.step.report("field_entry", Need.NEVER, field=field.name, page=page, key="AA")
        if field.value is not None:
            self._signed(field, is_new=True)
            return
        if self.looks.are_painted(field) and not self._is_signed_in_the_end(field):
            # Without a signature it is no more than a picture laid over the page.
            self.step.report("annotation_added", Need.NEVER, page=page, kind="Widget")
        self.step.report("signature_field_added", Need.SIGN, field=field.name, page=page, is_new_field=True)

    def _takes_over(self, widgets: Iterable[int]) -> bool:
        """Whether something that was on a page, or showed another field, would become part of a field.

        Signing that field could then change it. Only a signature field that the form did not list may be taken in.
        """
        for number in widgets:
            if number in self.before.widget_owner:
                return True
            if number in self.step.before.page_of:
                known = self.document.dictionary(Ref(number, 0), self.step.revision - 1)
                if self.document.resolve(known.get("FT"), self.step.revision - 1) != "Sig":
                    return True
        return False

    def _is_signed_in_the_end(self, field: Field) -> bool:
        """Some programs write the field first and sign it with their next revision."""
        last = self.document.last
        value = self.document.dictionary(Ref(field.number, 0), last).get("V")
        return is_signature_dictionary(self.document.dictionary(value, last))

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
        # Anybody can have a document stamped: a time-stamp that shows something says it in nobody's name.
        of_stamp = Need.ANNOTATE if self.looks.are_painted(field) else Need.TIME_STAMP
        need = of_stamp if is_time_stamp else Need.SIGN
        self.step.report(rule, need, field=field.name, page=self._page(field), is_new_field=is_new)

    def _changed_keys(self, old: Field, new: Field) -> set[str]:
        changed: set[str] = set()
        for number in {old.number, *old.widgets}:
            changed |= self._reached(number)
            if number in self.step.touched:
                before = self.document.get(number, self.step.revision - 1)
                after = self.document.get(number, self.step.revision)
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
        if not self._is_same_value(old, new):
            changed.add("V")
        if "MK" in changed and not old.dictionary.get("MK") and not new.dictionary.get("MK"):
            changed.discard("MK")  # an empty dictionary says as much as none
        return changed - (SILENT_ANNOTATION - {"Parent"})

    def _reached(self, number: int) -> set[str]:
        """The keys of a part of a field through which something that changed is reached."""
        hits = self.step.hits
        return set[str]().union(*(hits.get((kind, number), ()) for kind in ("field", "fields", "annotation")))

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
            for key in changed - {"V"}:
                self.step.report("field_entry", Need.NEVER, field=old.name, key=key)
            if "V" in changed and isinstance(self._resolved(new.value), dict):
                self.step.report("field_entry", Need.NEVER, field=old.name, key="V")
            elif "V" in changed:
                self._filled(old, new)
                self._filled_below(old)
        elif old.type == "Sig" or (old.value is not None and self._is_signature(old.value)):
            self._signature_field(old, new, changed)
        else:
            self._plain_field(old, new, changed)

    def _filled_below(self, parent: Field) -> None:
        """Fields that inherit a value from their parent are filled with it, and may be locked where it is not."""
        self.document.budget.spend(len(self.before.fields))
        for old in self.before.fields:
            new = self.after.by_number.get(old.number)
            if new is not None and old.name.startswith(parent.name + ".") and not self._is_same_value(old, new):
                self._filled(old, new)

    def _is_same_value(self, old: Field, new: Field) -> bool:
        return self.step.comparison.same(old.value, new.value)

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
        is_for_signing = new.value is not None or self._is_signed_in_the_end(new)
        forbidden = self._more_than_signed(old, new, changed) if is_for_signing else changed - {"SV"}
        for key in forbidden:
            self.step.report("field_entry", Need.NEVER, field=old.name, page=page, key=key)
        if new.value is not None:
            self._signed(new, is_new=False)
        elif changed - {"SV"} - forbidden:
            self.step.report("signature_field_prepared", Need.SIGN, field=old.name, page=page)

    def _more_than_signed(self, old: Field, new: Field, changed: set[str]) -> set[str]:
        """The keys of a field that signing it does not explain."""
        is_explained = {
            "T": old.name == new.name,
            "Kids": new.is_terminal and not self._takes_over(set(new.widgets) - set(old.widgets)),
            "Subtype": self.looks.are_of_widgets(new),
            "Lock": "Lock" not in old.dictionary,
        }
        return {key for key in changed if key not in _SIGNING_CHANGES or not is_explained.get(key, True)}

    def _plain_field(self, old: Field, new: Field, changed: set[str]) -> None:
        page = self._page(new) or self._page(old)
        self._drop_harmless_flags(old, new, changed)
        if "V" in changed and (self._has_no_value(old) or isinstance(self._resolved(new.value), dict)):
            self.step.report("field_entry", Need.NEVER, field=old.name, page=page, key="V")
            changed.discard("V")
        is_filled = "V" in changed and not self._reads_the_same(old, new)
        if "V" in changed and not is_filled:
            # Another spelling of the same words excuses no other picture; that of a field left empty may show nothing.
            changed.discard("V")
            if words(self.document, new.value, self.step.revision) == () and not self.looks.are_painted(new):
                changed.discard("AP")
        self._not_filled(old, changed - (_FILLING_CHANGES if is_filled else frozenset()), page)
        if is_filled:
            self._filled(old, new)

    def _reads_the_same(self, old: Field, new: Field) -> bool:
        before = words(self.document, old.value, self.step.revision - 1)
        return before is not None and before == words(self.document, new.value, self.step.revision)

    def _has_no_value(self, field: Field) -> bool:
        """Push buttons and fields without a type cannot be filled in; a value would only excuse another picture."""
        flags = integer(self.document.resolve(field.dictionary.get("Ff", 0), self.step.revision - 1)) or 0
        return field.type not in ("Tx", "Ch", "Btn") or (field.type == "Btn" and bool(flags & _PUSH_BUTTON))

    def _drop_harmless_flags(self, old: Field, new: Field, changed: set[str]) -> None:
        """Signing programs set flags for reading only, for printing and for locking; what hides a field is judged."""
        if "Ff" in changed and only_read_only(self.document, old, new, self.step.revision):
            changed.discard("Ff")
        if "F" in changed and not self.looks.are_hidden_or_shown(old):
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
            old=shown(self.document, old.value, self.step.revision - 1),
            new=shown(self.document, new.value, self.step.revision),
        )
