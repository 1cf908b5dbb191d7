"""Small PDFs with genuine signatures: by hand where a part must be wrong, by pyHanko where an honest tool is wanted."""

from io import BytesIO

_GAP = 30_000


def signed_pdf(
    make_contents, *, sub_filter="adbe.pkcs7.detached", entries="", kind="/Sig", text="Quyet dinh", gap=_GAP, filler=0
):
    """A one-page PDF with one signature whose /Contents is what `make_contents` answers for the signed bytes.

    `filler` adds an attachment of so many bytes.
    """
    drawn = b"BT /F1 18 Tf 72 720 Td (%s) Tj ET" % text.encode("ascii")
    objects = {
        2: b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        4: b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        5: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    }
    names = b""
    if filler:
        objects[8] = b"<< /Type /Filespec /F (a.bin) /EF << /F 9 0 R >> >>"
        objects[9] = b"<< /Type /EmbeddedFile /Length %d >>\nstream\n%s\nendstream" % (filler, bytes(filler))
        names = b"/Names << /EmbeddedFiles << /Names [(a.bin) 8 0 R] >> >> "
    data = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    type_entry = f"/Type {kind} " if kind else ""
    head = f"<< {type_entry}/Filter /Adobe.PPKLite /SubFilter /{sub_filter} {entries} ".encode()
    _append_signature(data, objects, head, fields=((6, 7),), gap=gap, names=names, make_contents=make_contents)
    return bytes(data)


def signed_repeatedly(make_contents, count, *, gap=2_300, entries=""):
    """A one-page PDF signed `count` times, each signature in a revision of its own and as small as it gets.

    `entries` go into the first signature.
    """
    data = bytearray(signed_pdf(make_contents, gap=gap, entries=entries))
    fields = [(6, 7)]
    head = b"<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached "
    for index in range(1, count):
        fields.append((8 + 2 * index, 9 + 2 * index))
        _append_signature(data, {}, head, fields=tuple(fields), gap=gap, names=b"", make_contents=make_contents)
    return bytes(data)


def _append_signature(data, objects, head, *, fields, gap, names, make_contents):
    """Append a revision with `objects` and the last of `fields` signed, and fill in its byte range and value."""
    previous = data.rfind(b"startxref\n")
    references = b" ".join(b"%d 0 R" % field for field, _ in fields)
    field, value = fields[-1]
    signature = head + b"/ByteRange [0 0000000000 0000000000 0000000000] /Contents <"
    objects = {
        **objects,
        1: b"<< /Type /Catalog /Pages 2 0 R %s/AcroForm << /Fields [%s] /SigFlags 3 >> >>" % (names, references),
        3: (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots [%s] "
            b"/Resources << /Font << /F1 5 0 R >> >> >>" % references
        ),
        field: (
            b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature%d) /V %d 0 R /F 132 /Rect [0 0 0 0] /P 3 0 R >>"
            % (len(fields), value)
        ),
        value: signature + b"0" * (2 * gap) + b"> >>",
    }
    start = len(data)
    offsets = {}
    for number, body in sorted(objects.items()):
        offsets[number] = len(data)
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(data)
    data += b"xref\n"
    if previous < 0:
        data += b"0 1\n0000000000 65535 f \n"
    data += b"".join(b"%d 1\n%010d 00000 n \n" % entry for entry in sorted(offsets.items()))
    prev = b"/Prev %s " % data[previous + 10 : data.index(b"\n", previous + 10)] if previous >= 0 else b""
    data += b"trailer\n<< /Size %d /Root 1 0 R %s>>\nstartxref\n%d\n%%%%EOF\n" % (max(objects) + 1, prev, table)
    gap_start = offsets[value] + len(b"%d 0 obj\n" % value) + len(signature) - 1
    gap_end = gap_start + 2 * gap + 2
    numbers = b"/ByteRange [0 %010d %010d %010d]" % (gap_start, gap_end, len(data) - gap_end)
    place = data.index(b"/ByteRange [0 0000000000", start)
    data[place : place + len(numbers)] = numbers
    contents = make_contents(bytes(data[:gap_start] + data[gap_end:])).hex().encode()
    data[gap_start + 1 : gap_start + 1 + len(contents)] = contents


def plain_pdf(text="Quyet dinh"):
    """An unsigned one-page PDF."""
    import pikepdf

    document = pikepdf.new()
    page = document.add_blank_page(page_size=(595, 842))
    font = pikepdf.Dictionary(Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica)
    page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
    page.Contents = document.make_stream(b"BT /F1 18 Tf 72 720 Td (%s) Tj ET" % text.encode("ascii"))
    out = BytesIO()
    document.save(out, deterministic_id=True)
    return out.getvalue()


def sign(data, entity, *, field="Signature1", tsa=None, stamped_at=None, others=(), **metadata):
    """Sign with pyHanko; `tsa` adds a time-stamp, `others` are embedded along with the leaf."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers

    signer = _signer(entity, others)
    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    out = signers.sign_pdf(
        writer,
        signers.PdfSignatureMetadata(field_name=field, **{"md_algorithm": "sha256", **metadata}),
        signer=signer,
        timestamper=_stamper(tsa, stamped_at) if tsa is not None else None,
    )
    return out.getvalue()


def add_document_timestamp(data, tsa, *, at):
    """Add a document time-stamp with pyHanko."""
    from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
    from pyhanko.sign import signers

    writer = IncrementalPdfFileWriter(BytesIO(data), strict=False)
    stamper = signers.PdfTimeStamper(_stamper(tsa, at))
    return stamper.timestamp_pdf(writer, "sha256", validation_context=None).getvalue()


def _signer(entity, others):
    from asn1crypto import keys, x509
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from pyhanko.sign import signers
    from pyhanko_certvalidator.registry import SimpleCertificateStore

    encoded = entity.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return signers.SimpleSigner(
        x509.Certificate.load(entity.der),
        keys.PrivateKeyInfo.load(encoded),
        SimpleCertificateStore.from_certs([x509.Certificate.load(der) for der in others]),
    )


def _stamper(tsa, at):
    from asn1crypto import keys, x509
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
    from pyhanko.sign.timestamps import DummyTimeStamper

    encoded = tsa.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    return DummyTimeStamper(x509.Certificate.load(tsa.der), keys.PrivateKeyInfo.load(encoded), fixed_dt=at)
