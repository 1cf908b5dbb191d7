"""Certificates with absurd fields: entered as they are or refused with a sentence, and shown without breaking anything."""

import csv
import io

from registry.accounts.tables import Role
from registry.imports.tables import ImportChoice, ImportState, ItemOutcome
from tests.factories.clients import signed_in_client
from tests.factories.raw_certificates import (
    BMP,
    IA5,
    TELETEX,
    oid,
    raw_alternative_names,
    raw_certificate,
    raw_name,
    tlv,
)
from tests.registry.imports.conftest import Importing, zip_of


def named(*attributes: tuple[str, str | bytes] | tuple[str, str | bytes, int]) -> bytes:
    return raw_certificate(raw_name(("o", "Sở Y tế"), *attributes))


TAKEN = {
    "serial of 20 octets": raw_certificate(serial=b"\x7f" * 20),
    "serial of 30 octets": raw_certificate(serial=b"\x7f" * 30),
    "negative serial": raw_certificate(serial=b"\x80\x01"),
    "serial 0": raw_certificate(serial=b"\0"),
    "no end": raw_certificate(not_after="99991231235959Z"),
    "last hours that Viet Nam has no day for": raw_certificate(not_after="99991231170000Z"),
    "year 1": raw_certificate(not_before="00010101000000Z"),
    "UTCTime of 1950 to 2049": raw_certificate(not_before="500101000000Z", not_after="491231235959Z"),
    "unknown algorithm": raw_certificate(algorithm=tlv(0x30, oid("1.2.3.4.5"))),
    "unknown key": raw_certificate(key=tlv(0x30, tlv(0x30, oid("1.2.3.4")), tlv(0x03, b"\0\1\2"))),
    "NUL": named(("cn", "An\0Bình")),
    "bidi": named(("cn", "\u202egnuhP\u202c nA")),
    "controls": named(("cn", "A\x1b[31mn\r\nB")),
    "teletex": named(("cn", b"Nguy\xean", TELETEX)),
    "no text at all": named(("cn", b"\xff\xfe", TELETEX + 8)),
    "BMP": named(("cn", "Nguyễn Văn An".encode("utf-16-be"), BMP)),
    "BMP with half a letter": named(("cn", b"\xd8\x00\x00A", BMP)),
    "letters with long search spellings": named(("cn", "\ufdfa" * 300)),
    "nobody": raw_certificate(tlv(0x30)),
    "blank": raw_certificate(raw_name(("cn", "  "))),
    "address that grows when it is shown": named(("cn", "An"), ("e", "\u202e" * 80 + "@b.vn")),
    "address that is too long": named(("cn", "An"), ("e", "a" * 300 + "@b.vn", IA5)),
    "10,000 alternative names": raw_certificate(
        extensions=(raw_alternative_names(*((0x82, b"h%d.vn" % number) for number in range(10_000))),)
    ),
    "alternative name with NUL": raw_certificate(extensions=(raw_alternative_names((0x81, b"a\0b@c.vn")),)),
    "extension cut off": raw_certificate(extensions=(tlv(0x30, oid("2.5.29.17"), tlv(0x04, b"\x30\x05\x81")),)),
}
REFUSED = {
    "serial of 40 octets": (raw_certificate(serial=b"\x7f" * 40), "certificates.name_too_long"),
    "begins when no day is left": (
        raw_certificate(not_before="99991231120000Z", not_after="99991231235959Z"),
        "certificates.validity",
    ),
    "ends before it begins": (raw_certificate(not_after="20190101000000Z"), "certificates.validity"),
    "year 0": (raw_certificate(not_before="00000101000000Z"), "certificate.bad_field"),
    "30 February": (raw_certificate(not_before="200230000000Z"), "certificate.bad_field"),
    "long name": (named(("cn", "A" * 301)), "certificates.name_too_long"),
    "CA by a boolean that is not DER": (
        raw_certificate(extensions=(tlv(0x30, oid("2.5.29.19"), tlv(0x04, b"\x30\x03\x01\x01\x01")),)),
        "certificates.is_ca",
    ),
}


def test_absurd_certificates_are_entered_or_refused_and_every_page_shows_them(
    importing: Importing, bodies: dict[str, int]
) -> None:
    files = {f"{name}.cer": der for name, der in TAKEN.items()}
    files |= {f"{name}.cer": der for name, (der, _) in REFUSED.items()}
    import_id = importing.preview({"a.zip": zip_of(files)}, agency_id=bodies["health"])
    found = {item.place.removeprefix("a.zip/").removesuffix(".cer"): item for item in importing.items(import_id)}
    assert {name for name, item in found.items() if item.outcome is ItemOutcome.REFUSED} == set(REFUSED)
    assert {name: found[name].reasons[0]["code"] for name in REFUSED} == {
        name: code for name, (_, code) in REFUSED.items()
    }

    row = importing.apply(import_id, ImportChoice.ALL)
    assert (row.state, row.applied_count) == (ImportState.APPLIED, len(TAKEN))
    client = signed_in_client(importing.runtime, Role.ADMINISTRATOR)
    pages = ["/certificates", "/api/v1/certificates?limit=200", f"/imports/{import_id}"]
    for item in importing.items(import_id):
        if item.certificate_id is not None:
            pages += [f"/certificates/{item.certificate_id}", f"/api/v1/certificates/{item.certificate_id}"]
    answers = {page: client.get(page) for page in pages}
    assert {page: answer.status_code for page, answer in answers.items()} == dict.fromkeys(pages, 200)
    for answer in answers.values():
        assert not {"\0", "\x1b", "\u202e"} & set(answer.text)
    holders = [each["holder"] for each in answers["/api/v1/certificates?limit=200"].json()["items"]]
    assert len(holders) == len(TAKEN)
    assert all(holders), "something to call each of them by"
    exported = list(csv.reader(io.StringIO(client.get("/certificates.csv").text)))
    assert len(exported) == len(TAKEN) + 1

    importing.undo(import_id)
    assert client.get("/api/v1/certificates").json()["items"] == []
