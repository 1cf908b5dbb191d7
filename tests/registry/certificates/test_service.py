from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func
from sqlmodel import col, select

from certs.certificate import parse_certificate
from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.agencies.errors import AgencyNotFound
from registry.agencies.repository import find_agencies_by_id
from registry.certificates.changes import (
    Change,
    reassign_certificate,
    record_custody,
    record_replacement,
    resume_certificate,
    revoke_certificate,
    suspend_certificate,
)
from registry.certificates.corrections import CertificateCorrection, correct_certificate
from registry.certificates.counts_upkeep import find_wrong_counts
from registry.certificates.detail import get_certificate
from registry.certificates.errors import CertificateNotFound, CertificateRefused, ChangeRefused, SerialTaken
from registry.certificates.query import CertificateQuery, Flag
from registry.certificates.recognition import recognise_certificates
from registry.certificates.repository import find_certificates
from registry.certificates.schemas import CertificateSubmission
from registry.certificates.service import (
    prepare_certificate,
    register_certificate,
    register_prepared,
)
from registry.certificates.tables import (
    CertificateEventKind,
    CertificateEventRow,
    CertificatePeriodRow,
    CertificateRow,
    Custody,
    Medium,
    SubscriberKind,
)
from registry.clock import FOREVER
from registry.db.unit_of_work import Database
from registry.errors import NotPermitted
from registry.imports.storing import withdraw
from registry.trust.repository import load_issuers
from tests.factories.agencies import make_agency
from tests.factories.certificates import (
    EVERYTHING,
    FIVE_YEARS,
    ISSUED,
    make_certificate,
    make_der,
    name_of,
    small_ca,
    trust_small_ca,
)

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LATE = datetime(2036, 1, 1, tzinfo=UTC)


def at(days: int) -> Change:
    return Change(effective_at=ISSUED + timedelta(days=days), actor="Lan", note="theo công văn số 12")


def submit(der: bytes, agency: int, **more: Any) -> CertificateSubmission:
    return CertificateSubmission(der=der, agency_id=agency, kind=SubscriberKind.PERSON, **more)


def test_registering_twice_gives_one_row(database: Database) -> None:
    der = make_der()
    answers = []
    for _ in range(2):
        with database.write() as uow:
            agency = make_agency(uow)
            answers.append(register_certificate(uow, EVERYTHING, submit(der, agency), actor="test"))
    assert [answer.is_new for answer in answers] == [True, False]
    assert answers[0].certificate_id == answers[1].certificate_id
    with database.read() as uow:
        for table in (CertificateRow, CertificatePeriodRow):
            assert uow.session.exec(select(func.count()).select_from(table)).one() == 1


def test_registering_at_once_gives_one_row(database: Database) -> None:
    der = make_der()
    with database.write() as uow:
        agency = make_agency(uow)
    barrier = Barrier(4)
    answers: list[bool] = []

    def register() -> None:
        barrier.wait()
        with database.write() as uow:
            answers.append(register_certificate(uow, EVERYTHING, submit(der, agency), actor="test").is_new)

    threads = [Thread(target=register) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [False, False, False, True]
    with database.read() as uow:
        assert uow.session.exec(select(func.count()).select_from(CertificateEventRow)).one() == 2


def test_one_that_was_taken_back_comes_in_again_once(database: Database) -> None:
    der = make_der()
    with database.write() as uow:
        agency, other = make_agency(uow), make_agency(uow, "Sở Nội vụ")
        key = register_certificate(uow, EVERYTHING, submit(der, agency), actor="test").certificate_id
        withdraw(uow.session, [key])
    barrier = Barrier(3)
    answers: list[tuple[int, bool]] = []

    def register() -> None:
        barrier.wait()
        with database.write() as uow:
            answer = register_certificate(uow, EVERYTHING, submit(der, other, note="lại"), actor="test")
            answers.append((answer.certificate_id, answer.is_new))

    threads = [Thread(target=register) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [(key, False), (key, False), (key, True)]
    with database.read() as uow:
        (view,) = find_certificates(uow, EVERYTHING, CertificateQuery(as_of=NOW)).items
        assert (view.id, view.agency_id) == (key, other)
    with database.read() as uow:
        assert find_wrong_counts(uow) == 0


@pytest.mark.parametrize("number", [3, 40], ids=["few", "many"])
def test_of_many_at_once_each_gets_its_own_answer(database: Database, number: int) -> None:
    """Few and many go different ways into the database."""
    ders = [make_der(name_of(c="VN", o="Sở Nội vụ", cn=f"Người {index}")) for index in range(number)]
    taken = make_der(name_of(c="VN", o="Sở Nội vụ", cn="Số trùng"), serial=int(parse_certificate(ders[0]).serial, 16))
    with database.write() as uow:
        agency = make_agency(uow)
        issuers = load_issuers(uow.session)
        (first,) = register_prepared(
            uow, EVERYTHING, [prepare_certificate(submit(ders[0], agency), issuers)], actor="test"
        )
        assert first is not None
        given = [*ders, taken, ders[1]]
        prepared = [
            prepare_certificate(
                submit(der, agency, custody=Custody.LOST if der == ders[2] else Custody.HANDED_OVER), issuers
            )
            for der in given
        ]
        answers = register_prepared(uow, EVERYTHING, prepared, actor="test")
    keys = [each.certificate_id for each in answers if each is not None]
    assert [each and each.is_new for each in answers] == [False, *[True] * (number - 1), None, False]
    assert (keys[0], keys[-1], len(set(keys))) == (first.certificate_id, keys[1], number)
    with database.read() as uow:
        custodies = dict(
            uow.session.exec(select(CertificatePeriodRow.certificate_id, CertificatePeriodRow.custody)).all()
        )
        assert [custodies[key] for key in keys[:3]] == [Custody.NOT_HANDED_OVER, Custody.HANDED_OVER, Custody.LOST]
        assert uow.session.exec(select(func.count()).select_from(CertificateEventRow)).one() == 2 * number
    with database.read() as uow:
        assert find_wrong_counts(uow) == 0


def test_two_certificates_with_one_number_are_refused(database: Database) -> None:
    with database.write() as uow:
        agency = make_agency(uow)
        make_certificate(uow, agency, serial=77)
        with pytest.raises(SerialTaken):
            make_certificate(uow, agency, serial=77, holder="Người Khác")
        assert make_certificate(uow, agency, serial=77, holder="Người Khác", ca=small_ca("CA khác"))


def test_what_the_certificate_says_is_kept(database: Database) -> None:
    serial = int("7f" * 20, 16)
    subject = name_of(
        c="VN", l="Bắc Giang", o="UBND TỈNH BẮC GIANG", ou="SỞ NỘI VỤ", cn="  Nguyễn\u202e Văn \x00An", e="an@x.example"
    )
    with database.write() as uow:
        trust_small_ca(uow)
        agency = make_agency(uow, "Sở Nội vụ")
        key = register_certificate(
            uow, EVERYTHING, submit(make_der(subject, serial=serial), agency), actor="test"
        ).certificate_id
    with database.read() as uow:
        detail = get_certificate(uow, EVERYTHING, key, NOW)
        view = detail.certificate
        assert int(view.serial, 16) == serial
        assert view.holder == "Nguyễn⟦U+202E⟧ Văn ␀An"
        assert (view.email, view.generation, view.flags) == ("an@x.example", "demo-G1", ())
        assert "\x00" not in detail.technical.subject
        assert detail.technical.subject.startswith("C=VN, L=Bắc Giang, O=UBND TỈNH BẮC GIANG, OU=SỞ NỘI VỤ, CN=")
        assert [event.kind for event in detail.events] == [CertificateEventKind.ISSUED, CertificateEventKind.REGISTERED]
        assert [event.effective_at for event in detail.events] == [ISSUED, uow.now]


@pytest.mark.parametrize("der", [b"", b"\x30\x00", b"-----BEGIN", small_ca().der])
def test_what_is_no_subscribers_certificate_is_refused(database: Database, der: bytes) -> None:
    with database.write() as uow, pytest.raises(CertificateRefused):
        register_certificate(uow, EVERYTHING, submit(der, make_agency(uow)), actor="test")


def test_an_unknown_issuer_is_a_flag(database: Database) -> None:
    with database.write() as uow:
        trust_small_ca(uow)
        # The name of the CA is the right one, its key is not.
        forged = small_ca("CA thử nghiệm", "CA thử nghiệm")
        key = make_certificate(uow, make_agency(uow), ca=forged)
    with database.read() as uow:
        (view,) = find_certificates(uow, EVERYTHING, CertificateQuery(as_of=NOW, flags=(Flag.UNKNOWN_CA,))).items
        assert (view.id, view.flags) == (key, (Flag.UNKNOWN_CA,))


def test_a_ca_that_comes_later_is_recognised(database: Database) -> None:
    with database.write() as uow:
        agency = make_agency(uow)
        make_certificate(uow, agency)
        stranger = make_certificate(uow, agency, ca=small_ca("CA lạ"))
    with database.write() as uow:
        trust_small_ca(uow)
        assert recognise_certificates(uow) == 1
        assert recognise_certificates(uow) == 0
    with database.read() as uow:
        flagged = CertificateQuery(as_of=NOW, flags=(Flag.UNKNOWN_CA,))
        assert [view.id for view in find_certificates(uow, EVERYTHING, flagged).items] == [stranger]


def test_a_change_may_be_entered_late_and_keeps_what_came_after(database: Database) -> None:
    with database.write() as uow:
        old, middle, new = (make_agency(uow, name) for name in ("Cũ", "Giữa", "Mới"))
        key = make_certificate(uow, old)
        reassign_certificate(uow, EVERYTHING, key, agency_id=new, change=at(300))
        record_custody(uow, EVERYTHING, key, what=CertificateEventKind.HANDED_OVER, change=at(10))
        record_custody(uow, EVERYTHING, key, what=CertificateEventKind.LOST, change=at(400))
        # Only now does somebody tell that it had been elsewhere in between.
        reassign_certificate(uow, EVERYTHING, key, agency_id=middle, change=at(100))
        revoke_certificate(uow, EVERYTHING, key, reason="keyCompromise", change=at(350))
    with database.read() as uow:

        def state(day: int) -> tuple[int, Custody, str, str | None]:
            moment = ISSUED + timedelta(days=day)
            (view,) = find_certificates(uow, EVERYTHING, CertificateQuery(as_of=moment)).items
            return view.agency_id, view.custody, view.standing, view.revocation_reason

        assert state(0) == (old, Custody.NOT_HANDED_OVER, "active", None)
        assert state(10) == (old, Custody.HANDED_OVER, "active", None)
        assert state(99) == (old, Custody.HANDED_OVER, "active", None)
        assert state(100) == (middle, Custody.HANDED_OVER, "active", None)
        assert state(300) == (new, Custody.HANDED_OVER, "active", None)
        assert state(350) == (new, Custody.HANDED_OVER, "revoked", "keyCompromise")
        assert state(400) == (new, Custody.LOST, "revoked", "keyCompromise")
        events = get_certificate(uow, EVERYTHING, key, NOW).events
        assert len(events) == 7
        assert {event.actor for event in events} == {"test", "Lan"}


KINDS = ("reassign", "handed_over", "returned", "lost", "locked", "revoke")


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.tuples(st.integers(0, 400), st.sampled_from(KINDS), st.integers(0, 2)), max_size=8))
def test_periods_cover_all_time_once_whatever_happens(database: Database, steps: list[tuple[int, str, int]]) -> None:
    with database.write() as uow:
        agencies = [make_agency(uow, f"Cơ quan {number}") for number in range(3)]
        key = make_certificate(uow, agencies[0])
        for day, what, number in steps:
            try:
                if what == "reassign":
                    reassign_certificate(uow, EVERYTHING, key, agency_id=agencies[number], change=at(day))
                elif what == "revoke":
                    revoke_certificate(uow, EVERYTHING, key, reason="superseded", change=at(day))
                else:
                    record_custody(uow, EVERYTHING, key, what=CertificateEventKind(what), change=at(day))
            except ChangeRefused:
                continue
        periods = uow.session.exec(
            select(CertificatePeriodRow)
            .where(CertificatePeriodRow.certificate_id == key)
            .order_by(col(CertificatePeriodRow.effective_from))
        ).all()
        assert periods[0].effective_from == ISSUED
        assert periods[-1].effective_until == FOREVER
        for earlier, later in pairwise(periods):
            assert earlier.effective_until == later.effective_from > earlier.effective_from
        statuses = [period.status.value for period in periods]
        assert statuses == sorted(statuses), "revoked for good"


def test_the_government_pki_knows_no_suspension(database: Database) -> None:
    with database.write() as uow:
        trust_small_ca(uow)
        trust_small_ca(uow, generation="public", common_name="CA công cộng")
        agency = make_agency(uow)
        government = make_certificate(uow, agency)
        public = make_certificate(uow, agency, ca=small_ca("CA công cộng"))
        with pytest.raises(ChangeRefused):
            suspend_certificate(uow, EVERYTHING, government, at(10))
        suspend_certificate(uow, EVERYTHING, public, at(10))
        with pytest.raises(ChangeRefused):
            suspend_certificate(uow, EVERYTHING, public, at(20))
        resume_certificate(uow, EVERYTHING, public, at(20))
        with pytest.raises(ChangeRefused):
            resume_certificate(uow, EVERYTHING, public, at(30))
    with database.read() as uow:
        for day, standing in ((9, "active"), (10, "suspended"), (19, "suspended"), (20, "active")):
            query = CertificateQuery(as_of=ISSUED + timedelta(days=day), generations=("public",))
            assert [view.standing for view in find_certificates(uow, EVERYTHING, query).items] == [standing]


def test_what_contradicts_the_history_is_refused(database: Database) -> None:
    with database.write() as uow:
        agency = make_agency(uow)
        key = make_certificate(uow, agency)
        with pytest.raises(ChangeRefused):
            revoke_certificate(uow, EVERYTHING, key, reason="superseded", change=at(-1))
        with pytest.raises(CertificateRefused):
            revoke_certificate(uow, EVERYTHING, key, reason="because", change=at(1))
        with pytest.raises(ChangeRefused):
            reassign_certificate(uow, EVERYTHING, key, agency_id=agency, change=at(1))
        with pytest.raises(AgencyNotFound):
            reassign_certificate(uow, EVERYTHING, key, agency_id=10**6, change=at(1))
        with pytest.raises(ChangeRefused):
            record_custody(uow, EVERYTHING, key, what=CertificateEventKind.RECOVERED, change=at(1))
        revoke_certificate(uow, EVERYTHING, key, reason="superseded", change=at(5))
        with pytest.raises(ChangeRefused):
            revoke_certificate(uow, EVERYTHING, key, reason="superseded", change=at(6))
        with pytest.raises(CertificateNotFound):
            revoke_certificate(uow, EVERYTHING, 10**6, reason="superseded", change=at(6))


def test_a_chain_of_replacements_is_followed_both_ways(database: Database) -> None:
    with database.write() as uow:
        agency = make_agency(uow)
        first = make_certificate(uow, agency)
        second = make_certificate(
            uow,
            agency,
            not_before=ISSUED + timedelta(days=1700),
            origin=CertificateEventKind.EXTENDED,
            replaces_id=first,
        )
        third = make_certificate(uow, agency, not_before=ISSUED + FIVE_YEARS, not_after=LATE)
        record_replacement(uow, EVERYTHING, second, by_id=third, change=at(1900))
        with pytest.raises(ChangeRefused):
            record_replacement(uow, EVERYTHING, first, by_id=third, change=at(1900))
        with pytest.raises(ChangeRefused):
            record_replacement(uow, EVERYTHING, third, by_id=third, change=at(1900))
    with database.read() as uow:
        detail = get_certificate(uow, EVERYTHING, second, NOW)
        assert [view.id for view in detail.replaces] == [first]
        assert [view.id for view in detail.replaced_by] == [third]
        assert [view.id for view in get_certificate(uow, EVERYTHING, third, NOW).replaces] == [second, first]
        day = ISSUED + timedelta(days=1699)
        assert Flag.REPLACED not in get_certificate(uow, EVERYTHING, first, day).certificate.flags
        assert Flag.REPLACED in get_certificate(uow, EVERYTHING, first, NOW).certificate.flags
        unreplaced = CertificateQuery(as_of=NOW, flags=(Flag.NOT_REPLACED,))
        assert [view.id for view in find_certificates(uow, EVERYTHING, unreplaced).items] == [third]


def test_a_correction_keeps_what_was_entered_before(database: Database) -> None:
    with database.write() as uow:
        wrong, right, later = (make_agency(uow, name) for name in ("Nhầm", "Đúng", "Sau này"))
        key = make_certificate(uow, wrong, device_number="111111", position="Chuyên viên")
        reassign_certificate(uow, EVERYTHING, key, agency_id=later, change=at(500))
        correction = CertificateCorrection(
            agency_id=right, device_number="0953222", position="", medium=Medium.SIM, email="an@x.example"
        )
        correct_certificate(uow, EVERYTHING, key, correction, at(600))
        with pytest.raises(ChangeRefused):
            correct_certificate(uow, EVERYTHING, key, correction, at(601))
    with database.read() as uow:

        def seen(text: str, day: int) -> list[tuple[int, str | None]]:
            query = CertificateQuery(as_of=ISSUED + timedelta(days=day), text=text)
            return [(view.agency_id, view.position) for view in find_certificates(uow, EVERYTHING, query).items]

        assert seen("0953222 an@x", 1) == [(right, None)]
        assert seen("0953222", 500) == [(later, None)]
        assert seen("111111", 1) == []
        detail = get_certificate(uow, EVERYTHING, key, NOW)
        assert detail.named_agency_name == "Đúng"
        corrected = next(event for event in detail.events if event.kind is CertificateEventKind.CORRECTED)
        assert corrected.details["device_number"] == {"from": "111111", "to": "0953222"}
        assert corrected.details["medium"] == {"from": "unknown", "to": "sim"}
        assert corrected.details["position"] == {"from": "Chuyên viên", "to": None}


def test_rights_hold_for_every_change(database: Database) -> None:
    with database.write() as uow:
        own, other = make_agency(uow, "Mình"), make_agency(uow, "Khác")
        path = find_agencies_by_id(uow, (own,), NOW)[own].path
        mine, theirs = make_certificate(uow, own), make_certificate(uow, other)
        officer = Viewer(user_id=1, role=Role.OFFICER, agency_path=path)
        auditor = Viewer(user_id=2, role=Role.AUDITOR, agency_path=None)
        with pytest.raises(CertificateNotFound):
            revoke_certificate(uow, officer, theirs, reason="superseded", change=at(5))
        with pytest.raises(AgencyNotFound):
            reassign_certificate(uow, officer, mine, agency_id=other, change=at(5))
        with pytest.raises(AgencyNotFound):
            register_certificate(uow, officer, submit(make_der(), other), actor="test")
        with pytest.raises(NotPermitted):
            revoke_certificate(uow, auditor, mine, reason="superseded", change=at(5))
        with pytest.raises(NotPermitted):
            register_certificate(uow, auditor, submit(make_der(), own), actor="test")
        register_certificate(uow, officer, submit(make_der(), own), actor="test")
        revoke_certificate(uow, officer, mine, reason="superseded", change=at(5))
