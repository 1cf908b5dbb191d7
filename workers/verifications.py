"""Jobs of the verifications."""

from datetime import timedelta
from pathlib import Path

import structlog

from certs.validation import RevocationRule, ValidationPolicy
from registry.blobs import FileBlobStore
from registry.bounded import StartFailed
from registry.jobs import SweepVerificationsJob, ValidateDocumentJob
from registry.revocation.repository import load_evidence
from registry.trust.repository import load_trust
from registry.verifications.service import (
    claim_verification,
    record_exhaustion,
    record_report,
    return_untried,
    sweep_verifications,
)
from workers.resources import Resources
from workers.sandbox import JudgeStopped

log = structlog.get_logger(__name__)

LEASE_MARGIN = timedelta(seconds=30)
"""For everything around the judgement itself: starting a child, and writing the report down."""


def validate_document(resources: Resources, job: ValidateDocumentJob) -> None:
    """Judge one document. Of several runs for one document one judges and the others find nothing to do."""
    runtime, sandbox = resources.runtime, resources.sandbox
    policy = ValidationPolicy(revocation=RevocationRule(resources.settings.revocation_mode))
    with runtime.database.write() as uow:
        claim = claim_verification(uow, job.verification_id, lease=sandbox.longest + LEASE_MARGIN, policy=policy)
        trust = load_trust(uow.session)
        lists = load_evidence(uow.session)
        at = uow.now
    if claim is None:
        return
    try:
        reports, elapsed = sandbox.judge(
            runtime.blobs.path(claim.sha256), trust, at=at, revocation_lists=_held(runtime.blobs, lists)
        )
    except JudgeStopped:
        with runtime.database.write() as uow:
            refused = record_exhaustion(uow, claim, policy=policy)
        if not refused:
            return
    except StartFailed:
        with runtime.database.write() as uow:
            return_untried(uow, claim)
        raise
    else:
        with runtime.database.write() as uow:
            record_report(uow, claim, reports, elapsed=elapsed)
    runtime.wakeups.announce(job.verification_id)


def _held(blobs: FileBlobStore, lists: tuple[str, ...]) -> tuple[Path, ...]:
    # A list whose file was lost is missing evidence, which the verdict then says; nobody is to wait for it.
    paths = {sha256: blobs.path(sha256) for sha256 in lists}
    for sha256, path in paths.items():
        if not path.is_file():
            log.error("revocation_list_lost", sha256=sha256)
    return tuple(path for path in paths.values() if path.is_file())


def sweep(resources: Resources, job: SweepVerificationsJob) -> None:
    """Send again what no worker took or finished in its time."""
    del job
    with resources.runtime.database.write() as uow:
        if stranded := sweep_verifications(uow):
            log.info("verifications_sent_again", count=stranded)
