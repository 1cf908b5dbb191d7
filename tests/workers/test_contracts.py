"""The two sides of each interface agree: jobs and tasks, beat entries and jobs, mails and templates."""

import json
from pathlib import Path

import pytest
from kombu.serialization import dumps, loads
from pydantic import ValidationError

import registry.mail
from registry.alerts.kinds import TEMPLATES
from registry.jobs import ALL_JOBS, JobMessage, ProcessBulkChangeJob, ProcessImportJob, QueueName, ValidateDocumentJob
from registry.mail.rendering import LANGUAGES
from registry.settings import Settings
from workers.app import HANDLERS, create_app
from workers.beat import create_beat
from workers.schedule import SCHEDULE

SAMPLES: dict[type[JobMessage], JobMessage] = {message: message() for message in ALL_JOBS if not message.model_fields}
SAMPLES[ValidateDocumentJob] = ValidateDocumentJob(verification_id="a" * 32)
SAMPLES[ProcessImportJob] = ProcessImportJob(import_id=12)
SAMPLES[ProcessBulkChangeJob] = ProcessBulkChangeJob(bulk_change_id=7)
RECORDED = Path(__file__).parent / "messages.json"
"""Messages of every version that ever was deployed: those in the queue during an update must still be understood."""


def test_every_job_has_exactly_one_task_and_no_task_is_unknown(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path))
    tasks = {name for name in app.tasks if not name.startswith("celery.")}
    assert tasks == {job.name for job in ALL_JOBS}
    assert set(HANDLERS) == set(ALL_JOBS)
    assert len({job.name for job in ALL_JOBS}) == len(ALL_JOBS)


def test_every_queue_is_worked_on(tmp_path: Path) -> None:
    app = create_app(Settings(data_dir=tmp_path))
    assert set(app.amqp.queues) == set(QueueName)


@pytest.mark.parametrize("message", ALL_JOBS, ids=lambda message: message.name)
def test_messages_survive_the_queue(message: type[JobMessage]) -> None:
    sample = SAMPLES[message]
    content_type, encoding, payload = dumps([sample.model_dump(mode="json")], serializer="json")
    (decoded,) = loads(payload, content_type, encoding)
    assert message.model_validate(decoded) == sample


def test_messages_of_earlier_versions_are_understood() -> None:
    by_name = {job.name: job for job in ALL_JOBS}
    recorded = json.loads(RECORDED.read_text(encoding="utf-8"))
    assert {entry["name"] for entry in recorded} == set(by_name)
    for entry in recorded:
        by_name[entry["name"]].model_validate(entry["message"])


def test_a_message_with_something_unknown_is_refused() -> None:
    with pytest.raises(ValidationError):
        ValidateDocumentJob.model_validate({"verification_id": "a", "path": "/etc/passwd"})


def test_every_beat_entry_is_a_known_job_that_expires_before_its_next_turn(tmp_path: Path) -> None:
    tasks = create_app(Settings(data_dir=tmp_path)).tasks
    schedule = create_beat(Settings(data_dir=tmp_path)).conf.beat_schedule
    assert len(schedule) == len(SCHEDULE)
    for entry in schedule.values():
        assert entry["task"] in tasks
        when = entry["schedule"]
        turns = sorted(60 * hour + minute for hour in when.hour for minute in when.minute)
        gaps = [(later - earlier) % 1440 or 1440 for earlier, later in zip(turns, [*turns[1:], turns[0]], strict=True)]
        assert 0 < entry["options"]["expires"] < 60 * min(gaps)
        job = next(job for job in ALL_JOBS if job.name == entry["task"])
        assert entry["options"]["queue"] == job.queue
        job.model_validate(entry["args"][0])


def test_every_kind_of_mail_has_its_templates_in_each_language() -> None:
    folder = Path(registry.mail.__file__).parent / "templates"
    assert {path.name for path in folder.iterdir() if path.is_dir()} == set(TEMPLATES.values())
    for kind in set(TEMPLATES.values()):
        for language in LANGUAGES:
            files = {path.name for path in (folder / kind / language).iterdir()}
            assert files == {"subject.txt", "body.txt", "body.html"}


def test_the_time_limit_of_a_job_is_far_below_the_redelivery(tmp_path: Path) -> None:
    """Redis hands a message to a second worker after the visibility timeout, while the first may still be at it."""
    from registry.mail.service import BUDGET_SECONDS, LEASE
    from workers.verifications import LEASE_MARGIN

    settings = Settings(data_dir=tmp_path)
    redelivery = create_app(settings).conf.broker_transport_options["visibility_timeout"]
    assert 3 * settings.verification_seconds + LEASE_MARGIN.total_seconds() < redelivery
    assert 2 * BUDGET_SECONDS <= LEASE.total_seconds() < redelivery
