"""Links in mail that work without signing in: each names one mail and one purpose, is signed, and ends.

Whoever holds the link holds the mail, so it may do what the mail asks for and nothing else. The token travels in the
query or in a form, never in the path: logs and metrics keep paths.
"""

import hashlib
import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Final
from urllib.parse import urlencode

from certs.messages import define, message
from registry.clock import end_of_day
from registry.db.types import key_of
from registry.errors import NotFound
from registry.mail.tables import MailRow
from registry.settings import Settings, load_secret_key

VALID_DAYS: Final = 120
"""Longer than the first step before an expiry and the weeks after it, so the link of every mail outlives its matter."""

define(
    "alerts.link_unknown",
    vi="Đường dẫn này không đúng hoặc bị cắt mất một phần. Hãy mở lại đường dẫn trong thư báo, không gõ tay.",
    en="This link is wrong or was cut off. Open it from the mail again instead of typing it.",
)
define(
    "alerts.link_ended",
    vi="Đường dẫn này đã hết hạn sử dụng ngày {day}. Hãy dùng đường dẫn trong thư báo mới nhất hoặc đăng nhập.",
    en="This link ended on {day}. Use the one in the latest mail, or sign in.",
)


class LinkPurpose(StrEnum):
    """What a link is for; a token for one purpose is none for another."""

    ACKNOWLEDGE = "acknowledge"
    UNSUBSCRIBE = "unsubscribe"


@dataclass(frozen=True, slots=True)
class MailLink:
    """The right to do one thing about the certificates that one mail told of, as its recipient."""

    purpose: LinkPurpose
    mail_id: int
    ends_on: date
    """The last day, in Viet Nam."""

    @classmethod
    def for_mail(cls, mail: MailRow, purpose: LinkPurpose) -> "MailLink":
        """The link of a mail: the same one however often the mail is rendered."""
        return cls(purpose, key_of(mail), mail.day + timedelta(days=VALID_DAYS))

    def token(self, settings: Settings) -> str:
        """What proves the right. Raises `OSError` when the key can be neither read nor made."""
        return f"{self.mail_id}.{self.ends_on:%Y%m%d}.{self._signature(settings)}"

    def url(self, settings: Settings) -> str:
        """The address for a mail."""
        return f"{settings.public_url.rstrip('/')}/{self.purpose}?{urlencode({'token': self.token(settings)})}"

    def _signature(self, settings: Settings) -> str:
        said = f"mail-link:{self.purpose}:{self.mail_id}:{self.ends_on:%Y%m%d}".encode()
        return urlsafe_b64encode(hmac.digest(load_secret_key(settings), said, hashlib.sha256)).decode().rstrip("=")

    @classmethod
    def verify(cls, token: str, purpose: LinkPurpose, settings: Settings, *, at: datetime) -> "MailLink":
        """Read a token that we made for `purpose`; raises `NotFound` for any other, and for one that has ended."""
        parts = token.split(".")
        if len(parts) != 3 or not token.isascii() or not parts[0].isdecimal() or len(parts[0]) > 18:
            raise NotFound(message("alerts.link_unknown"))
        try:
            ends_on = datetime.strptime(parts[1], "%Y%m%d").replace(tzinfo=UTC).date()
        except ValueError as error:
            raise NotFound(message("alerts.link_unknown")) from error
        link = cls(purpose, int(parts[0]), ends_on)
        if not hmac.compare_digest(link.token(settings), token):
            raise NotFound(message("alerts.link_unknown"))
        if at > end_of_day(ends_on):
            raise NotFound(message("alerts.link_ended", day=f"{ends_on:%d/%m/%Y}"))
        return link
