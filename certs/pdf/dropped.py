"""Signatures that an earlier revision held and the newest does not (ISO 32000-2, 12.8.1).

Who signed last answers for the document; that somebody else had signed before, and no longer does, is worth a word: the
picture of that signature may still stand on the page.
"""

import re
from itertools import islice

from certs.pdf.coverage import closes_revision
from certs.pdf.document import Document
from certs.pdf.signatures import FoundSignature
from certs.pdf.syntax import SPACE

_RANGE = re.compile(
    rb"/ByteRange" + SPACE + rb"{0,16}\[" + rb"".join([SPACE + rb"{0,16}(\d{1,12})"] * 4) + SPACE + rb"{0,16}\]"
)
_MOST_RANGES = 2_000


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
