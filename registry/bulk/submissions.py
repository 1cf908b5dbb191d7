"""What a program or a form sends to change many certificates at once."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from registry.bulk.tables import BulkChoice
from registry.certificates.submissions import (
    CorrectionEvent,
    CustodyEvent,
    Note,
    Reassignment,
    Revocation,
    Suspension,
)
from registry.certificates.tables import CertificateEventKind
from registry.schemas import Incoming

BULK_KINDS = (
    CertificateEventKind.REASSIGNED,
    CertificateEventKind.HANDED_OVER,
    CertificateEventKind.RETURNED,
    CertificateEventKind.LOST,
    CertificateEventKind.LOCKED,
    CertificateEventKind.RECOVERED,
    CertificateEventKind.SUSPENDED,
    CertificateEventKind.RESUMED,
    CertificateEventKind.REVOKED,
    CertificateEventKind.NOTED,
    CertificateEventKind.CORRECTED,
)
"""Changes that make sense for many; a holder and a replacement concern one certificate alone."""

BulkEvent = Annotated[
    Revocation | Suspension | Reassignment | CustodyEvent | Note | CorrectionEvent, Field(discriminator="kind")
]

_Key = Annotated[int, Field(ge=1, le=2**63 - 1)]


class Selection(Incoming):
    """Which certificates are meant: exactly one of the three."""

    ids: Annotated[tuple[_Key, ...], Field(max_length=30_000, description="Certificates by identifier.")] = ()
    list: Annotated[
        str | None,
        Field(
            max_length=4000, description="All rows of a list: its parameters as in a link, `status=active&agency=3`."
        ),
    ] = None
    bulk_change_id: Annotated[_Key | None, Field(description="All that an earlier change of this kind changed.")] = None

    @model_validator(mode="after")
    def _refuse_two(self) -> Self:
        if sum((bool(self.ids), self.list is not None, self.bulk_change_id is not None)) > 1:
            raise ValueError("only one of ids, list and bulk_change_id")
        return self


class BulkSubmission(Incoming):
    """A change of many certificates, to be previewed."""

    selection: Selection
    event: BulkEvent
    token: Annotated[
        str | None, Field(min_length=8, max_length=64, description="Sent again, it leads to the same change.")
    ] = None


class BulkDecision(Incoming):
    """What becomes of a preview."""

    choice: BulkChoice
