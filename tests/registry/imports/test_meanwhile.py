"""What others did between a preview and its application: one set of rows, nothing lost, and every word at its item true."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from sqlalchemy import text

from registry.certificates.changes import Change, record_custody, revoke_certificate
from registry.certificates.query import CertificateQuery
from registry.certificates.repository import iterate_certificates
from registry.certificates.tables import CertificateEventKind, Custody
from registry.clock import local_day
from registry.imports.tables import ImportChoice, ImportState, ItemOutcome
from tests.factories.certificates import small_ca
from tests.factories.spreadsheets import make_workbook
from tests.registry.imports.conftest import EVERYTHING, Importing, person

HEADER = ("Họ tên", "Đơn vị", "Số hiệu", "Ngày cấp", "Hết hạn", "Trạng thái", "Số token")
OTHER_DAYS = (datetime(2017, 1, 1, tzinfo=UTC), datetime(2022, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC))


def listed(der: bytes, holder: str, *more: str | None) -> bytes:
    certificate = x509.load_der_x509_certificate(der)
    begin, end = (local_day(each) for each in (certificate.not_valid_before_utc, certificate.not_valid_after_utc))
    return make_workbook(HEADER, [(holder, "Sở Y tế", f"{certificate.serial_number:x}", begin, end, *more)])


def truth(importing: Importing) -> list[Any]:
    """Everything that is true of any day."""
    with importing.runtime.database.read() as uow:
        days = [
            [view.model_dump() for view in iterate_certificates(uow, EVERYTHING, CertificateQuery(as_of=day))]
            for day in (*OTHER_DAYS, uow.now)
        ]
        columns = "certificate_id, effective_from, effective_until, agency_id, status, custody, is_replaced"
        periods = uow.session.execute(text(f"SELECT {columns} FROM certificate_period ORDER BY 1, 2"))
        return [*days, [tuple(row) for row in periods]]


def outcomes(importing: Importing, import_id: int) -> list[ItemOutcome]:
    return [item.outcome for item in importing.items(import_id)]


@pytest.fixture
def an() -> bytes:
    return person("Nguyễn An", "Sở Y tế", email="an@b.vn")


@pytest.mark.parametrize("form", ["certificate", "list"])
def test_two_that_enter_again_what_was_taken_back_enter_it_once(
    importing: Importing, bodies: dict[str, int], an: bytes, form: str
) -> None:
    files = {"a.cer": an} if form == "certificate" else {"a.xlsx": listed(an, "Nguyễn An")}
    importing.undo(importing.apply(importing.preview(files)).id)
    both = [importing.preview(files), importing.preview(files)]
    first = (importing.apply(both[0]), truth(importing))
    assert importing.apply(both[1]).applied_count == 0
    assert truth(importing) == first[1]
    assert [outcomes(importing, each) for each in both] == [[ItemOutcome.NEW], [ItemOutcome.KNOWN]]


def test_one_list_previewed_twice_is_entered_once(importing: Importing, bodies: dict[str, int], an: bytes) -> None:
    both = [importing.preview({"a.xlsx": listed(an, "Nguyễn An")}) for _ in range(2)]
    assert [importing.apply(each).applied_count for each in both] == [1, 0]
    assert outcomes(importing, both[1]) == [ItemOutcome.KNOWN]


def test_a_list_entered_and_taken_back_meanwhile_does_not_stand_in_the_way(
    importing: Importing, bodies: dict[str, int], an: bytes
) -> None:
    files = {"a.xlsx": listed(an, "Nguyễn An")}
    waiting, other = importing.preview(files), importing.preview(files)
    importing.apply(other)
    importing.undo(other)
    assert importing.apply(waiting).applied_count == 1
    assert len(truth(importing)[-1]) == 1


def test_a_certificate_that_completes_what_was_taken_back_meanwhile_is_entered(
    importing: Importing, bodies: dict[str, int], an: bytes
) -> None:
    entry = importing.apply(importing.preview({"a.xlsx": listed(an, "Nguyễn An")})).id
    completing = importing.preview({"a.cer": an})
    assert outcomes(importing, completing) == [ItemOutcome.COMPLETES]
    importing.undo(entry)
    assert importing.apply(completing).applied_count == 1
    assert len(truth(importing)[-1]) == 1
    assert importing.undo(completing).state is ImportState.UNDONE
    assert truth(importing)[-1] == []


def test_a_certificate_completes_an_entry_once(importing: Importing, bodies: dict[str, int], an: bytes) -> None:
    importing.apply(importing.preview({"a.xlsx": listed(an, "Nguyễn An")}))
    before = truth(importing)
    both = [importing.preview({"a.cer": an}), importing.preview({"b.cer": an})]
    importing.apply(both[0])
    completed = truth(importing)
    assert importing.apply(both[1]).applied_count == 0
    assert outcomes(importing, both[1]) == [ItemOutcome.KNOWN]
    assert importing.undo(both[1]).state is ImportState.UNDONE
    assert truth(importing) == completed
    assert importing.undo(both[0]).state is ImportState.UNDONE
    assert truth(importing) == before


def test_of_two_certificates_with_one_number_the_first_completes_the_entry(
    importing: Importing, bodies: dict[str, int]
) -> None:
    one = person("Nguyễn An", "Sở Y tế", serial=0xABCDEF)
    two = person("Nguyễn An", "Sở Y tế", serial=0xABCDEF, ca=small_ca("CA lạ"))
    importing.apply(importing.preview({"a.xlsx": listed(one, "Nguyễn An")}))
    both = importing.preview({"1.cer": one, "2.cer": two})
    assert importing.apply(both).applied_count == 1
    assert outcomes(importing, both) == [ItemOutcome.COMPLETES, ItemOutcome.REFUSED]


def test_a_difference_to_what_was_taken_back_meanwhile_is_told_and_does_no_harm(
    importing: Importing, bodies: dict[str, int], an: bytes
) -> None:
    entered = importing.apply(importing.preview({"a.cer": an})).id
    differing = importing.preview({"a.xlsx": listed(an, "Nguyễn An", "Thu hồi", "T1")})
    assert outcomes(importing, differing) == [ItemOutcome.DIFFERS]
    importing.undo(entered)
    nothing = truth(importing)
    assert importing.apply(differing, ImportChoice.ALL).applied_count == 0
    (item,) = importing.items(differing)
    assert (item.outcome, item.reasons[0]["code"]) == (ItemOutcome.REFUSED, "imports.taken_back_since")
    assert importing.undo(differing).state is ImportState.UNDONE
    assert truth(importing) == nothing


def test_undoing_gives_back_exactly_what_was_there(importing: Importing, bodies: dict[str, int], an: bytes) -> None:
    importing.apply(importing.preview({"a.cer": an}))
    before = truth(importing)
    renewed = person("Nguyễn An", "Sở Y tế", email="an@b.vn", not_before=datetime(2021, 4, 1, tzinfo=UTC))
    files = {"b.cer": renewed, "l.xlsx": listed(an, "Nguyễn An", "Thu hồi", "T9")}
    changing = importing.preview(files)
    importing.apply(changing, ImportChoice.ALL)
    after = truth(importing)
    assert after != before
    again = importing.preview(files)
    assert set(outcomes(importing, again)) == {ItemOutcome.KNOWN}
    importing.apply(again, ImportChoice.ALL)
    assert truth(importing) == after
    assert importing.undo(changing).state is ImportState.UNDONE
    assert truth(importing) == before


def test_what_an_import_said_and_took_back_does_not_hold_up_what_is_told_later(
    importing: Importing, bodies: dict[str, int], an: bytes
) -> None:
    importing.apply(importing.preview({"a.cer": an}))
    (key,) = (item.certificate_id for item in importing.items(1))
    assert key is not None

    def lose(day: datetime, what: CertificateEventKind) -> None:
        with importing.runtime.database.write() as uow:
            record_custody(uow, EVERYTHING, key, what=what, change=Change(effective_at=day, actor="lan"))

    elsewhere = ("Họ tên", "Đơn vị", "Số hiệu", "Ngày cấp", "Hết hạn", "Ngày bàn giao")
    certificate = x509.load_der_x509_certificate(an)
    days = (local_day(certificate.not_valid_before_utc), local_day(certificate.not_valid_after_utc))
    row = ("Nguyễn An", "Sở Y tế", f"{certificate.serial_number:x}", *days, OTHER_DAYS[1].date())
    handed_over = importing.preview({"a.xlsx": make_workbook(elsewhere, [row])})
    importing.apply(handed_over, ImportChoice.ALL)
    importing.undo(handed_over)
    with importing.runtime.database.write() as uow:
        revoke = Change(effective_at=OTHER_DAYS[1] + timedelta(days=30), actor="lan")
        revoke_certificate(uow, EVERYTHING, key, reason="superseded", change=revoke)
    lose(OTHER_DAYS[0], CertificateEventKind.LOST)
    with importing.runtime.database.read() as uow:
        (view,) = iterate_certificates(uow, EVERYTHING, CertificateQuery(as_of=uow.now))
        assert view.custody is Custody.LOST
