"""Documents that can be signed, filled and extended the way honest programs do it. Signature values are not genuine."""

from collections.abc import Mapping, Sequence

from tests.pdfs.writer import Body, Style, Writer, dictionary, stream

CATALOG, PAGES, FONT, FORM, INFO = 1, 2, 3, 4, 5
_FIRST_FREE = 10
_RESERVED = 600
_RANGE = b"/ByteRange [0 0000000000 0000000000 0000000000]"
VALUE = b"3006020101020102"


class SignedFile:
    """A document of a few pages with a form, and the operations of honest programs on it."""

    def __init__(
        self,
        *,
        pages: int = 1,
        text_fields: Mapping[str, str] | None = None,
        empty_signature_fields: Sequence[str] = (),
        style: Style = "table",
        junk: bytes = b"",
        catalog: Mapping[str, bytes] | None = None,
        page_entries: Mapping[str, bytes] | None = None,
        extra: Mapping[int, Body] | None = None,
    ) -> None:
        self.writer = Writer(junk=junk)
        self.style: Style = style
        self.next_number = max([_FIRST_FREE, *(n + 1 for n in extra or {})])
        self.dictionaries: dict[int, dict[str, bytes]] = {}
        self.page_numbers: list[int] = []
        self.content_numbers: list[int] = []
        self.fields: dict[str, int] = {}
        self.annotations: dict[int, list[int]] = {}
        self.pending: dict[int, Body] = dict(extra or {})
        self.signature_numbers: dict[str, int] = {}
        self._put(CATALOG, {"Type": b"/Catalog", "Pages": b"2 0 R", "AcroForm": b"4 0 R", **(catalog or {})})
        self._put(FONT, {"Type": b"/Font", "Subtype": b"/Type1", "BaseFont": b"/Helvetica"})
        self._put(INFO, {"Producer": b"(Tests)"})
        for index in range(pages):
            self._page(index, page_entries or {})
        kids = b" ".join(b"%d 0 R" % number for number in self.page_numbers)
        self._put(PAGES, {"Type": b"/Pages", "Kids": b"[" + kids + b"]", "Count": b"%d" % pages})
        for name, value in (text_fields or {}).items():
            self._text_field(name, value)
        for name in empty_signature_fields:
            self._signature_field(name, None, page=0, rectangle=(0, 0, 0, 0))
        self._form()
        self.save()

    @property
    def data(self) -> bytes:
        return bytes(self.writer.data)

    def number(self) -> int:
        self.next_number = max(self.next_number, self.writer.size)
        self.next_number += 1
        return self.next_number - 1

    def _put(self, number: int, entries: Mapping[str, bytes]) -> int:
        self.dictionaries[number] = dict(entries)
        self.pending[number] = dictionary(entries)
        return number

    def edit(self, number: int, **entries: bytes | None) -> None:
        """Change entries of a dictionary; None removes one. Takes effect with the next `save`."""
        known = self.dictionaries[number]
        for key, value in entries.items():
            if value is None:
                known.pop(key, None)
            else:
                known[key] = value
        self.pending[number] = dictionary(known)

    def add(self, body: Body) -> int:
        number = self.number()
        self.pending[number] = body
        return number

    def save(
        self, *, free: Mapping[int, int] | None = None, trailer: Mapping[str, bytes] | None = None, root: int = CATALOG
    ) -> None:
        """Write what is pending as one revision."""
        self.writer.revision(
            self.pending, root=root, free=free, trailer={"Info": b"5 0 R", **(trailer or {})}, style=self.style
        )
        self.pending = {}
        self.next_number = max(self.next_number, self.writer.size)

    def _page(self, index: int, entries: Mapping[str, bytes]) -> None:
        page, content = self.number(), self.number()
        text = b"BT /F1 12 Tf 72 700 Td (Page %d: pay 100 to Alice) Tj ET" % (index + 1)
        self.pending[content] = stream({}, text)
        self._put(
            page,
            {
                "Type": b"/Page",
                "Parent": b"2 0 R",
                "MediaBox": b"[0 0 612 792]",
                "Contents": b"%d 0 R" % content,
                "Resources": b"<< /Font << /F1 3 0 R >> >>",
                **entries,
            },
        )
        self.page_numbers.append(page)
        self.content_numbers.append(content)
        self.annotations[page] = []

    def _form(self) -> None:
        fields = b" ".join(b"%d 0 R" % number for number in self.fields.values())
        self._put(FORM, {"Fields": b"[" + fields + b"]", "SigFlags": b"3", "DR": b"<< /Font << /F1 3 0 R >> >>"})

    def _attach(self, annotation: int, page: int) -> None:
        number = self.page_numbers[page]
        self.annotations[number].append(annotation)
        self.edit(number, Annots=b"[" + b" ".join(b"%d 0 R" % n for n in self.annotations[number]) + b"]")

    def _text_field(self, name: str, value: str) -> None:
        appearance = self.add(self.text_appearance(value))
        number = self._put(
            self.number(),
            {
                "Type": b"/Annot",
                "Subtype": b"/Widget",
                "FT": b"/Tx",
                "T": b"(" + name.encode() + b")",
                "V": b"(" + value.encode() + b")",
                "Rect": b"[100 100 300 120]",
                "F": b"4",
                "AP": b"<< /N %d 0 R >>" % appearance,
            },
        )
        self.fields[name] = number
        self._attach(number, 0)

    @staticmethod
    def text_appearance(value: str) -> Body:
        entries = {
            "Type": b"/XObject",
            "Subtype": b"/Form",
            "BBox": b"[0 0 200 20]",
            "Resources": b"<< /Font << /F1 3 0 R >> >>",
        }
        return stream(entries, b"/Tx BMC BT /F1 12 Tf 2 5 Td (" + value.encode() + b") Tj ET EMC")

    def _signature_field(
        self,
        name: str,
        value: int | None,
        *,
        page: int,
        rectangle: tuple[int, int, int, int],
        lock: bytes | None = None,
    ) -> int:
        entries = {
            "Type": b"/Annot",
            "Subtype": b"/Widget",
            "FT": b"/Sig",
            "T": b"(" + name.encode() + b")",
            "Rect": b"[%d %d %d %d]" % rectangle,
            "F": b"132",
            "P": b"%d 0 R" % self.page_numbers[page],
        }
        if value is not None:
            entries["V"] = b"%d 0 R" % value
        if lock is not None:
            entries["Lock"] = lock
        number = self._put(self.number(), entries)
        self.fields[name] = number
        self._attach(number, page)
        return number

    def fill(self, name: str, value: str, *, shown: str | None = None) -> None:
        """Fill a text field and draw its new value."""
        appearance = self.add(self.text_appearance(value if shown is None else shown))
        self.edit(self.fields[name], V=b"(" + value.encode() + b")", AP=b"<< /N %d 0 R >>" % appearance)
        self.save()

    def sign(
        self,
        name: str = "Signature1",
        *,
        page: int = 0,
        rectangle: tuple[int, int, int, int] = (400, 50, 550, 100),
        permission: int | None = None,
        lock: bytes | None = None,
        field_lock: bytes | None = None,
        sub_filter: bytes = b"/ETSI.CAdES.detached",
        kind: bytes | None = b"/Sig",
        entries: Mapping[str, bytes] | None = None,
        also: Mapping[int, Body] | None = None,
        free: Mapping[int, int] | None = None,
        appearance: Mapping[str, bytes] | None = None,
        before_contents: bytes = b"",
        after_contents: bytes = b"",
    ) -> None:
        """Append a revision that signs the field, which is made unless it exists.

        What stands around the value in its dictionary (`before_contents`, `after_contents`) falls into the gap: an attack.
        """
        number = self.number()
        self.signature_numbers[name] = number
        references = []
        if permission is not None:
            references.append(b"<< /TransformMethod /DocMDP /TransformParams << /P %d /V /1.2 >> >>" % permission)
            self.edit(CATALOG, Perms=b"<< /DocMDP %d 0 R >>" % number)
        if lock is not None:
            references.append(b"<< /TransformMethod /FieldMDP /TransformParams " + lock + b" >>")
        value = {
            **({"Type": kind} if kind is not None else {}),
            "Filter": b"/Adobe.PPKLite",
            "SubFilter": sub_filter,
            "Reason": b"(Agreed)",
            "M": b"(D:20261123120000+07'00')",
            **({"Reference": b"[" + b" ".join(references) + b"]"} if references else {}),
            **(entries or {}),
        }
        body = dictionary(value)[:-2] + _RANGE + b" " + before_contents + b"/Contents <" + b"0" * _RESERVED + b">"
        body += after_contents + b" >>"
        self.pending[number] = body
        if name in self.fields:
            self.edit(self.fields[name], V=b"%d 0 R" % number)
        else:
            form = {"Type": b"/XObject", "Subtype": b"/Form", "BBox": b"[0 0 150 50]", **(appearance or {})}
            drawing = self.add(stream(form, b"0 0 150 50 re S BT (Signed) Tj ET"))
            self._signature_field(name, number, page=page, rectangle=rectangle, lock=field_lock)
            self.edit(self.fields[name], AP=b"<< /N %d 0 R >>" % drawing)
            fields = b" ".join(b"%d 0 R" % n for n in self.fields.values())
            self.edit(FORM, Fields=b"[" + fields + b"]", SigFlags=b"3")
        self.pending.update(also or {})
        start = len(self.writer.data)
        self.save(free=free)
        self._close(start, before_contents, after_contents)

    def time_stamp(self, name: str, *, kind: bytes | None = b"/DocTimeStamp") -> None:
        """Append a document time-stamp in an invisible field."""
        self.sign(name, rectangle=(0, 0, 0, 0), sub_filter=b"/ETSI.RFC3161", kind=kind)

    def extend_dss(self, *certificates: bytes) -> None:
        """Write the security store anew, with these certificates."""
        references = b" ".join(b"%d 0 R" % self.add(stream({}, data, compress=True)) for data in certificates)
        store = self.add(b"<< /Type /DSS /Certs [" + references + b"] >>")
        self.edit(CATALOG, DSS=b"%d 0 R" % store)
        self.save()

    def annotate(self, subtype: bytes = b"/FreeText", page: int = 0, rectangle: bytes = b"[72 690 400 720]") -> int:
        """Lay an annotation with an appearance over the page."""
        appearance = self.add(
            stream({"Type": b"/XObject", "Subtype": b"/Form", "BBox": b"[0 0 328 30]"}, b"1 g 0 0 328 30 re f")
        )
        number = self._put(
            self.number(),
            {
                "Type": b"/Annot",
                "Subtype": subtype,
                "Rect": rectangle,
                "F": b"4",
                "AP": b"<< /N %d 0 R >>" % appearance,
            },
        )
        self._attach(number, page)
        self.save()
        return number

    def _close(self, start: int, before: bytes, after: bytes) -> None:
        """Set the byte range and a value in the newest signature."""
        data = self.writer.data
        value = data.index(b"/Contents <", start) + len(b"/Contents ")
        gap = value - len(b"/Contents ") - len(before) if before else value
        gap_end = data.index(b">", value) + 1 + len(after)
        text = b"/ByteRange [0 %010d %010d %010d]" % (gap, gap_end, len(data) - gap_end)
        place = data.index(_RANGE, start)
        data[place : place + len(text)] = text
        data[value + 1 : value + 1 + len(VALUE)] = VALUE
