"""Which web addresses are told. Their secrets are shown once, when they are made, and kept encrypted."""

import base64
import secrets
from collections.abc import Collection, Sequence
from typing import Final
from urllib.parse import urlsplit

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import AwareDatetime
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from certs.messages import define, message
from registry.accounts.rights import require_administrator
from registry.accounts.viewer import Viewer
from registry.db.unit_of_work import UnitOfWork
from registry.errors import Conflict, InvalidInput, not_found
from registry.settings import Settings, load_secret_key
from registry.views import View
from registry.webhooks.tables import DeliveryState, WebhookDeliveryRow, WebhookRow

_LONGEST_URL: Final = 500
_LONGEST_NAME: Final = 100

define(
    "webhooks.url",
    vi="Địa chỉ phải là https://… (http:// chỉ cho máy chủ trong REGISTRY_OUTBOUND_ALLOWED_HOSTS), không chứa tên và mật khẩu.",
    en="The address is https://… (http:// only for hosts in REGISTRY_OUTBOUND_ALLOWED_HOSTS), without user and password.",
)
define("webhooks.name", vi="Hãy đặt tên, tối đa 100 ký tự.", en="Give a name of at most 100 characters.")
define(
    "webhooks.name_taken",
    vi="Đã có nơi nhận tên {name}. Tên không dùng lại được, vì sổ gửi thư ghi theo tên.",
    en="There is a receiver named {name}. A name is not used again, because the ledger goes by it.",
)


class WebhookView(View):
    """One web address that is told."""

    id: int
    name: str
    url: str
    created_at: AwareDatetime
    created_by: str
    ended_at: AwareDatetime | None
    """When it was removed; None while it is told."""
    test_requested_at: AwareDatetime | None
    """When a test event was last asked for."""
    test_answered_at: AwareDatetime | None
    """When that one was answered or given up; None while it is on its way."""
    test_code: str
    """The HTTP status of the answer; empty when there was none."""
    test_words: str
    """What was answered, or why there is no answer."""

    @property
    def is_test_waiting(self) -> bool:
        """Whether a test event is on its way."""
        return self.test_requested_at is not None and self.test_answered_at is None

    @property
    def is_test_accepted(self) -> bool:
        """Whether the address took the last test event."""
        return self.test_code.startswith("2")


class NewWebhook(View):
    """A web address that was just entered, with the secret that nobody can read later."""

    webhook: WebhookView
    secret: str


def add_webhook(uow: UnitOfWork, viewer: Viewer, settings: Settings, *, name: str, url: str, actor: str) -> NewWebhook:
    """Enter a web address that is told from now on.

    Raises `NotPermitted` for all but the administrator, `InvalidInput` and, when the name was used, `Conflict`.
    """
    require_administrator(viewer)
    name = " ".join(name.split())
    if not name or len(name) > _LONGEST_NAME:
        raise InvalidInput(message("webhooks.name"), field="name")
    _check_url(url, settings.outbound_allowed_hosts)
    secret = secrets.token_urlsafe(36)
    row = WebhookRow(name=name, url=url, sealed_secret=seal(secret, settings), created_at=uow.now, created_by=actor)
    try:
        with uow.session.begin_nested():
            uow.session.add(row)
    except IntegrityError as error:
        raise Conflict(message("webhooks.name_taken", name=name), field="name") from error
    return NewWebhook(webhook=view_of(row), secret=secret)


def list_webhooks(uow: UnitOfWork, viewer: Viewer) -> tuple[WebhookView, ...]:
    """All web addresses that are or were told. Raises `NotPermitted` for all but the administrator."""
    require_administrator(viewer)
    return tuple(view_of(row) for row in uow.session.exec(select(WebhookRow).order_by(col(WebhookRow.id))))


def get_webhook(uow: UnitOfWork, viewer: Viewer, webhook_id: int) -> WebhookView:
    """One web address that is or was told. Raises `NotPermitted` for all but the administrator, and `NotFound`."""
    require_administrator(viewer)
    row = uow.session.get(WebhookRow, webhook_id)
    if row is None:
        raise not_found(f"#{webhook_id}")
    return view_of(row)


def find_open(uow: UnitOfWork, viewer: Viewer, webhook_id: int) -> WebhookRow:
    """One web address that is told, to be changed; raises what `get_webhook` raises, also for one that was removed."""
    require_administrator(viewer)
    row = uow.session.exec(select(WebhookRow).where(WebhookRow.id == webhook_id).with_for_update()).first()
    if row is None or row.ended_at is not None:
        raise not_found(f"#{webhook_id}")
    return row


def remove_webhook(uow: UnitOfWork, viewer: Viewer, webhook_id: int, *, actor: str) -> WebhookView:
    """Tell an address nothing more, and drop what waits for it; what it was told stays in the ledger. Returns the address.

    What it takes at this moment still counts as taken. Raises what `find_open` raises.
    """
    row = find_open(uow, viewer, webhook_id)
    row.ended_at, row.ended_by = uow.now, actor
    # Nothing more is queued for it: who queues locks the addresses that are told.
    uow.session.execute(
        update(WebhookDeliveryRow)
        .where(
            col(WebhookDeliveryRow.webhook_id) == webhook_id,
            col(WebhookDeliveryRow.state).in_([DeliveryState.PENDING, DeliveryState.SENDING]),
        )
        .values(state=DeliveryState.DROPPED, lease_until=None)
    )
    return view_of(row)


def find_active(uow: UnitOfWork) -> Sequence[WebhookRow]:
    """The addresses that are told now, locked until the transaction ends, so that none is removed meanwhile."""
    query = select(WebhookRow).where(col(WebhookRow.ended_at).is_(None)).order_by(col(WebhookRow.id)).with_for_update()
    return uow.session.exec(query).all()


def seal(secret: str, settings: Settings) -> str:
    """Encrypt a secret for the database."""
    return _box(settings).encrypt(secret.encode()).decode("ascii")


def unseal(sealed: str, settings: Settings) -> str:
    """Read a secret; raises `cryptography.fernet.InvalidToken` when the register's key is not the one of then."""
    return _box(settings).decrypt(sealed.encode("ascii")).decode()


def _box(settings: Settings) -> Fernet:
    derived = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"registry webhook secrets")
    return Fernet(base64.urlsafe_b64encode(derived.derive(load_secret_key(settings))))


def _check_url(url: str, allowed_hosts: Collection[str]) -> None:
    try:
        parts = urlsplit(url)
        is_given = bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_given = False
    is_usable = is_given and url.isascii() and url.isprintable() and len(url) <= _LONGEST_URL and " " not in url
    if not is_usable or parts.username is not None or parts.password is not None or parts.fragment:
        raise InvalidInput(message("webhooks.url"), field="url")
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in allowed_hosts):
        raise InvalidInput(message("webhooks.url"), field="url")


def view_of(row: WebhookRow) -> WebhookView:
    """A web address as it looks from outside."""
    return WebhookView.model_validate(row, from_attributes=True)
