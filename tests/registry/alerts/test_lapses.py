"""CA certificates, trust anchors and CRLs about to lapse are told to the administrators, each step once."""

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import delete

from registry.alerts.lapses import LAPSE_DIGEST, tell_lapses
from registry.alerts.rules import assess_due
from registry.alerts.tables import AlertNoticeRow
from registry.clock import local_day, start_of_day
from registry.db.unit_of_work import UnitOfWork
from registry.mail.smtp import MailCancelled
from registry.mail.tables import MailRow
from registry.revocation.tables import RevocationListRow
from registry.runtime import Runtime
from registry.trust.tables import CertificateAuthorityRow, TrustRole
from tests.fakes.clock import FakeClock
from tests.registry.alerts.told import body, read_mail, told

TODAY = date(2026, 11, 23)
ADMINISTRATORS = "chungthuso@tinh.example"


def add_authority(uow: UnitOfWork, name: str, expires: date, role: TrustRole = TrustRole.ANCHOR) -> int:
    row = CertificateAuthorityRow(
        sha256=name.encode().hex().zfill(64)[-64:],
        der=b"",
        subject=f"CN={name}",
        role=role,
        generation="G1",
        not_after=start_of_day(expires) + timedelta(hours=12),
        is_known=True,
        added_at=uow.now,
    )
    uow.session.add(row)
    uow.session.flush()
    return row.id or 0


def add_crl(uow: UnitOfWork, authority_id: int, *, begins: float, lives: float) -> None:
    """A CRL that began so many days from now and lives so many days."""
    this_update = uow.now + timedelta(days=begins)
    uow.session.add(
        RevocationListRow(
            authority_id=authority_id,
            sha256=f"{authority_id}/{begins}/{lives}",
            this_update=this_update,
            next_update=this_update + timedelta(days=lives),
            entries=0,
            size=0,
            source="http://ca.example/crl",
            received_at=uow.now,
        )
    )


def test_any_pattern_of_runs_tells_each_step_reached_once(runtime: Runtime, clock: FakeClock) -> None:
    start = clock.at
    steps = runtime.settings.alert_authority_steps_days
    expires = TODAY + timedelta(days=95)
    with runtime.database.write() as uow:
        add_authority(uow, "RootCA", expires)

    @given(st.lists(st.integers(-3, 40), max_size=8))
    @settings(deadline=None, max_examples=12, suppress_health_check=[HealthCheck.too_slow])
    def check(moves: list[int]) -> None:
        with runtime.database.write() as uow:
            for table in (AlertNoticeRow, MailRow):
                uow.session.exec(delete(table))
        reported: set[int] = set()
        expected: list[tuple[str, date]] = []
        day = TODAY
        for move in moves:
            day = max(TODAY, day + timedelta(days=move))
            clock.at = start + (day - TODAY)
            for _ in range(2):
                tell_lapses(runtime.database, runtime.settings)
            left = (expires - day).days
            due = assess_due(left, steps, reported) if left >= -37 else None
            if due is not None:
                reported.add(due.step)
                # A step that is due on a day that has its mail waits for the next day with a run, as the digests do.
                if (ADMINISTRATORS, day) not in expected:
                    expected.append((ADMINISTRATORS, day))
        assert told(runtime.database, LAPSE_DIGEST) == expected

    check()


def test_one_mail_tells_of_all_and_says_what_to_do(runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        root = add_authority(uow, "RootCA chuyên dùng Chính phủ", TODAY + timedelta(days=300))
        add_authority(uow, "CA phục vụ các cơ quan Nhà nước", TODAY + timedelta(days=25), TrustRole.INTERMEDIATE)
        add_authority(uow, "Ended long ago", TODAY - timedelta(days=400))
        add_authority(uow, "Far away", TODAY + timedelta(days=4000))
        add_crl(uow, root, begins=-8, lives=7)
    assert tell_lapses(runtime.database, runtime.settings) == 3
    assert told(runtime.database, LAPSE_DIGEST) == [(ADMINISTRATORS, TODAY)]
    for language, words in (
        ("vi", ("đã hoặc sắp hết", "Còn 25 ngày", "Đã hết hiệu lực 1 ngày", "registry trust add")),
        ("en", ("lapsed or about to lapse", "25 days left", "Lapsed 1 day ago", "registry trust add")),
    ):
        message = read_mail(runtime, LAPSE_DIGEST, ADMINISTRATORS, language=language)
        html = body(message, "html")
        assert words[0] in message["Subject"]
        assert all(word in html for word in words[1:])
        assert "Ended long ago" not in html
        assert "Far away" not in html


def test_a_crl_is_told_of_when_no_newer_one_came(runtime: Runtime, clock: FakeClock) -> None:
    with runtime.database.write() as uow:
        root = add_authority(uow, "RootCA", TODAY + timedelta(days=4000))
        add_crl(uow, root, begins=-6.5, lives=7)  # lapses tomorrow morning
        daily = add_authority(uow, "CA with a list a day", TODAY + timedelta(days=4000))
        add_crl(uow, daily, begins=-0.5, lives=1)
    assert tell_lapses(runtime.database, runtime.settings) == 1
    assert "CA with a list a day" not in body(read_mail(runtime, LAPSE_DIGEST, ADMINISTRATORS))
    with runtime.database.write() as uow:
        add_crl(uow, root, begins=-0.1, lives=7)
    with pytest.raises(MailCancelled):
        read_mail(runtime, LAPSE_DIGEST, ADMINISTRATORS)
    clock.advance(timedelta(days=2))
    assert tell_lapses(runtime.database, runtime.settings) == 1  # nobody fetched the daily one
    assert "CA with a list a day" in body(read_mail(runtime, LAPSE_DIGEST, ADMINISTRATORS))
    assert told(runtime.database, LAPSE_DIGEST)[-1] == (ADMINISTRATORS, local_day(clock.at))
