import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlmodel import select

from registry.agencies.tables import AgencySuccessionRow
from registry.alerts import scan
from registry.alerts.overview import alerts_overview
from registry.alerts.plan import plan_digests
from registry.alerts.scan import fallback_of, policy_of, record_batch, scan_expiries
from registry.alerts.tables import ExpiryNoticeRow, ExpiryScanRow
from registry.certificates.tables import CertificateStatus
from registry.db.unit_of_work import Database
from registry.jobs import SendOutboxJob
from registry.mail.outbox import claim_mails
from registry.mail.tables import MailRow, MailState
from registry.runtime import Runtime
from registry.settings import Settings
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue
from tests.registry.alerts.rows import EVERY_DAY, add_agency, add_certificate

TODAY = date(2026, 11, 23)


@pytest.fixture
def plain(runtime: Runtime) -> Settings:
    """Settings without holidays and escalation."""
    return runtime.settings.model_copy(update=EVERY_DAY)


def in_days(days: int) -> date:
    return TODAY + timedelta(days=days)


def mails(database: Database) -> dict[tuple[str, date], list[tuple[int, int]]]:
    """(certificate, step) of every mail, by recipient and day."""
    with database.read() as uow:
        found: dict[tuple[str, date], list[tuple[int, int]]] = {}
        for mail in uow.session.exec(select(MailRow)):
            notices = uow.session.exec(select(ExpiryNoticeRow).where(ExpiryNoticeRow.mail_id == mail.id))
            found[mail.recipient, mail.day] = sorted((n.certificate_id, n.step_days) for n in notices)
        return found


def test_one_digest_for_each_recipient_and_nothing_again(
    runtime: Runtime, plain: Settings, queue: RecordingQueue
) -> None:
    with runtime.database.write() as uow:
        chu = add_agency(uow.session, "UBND xã Chu Điện", "Chu@Xa.example")
        yen = add_agency(uow.session, "UBND xã Yên Mỹ", "yen@xa.example")
        a = add_certificate(uow.session, chu, in_days(7))
        b = add_certificate(uow.session, chu, in_days(88))
        c = add_certificate(uow.session, yen, in_days(-2))
        add_certificate(uow.session, yen, in_days(91))
        add_certificate(uow.session, yen, in_days(-200))

    outcome = scan_expiries(runtime.database, plain)
    assert (outcome.mails, outcome.notices) == (2, 3)
    assert queue.take() == [SendOutboxJob()]
    expected = {("chu@xa.example", TODAY): [(a, 7), (b, 90)], ("yen@xa.example", TODAY): [(c, 0)]}
    assert mails(runtime.database) == expected

    again = scan_expiries(runtime.database, plain)
    assert (again.mails, again.notices) == (0, 0)
    assert queue.take() == []
    assert mails(runtime.database) == expected
    with runtime.database.read() as uow:
        scans = uow.session.exec(select(ExpiryScanRow)).all()
        assert [(scan.mails, scan.finished_at is not None, scan.failure) for scan in scans] == [
            (2, True, None),
            (0, True, None),
        ]


def test_revoked_and_replaced_certificates_are_not_told_of(runtime: Runtime, plain: Settings) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        add_certificate(uow.session, agency, in_days(3), status=CertificateStatus.REVOKED)
        add_certificate(uow.session, agency, in_days(3), is_replaced=True)
        suspended = add_certificate(uow.session, agency, in_days(3), status=CertificateStatus.SUSPENDED)
    scan_expiries(runtime.database, plain)
    assert mails(runtime.database) == {("syt@tinh.example", TODAY): [(suspended, 7)]}


def test_who_is_told_when_an_agency_has_no_address(runtime: Runtime, plain: Settings) -> None:
    with runtime.database.write() as uow:
        session = uow.session
        department = add_agency(session, "Sở Giáo dục và Đào tạo", "sgd@tinh.example")
        school = add_agency(session, "Trường THPT Ngô Sĩ Liên", None, parent=department)
        orphan = add_agency(session, "Không địa chỉ", "  ")
        ended = add_agency(session, "UBND huyện Yên Dũng", "yd@huyen.example", until=datetime(2025, 1, 1, tzinfo=UTC))
        city = add_agency(session, "UBND TP Bắc Giang", "tpbg@tinh.example")
        session.add(
            AgencySuccessionRow(
                predecessor_id=ended.agency_id,
                successor_id=city.agency_id,
                effective_at=datetime(2025, 1, 1, tzinfo=UTC),
            )
        )
        of_school = add_certificate(session, school, in_days(1))
        of_orphan = add_certificate(session, orphan, in_days(1))
        of_ended = add_certificate(session, ended, in_days(1))
    scan_expiries(runtime.database, plain)
    assert mails(runtime.database) == {
        ("sgd@tinh.example", TODAY): [(of_school, 1)],
        (runtime.settings.administrator_email, TODAY): [(of_orphan, 1)],
        ("tpbg@tinh.example", TODAY): [(of_ended, 1)],
    }


def test_what_becomes_due_joins_the_mail_of_the_day_until_that_leaves(
    runtime: Runtime, plain: Settings, clock: FakeClock
) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        first = add_certificate(uow.session, agency, in_days(7))
    scan_expiries(runtime.database, plain)
    with runtime.database.write() as uow:
        second = add_certificate(uow.session, agency, in_days(5))
    scan_expiries(runtime.database, plain)
    assert mails(runtime.database) == {("syt@tinh.example", TODAY): [(first, 7), (second, 7)]}
    with runtime.database.write() as uow:
        uow.session.exec(select(MailRow)).one().state = MailState.SENT
        late = add_certificate(uow.session, agency, in_days(3))
    scan_expiries(runtime.database, plain)
    assert mails(runtime.database) == {("syt@tinh.example", TODAY): [(first, 7), (second, 7)]}
    with runtime.database.read() as uow:
        assert alerts_overview(uow).due_now == 1
        tomorrow = plan_digests(uow, policy_of(plain), day=in_days(1), fallback=fallback_of(plain))
    assert [certificate.certificate_id for digest in tomorrow.digests for certificate in digest.certificates] == [late]
    clock.advance(timedelta(days=1))
    scan_expiries(runtime.database, plain)
    assert mails(runtime.database)["syt@tinh.example", in_days(1)] == [(late, 7)]


def test_a_digest_leaves_when_its_scan_is_over(
    runtime: Runtime, plain: Settings, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.alerts.repository.BATCH", 2)
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        keys = [add_certificate(uow.session, agency, in_days(days)) for days in range(1, 7)]
    with monkeypatch.context() as patch, pytest.raises(OSError, match="disk"):
        patch.setattr("registry.alerts.scan.record_batch", _fail_after(2))
        scan_expiries(runtime.database, plain)
    assert len(mails(runtime.database)["syt@tinh.example", TODAY]) == 4
    with runtime.database.write() as uow:
        assert claim_mails(uow) == ()
    clock.advance(timedelta(hours=1))
    scan_expiries(runtime.database, plain)
    assert [key for key, _ in mails(runtime.database)["syt@tinh.example", TODAY]] == keys
    with runtime.database.write() as uow:
        assert len(claim_mails(uow)) == 1


def _fail_after(batches: int) -> Callable[..., scan.Recorded]:
    left = iter(range(batches))

    def record(*arguments: Any, **named: Any) -> scan.Recorded:
        if next(left, None) is None:
            raise OSError("the disk is full")
        return record_batch(*arguments, **named)

    return record


@pytest.mark.parametrize("pattern", ["every day", "holes", "backwards"])
def test_a_hundred_days_of_scans(runtime: Runtime, plain: Settings, clock: FakeClock, pattern: str) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        certificate = add_certificate(uow.session, agency, in_days(92))
    start = clock.at
    days = {
        "every day": list(range(101)),
        "holes": [0, 10, 40, 41, 70, 88, 96, 100],
        "backwards": [0, 10, 9, 40, 35, 70, 69, 88, 87, 96, 95, 100, 99],
    }[pattern]
    for day in days:
        clock.at = start + timedelta(days=day)
        scan_expiries(runtime.database, plain)
    told = [step for _, notices in sorted(mails(runtime.database).items()) for _, step in notices]
    assert told == ([90, 60, 45, 30, 14, 7, 1, 0, -7] if pattern == "every day" else [90, 60, 30, 7, 0, -7])
    assert certificate


def test_ten_scans_at_once_give_one_set(runtime: Runtime, plain: Settings) -> None:
    with runtime.database.write() as uow:
        for number in range(120):
            agency = add_agency(uow.session, f"Trường {number}", f"t{number}@truong.example")
            add_certificate(uow.session, agency, in_days(number % 90))
            add_certificate(uow.session, agency, in_days(30))
    together = threading.Barrier(10)
    failures: list[BaseException] = []

    def run() -> None:
        together.wait()
        try:
            scan_expiries(runtime.database, plain)
        except BaseException as error:  # noqa: BLE001 (a thread's failure must reach the test)
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    found = mails(runtime.database)
    assert len(found) == 120
    assert all(len(notices) == 2 for notices in found.values())


def test_a_failed_scan_leaves_its_reason_and_the_next_makes_up_for_it(
    runtime: Runtime, plain: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        add_certificate(uow.session, agency, in_days(7))
    with monkeypatch.context() as patch, pytest.raises(OSError, match="disk"):
        patch.setattr("registry.alerts.scan.record_batch", _fail)
        scan_expiries(runtime.database, plain)
    assert mails(runtime.database) == {}
    assert scan_expiries(runtime.database, plain).mails == 1
    with runtime.database.read() as uow:
        failed, done = uow.session.exec(select(ExpiryScanRow)).all()
        assert failed.failure == "OSError: the disk is full"
        assert done.failure is None


def _fail(*_: object, **__: object) -> None:
    raise OSError("the disk is full")


def test_the_preview_of_a_day_is_what_is_then_sent(runtime: Runtime, plain: Settings, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        for days in range(0, 100, 3):
            add_certificate(uow.session, agency, in_days(days))
    previews = {}
    for ahead in range(0, 40, 4):
        with runtime.database.read() as uow:
            plan = plan_digests(uow, policy_of(plain), day=in_days(ahead), fallback=fallback_of(plain))
        previews[ahead] = [
            sorted((c.certificate_id, c.due.step) for c in digest.certificates) for digest in plan.digests
        ]
    for ahead in range(37):
        scan_expiries(runtime.database, plain)
        if ahead in previews:
            sent = mails(runtime.database).get(("syt@tinh.example", in_days(ahead)))
            assert previews[ahead] == ([] if sent is None else [sent])
        clock.advance(timedelta(days=1))


def test_mail_rows_wait_for_the_sender(runtime: Runtime, plain: Settings) -> None:
    with runtime.database.write() as uow:
        add_certificate(uow.session, add_agency(uow.session, "Sở Y tế", "syt@tinh.example"), in_days(7))
    scan_expiries(runtime.database, plain)
    with runtime.database.read() as uow:
        mail = uow.session.exec(select(MailRow)).one()
    assert (mail.state, mail.attempts, mail.language, mail.recipient_name) == (MailState.PENDING, 0, "vi", "Sở Y tế")
    assert mail.message_id.endswith("@tinh.example>")


def test_names_with_the_signs_of_lists_reach_the_outbox_as_they_are(runtime: Runtime, plain: Settings) -> None:
    names = ["NULL", "{a,b}", 'Trường "Ánh Dương"', "a\\b", "", "  Sở 🏛 ", "%s %(x)s :y", "it's"]
    with runtime.database.write() as uow:
        for number, name in enumerate(names):
            add_certificate(uow.session, add_agency(uow.session, name, f"u{number}@x.example"), in_days(7))
    scan_expiries(runtime.database, plain)
    with runtime.database.read() as uow:
        found = {mail.recipient: mail.recipient_name for mail in uow.session.exec(select(MailRow))}
    assert found == {f"u{number}@x.example": name for number, name in enumerate(names)}
