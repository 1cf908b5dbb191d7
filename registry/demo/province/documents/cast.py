"""Who signs the documents of the demonstration, and when."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from registry.certificates.tables import CertificateEventKind, SubscriberKind
from registry.clock import VIETNAM
from registry.demo.province.agencies import Agency
from registry.demo.province.documents.signing import Revocation
from registry.demo.province.drafts import Draft, Generation
from registry.demo.province.plan import SIGNING_BODY, Plan
from registry.demo.province.timeline import history_of

_DAYS_AGO: Final = 3


@dataclass(frozen=True, slots=True)
class Cast:
    """The certificates of those who sign, each in force at the moment of signing but for one."""

    day: date
    """A working day before the day of the demonstration; all documents are of this day."""
    agency: Agency
    head: Draft
    body: Draft
    former: Draft
    """Somebody whose certificate was revoked before."""

    def at(self, hour: int, minute: int) -> datetime:
        """A moment of the day."""
        return datetime.combine(self.day, time(hour, minute), VIETNAM)

    @property
    def evidence_at(self) -> datetime:
        """When the CRLs were issued that prove the state of the certificates at the signing: the next morning."""
        return datetime.combine(self.day + timedelta(days=1), time(6), VIETNAM)


def choose_cast(plan: Plan) -> Cast:
    """Find them in the plan; the same day has the same cast. Raises `ValueError` when nobody fits, which no day does."""
    day = plan.today - timedelta(days=_DAYS_AGO)
    while day.weekday() > 4:
        day -= timedelta(days=1)
    at = datetime.combine(day, time(7), VIETNAM)
    agency = plan.agency(SIGNING_BODY)
    usable = [
        draft
        for draft in plan.drafts
        if draft.agency is agency
        and draft.issued_at < at
        and draft.not_after > at + timedelta(days=1)
        and revocation_of(draft) is None
    ]
    heads = [draft for draft in usable if draft.subscriber.position == agency.positions[0]]
    bodies = [draft for draft in usable if draft.subscriber.kind is SubscriberKind.ORGANISATION]
    return Cast(
        day=day,
        agency=agency,
        head=max(heads, key=lambda draft: draft.issued_at),
        body=max(bodies, key=lambda draft: draft.issued_at),
        former=max(
            (draft for draft in plan.drafts if _left_before(draft, at)),
            key=lambda draft: (draft.generation, _revoked_at(draft), draft.subscriber.email),
        ),
    )


def revocation_of(draft: Draft) -> tuple[datetime, str] | None:
    """When and why the certificate was revoked."""
    if all(change.kind is not CertificateEventKind.REVOKED for change in draft.changes):
        return None
    changes, _ = history_of(draft)
    revoked = next((change for change in changes if change.kind is CertificateEventKind.REVOKED), None)
    return (revoked.at, revoked.reason or "unspecified") if revoked else None


def revocations(plan: Plan, serials: dict[Draft, int], at: datetime) -> list[Revocation]:
    """What the CRL of the second generation's CA lists at `at`: revoked certificates that have not expired."""
    found: list[Revocation] = []
    for draft in plan.drafts:
        if draft.generation is not Generation.G2 or draft.not_after <= at:
            continue
        revocation = revocation_of(draft)
        if revocation is not None and revocation[0] <= at:
            found.append(Revocation(serials[draft], *revocation))
    return found


def _left_before(draft: Draft, at: datetime) -> bool:
    """Say whether a person of the second generation left between ten days and two years before `at`."""
    if draft.subscriber.kind is not SubscriberKind.PERSON or draft.generation is not Generation.G2:
        return False
    revocation = revocation_of(draft)
    if revocation is None or draft.not_after <= at + timedelta(days=30):
        return False
    revoked_at, reason = revocation
    is_recent = at - timedelta(days=730) < revoked_at < at - timedelta(days=10)
    return is_recent and reason in ("affiliationChanged", "cessationOfOperation")


def _revoked_at(draft: Draft) -> datetime:
    revocation = revocation_of(draft)
    return revocation[0] if revocation else draft.issued_at
