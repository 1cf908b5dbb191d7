"""From files to the register and back, as a person goes through it."""

from registry.accounts.viewer import Viewer
from registry.certificates.query import CertificateQuery
from registry.certificates.repository import count_certificates, find_certificates
from registry.imports.tables import AgencyStanding, ImportChoice, ImportState, ItemOutcome
from tests.factories.spreadsheets import make_workbook
from tests.registry.imports.conftest import Importing, person, zip_of

EVERYTHING = Viewer.everything()


def listed(importing: Importing) -> dict[str, str]:
    """Holders in the register with the agencies responsible for them."""
    with importing.runtime.database.read() as uow:
        page = find_certificates(uow, EVERYTHING, CertificateQuery(as_of=uow.now))
        return {view.holder: view.agency_code for view in page.items}


def test_certificates_are_previewed_applied_and_taken_back(importing: Importing, bodies: dict[str, int]) -> None:
    lan, minh = person("Nguyễn Thị Lan", "SỞ Y TẾ"), person("Trần Minh", "UBND huyện Tân Yên")
    import_id = importing.preview({"a.zip": zip_of({"thư mục/lan.cer": lan, "minh.cer": minh}), "lan again.cer": lan})

    row, items = importing.row(import_id), importing.items(import_id)
    assert row.state is ImportState.READY
    assert [(item.place, item.outcome, item.agency_id, item.agency_standing) for item in items] == [
        ("a.zip/thư mục/lan.cer", ItemOutcome.NEW, bodies["health"], AgencyStanding.CERTAIN),
        ("a.zip/minh.cer", ItemOutcome.NEW, bodies["tan_yen"], AgencyStanding.CERTAIN),
        ("lan again.cer", ItemOutcome.KNOWN, bodies["health"], AgencyStanding.CERTAIN),
    ]
    assert (row.counts["new"], row.counts["known"], row.counts["good"], row.counts["total"]) == (2, 1, 2, 3)
    assert listed(importing) == {}, "a preview changes nothing"

    row = importing.apply(import_id)
    assert (row.state, row.applied_count, row.decided_by) == (ImportState.APPLIED, 2, "lan")
    assert listed(importing) == {"Nguyễn Thị Lan": "H02.14", "Trần Minh": "H02.38"}

    row = importing.undo(import_id)
    assert row.state is ImportState.UNDONE
    assert listed(importing) == {}

    again = importing.preview({"a.zip": zip_of({"lan.cer": lan})})
    assert [item.outcome for item in importing.items(again)] == [ItemOutcome.NEW]
    importing.apply(again)
    assert listed(importing) == {"Nguyễn Thị Lan": "H02.14"}


def test_two_imports_at_once_of_what_was_taken_back_enter_it_once(importing: Importing, bodies: dict[str, int]) -> None:
    files = {"lan.cer": person("Nguyễn Thị Lan", "Sở Y tế"), "minh.cer": person("Trần Minh", "Sở Y tế")}
    first = importing.preview(files)
    importing.apply(first)
    importing.undo(first)
    both = [importing.preview(files) for _ in range(2)]
    applied = [importing.apply(each).applied_count for each in both]
    assert applied == [2, 0]
    assert {item.outcome for item in importing.items(both[1])} == {ItemOutcome.KNOWN}
    assert len(listed(importing)) == 2


def test_none_of_it(importing: Importing, bodies: dict[str, int]) -> None:
    import_id = importing.preview({"lan.cer": person("Nguyễn Thị Lan", "Sở Y tế")})
    row = importing.apply(import_id, ImportChoice.NONE)
    assert row.state is ImportState.DISCARDED
    with importing.runtime.database.read() as uow:
        assert count_certificates(uow, EVERYTHING, CertificateQuery(as_of=uow.now)) == 0


def test_a_row_that_lacks_something_takes_no_place_of_the_one_that_does_not(
    importing: Importing, bodies: dict[str, int]
) -> None:
    header = ("Họ và tên", "Đơn vị", "Số hiệu chứng thư", "Ngày cấp", "Ngày hết hạn")
    whole = ("Nguyễn Thị Lan", "Sở Y tế", "0a01", "01/02/2024", "01/02/2029")
    rows = [("Nguyễn Thị Lan", "Sở Y tế", "0a01", "01/02/2024", None), whole, whole]
    import_id = importing.preview({"a.xlsx": make_workbook(header, rows)})
    outcomes = [item.outcome for item in importing.items(import_id)]
    assert outcomes == [ItemOutcome.REFUSED, ItemOutcome.NEW, ItemOutcome.KNOWN]
    importing.apply(import_id)
    assert listed(importing) == {"Nguyễn Thị Lan": "H02.14"}
