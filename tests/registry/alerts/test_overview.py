"""Seeing what the alerts did: the ledger, with the rights of whoever looks."""

from datetime import UTC, date, datetime, timedelta

import pytest

from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.alerts.calendar.planned import preview_mails
from registry.alerts.overview import alerts_overview, recent_scans
from registry.alerts.planning.mails import MailQuery, find_mails
from registry.alerts.scan import scan_expiries
from registry.alerts.schemas import MailView
from registry.clock import VIETNAM
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput, NotPermitted
from registry.paging import PageRequest
from registry.runtime import Runtime
from tests.fakes.clock import FakeClock
from tests.registry.alerts.rows import add_agency, add_certificate

TODAY = date(2026, 11, 23)
EVERYBODY = Viewer.everything()


def test_facts_say_whether_alerts_work(runtime: Runtime, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        add_certificate(uow.session, agency, TODAY + timedelta(days=7))
    with runtime.database.read() as uow:
        before = alerts_overview(uow)
    assert (before.last_scan, before.is_scan_overdue, before.due_now) == (None, True, None)

    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.read() as uow:
        after = alerts_overview(uow)
    assert (after.due_now, after.outbox.waiting, after.is_scan_overdue, after.is_sending_late) == (0, 1, False, False)
    assert after.last_scan is not None
    assert after.last_scan.mails == 1

    clock.advance(timedelta(hours=2))
    with runtime.database.read() as uow:
        assert alerts_overview(uow).is_sending_late
    clock.advance(timedelta(hours=25))
    with runtime.database.read() as uow:
        assert alerts_overview(uow).is_scan_overdue


def test_mail_that_waits_for_the_morning_is_not_late(runtime: Runtime, clock: FakeClock) -> None:
    clock.at = datetime(2026, 11, 23, 21, 0, tzinfo=VIETNAM).astimezone(UTC)
    with runtime.database.write() as uow:
        agency = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        add_certificate(uow.session, agency, TODAY + timedelta(days=8))  # its step is tomorrow, a holiday
    scan_expiries(runtime.database, runtime.settings)
    for hours, is_late in ((8, False), (10.5, False), (11.5, True)):  # it may leave from 7:00 on
        with runtime.database.read() as uow:
            overview = alerts_overview(UnitOfWork(uow.session, clock.now() + timedelta(hours=hours)))
        assert (overview.outbox.waiting, overview.is_sending_late) == (1, is_late)


def test_pages_of_mails_joined_are_the_list(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        for number in range(7):
            agency = add_agency(uow.session, f"Xã {number}", f"x{number}@xa.example")
            for _ in range(number + 1):
                add_certificate(uow.session, agency, TODAY + timedelta(days=7))
    scan_expiries(runtime.database, runtime.settings)
    seen: list[MailView] = []
    cursor: str | None = None
    with runtime.database.read() as uow:
        while True:
            page = find_mails(uow, EVERYBODY, MailQuery(), PageRequest(cursor, 3))
            seen += page.items
            if (cursor := page.next) is None:
                break
    assert {mail.recipient: mail.certificates for mail in seen} == {f"x{n}@xa.example": n + 1 for n in range(7)}
    assert [mail.id for mail in seen] == sorted((mail.id for mail in seen), reverse=True)


def test_an_officer_sees_the_own_subtree(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        department = add_agency(uow.session, "Sở Giáo dục và Đào tạo", "sgd@tinh.example")
        school = add_agency(uow.session, "Trường A", "a@truong.example", parent=department)
        other = add_agency(uow.session, "Sở Y tế", "syt@tinh.example")
        for agency in (department, school, other):
            add_certificate(uow.session, agency, TODAY + timedelta(days=7))
    officer = Viewer(user_id=1, role=Role.OFFICER, agency_path=department.path)
    with runtime.database.read() as uow:
        planned = preview_mails(uow, officer, runtime.settings, day=TODAY)
        assert {mail.recipient for mail in planned} == {"sgd@tinh.example", "a@truong.example"}
    scan_expiries(runtime.database, runtime.settings)
    with runtime.database.read() as uow:
        mails = find_mails(uow, officer, MailQuery(), PageRequest()).items
        assert {mail.recipient for mail in mails} == {"sgd@tinh.example", "a@truong.example"}
        with pytest.raises(NotPermitted):
            recent_scans(uow, officer)
        assert len(recent_scans(uow, EVERYBODY)) == 1


@pytest.mark.parametrize("day", [TODAY - timedelta(days=1), date(2999, 1, 1)])
def test_a_day_that_cannot_be_previewed(runtime: Runtime, day: date) -> None:
    with runtime.database.read() as uow, pytest.raises(InvalidInput):
        preview_mails(uow, EVERYBODY, runtime.settings, day=day)
