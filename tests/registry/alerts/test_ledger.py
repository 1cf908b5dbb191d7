"""The ledger and the proof: what was told, to whom, with which answer, and only to those who may know."""

import io
from datetime import date, timedelta

import pikepdf
import pypdfium2
import pytest
from sqlmodel import select

from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.alerts.proving.ledger import agency_ledger, certificate_ledger, mail_ledger
from registry.alerts.proving.paper import write_proof_pdf
from registry.alerts.proving.period import Period
from registry.alerts.proving.proof import ProofRequest, ProofView, make_proof
from registry.alerts.scan import scan_expiries
from registry.certificates.tables import CertificatePeriodRow
from registry.clock import FOREVER
from registry.errors import InvalidInput, NotFound
from registry.mail.control import hold_mail
from registry.mail.tables import MailRow, MailState
from registry.paging import PageRequest
from registry.runtime import Runtime
from tests.fakes.clock import FakeClock
from tests.registry.alerts.rows import add_agency, add_certificate

TODAY = date(2026, 11, 23)
EVERYBODY = Viewer.everything()


@pytest.fixture
def told(runtime: Runtime) -> tuple[int, int, int]:
    """Identifiers of a certificate, its agency, and another agency; both were written to."""
    with runtime.database.write() as uow:
        health = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        tax = add_agency(uow.session, "Sở Tài chính", "stc@tinh.example")
        key = add_certificate(uow.session, health, TODAY + timedelta(days=44), holder="Nguyễn Thị Lan")
        add_certificate(uow.session, tax, TODAY + timedelta(days=7))
    scan_expiries(runtime.database, runtime.settings)
    return key, health.agency_id, tax.agency_id


def accept(runtime: Runtime, recipient: str, reply: str) -> int:
    """The mail server takes over the mail of a recipient."""
    with runtime.database.write() as uow:
        mail = uow.session.exec(select(MailRow).where(MailRow.recipient == recipient)).one()
        mail.state, mail.sent_at, mail.last_reply = MailState.SENT, uow.now, reply
        assert mail.id is not None
        return mail.id


def officer(path: str) -> Viewer:
    return Viewer(user_id=1, role=Role.OFFICER, agency_path=path)


def test_the_ledger_of_a_certificate_tells_every_step_and_every_act(
    runtime: Runtime, told: tuple[int, int, int]
) -> None:
    with runtime.database.write() as uow:
        ((_, mail),) = [(n, n.mail) for n in certificate_ledger(uow, EVERYBODY, told[0]).notices if n.mail]
        assert mail is not None
        hold_mail(uow, mail.id, actor="quantri", reason="chờ đính chính")
    with runtime.database.read() as uow:
        ledger = certificate_ledger(uow, EVERYBODY, told[0])
    assert {notice.step_days: notice.mail is not None for notice in ledger.notices} == {90: False, 60: False, 45: True}
    held = next(notice.mail for notice in ledger.notices if notice.mail)
    assert held.state is MailState.HELD
    assert [(event.kind, event.actor, event.words) for event in held.events] == [("held", "quantri", "chờ đính chính")]


def test_an_agency_keeps_what_was_told_while_it_was_responsible(
    runtime: Runtime, told: tuple[int, int, int], clock: FakeClock
) -> None:
    certificate, health, tax = told
    clock.advance(timedelta(days=2))
    with runtime.database.write() as uow:
        period = uow.session.exec(
            select(CertificatePeriodRow).where(CertificatePeriodRow.certificate_id == certificate)
        ).one()
        period.effective_until = uow.now
        values = period.model_dump(exclude={"id", "agency_id", "effective_from", "effective_until"})
        uow.session.add(CertificatePeriodRow(**values, agency_id=tax, effective_from=uow.now, effective_until=FOREVER))
    with runtime.database.read() as uow:
        for agency, addresses in ((health, ["syt@tinh.example"]), (tax, ["stc@tinh.example"])):
            _, page = agency_ledger(uow, EVERYBODY, agency, PageRequest())
            assert [each.mail.recipient for each in page.items] == addresses
        before = Period(last=TODAY - timedelta(days=1))
        assert agency_ledger(uow, EVERYBODY, health, PageRequest(), period=before)[1].items == ()


def test_an_officer_sees_the_ledger_of_the_own_subtree_alone(runtime: Runtime, told: tuple[int, int, int]) -> None:
    certificate, health, tax = told
    own, foreign = officer(f"/{health}/"), officer(f"/{tax}/")
    with runtime.database.read() as uow:
        ((_, mail),) = [(n, n.mail) for n in certificate_ledger(uow, own, certificate).notices if n.mail]
        assert mail is not None
        assert mail_ledger(uow, own, mail.id).certificates[0].holder == "Nguyễn Thị Lan"
        for ask in (
            lambda: certificate_ledger(uow, foreign, certificate),
            lambda: agency_ledger(uow, foreign, health, PageRequest()),
            lambda: mail_ledger(uow, foreign, mail.id),
            lambda: make_proof(uow, foreign, ProofRequest(agency_id=health), printed_by="x"),
        ):
            with pytest.raises(NotFound):
                ask()


def test_the_proof_keeps_apart_what_was_accepted_and_what_was_not(
    runtime: Runtime, told: tuple[int, int, int], clock: FakeClock
) -> None:
    def prove() -> ProofView:
        with runtime.database.read() as uow:
            return make_proof(uow, EVERYBODY, ProofRequest(agency_id=told[1]), printed_by="quantri")

    assert (len(prove().accepted), len(prove().others)) == (0, 1)
    clock.advance(timedelta(minutes=3))
    accept(runtime, "syt@tinh.example", "250 2.0.0 Ok: queued as 4F2A")
    proof = prove()
    assert (len(proof.accepted), len(proof.others), proof.printed_by) == (1, 0, "quantri")
    assert proof.accepted[0].mail.sent_at == clock.at


@pytest.mark.parametrize("by_agency", [False, True])
def test_the_proof_on_paper_says_what_it_proves_and_embeds_its_fonts(
    runtime: Runtime, told: tuple[int, int, int], *, by_agency: bool
) -> None:
    mail_id = accept(runtime, "syt@tinh.example", "250 2.0.0 Ok: <queued> & kept")
    asked = ProofRequest(agency_id=told[1]) if by_agency else ProofRequest(certificate_id=told[0])
    with runtime.database.read() as uow:
        proof = make_proof(uow, EVERYBODY, asked, printed_by="quantri")
        message_id = mail_ledger(uow, EVERYBODY, mail_id).mail.message_id
    file = io.BytesIO()
    write_proof_pdf(proof, lambda member: member.value, file, province="Tỉnh Bắc Giang")
    text = "".join(page.get_textpage().get_text_bounded() for page in pypdfium2.PdfDocument(file.getvalue()))
    joined = "".join(text.split())
    for said in (
        "Nguyễn Thị Lan",
        "45 ngày trước khi hết hạn",
        message_id,
        "250 2.0.0 Ok: <queued> & kept",
        "không chứng minh rằng có người đã mở hoặc đã đọc thư",
        "23/11/2026 09:00:00 +07:00",
        "quantri",
    ):
        assert "".join(said.split()) in joined
    with pikepdf.open(io.BytesIO(file.getvalue())) as document:
        for page in document.pages:
            for font in page.Resources.Font.values():
                assert "/FontFile2" in font.get("/DescendantFonts", [font])[0].FontDescriptor


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"certificate_id": 1, "agency_id": 1},
        {"agency_id": 1, "period": Period(TODAY, TODAY - timedelta(days=1))},
    ],
)
def test_a_proof_of_nothing_or_of_two_things_is_refused(asked: dict[str, object]) -> None:
    with pytest.raises(InvalidInput):
        ProofRequest(**asked)  # type: ignore[arg-type]
