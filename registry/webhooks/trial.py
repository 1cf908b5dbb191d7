"""Test events: whether a web address takes what it is told, and what it answers, before anything depends on it.

A test tells of no certificate and stands in nobody's ledger; its outcome is kept with the address until the next one.
Any sender may send it, so after a crash it may come twice: its `id` stays.
"""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import col, select

from certs.messages import define, message
from registry.accounts.viewer import Viewer
from registry.clock import VIETNAM
from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.errors import Conflict
from registry.jobs import SendWebhooksJob
from registry.settings import Settings
from registry.webhooks.service import WebhookView, find_open, unseal, view_of
from registry.webhooks.tables import WebhookRow

TEST_TYPE: Final = "vn.certificate-registry.test.v1"

define(
    "webhooks.test_waits",
    vi="Tin thử trước chưa được gửi xong. Hãy đợi kết quả rồi thử lại.",
    en="The test before has not been sent yet. Wait for its outcome, then try again.",
)


@dataclass(frozen=True, slots=True)
class Trial:
    """A test event to be sent."""

    webhook_id: int
    requested_at: datetime
    url: str
    secret: str
    body: bytes
    """A CloudEvent in structured mode."""

    def __repr__(self) -> str:
        """Without the secret: values of this kind end up in logs."""
        return f"Trial({self.webhook_id}, {self.url!r})"


def request_test(uow: UnitOfWork, viewer: Viewer, webhook_id: int) -> WebhookView:
    """Have a test event sent to an address, as soon as a sender is free.

    Raises `NotPermitted` for all but the administrator, `NotFound` when there is no such address or it was removed, and
    `Conflict` while the test before is on its way.
    """
    row = find_open(uow, viewer, webhook_id)
    if row.test_requested_at is not None and row.test_answered_at is None:
        raise Conflict(message("webhooks.test_waits"))
    row.test_requested_at, row.test_answered_at = uow.now, None
    row.test_code, row.test_words = "", ""
    uow.enqueue(SendWebhooksJob())
    return view_of(row)


def find_trials(uow: UnitOfWork, settings: Settings) -> tuple[Trial, ...]:
    """The test events that wait for a sender."""
    query = select(WebhookRow).where(
        col(WebhookRow.ended_at).is_(None),
        col(WebhookRow.test_requested_at).is_not(None),
        col(WebhookRow.test_answered_at).is_(None),
    )
    return tuple(
        Trial(
            webhook_id=key_of(row),
            requested_at=row.test_requested_at,
            url=row.url,
            secret=unseal(row.sealed_secret, settings),
            body=json.dumps(_event(row, row.test_requested_at, settings), ensure_ascii=False).encode(),
        )
        for row in uow.session.exec(query)
        if row.test_requested_at is not None
    )


def record_test(uow: UnitOfWork, trial: Trial, *, status: int | None, words: str) -> None:
    """Keep what the address answered (`status`), or why there is no answer. The first answer to a test is kept."""
    row = uow.session.exec(select(WebhookRow).where(WebhookRow.id == trial.webhook_id).with_for_update()).one()
    if row.test_requested_at != trial.requested_at or row.test_answered_at is not None:
        return
    row.test_answered_at = uow.now
    row.test_code, row.test_words = "" if status is None else str(status), words[:1000]


def _event(row: WebhookRow, requested_at: datetime, settings: Settings) -> dict[str, Any]:
    return {
        "specversion": "1.0",
        "id": f"test-{row.id}-{int(requested_at.timestamp() * 1000)}",
        "source": settings.public_url.rstrip("/"),
        "type": TEST_TYPE,
        "subject": row.name,
        "time": requested_at.astimezone(VIETNAM).isoformat(timespec="seconds"),
        "datacontenttype": "application/json",
        "data": {"certificates": []},
    }
