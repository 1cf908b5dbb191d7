"""What runs by the clock. Every entry expires before its next turn, and running one twice is harmless."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from celery.schedules import crontab

from registry.jobs import (
    FetchRevocationListsJob,
    JobMessage,
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
    WatchAlertsJob,
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One job and when it is sent; times of day are those of Viet Nam."""

    job: JobMessage
    when: crontab
    expires: timedelta
    """A turn that no worker took by then is dropped: the next one does the same work."""

    def as_celery(self) -> dict[str, Any]:
        """The entry in the form of Celery's `beat_schedule`."""
        return {
            "task": self.job.name,
            "schedule": self.when,
            "args": [self.job.model_dump(mode="json")],
            "options": {"queue": self.job.queue.value, "expires": self.expires.total_seconds()},
        }


SCHEDULE: tuple[Entry, ...] = (
    Entry(SweepVerificationsJob(), crontab(), timedelta(seconds=55)),
    Entry(SweepImportsJob(), crontab(), timedelta(seconds=55)),
    Entry(SweepBulkChangesJob(), crontab(), timedelta(seconds=55)),
    Entry(SendOutboxJob(), crontab(), timedelta(seconds=55)),
    Entry(SendWebhooksJob(), crontab(), timedelta(seconds=55)),
    Entry(ReadReturnedMailJob(), crontab(minute="*/5"), timedelta(minutes=4)),
    # Ten minutes of writing are read quickly; an import of a hundred thousand should not slow the pages for longer.
    Entry(SumUpCountsJob(), crontab(minute="*/10"), timedelta(minutes=9)),
    # CAs issue a list a day or more often; a missed turn is made up for four hours later.
    Entry(FetchRevocationListsJob(), crontab(minute="20", hour="*/4"), timedelta(hours=3)),
    # A scan that finds nothing new costs little, so it runs every hour of the day in which mail is read: a beat, a
    # worker or a machine that was down in the morning is made up for at the next hour.
    Entry(ScanExpiriesJob(), crontab(minute="5", hour="7-20"), timedelta(minutes=50)),
    # After the scan, so that what the scan took up is not called due; and at night, when nothing else looks.
    Entry(WatchAlertsJob(), crontab(minute="12"), timedelta(minutes=50)),
    Entry(TellRevocationsJob(), crontab(minute="16", hour="7-20"), timedelta(minutes=50)),
    Entry(TellCoverageJob(), crontab(minute="24", hour="7-20"), timedelta(minutes=50)),
    Entry(TellLapsesJob(), crontab(minute="28", hour="7-20"), timedelta(minutes=50)),
    # It is due once a week, at an hour that is a setting; the others make up for a missed one.
    Entry(SummariseWeekJob(), crontab(minute="32"), timedelta(minutes=50)),
)
