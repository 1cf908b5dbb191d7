"""The ledger and the proof over HTTP."""

from typing import Final

from fastapi import APIRouter, Request
from starlette.responses import Response

from registry.alerts.proving.ledger import certificate_ledger, mail_ledger, whole_agency_ledger
from registry.alerts.proving.paper import write_proof_pdf
from registry.alerts.proving.proof import MAXIMUM_MAILS, ProofView, make_proof
from registry.alerts.proving.requests import read_period, read_proof_request
from registry.alerts.schemas import AgencyLedgerView, AgencyMailView, CertificateLedgerView
from registry.parameters import ParameterReader
from registry.web.dependencies import CurrentActor, CurrentRuntime, CurrentViewer, ReadUow, RowId
from registry.web.files import PDF, new_file, stream_file, words_of
from registry.web.problems import PROBLEM_RESPONSES

router: Final = APIRouter(prefix="/api/v1/alerts", tags=["alerts"], responses=PROBLEM_RESPONSES)


@router.get("/ledger/certificates/{certificate_id}", summary="What was told of one certificate")
def certificate(uow: ReadUow, viewer: CurrentViewer, request: Request, certificate_id: RowId) -> CertificateLedgerView:
    """Newest first; `from` and `until` (YYYY-MM-DD, days in Viet Nam) bound it."""
    return certificate_ledger(uow, viewer, certificate_id, read_period(request.query_params.multi_items()))


@router.get("/ledger/agencies/{agency_id}", summary="What was told about the certificates of one agency")
def agency(uow: ReadUow, viewer: CurrentViewer, request: Request, agency_id: RowId) -> AgencyLedgerView:
    """The newest 1,000 mails; `from` and `until` bound them, `subtree=1` adds the units below."""
    parameters = request.query_params.multi_items()
    subtree = ParameterReader(parameters).boolean("subtree") or False
    period = read_period(parameters)
    return whole_agency_ledger(uow, viewer, agency_id, period=period, with_subtree=subtree, limit=MAXIMUM_MAILS)


@router.get("/mails/{mail_id}", summary="One mail and everything that happened to it")
def mail(uow: ReadUow, viewer: CurrentViewer, mail_id: RowId) -> AgencyMailView:
    """With every attempt, every answer of a server and every act of a person."""
    return mail_ledger(uow, viewer, mail_id)


@router.get("/proof", summary="What a proof says")
def proof(uow: ReadUow, viewer: CurrentViewer, actor: CurrentActor, request: Request) -> ProofView:
    """For `certificate=` or `agency=`, with `from`, `until` and `subtree=1`."""
    return make_proof(uow, viewer, read_proof_request(request.query_params.multi_items()), printed_by=actor)


@router.get("/proof.pdf", summary="The proof on paper", response_class=Response)
def proof_pdf(
    *, uow: ReadUow, viewer: CurrentViewer, actor: CurrentActor, request: Request, runtime: CurrentRuntime
) -> Response:
    """The same as PDF in Vietnamese, with its fonts embedded."""
    made = make_proof(uow, viewer, read_proof_request(request.query_params.multi_items()), printed_by=actor)
    file = new_file()
    write_proof_pdf(made, words_of("vi"), file, province=runtime.settings.province_name)
    return stream_file(file, name=f"da-thong-bao-{made.number}.pdf", media_type=PDF)
