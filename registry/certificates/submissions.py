"""What a program or a form sends about certificates, checked once, and what is done with each of it."""

import base64
import binascii
from datetime import datetime
from typing import Annotated, Literal

from pydantic import AwareDatetime, Field, field_validator

from certs.messages import define, message
from registry.accounts.viewer import Viewer
from registry.certificates.changes import (
    Change,
    reassign_certificate,
    record_custody,
    record_holder_change,
    record_note,
    record_replacement,
    resume_certificate,
    revoke_certificate,
    suspend_certificate,
)
from registry.certificates.corrections import CertificateCorrection, correct_certificate
from registry.certificates.schemas import CertificateSubmission
from registry.certificates.tables import CertificateEventKind, Medium, SubscriberKind
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput
from registry.schemas import EmailAddressOrEmpty, Incoming

define(
    "submissions.not_base64",
    vi="Chứng thư phải được gửi ở dạng Base64 của DER.",
    en="The certificate has to be sent as the Base64 of its DER.",
)

_Key = Annotated[int, Field(ge=1, le=2**63 - 1)]
_Short = Annotated[str, Field(max_length=60)]
_Line = Annotated[str, Field(max_length=200)]
_Note = Annotated[str, Field(max_length=2000)]


class NewCertificate(Incoming):
    """A certificate to be entered."""

    certificate: Annotated[str, Field(max_length=200_000, description="Base64 of the DER, with or without PEM lines.")]
    agency_id: Annotated[_Key, Field(description="The agency that the subject names.")]
    kind: Annotated[SubscriberKind | None, Field(description="Default: as the certificate suggests.")] = None
    medium: Medium = Medium.UNKNOWN
    device_number: _Short | None = None
    iccid: Annotated[str, Field(max_length=22)] | None = None
    position: _Line | None = None
    issued_at: Annotated[AwareDatetime | None, Field(description="Default: the begin of validity.")] = None
    origin: Literal["issued", "renewed", "extended", "content_changed"] = "issued"
    replaces_id: Annotated[_Key | None, Field(description="The certificate whose place it takes.")] = None
    note: _Note | None = None

    def to_submission(self) -> CertificateSubmission:
        """The same for the service; raises `InvalidInput` for what is no Base64."""
        lines = [line for line in self.certificate.splitlines() if not line.startswith("-----")]
        try:
            der = base64.b64decode("".join("".join(lines).split()), validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidInput(message("submissions.not_base64"), field="certificate") from error
        return CertificateSubmission(
            der=der,
            agency_id=self.agency_id,
            kind=self.kind,
            medium=self.medium,
            device_number=self.device_number or None,
            iccid=self.iccid or None,
            position=self.position or None,
            issued_at=self.issued_at,
            origin=CertificateEventKind(self.origin),
            replaces_id=self.replaces_id,
            note=self.note or None,
        )


class _Event(Incoming):
    effective_at: Annotated[AwareDatetime, Field(description="From when it holds; may lie in the past.")]
    note: _Note | None = None

    @field_validator("effective_at")
    @classmethod
    def _refuse_far_times(cls, value: datetime) -> datetime:
        if not 1990 <= value.year <= 2200:
            raise ValueError("a year between 1990 and 2200")
        return value


class Revocation(_Event):
    """The CA revoked it."""

    kind: Literal["revoked"]
    reason: Annotated[_Short, Field(description="Reason code of RFC 5280, 5.3.1.")]


class Suspension(_Event):
    """The CA suspended it, or ended the suspension."""

    kind: Literal["suspended", "resumed"]


class Reassignment(_Event):
    """Another agency is responsible for it."""

    kind: Literal["reassigned"]
    agency_id: _Key


class CustodyEvent(_Event):
    """Something happened to the device."""

    kind: Literal["handed_over", "returned", "lost", "locked", "recovered"]


class HolderChange(_Event):
    """Another person uses the device."""

    kind: Literal["holder_changed"]
    custodian: Annotated[_Line, Field(min_length=1)]


class Replacement(_Event):
    """Another certificate of the register took its place."""

    kind: Literal["replaced"]
    by_id: _Key


class CorrectionEvent(_Event):
    """It was entered wrongly; what is left out stays, an empty text is taken away."""

    kind: Literal["corrected"]
    subscriber: SubscriberKind | None = None
    medium: Medium | None = None
    device_number: _Short | None = None
    iccid: Annotated[str, Field(max_length=22)] | None = None
    position: _Line | None = None
    email: EmailAddressOrEmpty | None = None
    agency_id: _Key | None = None

    def to_correction(self) -> CertificateCorrection:
        """The same for the service."""
        return CertificateCorrection(
            kind=self.subscriber,
            medium=self.medium,
            device_number=self.device_number,
            iccid=self.iccid,
            position=self.position,
            email=self.email,
            agency_id=self.agency_id,
        )


class Note(_Event):
    """Something worth knowing for the history; nothing else changes."""

    kind: Literal["noted"]
    note: Annotated[str, Field(min_length=1, max_length=2000)]


EventSubmission = Annotated[
    Revocation | Suspension | Reassignment | CustodyEvent | HolderChange | Replacement | CorrectionEvent | Note,
    Field(discriminator="kind"),
]


def require_happened(event: EventSubmission, now: datetime) -> None:
    """Refuse with `InvalidInput` what is said of a day to come and cannot be decided before, as a device that is lost."""
    day = local_day(event.effective_at)
    if isinstance(event, (CustodyEvent, HolderChange, Note)) and day > local_day(now):
        raise InvalidInput(message("certificates.not_yet", day=f"{day:%d/%m/%Y}"), field="effective_at")


def record_submitted_event(
    uow: UnitOfWork, viewer: Viewer, certificate_id: int, event: EventSubmission, *, actor: str
) -> None:
    """Do what the event says; raises what `require_happened` and the change raise (`registry.certificates.changes`)."""
    require_happened(event, uow.now)
    change = Change(effective_at=event.effective_at, actor=actor, note=event.note or None)
    match event:
        case Revocation():
            revoke_certificate(uow, viewer, certificate_id, reason=event.reason, change=change)
        case Suspension(kind="suspended"):
            suspend_certificate(uow, viewer, certificate_id, change)
        case Suspension():
            resume_certificate(uow, viewer, certificate_id, change)
        case Reassignment():
            reassign_certificate(uow, viewer, certificate_id, agency_id=event.agency_id, change=change)
        case CustodyEvent():
            record_custody(uow, viewer, certificate_id, what=CertificateEventKind(event.kind), change=change)
        case HolderChange():
            record_holder_change(uow, viewer, certificate_id, custodian=event.custodian, change=change)
        case Replacement():
            record_replacement(uow, viewer, certificate_id, by_id=event.by_id, change=change)
        case CorrectionEvent():
            correct_certificate(uow, viewer, certificate_id, event.to_correction(), change)
        case Note():
            record_note(uow, viewer, certificate_id, change)
