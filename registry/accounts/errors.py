"""Errors of the accounts.

RegistryError
 ├─ NotSignedIn
 │   └─ SignInFailed       user name and password do not belong together
 ├─ TooManyAttempts        signing in was tried too often from there
 └─ InvalidInput
     ├─ WeakPassword
     └─ MalformedUser
"""

from certs.messages import Message, define
from registry.errors import InvalidInput, NotSignedIn, RegistryError


class SignInFailed(NotSignedIn):
    """User name and password do not belong together; which of the two is wrong is not said."""


class TooManyAttempts(RegistryError):
    """Signing in was tried too often; `retry_seconds` says when it may be tried again."""

    def __init__(self, reason: Message, *, retry_seconds: int) -> None:
        super().__init__(reason)
        self.retry_seconds = retry_seconds


class WeakPassword(InvalidInput):
    """The password is too short to be accepted."""


class MalformedUser(InvalidInput):
    """The data of a user contradict each other or are incomplete."""


define(
    "accounts.sign_in_failed",
    vi="Tên đăng nhập hoặc mật khẩu không đúng. Hãy kiểm tra lại; nếu quên mật khẩu, liên hệ quản trị viên của tỉnh.",
    en="The user name or the password is not right. Check both; if you forgot the password, ask the administrator.",
)
define(
    "accounts.too_many_attempts",
    vi="Đã thử đăng nhập quá nhiều lần. Hãy thử lại sau {minutes} phút.",
    en="Signing in was tried too often. Try again in {minutes} minutes.",
)
define(
    "accounts.weak_password",
    vi="Mật khẩu phải có ít nhất {minimum} ký tự.",
    en="The password needs at least {minimum} characters.",
)
define(
    "accounts.username_taken",
    vi="Tên đăng nhập {username} đã có người dùng. Hãy chọn tên khác.",
    en="The user name {username} is taken. Choose another.",
)
define(
    "accounts.officer_needs_agency",
    vi="Cán bộ của cơ quan phải gắn với một cơ quan; quản trị viên và kiểm toán viên thì không.",
    en="An officer needs an agency; administrators and auditors have none.",
)
define(
    "accounts.malformed_username",
    vi="Tên đăng nhập gồm 2 đến 60 chữ cái thường, chữ số, dấu chấm, gạch ngang hoặc gạch dưới.",
    en="A user name has 2 to 60 small letters, digits, dots, hyphens or underscores.",
)
