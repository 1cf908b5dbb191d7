"""What a certificate of the demonstration province is while its life is being told."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Final

from registry.certificates.tables import CertificateEventKind, CertificateStatus, Custody, Medium, SubscriberKind
from registry.clock import local_day
from registry.demo.province.agencies import Agency

G2_BEGINS: Final = date(2017, 1, 1)
"""From here on certificates come from the second generation. (In reality from 2021.)"""


class Generation(StrEnum):
    """The CA that issued a certificate, by the name under which its certificates are grouped."""

    G1 = "demo-G1"
    G2 = "demo-G2"


@dataclass(frozen=True, slots=True)
class Change:
    """One event in the life of a certificate, and what is different from then on (None: as before)."""

    at: datetime
    kind: CertificateEventKind
    status: CertificateStatus | None = None
    custody: Custody | None = None
    agency: int | None = None
    is_replaced: bool | None = None
    reason: str | None = None
    note: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Subscriber:
    """Who holds a certificate, and for which agency."""

    agency: Agency
    kind: SubscriberKind
    holder: str
    position: str | None
    email: str


@dataclass(slots=True, eq=False)
class Draft:
    """A certificate whose life is still being told."""

    subscriber: Subscriber
    medium: Medium
    issued_at: datetime
    not_after: datetime
    origin: CertificateEventKind
    replaces: "Draft | None"
    changes: list[Change] = field(default_factory=list)

    @property
    def agency(self) -> Agency:
        """The agency that the subject names."""
        return self.subscriber.agency

    @property
    def generation(self) -> Generation:
        """The CA that issued it."""
        return Generation.G1 if local_day(self.issued_at) < G2_BEGINS else Generation.G2

    @property
    def expires(self) -> date:
        """The day on which it expires."""
        return local_day(self.not_after)

    def is_open_at(self, moment: datetime) -> bool:
        """Say whether it is active and nothing has taken its place at `moment`, whatever its expiry."""
        closing = (CertificateEventKind.REVOKED, CertificateEventKind.REPLACED)
        return self.issued_at < moment and not any(
            change.kind in closing and change.at < moment for change in self.changes
        )
