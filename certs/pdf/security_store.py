"""Validation data in the document security store (ISO 32000-2, 12.8.4.3)."""

from certs.pdf.document import Document
from certs.pdf.form import catalog_of
from certs.pdf.model import SecurityStore
from certs.pdf.syntax import SyntaxFault
from certs.pdf.values import Stream, Value

_KINDS = {"certificates": ("Certs", "Cert"), "crls": ("CRLs", "CRL"), "ocsp_responses": ("OCSPs", "OCSP")}


def read_security_store(document: Document) -> SecurityStore:
    """All certificates, CRLs and OCSP responses of /DSS and of its /VRI, each once; undecodable ones are left out."""
    revision = document.last
    store = document.dictionary(catalog_of(document, revision).get("DSS"), revision)
    if not store:
        return SecurityStore()
    places = [store]
    places.extend(
        document.dictionary(item, revision) for item in document.dictionary(store.get("VRI"), revision).values()
    )
    found: dict[str, dict[bytes, None]] = {name: {} for name in _KINDS}
    for place in places:
        for name, keys in _KINDS.items():
            for key in keys:
                for item in document.array(place.get(key), revision):
                    data = _content(document, item)
                    if data is not None:
                        found[name][data] = None
    return SecurityStore(**{name: tuple(values) for name, values in found.items()})


def _content(document: Document, item: Value) -> bytes | None:
    stream = document.resolve(item, document.last)
    if not isinstance(stream, Stream):
        return None
    try:
        return document.decoded(stream, document.last)
    except SyntaxFault:
        return None
