"""The structural half of the verdict: everything a PDF says about its signatures without any cryptography."""

import re
from bisect import bisect_right

from certs.messages import Message, message
from certs.pdf import messages as codes
from certs.pdf.appearance import appearance_of
from certs.pdf.compare.findings import Finding, Need
from certs.pdf.compare.history import History
from certs.pdf.compare.permissions import Permissions, judged, permissions_at
from certs.pdf.document import Document
from certs.pdf.form import read_form
from certs.pdf.limits import Limits
from certs.pdf.model import Change, DocumentAnalysis, EmbeddedSignature, Revision
from certs.pdf.opening import Opened, open_document
from certs.pdf.pages import PageTree, page_tree
from certs.pdf.prepared import warnings_about
from certs.pdf.second_reader import disagreements
from certs.pdf.security_store import read_security_store
from certs.pdf.signatures import FoundSignature, find_signatures, is_signature_dictionary
from certs.pdf.tiling import check_revision, shown_by_a_larger_size
from certs.pdf.values import Ref, Value, text_of

_TRACES = re.compile(rb"/ByteRange|/Type\s{0,8}/(?:Sig|DocTimeStamp)(?![A-Za-z])")


def analyse_document(
    data: bytes | memoryview,
    *,
    password: str | None = None,
    limits: Limits = Limits(),  # noqa: B008 - frozen
) -> DocumentAnalysis:
    """Say which signatures a document holds, what each covers, and what changed since each.

    Promised: every difference that a reader could see is listed, explained by a rule or not permitted; nothing that
    cannot be read is called unchanged; work stays within `limits`. Not proven: that a digest or a signature value is
    right, or who signed.

    Raises `MalformedPDF` when no revision can be read without guessing, `PasswordRequired`, or `LimitExceeded`.
    """
    opened = open_document(_as_bytes(data), password, limits)
    return _Analysis(opened, password or "").run()


def _as_bytes(data: bytes | memoryview) -> bytes:
    if isinstance(data, bytes):
        return data
    whole = data.obj
    return whole if isinstance(whole, bytes) and len(whole) == data.nbytes else data.tobytes()


class _Analysis:
    """One run over one document."""

    def __init__(self, opened: Opened, password: str) -> None:
        self.opened = opened
        self.password = password
        self.document = opened.document
        self.form = read_form(self.document, self.document.last)
        self.tree = page_tree(self.document, self.document.last)
        self.signatures = find_signatures(self.document, self.form)
        self.findings: list[Finding] = []
        self._revisions_of_findings: list[int] = []
        self._changes: dict[Permissions, tuple[Change, ...]] = {}

    def run(self) -> DocumentAnalysis:
        """Put the parts together."""
        document = self.document
        faults = [*self.opened.faults, *self._compare()]
        # Last, so that qpdf opens only what has already been read within bounds.
        end = self.opened.unread_from or document.revisions[-1].mark.end
        faults.extend(disagreements(document, end, self.password, len(self.tree.pages)))
        is_rewritten = len(document.revisions) == 1 and not faults and self.opened.unread_from is None
        signs = bool(self.signatures) or _signs_of_signing(document)
        if not self.signatures and signs:
            is_emptied = is_rewritten and not document.unreadable()
            faults.append(message(codes.SAVED_AGAIN if is_emptied else codes.SIGNATURE_LOST))
        is_in_order = not faults and self.opened.unread_from is None
        return DocumentAnalysis(
            page_count=len(self.tree.pages),
            revisions=tuple(Revision(index, found.mark.end) for index, found in enumerate(document.revisions)),
            signatures=self._embedded(is_in_order=is_in_order),
            security_store=read_security_store(document),
            empty_fields=tuple(
                f.name for f in self.form.fields if f.type == "Sig" and f.is_terminal and f.value is None
            ),
            signs_of_signing=signs,
            faults=tuple(dict.fromkeys(faults)),
            warnings=tuple(warnings_about(document, self.form, self.tree, self.signatures, self.findings)),
            is_encrypted=document.crypt is not None,
            producer=_producer(document),
        )

    def _compare(self) -> list[Message]:
        """Find what the revisions after the first signed one changed; return the faults of those revisions."""
        document = self.document
        first = min((one.signed_revision for one in self.signatures if one.signed_revision >= 0), default=document.last)
        faults: list[Message] = []
        if first < document.last:
            faults.extend(shown_by_a_larger_size(document, {one.signed_revision for one in self.signatures}))
            for revision in range(first + 1, document.last + 1):
                unreached, found = check_revision(document, revision)
                faults.extend(found)
                self.findings.extend(_unreached(piece.offset, piece.length, revision) for piece in unreached)
            self.findings.extend(History(document, first).findings())
        if self.opened.unread_from is not None:
            length = len(document.data) - self.opened.unread_from
            self.findings.append(_unreached(self.opened.unread_from, length, document.last + 1))
        self.findings.sort(key=lambda finding: finding.revision)
        self._revisions_of_findings = [finding.revision for finding in self.findings]
        return faults

    def _changes_after(self, revision: int) -> tuple[Change, ...]:
        """The changes after a signed revision, under the permissions in force there."""
        permissions = permissions_at(self.signatures, revision)
        if permissions not in self._changes:
            self._changes[permissions] = judged(self.findings, permissions)
        return self._changes[permissions][bisect_right(self._revisions_of_findings, revision) :]

    def _is_saved_again(self, one: FoundSignature) -> bool:
        """A signature of the first revision whose gap is not around its value: the work of a program, not of a forger.

        Whoever widens a gap or moves a range leaves the value inside, or comes with a revision of their own.
        """
        number = one.number if one.number >= 0 else one.field_number
        is_first = self.document.entry(number, 0) == self.document.entry(number, self.document.last)
        return bool(one.faults) and one.is_foreign and is_first

    def _embedded(self, *, is_in_order: bool) -> tuple[EmbeddedSignature, ...]:
        document = self.document
        undetermined = _undetermined(document)
        pages_of = _pages_of_widgets(document, self.tree)
        by_name = {field.name: field for field in self.form.fields}
        embedded = []
        for one in self.signatures:
            dictionary = one.dictionary
            field = self.form.by_number.get(one.field_number) or by_name[one.field_name]
            is_saved_again = is_in_order and self._is_saved_again(one)
            embedded.append(
                EmbeddedSignature(
                    field_name=one.field_name,
                    type=one.type,
                    sub_filter=_name(document, dictionary.get("SubFilter")),
                    filter=_name(document, dictionary.get("Filter")),
                    contents=one.contents,
                    certificates=_certificates(document, dictionary.get("Cert")),
                    byte_range=one.byte_range,
                    claimed_name=_text(document, dictionary.get("Name")),
                    reason=_text(document, dictionary.get("Reason")),
                    location=_text(document, dictionary.get("Location")),
                    contact=_text(document, dictionary.get("ContactInfo")),
                    claimed_time=_text(document, dictionary.get("M")),
                    signed_revision=one.signed_revision,
                    coverage=one.coverage,
                    doc_mdp=one.doc_mdp,
                    locked_fields="; ".join(dict.fromkeys(lock.words() for lock in one.locks)) or None,
                    faults=_saved_again(one.faults) if is_saved_again else one.faults,
                    changes=self._changes_after(one.signed_revision) if one.signed_revision >= 0 else (),
                    undetermined=undetermined,
                    appearance=appearance_of(document, field, self.tree, pages_of),
                    signed_bytes=() if is_saved_again else _signed_bytes(document, one),
                )
            )
        return tuple(embedded)


def _saved_again(faults: tuple[Message, ...]) -> tuple[Message, ...]:
    """What is said of a signature whose file was written anew: not what its byte range would mean in another file."""
    kept = (fault for fault in faults if fault.code not in (codes.GAP_NOT_CONTENTS, codes.RANGE_ENDS_INSIDE))
    return (message(codes.SAVED_AGAIN), *kept)


def _undetermined(document: Document) -> tuple[Message, ...]:
    """Objects that were needed and are not where the file says: a strict reader sees nothing, others may see something."""
    unread = sorted(document.unreadable().items())
    return tuple(message(codes.OBJECT_UNREADABLE, object=number, detail=problem) for number, problem in unread[:5])


def _unreached(offset: int, length: int, revision: int) -> Finding:
    text = message(codes.CHANGED["unreachable_bytes"], offset=offset, length=length)
    return Finding("unreachable_bytes", text, revision, Need.NEVER)


def _signed_bytes(document: Document, one: FoundSignature) -> tuple[memoryview, ...]:
    if not one.covers_end:
        return ()
    view = memoryview(document.data)[one.covers_start :]
    start, length, second, rest = one.byte_range
    return view[start : start + length], view[second : second + rest]


def _name(document: Document, value: Value) -> str:
    resolved = document.resolve(value, document.last)
    return resolved if isinstance(resolved, str) else ""


def _text(document: Document, value: Value) -> str | None:
    return text_of(document.resolve(value, document.last))


def _certificates(document: Document, value: Value) -> tuple[bytes, ...]:
    resolved = document.resolve(value, document.last)
    items = resolved if isinstance(resolved, list) else [resolved]
    found = (document.resolve(item, document.last) for item in items)
    return tuple(item for item in found if isinstance(item, bytes))


def _producer(document: Document) -> str | None:
    information = document.dictionary(document.trailer(document.last).get("Info"), document.last)
    return _text(document, information.get("Producer"))


def _pages_of_widgets(document: Document, tree: PageTree) -> dict[int, int]:
    found: dict[int, int] = {}
    for index, page in enumerate(tree.pages, 1):
        annotations = document.dictionary(Ref(page, 0), document.last).get("Annots")
        for item in document.array(annotations, document.last):
            if isinstance(item, Ref):
                found.setdefault(item.number, index)
    return found


def _signs_of_signing(document: Document) -> bool:
    """Traces of a signature in the bytes, or in any object of any revision."""
    if _TRACES.search(document.data):
        return True
    revision = document.last
    for number in document.numbers(revision):
        value = document.get(number, revision)
        if isinstance(value, dict) and is_signature_dictionary(value):
            return True
    return False
