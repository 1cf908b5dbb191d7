"""What becomes of the certificates of bodies that ended: asked certificate by certificate, with a proposal, never assumed.

After the guidance of 2025 on the mergers: of several bodies that become one, one certificate is changed to the new data and
the others are revoked; of a body that another absorbs, they are revoked; those of persons are changed.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Final

from registry.accounts.viewer import Viewer
from registry.agencies.repository import find_agencies_by_id, get_agency
from registry.agencies.schemas import AgencyDetail
from registry.certificates.changes import Change, reassign_certificate, revoke_certificate
from registry.certificates.counts import counts_by_agency
from registry.certificates.query import CertificateQuery, CertificateSort, Standing
from registry.certificates.repository import count_certificates, find_certificates
from registry.certificates.schemas import CertificateView
from registry.certificates.tables import SubscriberKind
from registry.db.unit_of_work import UnitOfWork
from registry.paging import MAXIMUM_PAGE, PageRequest

_USABLE: Final = (Standing.ACTIVE, Standing.NOT_YET_VALID, Standing.SUSPENDED)


class Decision(StrEnum):
    """What becomes of a certificate whose body ended."""

    CHANGE = "change"
    """The successor is responsible for it from the day of the succession; its content is to be changed at the CA."""
    REVOKE = "revoke"
    """It is recorded as revoked."""
    KEEP = "keep"
    """Nothing is decided yet."""


@dataclass(frozen=True, slots=True)
class Question:
    """One certificate that still stands with a body that ended."""

    certificate: CertificateView
    ended_at: datetime
    """When its body ended."""
    proposal: Decision


@dataclass(frozen=True, slots=True)
class Questions:
    """What is to be decided about the bodies that an agency succeeded, or about the agency itself when nobody did."""

    agency: AgencyDetail
    items: tuple[Question, ...]
    """At most a few hundred; the rest comes once these are decided."""
    total: int

    @property
    def has_successor(self) -> bool:
        """Whether there is a body to which a certificate could go."""
        return self.agency.agency.ended_at is None


def count_questions(uow: UnitOfWork, viewer: Viewer, detail: AgencyDetail) -> int:
    """How many certificates `find_questions` asks about in all. `detail` is of now."""
    bodies = tuple(_ended_bodies(detail))
    if not bodies:
        return 0
    views = find_agencies_by_id(uow, bodies, uow.now)
    counts = counts_by_agency(uow, viewer, uow.now, among=bodies)
    return sum(each.usable for body, each in counts.items() if views[body].ended_at is not None)


def find_questions(uow: UnitOfWork, viewer: Viewer, agency_id: int) -> Questions:
    """The certificates to be decided about on the page of an agency. Raises `AgencyNotFound`."""
    detail = get_agency(uow, viewer, agency_id, uow.now)
    found: list[tuple[CertificateView, datetime]] = []
    total = 0
    for body, ended_at in _ended_bodies(detail).items():
        if get_agency(uow, viewer, body, uow.now).agency.ended_at is None:
            continue
        query = _of(uow, body)
        total += count_certificates(uow, viewer, query)
        room = MAXIMUM_PAGE - len(found)
        if room > 0:
            page = find_certificates(uow, viewer, query, PageRequest(limit=room))
            found.extend((view, ended_at) for view in page.items)
    changed = _to_change(uow, viewer, detail, tuple(view for view, _ in found))
    return Questions(
        agency=detail,
        items=tuple(Question(view, ended_at, _propose(detail, view, changed)) for view, ended_at in found),
        total=total,
    )


def apply_decisions(
    uow: UnitOfWork,
    viewer: Viewer,
    agency_id: int,
    decisions: Mapping[int, Decision],
    *,
    revoked_at: datetime,
    actor: str,
    note: str | None = None,
) -> int:
    """Record the decisions about the certificates of `find_questions` and return how many there were.

    What is no question any more is passed over, so that sending a form twice does no harm. Raises what the changes raise.
    """
    questions = find_questions(uow, viewer, agency_id)
    done = 0
    for question in questions.items:
        certificate = question.certificate
        decision = decisions.get(certificate.id, Decision.KEEP)
        if decision is Decision.CHANGE and questions.has_successor:
            at = max(question.ended_at, certificate.issued_at)
            change = Change(effective_at=at, actor=actor, note=note)
            reassign_certificate(uow, viewer, certificate.id, agency_id=agency_id, change=change)
        elif decision is Decision.REVOKE:
            change = Change(effective_at=max(revoked_at, certificate.issued_at), actor=actor, note=note)
            revoke_certificate(uow, viewer, certificate.id, reason="cessationOfOperation", change=change)
        else:
            continue
        done += 1
    return done


def _ended_bodies(detail: AgencyDetail) -> dict[int, datetime]:
    """The bodies whose certificates are asked about on the page of an agency, and when they ended."""
    if detail.agency.ended_at is not None:
        return {} if detail.successors else {detail.agency.id: detail.agency.ended_at}
    return {step.agency.id: step.effective_at for step in detail.predecessors}


def _of(uow: UnitOfWork, agency_id: int) -> CertificateQuery:
    return CertificateQuery(
        as_of=uow.now,
        agency_id=agency_id,
        with_subtree=False,
        standings=_USABLE,
        sort=CertificateSort.EXPIRY_DESCENDING,
    )


def _to_change(
    uow: UnitOfWork, viewer: Viewer, detail: AgencyDetail, certificates: tuple[CertificateView, ...]
) -> int | None:
    """The one organisation certificate that is worth changing: the longest valid, unless the successor has its own."""
    if detail.agency.ended_at is not None:
        return None
    own = replace(_of(uow, detail.agency.id), kinds=(SubscriberKind.ORGANISATION,))
    if count_certificates(uow, viewer, own):
        return None
    seals = [each for each in certificates if each.kind is SubscriberKind.ORGANISATION and not each.is_replaced]
    return max(seals, key=lambda each: (each.not_after, -each.id)).id if seals else None


def _propose(detail: AgencyDetail, certificate: CertificateView, changed: int | None) -> Decision:
    if detail.agency.ended_at is not None:
        return Decision.REVOKE
    if certificate.kind is SubscriberKind.ORGANISATION:
        return Decision.CHANGE if certificate.id == changed else Decision.REVOKE
    return Decision.CHANGE
