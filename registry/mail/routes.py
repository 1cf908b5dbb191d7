"""Undeliverable mail and complaints, handed in by a mail server that has no mailbox to put them in."""

from typing import Annotated, Final

from fastapi import APIRouter, Depends, Header, Request

from certs.messages import define, message
from registry.errors import NotFound, NotSignedIn
from registry.jobs import ScanExpiriesJob
from registry.mail.returned import record_returned
from registry.mail.tables import ReturnedOutcome
from registry.signed_requests import HEADER, SignatureRefused, verify
from registry.views import View
from registry.web.dependencies import CurrentRuntime
from registry.web.problems import PROBLEM_RESPONSES

router: Final = APIRouter(prefix="/api/v1/mail", tags=["mail"], responses=PROBLEM_RESPONSES)

define(
    "mail.no_webhook",
    vi="Cổng nhận thư bị trả lại chưa được bật. Hãy đặt REGISTRY_BOUNCE_WEBHOOK_SECRET.",
    en="Returned mail is not taken here: REGISTRY_BOUNCE_WEBHOOK_SECRET is not set.",
)
define(
    "mail.webhook_refused",
    vi="Chữ ký của yêu cầu sai hoặc đã cũ quá 5 phút.",
    en="The signature of the request is wrong, or older than five minutes.",
)


class ReturnedView(View):
    """What a returned message turned out to be."""

    outcome: ReturnedOutcome
    is_new: bool
    """False when the same bytes were worked before, so that nothing was done now."""


async def _raw_body(request: Request) -> bytes:
    # A form has been read and taken apart by the check for forgery; it is no message, and no signature fits nothing.
    is_form = request.headers.get("content-type", "").lower().startswith(("multipart/", "application/x-www-form"))
    return b"" if is_form else await request.body()


@router.post(
    "/returned",
    status_code=202,
    summary="A message that came back",
    openapi_extra={"requestBody": {"required": True, "content": {"message/rfc822": {}}}},
)
def take_returned(
    runtime: CurrentRuntime,
    content: Annotated[bytes, Depends(_raw_body)],
    signature: Annotated[str, Header(alias=HEADER, description="`t=<seconds>,v1=<HMAC-SHA256>`")] = "",
) -> ReturnedView:
    """The body is the message as it came (RFC 3464 or 5965), signed with the shared secret.

    Whoever does not know the secret learns nothing and changes nothing; handing the same message in again changes
    nothing either.
    """
    secret = runtime.settings.bounce_webhook_secret.get_secret_value()
    if not secret:
        raise NotFound(message("mail.no_webhook"))
    try:
        verify(secret, content, signature, at=runtime.clock.now())
    except SignatureRefused as error:
        raise NotSignedIn(message("mail.webhook_refused")) from error
    with runtime.database.write() as uow:
        returned = record_returned(uow, content, runtime.settings)
        if returned.marked:
            uow.enqueue(ScanExpiriesJob())
    return ReturnedView(outcome=returned.outcome, is_new=returned.is_new)
