"""The proof "you were told on …": what the ledger holds of one certificate or agency in a period, ready to be printed.

It proves that the recipient's mail server (or the one that relays for it) took over a message with that Message-ID at
that time, and what the register had written into it. It does not prove that a person opened or read the mail.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Final

from certs.messages import define, message
from registry.accounts.viewer import Viewer
from registry.alerts.proving.ledger import certificate_ledger, whole_agency_ledger
from registry.alerts.proving.period import Period
from registry.alerts.schemas import AcknowledgementView, LedgerMailView, ToldCertificateView
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput
from registry.mail.tables import MailState
from registry.views import View

MAXIMUM_MAILS: Final = 1000
"""Mails of one proof; more than anybody reads on paper. Who needs more asks for shorter periods."""

define(
    "alerts.proof_subject",
    vi="Hãy chọn một chứng thư hoặc một cơ quan, không phải cả hai.",
    en="Choose one certificate or one agency, not both.",
)
define(
    "alerts.proof_period",
    vi="Ngày cuối của kỳ ({last}) nằm trước ngày đầu ({first}).",
    en="The period ends ({last}) before it begins ({first}).",
)


class ProofMailView(View):
    """One mail and the certificates that it told of."""

    mail: LedgerMailView
    certificates: tuple[ToldCertificateView, ...]


class ProofView(View):
    """What is printed. All times are moments; days are those of Viet Nam."""

    about: str
    """The holder or the name of the agency."""
    number: str
    """The certificate's serial number or the agency's code."""
    agency: str
    """The agency responsible for the certificate today; for an agency its own name."""
    expires_at: datetime | None
    """Of the certificate; None for an agency."""
    first: date | None
    last: date
    accepted: tuple[ProofMailView, ...]
    """Taken over by the mail server, the oldest first."""
    others: tuple[ProofMailView, ...]
    """Not taken over (waiting, held back, refused, cancelled), or taken over and returned later."""
    answers: tuple[AcknowledgementView, ...]
    is_cut: bool
    """Whether there were more mails than one proof holds."""
    printed_at: datetime
    printed_by: str


@dataclass(frozen=True, slots=True)
class ProofRequest:
    """What a proof is asked for: one certificate or one agency, and a period."""

    certificate_id: int | None = None
    agency_id: int | None = None
    period: Period = field(default_factory=Period)
    with_subtree: bool = False

    def __post_init__(self) -> None:
        """Refuse with `InvalidInput` what names both or neither, and a period that ends before it begins."""
        if (self.certificate_id is None) == (self.agency_id is None):
            raise InvalidInput(message("alerts.proof_subject"), field="certificate")
        first, last = self.period.first, self.period.last
        if first is not None and last is not None and last < first:
            reason = message("alerts.proof_period", first=f"{first:%d/%m/%Y}", last=f"{last:%d/%m/%Y}")
            raise InvalidInput(reason, field="until")


def make_proof(uow: UnitOfWork, viewer: Viewer, request: ProofRequest, *, printed_by: str) -> ProofView:
    """Gather what was told. Raises `NotFound` for what is not there or what the viewer may not know of."""
    if request.certificate_id is not None:
        return _certificate_proof(uow, viewer, request, request.certificate_id, printed_by)
    return _agency_proof(uow, viewer, request, request.agency_id or 0, printed_by)


def _certificate_proof(
    uow: UnitOfWork, viewer: Viewer, request: ProofRequest, certificate_id: int, printed_by: str
) -> ProofView:
    ledger = certificate_ledger(uow, viewer, certificate_id, request.period)
    certificate = ledger.certificate
    mails = [
        ProofMailView(
            mail=notice.mail,
            certificates=(
                ToldCertificateView(
                    certificate_id=certificate_id,
                    holder=certificate.holder,
                    serial=certificate.serial,
                    not_after=certificate.not_after,
                    topic=notice.topic,
                    step_days=notice.step_days,
                ),
            ),
        )
        for notice in ledger.notices
        if notice.mail is not None
    ]
    return _proof(
        uow,
        request,
        mails,
        ledger.answers,
        about=certificate.holder,
        number=certificate.serial,
        agency=certificate.agency_name,
        expires_at=certificate.not_after,
        printed_by=printed_by,
    )


def _agency_proof(uow: UnitOfWork, viewer: Viewer, request: ProofRequest, agency_id: int, printed_by: str) -> ProofView:
    ledger = whole_agency_ledger(
        uow, viewer, agency_id, period=request.period, with_subtree=request.with_subtree, limit=MAXIMUM_MAILS
    )
    mails = [ProofMailView(mail=each.mail, certificates=each.certificates) for each in ledger.mails]
    return _proof(
        uow,
        request,
        mails,
        tuple(answer for each in ledger.mails for answer in each.answers),
        about=ledger.agency.name,
        number=ledger.agency.code,
        agency=ledger.agency.name,
        expires_at=None,
        printed_by=printed_by,
        is_cut=ledger.is_cut,
    )


def _proof(
    uow: UnitOfWork,
    request: ProofRequest,
    mails: list[ProofMailView],
    answers: tuple[AcknowledgementView, ...],
    *,
    about: str,
    number: str,
    agency: str,
    expires_at: datetime | None,
    printed_by: str,
    is_cut: bool = False,
) -> ProofView:
    oldest_first = sorted(mails, key=lambda each: (each.mail.sent_at or each.mail.created_at, each.mail.id))
    accepted = tuple(each for each in oldest_first if each.mail.state is MailState.SENT)
    return ProofView(
        about=about,
        number=number,
        agency=agency,
        expires_at=expires_at,
        first=request.period.first,
        last=request.period.last or local_day(uow.now),
        accepted=accepted,
        others=tuple(each for each in oldest_first if each not in accepted),
        answers=tuple(reversed(answers)),
        is_cut=is_cut,
        printed_at=uow.now,
        printed_by=printed_by,
    )
