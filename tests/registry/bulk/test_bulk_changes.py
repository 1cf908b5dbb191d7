"""One change for many certificates: what the preview says is what is recorded, and nothing else."""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from certs.messages import message
from registry.accounts.service import record_disabled, submit_user
from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.agencies.errors import AgencyNotFound
from registry.agencies.succession import dissolve_agency
from registry.bulk import processing, recording, service
from registry.bulk.errors import BulkChangeNotFound, SelectionRefused
from registry.bulk.processing import process_bulk_change
from registry.bulk.repository import BulkRepository
from registry.bulk.schemas import BulkItemView
from registry.bulk.service import decide_bulk_change, submit_bulk_change, sweep_bulk_changes
from registry.bulk.submissions import BulkEvent, Selection
from registry.bulk.tables import BulkChoice, BulkItemRow, BulkState
from registry.bulk.views import BulkFilter, find_bulk_changes, find_items, get_bulk_change
from registry.certificates.changes import Change, reassign_certificate, record_custody, revoke_certificate
from registry.certificates.corrections import CertificateCorrection, correct_certificate
from registry.certificates.detail import get_certificate
from registry.certificates.query import CertificateQuery, Standing
from registry.certificates.repository import count_certificates
from registry.certificates.submissions import (
    CorrectionEvent,
    CustodyEvent,
    Note,
    Reassignment,
    Revocation,
    Suspension,
)
from registry.certificates.tables import (
    CertificateEventKind,
    CertificateEventRow,
    CertificatePeriodRow,
    CertificateRow,
    Custody,
    Medium,
)
from registry.clock import VIETNAM
from registry.db.unit_of_work import Database
from registry.errors import Conflict, InvalidInput, NotPermitted
from registry.jobs import ProcessBulkChangeJob
from registry.paging import PageRequest
from tests.factories.agencies import agency_change, make_agency
from tests.factories.certificates import ISSUED, make_certificate, trust_small_ca
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue

EVERYTHING = Viewer.everything()
AT = datetime(2026, 11, 20, tzinfo=VIETNAM)
LATER = datetime(2029, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Office:
    database: Database
    health: int
    tax: int
    third: int
    certificates: tuple[int, ...]
    """Five of the health department."""
    other: int
    """Of the tax department."""
    officer: Viewer
    """Of the health department."""

    def preview(self, event: BulkEvent, *ids: int, viewer: Viewer = EVERYTHING, **more: object) -> int:
        with self.database.write() as uow:
            selection = Selection(ids=ids or self.certificates)
            return submit_bulk_change(uow, viewer, selection, event, actor="lan", **more)  # type: ignore[arg-type]

    def decide(self, number: int, choice: BulkChoice = BulkChoice.GOOD, viewer: Viewer = EVERYTHING) -> None:
        with self.database.write() as uow:
            decide_bulk_change(uow, viewer, number, choice)

    def outcomes(self, number: int) -> list[str]:
        with self.database.read() as uow:
            return [item.outcome.value for item in find_items(uow, EVERYTHING, number).items]

    def reasons(self, number: int) -> list[str | None]:
        with self.database.read() as uow:
            items = find_items(uow, EVERYTHING, number).items
            return [item.reason.code if item.reason else None for item in items]

    def events(self) -> int:
        with self.database.read() as uow:
            count: int = uow.session.execute(select(func.count()).select_from(CertificateEventRow)).scalar_one()
            return count


@pytest.fixture
def office(database: Database) -> Office:
    with database.write() as uow:
        trust_small_ca(uow, generation="demo-G1")
        health, tax, third = (make_agency(uow, name) for name in ("Sở Y tế", "Sở Tài chính", "Sở Nội vụ"))
        own = tuple(make_certificate(uow, health, holder=f"Người {n}", not_after=LATER) for n in range(5))
        other = make_certificate(uow, tax, holder="Người khác", not_after=LATER)
        user = submit_user(
            uow, username="yte", full_name="yte", password="mật khẩu dài để thử", role=Role.OFFICER, agency_id=health
        )
        officer = Viewer(user_id=user.id, role=Role.OFFICER, agency_path=f"/{health}/")
    return Office(database, health, tax, third, own, other, officer)


def lost(at: datetime = AT, note: str | None = None) -> CustodyEvent:
    return CustodyEvent(kind="lost", effective_at=at, note=note)


def revoked(at: datetime = AT) -> Revocation:
    return Revocation(kind="revoked", effective_at=at, reason="cessationOfOperation", note="QĐ 12")


class Killed(BaseException):
    """What a killed worker looks like from inside: nothing of ours catches it."""


@contextmanager
def dying_at_write(monkeypatch: pytest.MonkeyPatch, number: int) -> Iterator[None]:
    """The process ends when items are written for the n-th time."""
    write, calls = BulkRepository.update_items, itertools.count(1)

    def die(repository: BulkRepository, changes: Sequence[Mapping[str, Any]]) -> None:
        if next(calls) == number:
            raise Killed
        write(repository, changes)

    with monkeypatch.context() as patch:
        patch.setattr(BulkRepository, "update_items", die)
        yield


def test_the_preview_changes_nothing_and_recording_does_what_it_said(office: Office) -> None:
    before = office.events()
    number = office.preview(revoked())
    assert office.outcomes(number) == ["good"] * 5
    assert office.events() == before
    office.decide(number)
    assert office.outcomes(number) == ["done"] * 5
    with office.database.read() as uow:
        detail = get_certificate(uow, EVERYTHING, office.certificates[0], uow.now)
        [event] = [each for each in detail.events if each.kind is CertificateEventKind.REVOKED]
        item = find_items(uow, EVERYTHING, number).items[0]
        change = get_bulk_change(uow, EVERYTHING, number)
    assert detail.certificate.standing is Standing.REVOKED
    assert detail.certificate.revocation_reason == "cessationOfOperation"
    assert (event.kind, event.actor, event.note) == (CertificateEventKind.REVOKED, "lan", "QĐ 12")
    assert event.effective_at == AT
    assert event.details == {"bulk_change": number}
    assert item.status == (Standing.ACTIVE, Standing.REVOKED)
    assert (item.holder, item.serial) == (detail.certificate.holder, detail.certificate.serial)
    assert item.event_id is not None
    assert change.state is BulkState.APPLIED
    assert (change.counts.done, change.counts.total, change.actor) == (5, 5, "lan")


def test_none_records_none(office: Office) -> None:
    before = office.events()
    number = office.preview(lost())
    office.decide(number, BulkChoice.NONE)
    office.decide(number, BulkChoice.NONE)
    assert office.events() == before
    with pytest.raises(Conflict):
        office.decide(number)


def test_each_refusal_has_its_reason_and_the_rest_is_recorded(office: Office) -> None:
    revoked_one, later_one, moved, _, fresh = office.certificates
    with office.database.write() as uow:
        change = Change(effective_at=AT - timedelta(days=3), actor="x")
        revoke_certificate(uow, EVERYTHING, revoked_one, reason="unspecified", change=change)
        coming = Change(effective_at=AT + timedelta(days=1), actor="x")
        revoke_certificate(uow, EVERYTHING, later_one, reason="unspecified", change=coming)
        young = make_certificate(uow, office.health, holder="Mới", not_before=AT + timedelta(days=2), not_after=LATER)
    number = office.preview(revoked(), revoked_one, later_one, moved, young, fresh, 999_999)
    assert office.reasons(number) == [
        "certificates.is_revoked",
        "bulk.later_change",
        None,
        "certificates.before_issue",
        None,
        "certificates.not_found",
    ]
    office.decide(number)
    assert office.outcomes(number) == ["refused", "refused", "done", "refused", "done", "refused"]
    with office.database.read() as uow:
        shown = find_items(uow, EVERYTHING, number, BulkFilter.REFUSED).items
        assert [item.holder for item in shown] == ["Người 0", "Người 1", "Mới", ""]
        counts = get_bulk_change(uow, EVERYTHING, number).counts
    assert (counts.done, counts.refused, counts.good, counts.changed) == (2, 4, 0, 0)


def test_the_government_pki_suspends_nobody_and_another_ca_does(office: Office) -> None:
    suspension = Suspension(kind="suspended", effective_at=AT)
    with office.database.write() as uow:
        uow.session.get_one(CertificateRow, office.certificates[0]).generation = "G2"
        uow.session.get_one(CertificateRow, office.certificates[1]).generation = "public"
    number = office.preview(suspension, *office.certificates[:2])
    assert office.reasons(number) == ["certificates.no_suspension", None]


def test_a_device_goes_only_from_where_it_is(office: Office) -> None:
    new, with_holder, gone, *_ = office.certificates
    with office.database.write() as uow:
        change = Change(effective_at=AT - timedelta(days=1), actor="x")
        for key, kind in ((with_holder, CertificateEventKind.HANDED_OVER), (gone, CertificateEventKind.LOST)):
            record_custody(uow, EVERYTHING, key, what=kind, change=change)
    possible = {
        "handed_over": ["good", "refused", "refused"],
        "returned": ["refused", "good", "good"],
        "lost": ["good", "good", "refused"],
        "locked": ["refused", "good", "refused"],
        "recovered": ["refused", "refused", "good"],
    }
    for what, outcomes in possible.items():
        number = office.preview(CustodyEvent(kind=what, effective_at=AT), new, with_holder, gone)
        assert office.outcomes(number) == outcomes, what


def test_a_reassignment_moves_the_certificates_and_says_from_where(office: Office) -> None:
    number = office.preview(Reassignment(kind="reassigned", effective_at=AT, agency_id=office.tax))
    office.decide(number)
    with office.database.read() as uow:
        item = find_items(uow, EVERYTHING, number).items[0]
        assert item.agency is not None
        assert [side.id for side in item.agency] == [office.health, office.tax]
        of_tax = CertificateQuery(as_of=uow.now, agency_id=office.tax)
        assert count_certificates(uow, EVERYTHING, of_tax) == 6
        of_tax_before = CertificateQuery(as_of=AT - timedelta(hours=1), agency_id=office.tax)
        assert count_certificates(uow, EVERYTHING, of_tax_before) == 1


def test_an_agency_that_has_ended_gets_nothing(office: Office) -> None:
    with office.database.write() as uow:
        ended = make_agency(uow, "Phòng đã giải thể")
        dissolve_agency(uow, EVERYTHING, ended, agency_change(AT - timedelta(days=9)))
    with pytest.raises(InvalidInput) as caught:
        office.preview(Reassignment(kind="reassigned", effective_at=AT, agency_id=ended))
    assert caught.value.field == "agency_id"


def test_on_the_day_of_issue_the_change_takes_effect_with_the_issue(office: Office) -> None:
    issued = datetime(2026, 11, 20, 3, 30, tzinfo=UTC)
    with office.database.write() as uow:
        key = make_certificate(uow, office.health, holder="Mới", not_before=issued, not_after=LATER)
    number = office.preview(CustodyEvent(kind="handed_over", effective_at=AT), key)
    with office.database.read() as uow:
        assert find_items(uow, EVERYTHING, number).items[0].effective_at == issued
    office.decide(number)
    assert office.outcomes(number) == ["done"]


def test_what_changed_since_the_preview_is_left_alone_and_shown(office: Office) -> None:
    first, second, *_ = office.certificates
    number = office.preview(revoked())
    with office.database.write() as uow:
        change = Change(effective_at=AT, actor="minh")
        record_custody(uow, EVERYTHING, first, what=CertificateEventKind.HANDED_OVER, change=change)
        revoke_certificate(uow, EVERYTHING, second, reason="keyCompromise", change=change)
    office.decide(number)
    assert office.outcomes(number) == ["changed", "changed", "done", "done", "done"]
    with office.database.read() as uow:
        item = find_items(uow, EVERYTHING, number, BulkFilter.CHANGED).items[0]
        assert item.reason is not None
        assert "minh" in item.reason.vi
        assert get_certificate(uow, EVERYTHING, first, uow.now).certificate.standing is Standing.ACTIVE
        assert get_certificate(uow, EVERYTHING, second, uow.now).certificate.revocation_reason == "keyCompromise"


def test_an_officer_changes_only_what_is_below_the_own_agency(office: Office) -> None:
    number = office.preview(lost(), office.certificates[0], office.other, viewer=office.officer)
    with office.database.read() as uow:
        items = find_items(uow, office.officer, number).items
    assert [(item.outcome.value, item.holder) for item in items] == [("good", "Người 0"), ("refused", "")]
    with pytest.raises(AgencyNotFound):
        office.preview(
            Reassignment(kind="reassigned", effective_at=AT, agency_id=office.tax),
            office.certificates[0],
            viewer=office.officer,
        )


def test_a_certificate_that_left_the_subtree_after_the_preview_is_not_touched(office: Office) -> None:
    number = office.preview(lost(), *office.certificates[:2], viewer=office.officer)
    with office.database.write() as uow:
        change = Change(effective_at=AT, actor="x")
        reassign_certificate(uow, EVERYTHING, office.certificates[0], agency_id=office.tax, change=change)
    office.decide(number, viewer=office.officer)
    assert office.outcomes(number) == ["changed", "done"]


def test_a_preview_is_decided_upon_by_whoever_made_it(office: Office) -> None:
    theirs = office.preview(lost(), viewer=office.officer)
    mine = office.preview(lost())
    with pytest.raises(NotPermitted):
        office.decide(theirs)
    with pytest.raises(BulkChangeNotFound):
        office.decide(mine, viewer=office.officer)
    auditor = Viewer(user_id=9, role=Role.AUDITOR, agency_path=None)
    with pytest.raises(NotPermitted):
        office.preview(lost(), viewer=auditor)
    with office.database.read() as uow:
        assert [each.id for each in find_bulk_changes(uow, office.officer)] == [theirs]
        assert [each.id for each in find_bulk_changes(uow, auditor)] == [mine, theirs]


def test_nothing_chosen_or_too_much_is_refused(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SelectionRefused), office.database.write() as uow:
        submit_bulk_change(uow, EVERYTHING, Selection(), lost(), actor="x")
    monkeypatch.setattr(service, "MAXIMUM", 4)
    with pytest.raises(SelectionRefused) as caught:
        office.preview(lost())
    assert caught.value.reason == message("bulk.too_many", limit=4)


def test_the_same_token_is_the_same_change(office: Office) -> None:
    number = office.preview(lost(), viewer=office.officer, token="t" * 20)
    assert office.preview(lost(), viewer=office.officer, token="t" * 20) == number
    assert office.preview(lost(), viewer=office.officer, token="u" * 20) != number
    office.decide(number, viewer=office.officer)
    recorded = office.events()
    office.decide(number, viewer=office.officer)
    assert office.events() == recorded


def test_two_clicks_at_once_make_one_change_and_record_it_once(office: Office) -> None:
    before = office.events()
    numbers: list[int] = []
    start = Barrier(2)

    def click() -> None:
        start.wait()
        number = office.preview(lost(), viewer=office.officer, token="t" * 20)
        numbers.append(number)
        start.wait()
        office.decide(number, viewer=office.officer)

    threads = [Thread(target=click) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(numbers) == 2
    assert len(set(numbers)) == 1
    assert office.events() == before + 5


def test_all_rows_of_a_list_are_chosen_by_its_own_query(office: Office) -> None:
    with office.database.write() as uow:
        selection = Selection(list=f"agency={office.health}&status=active&sort=-holder")
        number = submit_bulk_change(uow, EVERYTHING, selection, lost(), actor="x")
    with office.database.read() as uow:
        change = get_bulk_change(uow, EVERYTHING, number)
        items = find_items(uow, EVERYTHING, number).items
    assert change.list == f"agency={office.health}&sort=-holder&status=active"
    assert [item.certificate_id for item in items] == list(reversed(office.certificates))


def test_a_large_change_is_the_work_of_jobs_and_goes_on_after_a_crash(
    office: Office, queue: RecordingQueue, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 2)
    monkeypatch.setattr(processing, "CHUNK", 2)
    queue.take()
    number = office.preview(lost(), viewer=office.officer)
    assert queue.take() == [ProcessBulkChangeJob(bulk_change_id=number)]
    assert office.outcomes(number) == ["pending"] * 5

    with dying_at_write(monkeypatch, 2), pytest.raises(Killed):
        process_bulk_change(office.database, number)
    assert sorted(office.outcomes(number)) == ["good", "good", "pending", "pending", "pending"]
    process_bulk_change(office.database, number)  # the lease of the dead one has not ended
    assert "pending" in office.outcomes(number)
    clock.advance(timedelta(minutes=16))
    with office.database.write() as uow:
        assert sweep_bulk_changes(uow) == 1
    process_bulk_change(office.database, number)
    assert office.outcomes(number) == ["good"] * 5
    office.decide(number, viewer=office.officer)
    assert office.outcomes(number) == ["good"] * 5
    process_bulk_change(office.database, number)
    process_bulk_change(office.database, number)
    assert office.outcomes(number) == ["done"] * 5


def test_a_kill_while_recording_leaves_nothing_half_done(
    office: Office, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 2)
    monkeypatch.setattr(recording, "CHUNK", 2)
    before = office.events()
    number = office.preview(lost(), viewer=office.officer)
    process_bulk_change(office.database, number)
    office.decide(number, viewer=office.officer)
    with dying_at_write(monkeypatch, 3), pytest.raises(Killed):
        process_bulk_change(office.database, number)
    assert office.events() == before
    assert office.outcomes(number) == ["good"] * 5
    clock.advance(timedelta(minutes=16))
    process_bulk_change(office.database, number)
    assert office.outcomes(number) == ["done"] * 5
    assert office.events() == before + 5


def test_who_lost_the_right_meanwhile_records_nothing(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 2)
    before = office.events()
    number = office.preview(lost(), viewer=office.officer)
    process_bulk_change(office.database, number)
    office.decide(number, viewer=office.officer)
    with office.database.write() as uow:
        record_disabled(uow, username="yte", is_disabled=True)
    process_bulk_change(office.database, number)
    assert office.events() == before
    with office.database.read() as uow:
        change = get_bulk_change(uow, EVERYTHING, number)
    assert change.state is BulkState.REFUSED
    assert change.reason is not None


def test_what_ends_its_worker_each_time_is_given_up(
    office: Office, monkeypatch: pytest.MonkeyPatch, clock: FakeClock
) -> None:
    monkeypatch.setattr(service, "AT_ONCE", 2)
    number = office.preview(lost())
    for _ in range(3):
        with dying_at_write(monkeypatch, 1), pytest.raises(Killed):
            process_bulk_change(office.database, number)
        clock.advance(timedelta(minutes=16))
    process_bulk_change(office.database, number)
    with office.database.read() as uow:
        change = get_bulk_change(uow, EVERYTHING, number)
    assert change.state is BulkState.REFUSED
    assert change.reason is not None
    assert change.reason.code == "bulk.exhausted"


def test_the_same_certificates_can_be_chosen_again_to_mend_a_wrong_change(office: Office) -> None:
    first = office.preview(CustodyEvent(kind="handed_over", effective_at=AT), *office.certificates[:3])
    office.decide(first)
    with office.database.write() as uow:
        back = CustodyEvent(kind="returned", effective_at=AT + timedelta(hours=1), note="nhầm")
        number = submit_bulk_change(uow, EVERYTHING, Selection(bulk_change_id=first), back, actor="lan")
    office.decide(number)
    with office.database.read() as uow:
        details = [get_certificate(uow, EVERYTHING, key, uow.now) for key in office.certificates[:3]]
    assert {detail.certificate.custody for detail in details} == {Custody.RETURNED}
    assert all(len(detail.events) == 4 for detail in details)


def test_the_pages_of_the_items_joined_are_the_items(office: Office) -> None:
    number = office.preview(lost())
    joined: list[BulkItemView] = []
    cursor = None
    with office.database.read() as uow:
        while True:
            page = find_items(uow, EVERYTHING, number, page=PageRequest(cursor=cursor, limit=2))
            joined += page.items
            cursor = page.next
            if cursor is None:
                break
        assert tuple(joined) == find_items(uow, EVERYTHING, number).items
        stored = uow.session.execute(select(func.count()).where(col(BulkItemRow.bulk_change_id) == number)).scalar_one()
    assert stored == len(joined) == 5


def test_a_note_stands_in_every_history_and_changes_nothing_else(office: Office) -> None:
    note = Note(kind="noted", effective_at=AT, note="Kiểm kê thiết bị tháng 11")
    number = office.preview(note)
    with office.database.read() as uow:
        before = [get_certificate(uow, EVERYTHING, key, uow.now).certificate for key in office.certificates]
        periods = uow.session.execute(select(func.count()).select_from(CertificatePeriodRow)).scalar_one()
    assert office.outcomes(number) == ["good"] * 5
    office.decide(number)
    with office.database.read() as uow:
        details = [get_certificate(uow, EVERYTHING, key, uow.now) for key in office.certificates]
        assert uow.session.execute(select(func.count()).select_from(CertificatePeriodRow)).scalar_one() == periods
    assert [detail.certificate for detail in details] == before
    for detail in details:
        told = next(event for event in detail.events if event.kind is CertificateEventKind.NOTED)
        assert (told.note, told.effective_at, told.actor) == ("Kiểm kê thiết bị tháng 11", AT, "lan")
    with pytest.raises(ValueError, match="note"):
        Note(kind="noted", effective_at=AT, note="")


def test_what_was_entered_wrongly_for_many_is_put_right_from_the_beginning(office: Office) -> None:
    first, second, *_ = office.certificates
    with office.database.write() as uow:
        correct_certificate(
            uow, EVERYTHING, first, CertificateCorrection(medium=Medium.SIM), Change(effective_at=AT, actor="lan")
        )
        change = Change(effective_at=AT, actor="lan")
        reassign_certificate(uow, EVERYTHING, second, agency_id=office.third, change=change)
    event = CorrectionEvent(kind="corrected", effective_at=AT, medium=Medium.SIM, agency_id=office.tax)
    number = office.preview(event, *office.certificates, office.other)
    with office.database.read() as uow:
        items = find_items(uow, EVERYTHING, number).items
        change_view = get_bulk_change(uow, EVERYTHING, number)
    assert change_view.agency is not None
    assert change_view.agency.id == office.tax
    wrong, right = items[1].entry or (None, None)
    assert (wrong and wrong.medium, right and right.medium) == (Medium.UNKNOWN, Medium.SIM)
    assert (wrong and wrong.agency and wrong.agency.id, right and right.agency and right.agency.id) == (
        office.health,
        office.tax,
    )
    assert items[0].entry is not None
    assert items[0].entry[1].medium is None, "it is right already"
    office.decide(number)
    with office.database.read() as uow:
        for key in office.certificates:
            issued = get_certificate(uow, EVERYTHING, key, ISSUED + timedelta(days=1)).certificate
            assert (issued.agency_id, issued.medium) == (office.tax, Medium.SIM), "as of a day long ago too"
        now = get_certificate(uow, EVERYTHING, second, uow.now)
        assert now.certificate.agency_id == office.third, "who was responsible later is another matter"
        corrected = next(each for each in now.events if each.kind is CertificateEventKind.CORRECTED)
        assert corrected.details["medium"] == {"from": "unknown", "to": "sim"}
    again = office.preview(event)
    assert office.reasons(again) == ["certificates.nothing_to_correct"] * 5


def test_what_concerns_one_certificate_alone_is_not_corrected_for_many(office: Office) -> None:
    for wrong in ({"device_number": "1"}, {"email": "a@b.vn"}, {"position": ""}):
        with pytest.raises(InvalidInput):
            office.preview(CorrectionEvent(kind="corrected", effective_at=AT, **wrong))
    with pytest.raises(AgencyNotFound):
        office.preview(CorrectionEvent(kind="corrected", effective_at=AT, agency_id=office.tax), viewer=office.officer)
