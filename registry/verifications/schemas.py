"""What the verifications look like from outside."""

from datetime import datetime
from typing import Any

from pydantic import Field

from registry.certificates.query import Standing
from registry.verifications.tables import VerificationState
from registry.views import View


class RegisterEntryView(View):
    """What the register says of the certificate behind one signature."""

    certificate_id: int
    holder: str
    position: str | None
    agency: str
    """The managing agency at the time of signing, by its name of then."""
    agency_code: str
    status_at_signing: Standing
    """At the best signature time, which is proven or, without a time-stamp, the time of the verification."""
    agency_now: str
    """The agency responsible for the certificate today: another one after a merger."""
    status_now: Standing
    registered_since: datetime
    """When the register first held the certificate."""


class VerificationView(View):
    """One document handed in, and the verdict on it as soon as there is one."""

    id: str
    state: VerificationState
    file_name: str
    sha256: str
    size: int = Field(description="Bytes.")
    submitted_at: datetime
    finished_at: datetime | None
    conclusion: str | None = Field(
        description="`valid`, `invalid`, `indeterminate`, `unsigned` or `unreadable`; null until it is judged."
    )
    report: dict[str, Any] | None = Field(
        description="As `registry verify --json` prints it. Each signature also has `register`: the certificate, the "
        "agency and the status that the register knows (see RegisterEntryView), or null when it does not know it."
    )


class VerificationList(View):
    """Several verifications, in the order in which their files were handed in."""

    items: tuple[VerificationView, ...]
