"""The Celery application of the workers."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any

from celery import Celery

from registry.jobs import (
    FetchRevocationListsJob,
    JobMessage,
    ProcessBulkChangeJob,
    ProcessImportJob,
    QueueName,
    ReadReturnedMailJob,
    ScanExpiriesJob,
    SendOutboxJob,
    SendWebhooksJob,
    SummariseWeekJob,
    SumUpCountsJob,
    SweepBulkChangesJob,
    SweepImportsJob,
    SweepVerificationsJob,
    TellCoverageJob,
    TellLapsesJob,
    TellRevocationsJob,
    ValidateDocumentJob,
    WatchAlertsJob,
)
from registry.queue import create_celery
from registry.settings import Settings
from workers import alerts, bulk, certificates, imports, mail, revocation, verifications, webhooks
from workers.resources import Resources
from workers.task import add_task

HANDLERS: Mapping[type[JobMessage], Callable[[Resources, Any], None]] = MappingProxyType(
    {
        ValidateDocumentJob: verifications.validate_document,
        SweepVerificationsJob: verifications.sweep,
        ProcessImportJob: imports.process,
        SweepImportsJob: imports.sweep,
        ProcessBulkChangeJob: bulk.process,
        SweepBulkChangesJob: bulk.sweep,
        FetchRevocationListsJob: revocation.fetch_lists,
        SumUpCountsJob: certificates.sum_up_counts,
        ScanExpiriesJob: alerts.scan_expiries,
        WatchAlertsJob: alerts.watch_alerts,
        TellLapsesJob: alerts.tell_lapses,
        TellRevocationsJob: alerts.tell_revocations,
        TellCoverageJob: alerts.tell_coverage,
        SummariseWeekJob: alerts.summarise_week,
        SendOutboxJob: mail.send_outbox,
        SendWebhooksJob: webhooks.send_webhooks,
        ReadReturnedMailJob: mail.read_returned_mail,
    }
)
"""What does each job. A test holds that it is every job of `registry.jobs`, and nothing else."""


def create_app(settings: Settings) -> Celery:
    """Build the application with one task for each job. Nothing is connected until a worker starts."""
    app = create_celery(settings.resolved_redis_url)
    resources = Resources(settings)
    for message, handle in HANDLERS.items():
        add_task(app, resources, message, handle)
    app.conf.update(
        task_queues={name.value: {"exchange": name.value} for name in QueueName},
        # Logs go through `registry.observability`, configured by `workers.main`.
        worker_hijack_root_logger=False,
        worker_send_task_events=False,
    )
    app.registry_resources = resources
    return app
