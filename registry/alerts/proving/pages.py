"""Pages of the ledger: of one certificate, of one agency, and the proof on paper."""

from typing import Final

from fastapi import APIRouter
from starlette.responses import Response

from registry.alerts.proving.ledger import agency_ledger, certificate_ledger
from registry.alerts.proving.paper import write_proof_pdf
from registry.alerts.proving.proof import make_proof
from registry.alerts.proving.requests import read_period, read_proof_request
from registry.paging import PageRequest
from registry.parameters import ParameterReader, Parameters
from registry.web.dependencies import CurrentActor, CurrentViewer, ReadUow, RowId
from registry.web.files import PDF, new_file, stream_file, words_of
from registry.web.page import CurrentPage
from registry.web.templating import with_parameters

router: Final = APIRouter(include_in_schema=False)

PAGE_SIZE: Final = 50


@router.get("/certificates/{certificate_id}/alerts")
def certificate_ledger_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, certificate_id: RowId) -> Response:
    """Everything that was told of one certificate, to whom, and what the mail server answered."""
    parameters = page.request.query_params.multi_items()
    period = read_period(parameters)
    return page.render(
        "alerts/certificate_ledger.html",
        ledger=certificate_ledger(uow, viewer, certificate_id, period),
        period=period,
        proof=with_parameters("/alerts/proof.pdf", _days(parameters), certificate=certificate_id),
    )


@router.get("/agencies/{agency_id}/alerts")
def agency_ledger_page(
    page: CurrentPage, viewer: CurrentViewer, uow: ReadUow, agency_id: RowId, cursor: str | None = None
) -> Response:
    """The mails about an agency's certificates, with the units below it when the address says so."""
    parameters = page.request.query_params.multi_items()
    period, subtree = read_period(parameters), ParameterReader(parameters).boolean("subtree") or False
    agency, mails = agency_ledger(
        uow, viewer, agency_id, PageRequest(cursor, PAGE_SIZE), period=period, with_subtree=subtree
    )
    own = (*_days(parameters), *((("subtree", "1"),) if subtree else ()))
    here = f"/agencies/{agency_id}/alerts"
    return page.render(
        "alerts/agency_ledger.html",
        agency=agency,
        mails=mails.items,
        period=period,
        with_subtree=subtree,
        first=with_parameters(here, own) if cursor else None,
        following=with_parameters(here, own, cursor=mails.next) if mails.next else None,
        proof=with_parameters("/alerts/proof.pdf", own, agency=agency_id),
    )


@router.get("/alerts/proof.pdf")
def proof_pdf(page: CurrentPage, viewer: CurrentViewer, actor: CurrentActor, uow: ReadUow) -> Response:
    """The proof of one certificate or agency on paper, in Vietnamese."""
    proof = make_proof(uow, viewer, read_proof_request(page.request.query_params.multi_items()), printed_by=actor)
    file = new_file()
    write_proof_pdf(proof, words_of("vi"), file, province=page.runtime.settings.province_name)
    return stream_file(file, name=f"da-thong-bao-{proof.number}.pdf", media_type=PDF)


def _days(parameters: list[tuple[str, str]]) -> Parameters:
    return tuple((name, value) for name, value in parameters if name in {"from", "until"} and value.strip())
