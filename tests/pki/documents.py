"""Small PDFs with genuine signatures: by hand where a part must be wrong, by pyHanko where an honest tool is wanted."""

from io import BytesIO

from tests.pki.cms import digest

_GAP = 30_000


def signed_pdf(
    make_contents, *, sub_filter="adbe.pkcs7.detached", entries="", kind="/Sig", text="Quyet dinh", gap=_GAP
):
    """A one-page PDF with one signature whose /Contents is what `make_contents` answers for the signed bytes."""
    drawn = b"BT /F1 18 Tf 72 720 Td (%s) Tj ET" % text.encode("ascii")
    type_entry = f"/Type {kind} " if kind else ""
    signature = (
        f"<< {type_entry}/Filter /Adobe.PPKLite /SubFilter /{sub_filter} {entries} "
        f"/ByteRange [0 0000000000 0000000000 0000000000] /Contents <"
    ).encode()
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [6 0 R] /SigFlags 3 >> >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots [6 0 R] "
            b"/Resources << /Font << /F1 5 0 R >> >> >>"
        ),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(drawn), drawn),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
        b"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Signature1) /V 7 0 R /F 132 /Rect [0 0 0 0] /P 3 0 R >>",
        signature + b"0" * (2 * gap) + b"> >>",
    ]
    data = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
    offsets = []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = len(data)
    data += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    data += b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    data += b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, table)
    start = offsets[6] + len(b"7 0 obj\n") + len(signature) - 1
    end = start + 2 * gap + 2
    numbers = b"/ByteRange [0 %010d %010d %010d]" % (start, end, len(data) - end)
    place = data.index(b"/ByteRange [0 0000000000")
    data[place : place + len(numbers)] = numbers
    contents = make_contents(bytes(data[:start] + data[end:])).hex().encode()
    data[start + 1 : start + 1 + len(contents)] = contents
    return bytes(data)


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


__all__ = ["add_document_timestamp", "digest", "plain_pdf", "sign", "signed_pdf"]
