"""Certificates over HTTP."""

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request, Response

from registry.certificates.detail import get_certificate
from registry.certificates.query import CertificateQuery, Dimension
from registry.certificates.repository import count_by, find_counted_certificates, first_moment
from registry.certificates.schemas import BucketView, CertificateDetail, CertificateList
from registry.certificates.service import register_certificate
from registry.certificates.submissions import EventSubmission, NewCertificate, record_submitted_event
from registry.paging import PageRequest
from registry.parameters import Parameters
from registry.web.dependencies import (
    AsOf,
    CurrentActor,
    CurrentViewer,
    Cursor,
    PageSize,
    ReadUow,
    RowId,
    WriteUow,
)
from registry.web.problems import PROBLEM_RESPONSES

router = APIRouter(prefix="/api/v1/certificates", tags=["certificates"], responses=PROBLEM_RESPONSES)

Counting = Annotated[
    Literal["exact"] | None,
    Query(description="`exact`: count every row, which takes longer the larger the list is."),
]

_FILTERS = """
Filters, all of which have to hold; those with \\* may be repeated and then mean "one of these":
`q` (words, with or without diacritics; parts of serials, fingerprints, e-mail, device numbers), `agency` (identifier),
`subtree` (0: without the units below), `level`\\*, `kind`\\*, `medium`\\*, `generation`\\*, `status`\\*, `custody`\\*,
`expiring` (active and ending within so many days), `expires_from`, `expires_until`, `issued_from`, `issued_until`,
`event`\\* with `event_from` and `event_until`, `flag`\\* (every one has to hold), `as_of`. Days are `YYYY-MM-DD` in Viet
Nam and belong to the range. `sort`: `holder`, `not_after`, `issued_at`, with `-` before it in reverse.
"""


def parameters_of(request: Request) -> Parameters:
    """The parameters of the address in their order, for the query objects."""
    return tuple(request.query_params.multi_items())


@router.get("", summary="List certificates", description=_FILTERS)
def find_all(
    *,
    request: Request,
    uow: ReadUow,
    viewer: CurrentViewer,
    cursor: Cursor = None,
    limit: PageSize = 50,
    count: Counting = None,
) -> CertificateList:
    """One page of the list; `total` counts all pages, as far as that can be told at once or `exact`."""
    query = CertificateQuery.from_parameters(parameters_of(request), now=uow.now)
    wanted = PageRequest(cursor=cursor, limit=limit)
    page, total = find_counted_certificates(uow, viewer, query, wanted, exactly=count is not None)
    return CertificateList(items=page.items, next=page.next, total=total.number, total_is_exact=total.is_exact)


@router.get("/counts/{dimension}", summary="Count certificates by a dimension", description=_FILTERS)
def count_groups(dimension: Dimension, request: Request, uow: ReadUow, viewer: CurrentViewer) -> tuple[BucketView, ...]:
    """The groups that are not empty; `parameters` are those of the list that has exactly `count` rows."""
    query = CertificateQuery.from_parameters(parameters_of(request), now=uow.now)
    return tuple(
        BucketView(key=bucket.key, count=bucket.count, parameters=bucket.query.to_parameters())
        for bucket in count_by(uow, viewer, query, dimension)
    )


@router.get("/{certificate_id}", summary="One certificate with its history")
def get_one(certificate_id: RowId, uow: ReadUow, viewer: CurrentViewer, as_of: AsOf) -> CertificateDetail:
    """Everything about it as of a moment."""
    return get_certificate(uow, viewer, certificate_id, as_of or uow.now)


@router.post("", summary="Enter a certificate", status_code=201)
def submit(
    body: NewCertificate, uow: WriteUow, viewer: CurrentViewer, actor: CurrentActor, response: Response
) -> CertificateDetail:
    """201 with the new entry; 200 with the one that was there already, which stays as it is."""
    registered = register_certificate(uow, viewer, body.to_submission(), actor=actor)
    response.status_code = 201 if registered.is_new else 200
    response.headers["Location"] = f"{router.prefix}/{registered.certificate_id}"
    # One that is issued in the future is shown as it will be then.
    begin = first_moment(uow, registered.certificate_id) or uow.now
    return get_certificate(uow, viewer, registered.certificate_id, max(uow.now, begin))


@router.post("/{certificate_id}/events", summary="Record what happened to a certificate", status_code=201)
def submit_event(
    certificate_id: RowId, body: EventSubmission, uow: WriteUow, viewer: CurrentViewer, actor: CurrentActor
) -> CertificateDetail:
    """What is true of it changes from `effective_at` on; what was true before stays. Answers with how it stands now."""
    record_submitted_event(uow, viewer, certificate_id, body, actor=actor)
    return get_certificate(uow, viewer, certificate_id, uow.now)
