"""What ends a certificate when an import is applied: another takes its place, or the list says that it was revoked."""

from datetime import datetime
from typing import Any

from sqlalchemy import or_
from sqlmodel import col

from registry.certificates.changes import record_replacement, revoke_certificate
from registry.certificates.tables import CertificateStatus
from registry.errors import RegistryError
from registry.imports.applying.work import Applying, keep_picture, take_picture, tell_refusals
from registry.imports.packing import moment_of
from registry.imports.repository import CHUNK, ImportRepository
from registry.imports.storing import link_replacements
from registry.imports.tables import ImportItemRow


def link_predecessors(work: Applying, repository: ImportRepository) -> None:
    """Record who takes whose place, the oldest first; what the register refuses is told at the item."""
    item = ImportItemRow
    replacing = repository.iterate_items(
        work.row,
        col(item.is_created),
        or_(col(item.replaces_id).is_not(None), col(item.replaces_position).is_not(None)),
    )
    linked: list[tuple[int, int]] = []
    for each in sorted(replacing, key=lambda row: (row.columns["not_before"], row.position)):
        predecessor = each.replaces_id
        if each.replaces_position is not None:
            predecessor = work.entered.get(each.replaces_position)
        if predecessor is None:
            continue
        if each.facts.get("history"):
            linked.append((each.certificate_id, predecessor))
            continue
        taken = take_picture(work, predecessor)
        begin = datetime.fromisoformat(each.columns["issued_at"])
        try:
            record_replacement(work.uow, work.viewer, predecessor, by_id=each.certificate_id, change=work.change(begin))
        except RegistryError as error:
            tell_refusals(work, each, [error])
        else:
            keep_picture(work, each, taken)
    for start in range(0, len(linked), CHUNK):
        link_replacements(work.uow.session, linked[start : start + CHUNK])


def revoke_listed(work: Applying, repository: ImportRepository) -> None:
    """Record the revocations that the list gives for what this import entered."""
    item = ImportItemRow
    listed = or_(
        col(item.facts)["status"].as_string() == CertificateStatus.REVOKED.value,
        col(item.facts)["revoked_at"].as_string().is_not(None),
    )
    for each in list(repository.iterate_items(work.row, col(item.is_created), listed)):
        if each.facts.get("history"):
            continue
        begin = datetime.fromisoformat(each.columns["issued_at"])
        try:
            revoke_as_listed(work, each.certificate_id, each.facts, begin)
        except RegistryError as error:
            tell_refusals(work, each, [error])


def revoke_as_listed(work: Applying, key: int, facts: Any, begin: datetime) -> None:
    """Revoke from the day that the list gives, or from now where it gives none.

    Raises what `revoke_certificate` raises.
    """
    at = moment_of(facts, "revoked_at")
    note = facts.get("note") if at else "Danh sách không ghi ngày thu hồi"
    revoke_certificate(
        work.uow,
        work.viewer,
        key,
        reason=facts.get("revocation_reason") or "unspecified",
        change=work.change(max(at or work.uow.now, begin), note),
    )
