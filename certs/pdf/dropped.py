"""Signatures that an earlier revision held and the newest does not, and pictures left of lost ones (ISO 32000-2, 12.8.1).

Who signed last answers for the document; that somebody else had signed before, and no longer does, is worth a word: the
picture of that signature may still stand on the page.
"""

import re
from itertools import islice

from certs.pdf.coverage import closes_revision
from certs.pdf.document import Document
from certs.pdf.form import Form
from certs.pdf.pages import PageTree
from certs.pdf.signatures import FoundSignature, is_signature_dictionary
from certs.pdf.syntax import SPACE
from certs.pdf.values import Ref

_RANGE = re.compile(
    rb"/ByteRange" + SPACE + rb"{0,16}\[" + rb"".join([SPACE + rb"{0,16}(\d{1,12})"] * 4) + SPACE + rb"{0,16}\]"
)
_MOST_RANGES = 2_000
_MOST_PAGES = 200


def dropped_signatures(document: Document, found: list[FoundSignature]) -> int:
    """How many byte ranges in the file close a revision of it around a value, and belong to no signature found.

    Copies of other signed files, in attachments say, have ranges that fit themselves and not this file. What stands in
    a compressed object is no signature (12.8.1).
    """
    known = {one.byte_range for one in found}
    dropped: set[tuple[int, ...]] = set()
    for match in islice(_RANGE.finditer(document.data), _MOST_RANGES):
        stated = tuple(map(int, match.groups()))
        if stated not in known and closes_revision(document, stated):
            dropped.add(stated)
    return len(dropped)


def pages_of_lost_signatures(document: Document, form: Form, tree: PageTree) -> list[int]:
    """The pages, counted from 1, that show a widget with a signature which no field of the form holds.

    Programs that put signed files together take over the pages with their widgets, and leave the forms behind.
    """
    revision = document.last
    found = []
    for index, page in enumerate(tree.pages[:_MOST_PAGES], 1):
        for item in document.array(document.dictionary(Ref(page, 0), revision).get("Annots"), revision):
            if isinstance(item, Ref) and (item.number in form.widget_owner or item.number in form.by_number):
                continue
            widget = document.dictionary(item, revision)
            value = widget.get("V", document.dictionary(widget.get("Parent"), revision).get("V"))
            if is_signature_dictionary(document.dictionary(value, revision)):
                found.append(index)
                break
    return found
