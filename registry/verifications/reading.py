"""The verdict joined with the register: who stands behind each signature, as the register knows it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from registry.accounts.viewer import Viewer
from registry.certificates.repository import find_certificate_by_sha256
from registry.db.unit_of_work import UnitOfWork
from registry.errors import not_found
from registry.verifications.repository import VerificationRepository
from registry.verifications.schemas import RegisterEntryView, VerificationView
from registry.verifications.service import LANGUAGES
from registry.verifications.tables import VerificationRow


def get_verification_view(uow: UnitOfWork, verification_id: str, *, language: str) -> VerificationView:
    """The verification with its report in `language`; raises `NotFound`. Whoever has the identifier may read it."""
    row = VerificationRepository(uow.session).find(verification_id)
    if row is None:
        raise not_found("verification" if language == "en" else "lần kiểm tra này")
    return _view(uow, row, language)


def get_verification_views(
    uow: UnitOfWork, verification_ids: Sequence[str], *, language: str
) -> tuple[VerificationView, ...]:
    """Several at once, in the order asked for; raises `NotFound` when one does not exist."""
    return tuple(get_verification_view(uow, key, language=language) for key in verification_ids)


def _view(uow: UnitOfWork, row: VerificationRow, language: str) -> VerificationView:
    report: dict[str, Any] | None = None
    if row.report is not None:
        report = dict(row.report[language if language in LANGUAGES else "vi"])
        # Joined when it is read, not when it was judged: a certificate may be registered or corrected afterwards.
        report["signatures"] = [
            {**signature, "register": _register_entry(uow, signature)} for signature in report["signatures"]
        ]
    return VerificationView(
        id=row.id,
        state=row.state,
        file_name=row.file_name,
        sha256=row.sha256,
        size=row.size,
        submitted_at=row.submitted_at,
        finished_at=row.finished_at,
        conclusion=row.conclusion,
        report=report,
    )


def _register_entry(uow: UnitOfWork, signature: dict[str, Any]) -> dict[str, Any] | None:
    sha256 = signature.get("certificate_sha256")
    if sha256 is None:
        return None
    # Who signs for the State is no secret of the agency: the verdict names it to whoever may read the verdict.
    viewer = Viewer.everything()
    signed_at = datetime.fromisoformat(signature["best_signature_time"])
    then = find_certificate_by_sha256(uow, viewer, sha256, signed_at)
    now = find_certificate_by_sha256(uow, viewer, sha256, uow.now)
    if then is None or now is None:
        return None
    entry = RegisterEntryView(
        certificate_id=then.id,
        holder=then.holder,
        position=then.position,
        agency=then.agency_name,
        agency_code=then.agency_code,
        status_at_signing=then.standing,
        agency_now=now.agency_name,
        status_now=now.standing,
        registered_since=VerificationRepository(uow.session).find_registered_at(sha256),
    )
    return entry.model_dump(mode="json")
