"""What became of the events that a web address was to be told."""

from datetime import date, datetime
from typing import Final

from sqlmodel import col, select

from registry.accounts.viewer import Viewer
from registry.db.unit_of_work import UnitOfWork
from registry.mail.tables import MailRow
from registry.views import View
from registry.webhooks.service import get_webhook
from registry.webhooks.tables import DeliveryState, WebhookDeliveryRow

SHOWN: Final = 50


class DeliveryView(View):
    """One mail that was to be told to one web address."""

    mail_id: int
    recipient: str
    """Whom the mail told, by name."""
    day: date
    """Of the mail."""
    event_id: str
    state: DeliveryState
    attempts: int
    created_at: datetime
    not_before: datetime
    """When it is tried, while it is waiting."""
    last_reply: str
    """What the address answered last, or why there was no answer."""


def find_deliveries(
    uow: UnitOfWork, viewer: Viewer, webhook_id: int, *, limit: int = SHOWN
) -> tuple[DeliveryView, ...]:
    """The newest deliveries to an address, removed or not, newest first.

    Raises `NotPermitted` for all but the administrator and `NotFound`.
    """
    get_webhook(uow, viewer, webhook_id)
    query = (
        select(WebhookDeliveryRow, MailRow)
        .join(MailRow, col(MailRow.id) == col(WebhookDeliveryRow.mail_id))
        .where(WebhookDeliveryRow.webhook_id == webhook_id)
        .order_by(col(WebhookDeliveryRow.mail_id).desc())
        .limit(limit)
    )
    return tuple(
        DeliveryView(
            recipient=mail.recipient_name,
            day=mail.day,
            **row.model_dump(include=set(DeliveryView.model_fields) - {"recipient", "day"}),
        )
        for row, mail in uow.session.exec(query)
    )
