"""What a signature permits afterwards (ISO 32000-2, 12.8.2.2 and 12.8.2.4)."""

from dataclasses import dataclass

from certs.pdf.compare.findings import Finding, Need
from certs.pdf.model import Change, DocMDPPermission
from certs.pdf.signatures import FoundSignature
from certs.pdf.transforms import Lock

_SILENT = (Need.NOTHING, Need.TIME_STAMP, Need.SIGN)
_ALLOWED = {
    DocMDPPermission.NO_CHANGES: frozenset({Need.NOTHING, Need.TIME_STAMP}),
    DocMDPPermission.FILL_FORMS: frozenset({Need.NOTHING, Need.TIME_STAMP, Need.SIGN, Need.FILL}),
    DocMDPPermission.ANNOTATE: frozenset({Need.NOTHING, Need.TIME_STAMP, Need.SIGN, Need.FILL, Need.ANNOTATE}),
}


@dataclass(frozen=True, slots=True)
class Permissions:
    """The strictest certification and all locks in force when a signature was made, its own included."""

    level: DocMDPPermission | None
    """None for a document that nobody certified: form filling and further signatures pass, annotations do not."""
    locks: tuple[Lock, ...]

    def allow(self, finding: Finding) -> bool:
        """Whether the change is covered."""
        if finding.need not in _ALLOWED[self.level or DocMDPPermission.FILL_FORMS]:
            return False
        if finding.field is None or finding.is_new_field or finding.need not in (Need.SIGN, Need.FILL):
            return True
        return not any(lock.covers(finding.field) for lock in self.locks)


def permissions_at(signatures: list[FoundSignature], revision: int) -> Permissions:
    """The permissions in force for a signature that closes `revision`."""
    earlier = [one for one in signatures if 0 <= one.signed_revision <= revision]
    levels = [one.doc_mdp for one in earlier if one.doc_mdp is not None]
    return Permissions(
        min(levels, default=None, key=lambda level: level.value), tuple(lock for one in earlier for lock in one.locks)
    )


def judged(findings: list[Finding], permissions: Permissions) -> tuple[Change, ...]:
    """The findings as changes under the permissions."""
    return tuple(
        Change(
            message=finding.message,
            permitted=permissions.allow(finding),
            rule=finding.rule,
            revision=finding.revision,
            page=finding.page,
            is_visible=finding.need not in _SILENT,
        )
        for finding in findings
    )
