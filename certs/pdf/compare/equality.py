"""Equality of values at two revisions, as a reader sees them."""

from certs.pdf.document import Document
from certs.pdf.limits import exceeded
from certs.pdf.syntax import SyntaxFault
from certs.pdf.values import Ref, Stream, Value

_NOT_CONTENT = frozenset({"Length"})
_INTEGERS = 1 << 31
"""Where integers of many readers end (annex C.2): past it the same number means another with a point than without."""


class Comparison:
    """Compares values of the revision `before` with values of the revision `after`.

    Two references to one object number count as equal here: whether that object itself changed is asked once for each
    object that was touched, not at every place that refers to it.
    """

    def __init__(self, document: Document, before: int, after: int) -> None:
        self.document = document
        self.before = before
        self.after = after
        self._pairs: dict[tuple[int, int], None] = {}
        """Pairs of objects found equal, in the order in which they were taken up."""

    def same_object(self, number: int) -> bool:
        """Whether the object is the same at both revisions; another generation is another object (7.3.10)."""
        if not self._same(self.document.get(number, self.before), self.document.get(number, self.after), 0):
            return False
        generations = {self.document.generation(number, revision) for revision in (self.before, self.after)}
        return None in generations or len(generations) == 1

    def same(self, old: Value, new: Value) -> bool:
        """Whether both values are the same to a reader."""
        return self._same(old, new, 0)

    def changed_keys(self, old: dict[str, Value], new: dict[str, Value]) -> set[str]:
        """The keys whose values differ; a null value is an absent one (7.3.7)."""
        keys = old.keys() | new.keys()
        self.document.budget.spend(len(keys))
        return {key for key in keys if not self._same(old.get(key), new.get(key), 0)}

    def _same(self, old: Value, new: Value, depth: int) -> bool:
        budget = self.document.budget
        budget.spend(1)
        if depth > 2 * budget.limits.depth:
            raise exceeded("depth", budget.limits.depth)
        if isinstance(old, Ref) and isinstance(new, Ref):
            if old.number == new.number:
                return old.generation == new.generation
            return self._same_objects(old.number, new.number, depth)
        return self._same_resolved(
            self.document.resolve(old, self.before), self.document.resolve(new, self.after), depth
        )

    def _same_objects(self, old: int, new: int, depth: int) -> bool:
        pair = (old, new)
        if pair in self._pairs:
            return True
        known = len(self._pairs)
        # Taken as equal while it is being compared, so that objects that refer to each other end.
        self._pairs[pair] = None
        equal = self._same(self.document.get(old, self.before), self.document.get(new, self.after), depth + 1)
        if not equal:
            # What was found equal on the way may have been so only because this pair was taken as equal.
            while len(self._pairs) > known:
                self._pairs.popitem()
        return equal

    def _same_resolved(self, old: Value, new: Value, depth: int) -> bool:
        if isinstance(old, bool) or isinstance(new, bool):
            return old is new
        if isinstance(old, int | float) and isinstance(new, int | float):
            return old == new and (type(old) is type(new) or abs(old) < _INTEGERS)
        if isinstance(old, list) and isinstance(new, list):
            pairs = zip(old, new, strict=False)
            return len(old) == len(new) and all(self._same(a, b, depth + 1) for a, b in pairs)
        if isinstance(old, dict) and isinstance(new, dict):
            return self._same_dictionary(old, new, frozenset(), depth)
        if isinstance(old, Stream) and isinstance(new, Stream):
            return self._same_stream(old, new, depth)
        return type(old) is type(new) and old == new

    def _same_dictionary(
        self, old: dict[str, Value], new: dict[str, Value], ignored: frozenset[str], depth: int
    ) -> bool:
        keys = (old.keys() | new.keys()) - ignored
        return all(self._same(old.get(key), new.get(key), depth + 1) for key in keys)

    def _same_stream(self, old: Stream, new: Stream, depth: int) -> bool:
        if old is new:
            return True
        if not (old.has_stated_length and new.has_stated_length):
            return False
        filters = ("Filter", "DecodeParms")
        same_coding = all(self._same(old.dictionary.get(k), new.dictionary.get(k), depth + 1) for k in filters)
        try:
            if same_coding and self.document.raw_bytes(old) == self.document.raw_bytes(new):
                return self._same_dictionary(old.dictionary, new.dictionary, _NOT_CONTENT, depth)
            if not (self._is_plainly_coded(old, self.before) and self._is_plainly_coded(new, self.after)):
                return False
            same_content = self.document.decoded(old, self.before) == self.document.decoded(new, self.after)
        except SyntaxFault:
            return False
        ignored = _NOT_CONTENT.union(filters)
        return same_content and self._same_dictionary(old.dictionary, new.dictionary, ignored, depth)

    def _is_plainly_coded(self, stream: Stream, revision: int) -> bool:
        """Whether all readers decode the stream in one way; with chains and parameters some do otherwise than others."""
        filters = self.document.resolve(stream.dictionary.get("Filter"), revision)
        parameters = self.document.resolve(stream.dictionary.get("DecodeParms"), revision)
        return parameters is None and filters in (None, [], "FlateDecode", ["FlateDecode"])
