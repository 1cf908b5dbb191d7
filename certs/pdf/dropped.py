"""Signatures that an earlier revision held and the newest does not (ISO 32000-2, 12.8.1).

Who signed last answers for the document; that somebody else had signed before, and no longer does, is worth a word: the
picture of that signature may still stand on the page.
"""

import re

from certs.pdf.coverage import closes_revision
from certs.pdf.document import Document
from certs.pdf.signatures import FoundSignature
from certs.pdf.syntax import Parser, SyntaxFault
from certs.pdf.values import integer

_RANGE = re.compile(rb"/ByteRange(?=[\x00\t\n\x0c\r \[])")
_MOST_RANGES = 2_000


def dropped_signatures(document: Document, found: list[FoundSignature]) -> int:
    """How many byte ranges in the file close a revision of it around a value, and belong to no signature found.

    Copies of other signed files, in attachments say, have ranges that fit themselves and not this file. What stands in
    a compressed object is no signature (12.8.1).
    """
    known = {one.byte_range for one in found}
    dropped: set[tuple[int, ...]] = set()
    for count, match in enumerate(_RANGE.finditer(document.data)):
        if count >= _MOST_RANGES:
            break
        try:
            value = Parser(document.data, match.end(), document.budget).value()
        except SyntaxFault:
            continue
        items = value if isinstance(value, list) else []
        stated = tuple(number for item in items if (number := integer(item)) is not None)
        if stated not in known and len(stated) == len(items) and closes_revision(document, stated):
            dropped.add(stated)
    return len(dropped)
