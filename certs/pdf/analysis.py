"""The structural half of the verdict: everything a PDF says about its signatures without any cryptography."""

import re
from dataclasses import dataclass

from certs.messages import Message, message
from certs.pdf import messages as codes
from certs.pdf.appearance import appearance_of
from certs.pdf.compare.findings import Finding, Need
from certs.pdf.compare.permissions import judged, permissions_at
from certs.pdf.compare.steps import History
from certs.pdf.document import Document
from certs.pdf.form import Field, Form, read_form
from certs.pdf.limits import Limits
from certs.pdf.model import Change, DocumentAnalysis, EmbeddedSignature, Revision
from certs.pdf.opening import Opened, open_document
from certs.pdf.pages import PageTree, page_tree
from certs.pdf.prepared import warnings_about
from certs.pdf.second_reader import disagreements
from certs.pdf.security_store import read_security_store
from certs.pdf.signatures import FoundSignature, find_signatures, is_signature_dictionary
from certs.pdf.tiling import check_revision
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
    return _Analysis(opened).run()


def _as_bytes(data: bytes | memoryview) -> bytes:
    if isinstance(data, bytes):
        return data
    whole = data.obj
    return whole if isinstance(whole, bytes) and len(whole) == data.nbytes else data.tobytes()


@dataclass(slots=True)
class _Analysis:
    opened: Opened

    def run(self) -> DocumentAnalysis:
        document = self.opened.document
        revision = document.last
        form = read_form(document, revision)
        tree = page_tree(document, revision)
        signatures = find_signatures(document, form)
        faults = list(self.opened.faults)
        if self.opened.qpdf is not None:
            faults.extend(disagreements(document, self.opened.qpdf, len(tree.pages)))
        findings, step_faults = self._later_changes(signatures)
        faults.extend(step_faults)
        saved_again = self._saved_again(signatures)
        signs = bool(signatures) or _signs_of_signing(document)
        if not signatures and signs:
            is_rewritten = len(document.revisions) == 1 and not faults and self.opened.unread_from is None
            faults.append(message(codes.SAVED_AGAIN if is_rewritten else codes.SIGNATURE_LOST))
        pages_of = _pages_of_widgets(document, tree)
        embedded = tuple(
            self._embedded(one, signatures, findings, form, tree, pages_of, saved_again) for one in signatures
        )
        return DocumentAnalysis(
            page_count=len(tree.pages),
            revisions=tuple(Revision(index, found.mark.end) for index, found in enumerate(document.revisions)),
            signatures=embedded,
            security_store=read_security_store(document),
            empty_fields=tuple(f.name for f in form.fields if f.type == "Sig" and f.is_terminal and f.value is None),
            signs_of_signing=signs,
            faults=tuple(dict.fromkeys(faults)),
            warnings=tuple(warnings_about(document, form, tree, signatures, findings)),
            is_encrypted=document.crypt is not None,
            producer=_producer(document),
        )

    def _later_changes(self, signatures: list[FoundSignature]) -> tuple[list[Finding], list[Message]]:
        """What the revisions after the first signed one changed."""
        document = self.opened.document
        signed = [one.signed_revision for one in signatures if one.signed_revision >= 0]
        first = min(signed, default=document.last)
        findings: list[Finding] = []
        faults: list[Message] = []
        if first < document.last:
            for revision in range(first + 1, document.last + 1):
                unreached, found = check_revision(document, revision)
                faults.extend(found)
                findings.extend(_unreached(piece.offset, piece.length, revision) for piece in unreached)
            findings.extend(History(document, first).steps())
        if self.opened.unread_from is not None:
            length = len(document.data) - self.opened.unread_from
            findings.append(_unreached(self.opened.unread_from, length, document.last + 1))
        return findings, faults

    def _saved_again(self, signatures: list[FoundSignature]) -> bool:
        """One consistent revision whose byte ranges fit nowhere: the work of a program, not of a forger."""
        document = self.opened.document
        return (
            len(document.revisions) == 1
            and not self.opened.faults
            and self.opened.unread_from is None
            and bool(signatures)
            and all(one.faults for one in signatures)
        )

    def _embedded(
        self,
        one: FoundSignature,
        signatures: list[FoundSignature],
        findings: list[Finding],
        form: Form,
        tree: PageTree,
        pages_of: dict[int, int],
        saved_again: bool,  # noqa: FBT001
    ) -> EmbeddedSignature:
        document = self.opened.document
        dictionary = one.dictionary
        field = form.by_number.get(one.field_number) or _by_name(form, one.field_name)
        changes: tuple[Change, ...] = ()
        if one.signed_revision >= 0:
            later = [finding for finding in findings if finding.revision > one.signed_revision]
            changes = judged(later, permissions_at(signatures, one.signed_revision))
        faults = (message(codes.SAVED_AGAIN), *one.faults) if saved_again else one.faults
        return EmbeddedSignature(
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
            faults=faults,
            changes=changes,
            undetermined=(),
            appearance=appearance_of(document, field, tree, pages_of) if field is not None else None,
            signed_bytes=_signed_bytes(document, one),
        )


def _unreached(offset: int, length: int, revision: int) -> Finding:
    text = message(codes.CHANGED["unreachable_bytes"], offset=offset, length=length)
    return Finding("unreachable_bytes", text, revision, Need.NEVER)


def _signed_bytes(document: Document, one: FoundSignature) -> tuple[memoryview, ...]:
    if not one.covers_end:
        return ()
    view = memoryview(document.data)
    start, length, second, rest = one.byte_range
    return view[start : start + length], view[second : second + rest]


def _by_name(form: Form, name: str) -> Field | None:
    return next((field for field in form.fields if field.name == name), None)


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
