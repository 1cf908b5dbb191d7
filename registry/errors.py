"""Errors of the register, as values that people can act on.

    RegistryError
     ├─ NotFound          there is no such thing, or the caller may not know of it
     ├─ InvalidInput      what was sent cannot be used; `field` says which part
     ├─ Conflict          it contradicts what the register already holds
     ├─ NotSignedIn       the caller has to sign in first
     ├─ NotPermitted      the caller's role does not allow it
     ├─ TooLarge          past a bound that protects the service
     └─ Unavailable       a part of the service is down; trying again later makes sense

They know nothing of HTTP or of exit codes: `registry.web.problems` and `registry.cli` translate them, each in one table.
"""

from certs.messages import Message, define, message


class RegistryError(Exception):
    """Base of all errors that are part of the register's contract."""

    def __init__(self, reason: Message, *, field: str | None = None) -> None:
        super().__init__(reason.text("en"))
        self.reason = reason
        self.field = field


class NotFound(RegistryError):
    """There is no such thing, or the caller may not know of it."""


class InvalidInput(RegistryError):
    """What was sent cannot be used."""


class Conflict(RegistryError):
    """It contradicts what the register already holds."""


class NotSignedIn(RegistryError):
    """The caller has to sign in first."""


class NotPermitted(RegistryError):
    """The caller's role does not allow it."""


class TooLarge(RegistryError):
    """Past a bound that protects the service."""


class Unavailable(RegistryError):
    """A part of the service is down; trying again later makes sense."""


define(
    "registry.not_found",
    vi="Không tìm thấy {what}. Hãy kiểm tra lại đường dẫn hoặc tìm theo tên.",
    en="{what} was not found. Check the address or search by name.",
)
define(
    "registry.not_signed_in",
    vi="Bạn cần đăng nhập để xem nội dung này.",
    en="Sign in to see this.",
)
define(
    "registry.not_permitted",
    vi="Tài khoản của bạn không có quyền thực hiện việc này. Hãy liên hệ quản trị viên của tỉnh.",
    en="Your account may not do this. Ask the administrator of the province.",
)


def not_found(what: str) -> NotFound:
    """Build the usual "not found" error; `what` is shown to the person."""
    return NotFound(message("registry.not_found", what=what))
