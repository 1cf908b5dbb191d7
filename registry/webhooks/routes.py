"""Web addresses that are told, over HTTP: the administrator's business."""

from typing import Final

from fastapi import APIRouter
from pydantic import BaseModel, Field

from registry.web.dependencies import CurrentActor, CurrentRuntime, CurrentViewer, ReadUow, RowId, WriteUow
from registry.web.problems import PROBLEM_RESPONSES
from registry.webhooks.history import DeliveryView, find_deliveries
from registry.webhooks.service import NewWebhook, WebhookView, add_webhook, list_webhooks, remove_webhook
from registry.webhooks.trial import request_test

router: Final = APIRouter(prefix="/api/v1/webhooks", tags=["webhooks"], responses=PROBLEM_RESPONSES)


class WebhookSubmission(BaseModel):
    """A web address to be told."""

    name: str = Field(min_length=1, max_length=100, description="By which the ledger calls it.")
    url: str = Field(min_length=1, max_length=500, description="`https://…`; redirects are not followed.")


class WebhookList(BaseModel):
    """All web addresses that are or were told."""

    items: tuple[WebhookView, ...]


class DeliveryList(BaseModel):
    """The newest deliveries to a web address."""

    items: tuple[DeliveryView, ...]


@router.get("", summary="Web addresses that are told of digests")
def find_all(uow: ReadUow, viewer: CurrentViewer) -> WebhookList:
    """Without their secrets, which nobody can read again."""
    return WebhookList(items=list_webhooks(uow, viewer))


@router.post("", status_code=201, summary="Tell one more web address")
def add(
    submission: WebhookSubmission, uow: WriteUow, viewer: CurrentViewer, actor: CurrentActor, runtime: CurrentRuntime
) -> NewWebhook:
    """The answer holds the secret that signs the requests, this once.

    Each digest whose time has come is sent as a CloudEvent (1.0, structured mode), signed in `Registry-Signature` with
    `t=<seconds>,v1=<HMAC-SHA256 of "<seconds>." and the body>`. It may come twice and in any order; its `id` stays.
    """
    return add_webhook(uow, viewer, runtime.settings, name=submission.name, url=submission.url, actor=actor)


@router.delete("/{webhook_id}", status_code=204, summary="Tell a web address nothing more")
def remove(webhook_id: RowId, uow: WriteUow, viewer: CurrentViewer, actor: CurrentActor) -> None:
    """What it was told stays in the ledger."""
    remove_webhook(uow, viewer, webhook_id, actor=actor)


@router.post("/{webhook_id}/test", status_code=202, summary="Send a web address a test event")
def test(webhook_id: RowId, uow: WriteUow, viewer: CurrentViewer) -> WebhookView:
    """It is signed as every event and tells of no certificate; the list of web addresses says what was answered."""
    return request_test(uow, viewer, webhook_id)


@router.get("/{webhook_id}/deliveries", summary="What became of the events of a web address")
def show_deliveries(webhook_id: RowId, uow: ReadUow, viewer: CurrentViewer) -> DeliveryList:
    """The newest fifty, with the answers."""
    return DeliveryList(items=find_deliveries(uow, viewer, webhook_id))
