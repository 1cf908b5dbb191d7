"""What happens to a certificate is recorded on its page: offered where possible, checked field by field, never lost."""

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape

import pytest

from registry.bulk.assessing import check_event
from registry.certificates.detail import get_certificate
from registry.certificates.query import Standing
from registry.certificates.schemas import CertificateDetail
from registry.certificates.submissions import CustodyEvent, Note
from registry.certificates.tables import CertificateEventKind, Custody, Medium
from registry.errors import InvalidInput
from registry.runtime import Runtime
from tests.factories.certificates import EVERYTHING, make_certificate, small_ca, trust_small_ca
from tests.registry.web.browsing import Browser
from tests.registry.web.conftest import SmallRegister

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def offers(page: str) -> set[str]:
    return set(re.findall(r'href="/certificates/\d+/changes/(\w+)"', page))


def detail_of(runtime: Runtime, certificate_id: int) -> CertificateDetail:
    with runtime.database.read() as uow:
        return get_certificate(uow, EVERYTHING, certificate_id, uow.now)


def submit(browser: Browser, certificate_id: int, kind: str, **values: str) -> object:
    address = f"/certificates/{certificate_id}/changes/{kind}"
    return browser.post(address, values, token=browser.token("/verify"))


def test_every_change_is_recorded_from_its_form(
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime
) -> None:
    browser = signed_in("yte")
    lan = register.lan

    def record(kind: str, **values: str) -> CertificateDetail:
        assert browser.get(f"/certificates/{lan}/changes/{kind}").status_code == 200
        answer = submit(browser, lan, kind, **values)
        assert answer.headers.get("location") == f"/certificates/{lan}?recorded={kind}", unescape(answer.text)
        assert "Đã ghi nhận" in browser.get(answer.headers["location"]).text
        return detail_of(runtime, lan)

    assert record("handed_over", effective_at="1/7/2025").certificate.custody is Custody.HANDED_OVER
    assert record("locked", effective_at="02/07/2025").certificate.custody is Custody.LOCKED
    assert record("recovered", effective_at="03/07/2025").certificate.custody is Custody.HANDED_OVER
    assert record("lost", effective_at="04/07/2025").certificate.custody is Custody.LOST
    assert record("returned", effective_at="05/07/2025").certificate.custody is Custody.RETURNED
    event = record("holder_changed", effective_at="06/07/2025", custodian="Trần Văn Bình").events
    assert {"custodian": "Trần Văn Bình"} in [each.details for each in event]
    with runtime.database.read() as uow:
        code = get_certificate(uow, EVERYTHING, register.seal, uow.now).certificate.agency_code
    moved = record("reassigned", effective_at="07/07/2025", agency_id=f"{code} Sở Y tế", note="Điều động")
    assert moved.certificate.agency_id == register.health
    corrected = record(
        "corrected", subscriber="person", medium="sim", iccid="8984012345", device_number="", position="", email=""
    )
    assert (corrected.certificate.medium, corrected.iccid) == (Medium.SIM, "8984012345")
    noted = record("noted", effective_at="08/07/2025", note="Kiểm kê").events
    assert [each.note for each in noted if each.kind is CertificateEventKind.NOTED] == ["Kiểm kê"]
    assert "Kiểm kê" in browser.get(f"/certificates/{lan}").text
    assert "Cần nhập mục này" in submit(browser, lan, "noted", effective_at="08/07/2025", note=" ").text
    assert record("replaced", effective_at="08/07/2025", by_id="AB:CD EF12 · SỞ Y TẾ").certificate.is_replaced
    revoked = record("revoked", effective_at="23/11/2026", reason="affiliationChanged", note="Nghỉ hưu")
    assert (revoked.certificate.standing, revoked.certificate.revocation_reason) == (
        Standing.REVOKED,
        "affiliationChanged",
    )
    assert revoked.events[-1].actor == "yte"
    assert "revoked" not in offers(browser.get(f"/certificates/{lan}").text)


@ON_SQLITE
def test_wrong_fields_are_named_and_what_was_typed_stays(
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime
) -> None:
    browser = signed_in("quantri")
    answer = submit(browser, register.lan, "revoked", effective_at="31/02/2026", reason="", note="Ghi <chú> của tôi")
    assert answer.status_code == 422
    page = unescape(answer.text)
    assert 'href="#effective_at"' in page
    assert 'href="#reason"' in page
    assert "“31/02/2026” không phải là ngày" in page
    assert 'value="31/02/2026"' in page
    assert "Ghi <chú> của tôi" in page
    early = submit(browser, register.lan, "lost", effective_at="01/01/2001")
    assert early.status_code == 409
    assert "có hiệu lực từ 01/01/2001 00:00, trước khi chứng thư được cấp" in early.text
    unknown = submit(browser, register.lan, "reassigned", effective_at="01/01/2026", agency_id="H99 Không có")
    assert "“H99 Không có”" in unescape(unknown.text)
    for by_id in ("", "ffffffff"):
        assert submit(browser, register.lan, "replaced", effective_at="01/01/2026", by_id=by_id).status_code == 422
    assert submit(browser, register.lan, "corrected", subscriber="x", email="a b@c").status_code == 422
    assert [event.kind for event in detail_of(runtime, register.lan).events] == [
        CertificateEventKind.ISSUED,
        CertificateEventKind.REGISTERED,
    ]


@ON_SQLITE
def test_what_happens_to_a_device_is_not_told_before_and_a_planned_revocation_says_that_it_waits(
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime
) -> None:
    browser = signed_in("quantri")
    for kind in ("lost", "noted"):
        early = submit(browser, register.lan, kind, effective_at="01/01/2190", note="x")
        assert early.status_code == 422
        assert "Ngày 01/01/2190 chưa đến" in early.text
        assert 'id="effective_at-error"' in early.text
    with pytest.raises(InvalidInput), runtime.database.read() as uow:
        check_event(uow, EVERYTHING, CustodyEvent(kind="lost", effective_at=uow.now + timedelta(days=2)))
    planned = submit(browser, register.lan, "revoked", effective_at="01/01/2190", reason="superseded")
    shown = browser.get(planned.headers["location"]).text
    assert "đến ngày 01/01/2190 mới có hiệu lực" in shown


@ON_SQLITE
def test_what_turns_the_writing_round_is_left_out_of_what_is_typed(
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime
) -> None:
    submit(signed_in("quantri"), register.lan, "noted", effective_at="01/07/2025", note="\u202eGhi\x07 chú\u2069")
    assert [event.note for event in detail_of(runtime, register.lan).events if event.note] == ["Ghi chú"]
    event = Note.model_validate({"kind": "noted", "effective_at": "2025-07-01T00:00:00Z", "note": "\u202eGhi chú"})
    assert event.note == "Ghi chú"


@ON_SQLITE
def test_only_what_is_possible_is_offered(
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime
) -> None:
    with runtime.database.write() as uow:
        trust_small_ca(uow, generation="public", common_name="CA công cộng")
        public = make_certificate(
            uow, register.health, ca=small_ca("CA công cộng"), not_after=uow.now.replace(year=2030)
        )
    browser = signed_in("yte")
    government = offers(browser.get(f"/certificates/{register.seal}").text)
    assert government >= {"revoked", "handed_over", "lost", "reassigned", "corrected", "noted"}
    assert not government & {"returned", "locked", "recovered", "resumed"}
    assert "suspended" in offers(browser.get(f"/certificates/{public}").text)
    assert submit(browser, public, "suspended", effective_at="01/11/2026").status_code == 303
    assert detail_of(runtime, public).certificate.standing is Standing.SUSPENDED
    assert submit(browser, public, "resumed", effective_at="02/11/2026").status_code == 303
    assert detail_of(runtime, public).certificate.standing is Standing.ACTIVE
    assert browser.get(f"/certificates/{public}/changes/issued").status_code == 409
    assert offers(browser.get(f"/certificates/{register.seal}?as_of=2026-01-01").text) == set()
    assert offers(signed_in("kiemtoan").get(f"/certificates/{register.seal}").text) == set()
    assert browser.get(f"/certificates/{register.other}/changes/revoked").status_code == 404


@ON_SQLITE
@pytest.mark.parametrize("generation", ["G1", "G2", "demo-G1", "demo-G2"])
def test_suspension_is_never_offered_for_the_government_pki(
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime, generation: str
) -> None:
    with runtime.database.write() as uow:
        trust_small_ca(uow, generation=generation)
        key = make_certificate(uow, register.health, not_after=uow.now.replace(year=2030))
    browser = signed_in("quantri")
    assert "suspended" not in offers(browser.get(f"/certificates/{key}").text)
    assert browser.get(f"/certificates/{key}/changes/suspended").status_code == 409
    assert submit(browser, key, "suspended", effective_at="01/11/2026").status_code == 409
