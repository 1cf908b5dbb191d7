"""Jobs of the verifications."""

from datetime import timedelta

import structlog

from certs.validation import RevocationRule, ValidationPolicy
from registry.bounded import StartFailed
from registry.jobs import SweepVerificationsJob, ValidateDocumentJob
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
        at = uow.now
    if claim is None:
        return
    try:
        reports, elapsed = sandbox.judge(runtime.blobs.path(claim.sha256), trust, at=at)
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


def sweep(resources: Resources, job: SweepVerificationsJob) -> None:
    """Send again what no worker took or finished in its time."""
    del job
    with resources.runtime.database.write() as uow:
        if stranded := sweep_verifications(uow):
            log.info("verifications_sent_again", count=stranded)
