"""What a web address is told of a mail, when, and what became of it.

A mail is told once its time has come, whether or not a mail server takes it: this is another way to the same people's
systems, not a report on the mail. Nothing is promised of the order, and an event may come twice: its `id` stays.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

from sqlalchemy import and_, or_
from sqlmodel import col, select

from registry.alerts.digest import EXPIRY_DIGEST, find_told, load_lines
from registry.alerts.rules import AlertPolicy
from registry.alerts.superseding import find_successor
from registry.alerts.withdrawal import NOTHING_LEFT
from registry.clock import VIETNAM, local_day
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.mail.ledger import record_event
from registry.mail.outbox import BACKOFF, LEASE, MAX_ATTEMPTS
from registry.mail.tables import MailEventKind, MailRow, MailState
from registry.settings import Settings
from registry.webhooks.service import find_active, unseal
from registry.webhooks.tables import DeliveryState, WebhookDeliveryRow, WebhookRow

EVENT_TYPE: Final = "vn.certificate-registry.expiry-digest.v1"
CONTENT_TYPE: Final = "application/cloudevents+json; charset=utf-8"
BATCH: Final = 50
_LOOKED_BACK: Final = timedelta(days=7)
"""A mail that was held for longer than this is not told any more."""
_GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Delivery:
    """The right to tell one event to one address until the lease ends."""

    delivery_id: int
    lease_until: datetime
    url: str
    secret: str
    body: bytes
    """A CloudEvent in structured mode."""

    def __repr__(self) -> str:
        """Without the secret: values of this kind end up in logs."""
        return f"Delivery({self.delivery_id}, {self.url!r})"


def queue_deliveries(uow: UnitOfWork) -> int:
    """Put what is to be told into the queue, each mail once for each address; return how many those were.

    It looks for mails rather than being called where they are written, so no writer of mail has to know of it.
    """
    added = 0
    for webhook in find_active(uow):
        told = select(WebhookDeliveryRow.mail_id).where(WebhookDeliveryRow.webhook_id == webhook.id)
        due = (
            select(MailRow.id)
            .where(
                col(MailRow.created_at) >= max(webhook.created_at, uow.now - _LOOKED_BACK),
                col(MailRow.not_before) <= uow.now,
                MailRow.kind == EXPIRY_DIGEST,
                col(MailRow.state).in_([MailState.PENDING, MailState.SENDING, MailState.SENT, MailState.FAILED]),
                col(MailRow.id).not_in(told),
            )
            .order_by(col(MailRow.id))
        )
        for mail_id in uow.session.exec(due).all():
            uow.session.add(
                WebhookDeliveryRow(
                    webhook_id=key_of(webhook),
                    mail_id=mail_id or 0,
                    event_id=uuid4().hex,
                    state=DeliveryState.PENDING,
                    not_before=uow.now,
                    created_at=uow.now,
                )
            )
            added += 1
    return added


def claim_deliveries(uow: UnitOfWork, settings: Settings, policy: AlertPolicy) -> tuple[Delivery, ...]:
    """Take events for sending; each is taken by one sender, however many run. The attempt is counted here."""
    query = (
        select(WebhookDeliveryRow, WebhookRow, MailRow)
        .join(WebhookRow, col(WebhookRow.id) == col(WebhookDeliveryRow.webhook_id))
        .join(MailRow, col(MailRow.id) == col(WebhookDeliveryRow.mail_id))
        .where(
            col(WebhookRow.ended_at).is_(None),
            or_(
                and_(
                    col(WebhookDeliveryRow.state) == DeliveryState.PENDING,
                    col(WebhookDeliveryRow.not_before) <= uow.now,
                ),
                and_(
                    col(WebhookDeliveryRow.state) == DeliveryState.SENDING,
                    col(WebhookDeliveryRow.lease_until) < uow.now,
                ),
            ),
        )
        .order_by(col(WebhookDeliveryRow.not_before), col(WebhookDeliveryRow.id))
        .limit(BATCH)
        .with_for_update(skip_locked=True, of=WebhookDeliveryRow)
    )
    claimed = []
    for row, webhook, mail in uow.session.exec(query).all():
        event = describe(uow, row, mail, settings, policy)
        if not event["data"]["certificates"]:
            # Revoked, replaced or answered since: as the mail is cancelled, so is this.
            row.state, row.last_reply = DeliveryState.FAILED, NOTHING_LEFT
            continue
        row.state, row.lease_until = DeliveryState.SENDING, uow.now + LEASE
        row.attempts += 1
        body = json.dumps(event, ensure_ascii=False).encode()
        secret = unseal(webhook.sealed_secret, settings)
        claimed.append(Delivery(key_of(row), row.lease_until, webhook.url, secret, body))
    return tuple(claimed)


def describe(
    uow: UnitOfWork, row: WebhookDeliveryRow, mail: MailRow, settings: Settings, policy: AlertPolicy
) -> dict[str, Any]:
    """The event (CloudEvents 1.0, structured mode). It holds no link by which anybody could answer for the recipient.

    Of a mail that was superseded it tells what the newer one says, which may have been told before that took it over.
    """
    site = settings.public_url.rstrip("/")
    mail = find_successor(uow, mail)
    told = find_told(uow, key_of(mail), policy=policy)
    lines = load_lines(uow, list(told), day=local_day(uow.now), policy=policy, roles=told)
    return {
        "specversion": "1.0",
        "id": row.event_id,
        "source": site,
        "type": EVENT_TYPE,
        "subject": mail.message_id.strip("<>"),
        "time": row.created_at.astimezone(VIETNAM).isoformat(timespec="seconds"),
        "datacontenttype": "application/json",
        "data": {
            "day": mail.day.isoformat(),
            "recipient": mail.recipient_name,
            "certificates": [
                {
                    "url": f"{site}/certificates/{line.certificate_id}",
                    "serial": line.serial,
                    "holder": line.holder,
                    "agency": line.agency,
                    "not_after": line.not_after.astimezone(VIETNAM).isoformat(timespec="seconds"),
                    "days_left": line.left,
                    "advice": line.advice.value,
                    "extend_by": line.extend_by.isoformat(),
                }
                for line in lines
            ],
        },
    }


def record_answer(uow: UnitOfWork, delivery: Delivery, *, status: int | None, words: str) -> None:
    """Record what an address answered (`status`), or why there is no answer.

    Anything but 2xx is tried again after a pause that grows, as mail is, up to as many times; 410 says that nobody is
    interested any more (RFC 9110, 15.5.11).
    """
    row = uow.session.exec(
        select(WebhookDeliveryRow).where(WebhookDeliveryRow.id == delivery.delivery_id).with_for_update()
    ).first()
    if row is None or row.state is DeliveryState.SENT:
        return
    is_accepted = status is not None and 200 <= status < 300
    if not is_accepted and (row.state is not DeliveryState.SENDING or row.lease_until != delivery.lease_until):
        return
    row.lease_until = None
    row.last_reply = words[:1000]
    if is_accepted:
        row.state, kind = DeliveryState.SENT, MailEventKind.ACCEPTED
    elif status == _GONE or row.attempts >= MAX_ATTEMPTS:
        row.state, kind = DeliveryState.FAILED, MailEventKind.REFUSED
    else:
        row.state, kind = DeliveryState.PENDING, MailEventKind.DEFERRED
        row.not_before = uow.now + BACKOFF[min(row.attempts, len(BACKOFF)) - 1]
    webhook = uow.session.get_one(WebhookRow, row.webhook_id)
    code = "" if status is None else str(status)
    record_event(uow, row.mail_id, kind, channel=webhook.name, code=code, words=words)
