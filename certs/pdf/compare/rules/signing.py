"""Rules about signature fields: adding, preparing and signing them (ISO 32000-2, 12.7.5.5 and 12.8.1)."""

from certs.pdf.compare.findings import Need
from certs.pdf.compare.looks import Looks
from certs.pdf.compare.rules.field_changes import FieldChanges
from certs.pdf.compare.rules.group import RuleGroup
from certs.pdf.compare.step import Step
from certs.pdf.form import Field
from certs.pdf.signatures import is_signature_dictionary
from certs.pdf.values import Ref

_SIGNING_CHANGES = frozenset({"V", "AP", "AS", "F", "Ff", "MK", "DA", "Q", "Rect", "Lock", "SV", "Kids", "BS", "Border", "T", "FT", "Subtype", "DV", "H", "TU"})  # fmt: skip


class SigningRules(RuleGroup):
    """Judges signature fields of one revision against those of its predecessor."""

    def __init__(self, step: Step) -> None:
        super().__init__(step)
        self.changes = FieldChanges(step)
        self.looks = Looks(step.document, step.revision)

    def added(self, field: Field) -> None:
        """Report a signature field that was not there before and takes nothing over, signed or not."""
        page = self.changes.page_of(field)
        for number in (field.number, *field.widgets):
            if {"A", "AA"} & self.document.dictionary(Ref(number, 0), self.revision).keys():
                self.step.report("field_entry", Need.NEVER, field=field.name, page=page, key="AA")
        if field.value is not None:
            self._signed(field, is_new=True)
            return
        if self.looks.are_painted(field) and not self._is_signed_in_the_end(field):
            # Without a signature it is no more than a picture laid over the page.
            self.step.report("annotation_added", Need.NEVER, page=page, kind="Widget")
        self.step.report("signature_field_added", Need.SIGN, field=field.name, page=page, is_new_field=True)

    def existing(self, old: Field, new: Field, changed: set[str]) -> None:
        """Report what the changed keys of a signature field mean; `changed` is used up."""
        page = self.changes.page_of(new) or self.changes.page_of(old)
        if old.value is not None:
            if new.value is None:
                self.step.report("signature_removed", Need.NEVER, field=old.name, page=page)
            elif "V" in changed:
                self.step.report("signature_dictionary", Need.NEVER, field=old.name, page=page)
            self.changes.drop_harmless_flags(old, new, changed)
            self.changes.report_unexplained(old, changed - {"V"}, page)
            return
        is_for_signing = new.value is not None or self._is_signed_in_the_end(new)
        forbidden = self._more_than_signed(old, new, changed) if is_for_signing else changed - {"SV"}
        for key in forbidden:
            self.step.report("field_entry", Need.NEVER, field=old.name, page=page, key=key)
        if new.value is not None:
            self._signed(new, is_new=False)
        elif changed - {"SV"} - forbidden:
            self.step.report("signature_field_prepared", Need.SIGN, field=old.name, page=page)

    def _signed(self, field: Field, *, is_new: bool) -> None:
        value = self.document.dictionary(field.value, self.revision)
        if field.type != "Sig" or not is_signature_dictionary(value):
            self.step.report("field_entry", Need.NEVER, field=field.name, page=self.changes.page_of(field), key="V")
            return
        if isinstance(field.value, Ref) and self.changes.was_signature(field.value):
            # The signature was there before: it is shown a second time where its signer did not put it.
            self.step.report("signature_dictionary", Need.NEVER, field=field.name, page=self.changes.page_of(field))
            return
        is_time_stamp = (
            self.document.resolve(value.get("SubFilter"), self.revision) == "ETSI.RFC3161"
            or self.document.resolve(value.get("Type"), self.revision) == "DocTimeStamp"
        )
        rule = "timestamp_added" if is_time_stamp else "signature_added"
        # Anybody can have a document stamped: a time-stamp that shows something says it in nobody's name.
        of_stamp = Need.ANNOTATE if self.looks.are_painted(field) else Need.TIME_STAMP
        need = of_stamp if is_time_stamp else Need.SIGN
        self.step.report(rule, need, field=field.name, page=self.changes.page_of(field), is_new_field=is_new)

    def _more_than_signed(self, old: Field, new: Field, changed: set[str]) -> set[str]:
        """The keys of a field that signing it does not explain."""
        is_explained = {
            "T": old.name == new.name,
            "Kids": new.is_terminal and not self.changes.takes_over(set(new.widgets) - set(old.widgets)),
            "Subtype": self.looks.are_of_widgets(new),
            "Lock": "Lock" not in old.dictionary,
        }
        return {key for key in changed if key not in _SIGNING_CHANGES or not is_explained.get(key, True)}

    def _is_signed_in_the_end(self, field: Field) -> bool:
        """Some programs write the field first and sign it with their next revision."""
        last = self.document.last
        value = self.document.dictionary(Ref(field.number, 0), last).get("V")
        return is_signature_dictionary(self.document.dictionary(value, last))
