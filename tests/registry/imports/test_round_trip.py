"""What the register exports it takes back: the list and the certificates give the same register again."""

import io
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from registry.accounts.viewer import Viewer
from registry.agencies.tables import AgencyLevel
from registry.certificates.changes import Change, record_custody, revoke_certificate
from registry.certificates.export import CERTIFICATE_COLUMNS, iterate_exported
from registry.certificates.query import CertificateQuery
from registry.certificates.tables import CertificateEventKind, CertificateRow, Medium, SubscriberKind
from registry.clock import local_day
from registry.db.migrations import migrate
from registry.imports.tables import ImportChoice
from registry.runtime import Runtime
from registry.settings import Settings
from registry.spreadsheets import write_workbook
from registry.web.labels import label
from registry.web.translation import load_translations
from tests.factories.agencies import make_agency
from tests.factories.certificates import make_certificate, trust_small_ca
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue
from tests.registry.imports.conftest import Importing, zip_of

EVERYTHING = Viewer.everything()


def exported(runtime: Runtime, language: str) -> bytes:
    words = load_translations(language).gettext
    with runtime.database.read() as uow:
        query = CertificateQuery(as_of=uow.now)
    buffer = io.BytesIO()
    rows = iterate_exported(runtime.database, EVERYTHING, query)
    write_workbook(
        CERTIFICATE_COLUMNS, rows, buffer, lambda member: words(label(member)), title="Chứng thư", language=language
    )
    return buffer.getvalue()


def facts(runtime: Runtime) -> list[tuple[object, ...]]:
    """Everything of the export but times within a day."""
    with runtime.database.read() as uow:
        query = CertificateQuery(as_of=uow.now)
    return sorted(
        (
            *(
                row.view.serial,
                row.view.holder,
                row.view.kind,
                row.view.position,
                row.view.agency_code,
                row.view.medium,
            ),
            *(row.view.device_number, row.iccid, row.view.custody, row.origin, row.replaces, row.view.standing),
            *(
                row.view.issued_at,
                row.view.not_after,
                row.view.revocation_reason,
                row.view.is_replaced,
                row.view.sha256,
            ),
            *(row.revoked_at and local_day(row.revoked_at), row.handed_over_at and local_day(row.handed_over_at)),
        )
        for row in iterate_exported(runtime.database, EVERYTHING, query)
    )


def agencies(runtime: Runtime) -> tuple[int, int]:
    with runtime.database.write() as uow:
        trust_small_ca(uow)
        return (
            make_agency(uow, "Sở Nội vụ", level=AgencyLevel.PROVINCE, code="H02.02"),
            make_agency(uow, "Sở Tư pháp", level=AgencyLevel.PROVINCE, code="H02.03"),
        )


@pytest.mark.parametrize("language", ["vi", "en"])
def test_an_export_is_imported_again_with_its_certificates(
    runtime: Runtime, tmp_path: Path, clock: FakeClock, language: str
) -> None:
    home, justice = agencies(runtime)
    begin = datetime(2017, 3, 1, 2, 0, tzinfo=UTC)
    with runtime.database.write() as uow:
        old = make_certificate(
            uow, home, holder="Nguyễn Văn An", position="Văn thư", medium=Medium.TOKEN, not_before=begin
        )
        make_certificate(
            uow,
            home,
            holder="Nguyễn Văn An",
            not_before=begin + timedelta(days=700),
            origin=CertificateEventKind.CONTENT_CHANGED,
            replaces_id=old,
            device_number="5300",
        )
        gone = make_certificate(
            uow, justice, holder="Trần Bình", organisation="Sở Tư pháp", iccid="8984012345678901234"
        )
        seal = make_certificate(
            uow, justice, holder="SỞ TƯ PHÁP", organisation="UBND tỉnh", kind=SubscriberKind.ORGANISATION
        )
        handed_over = Change(effective_at=datetime(2018, 5, 4, 3, 0, tzinfo=UTC), actor="lan")
        record_custody(uow, EVERYTHING, seal, what=CertificateEventKind.HANDED_OVER, change=handed_over)
        retired = Change(effective_at=datetime(2019, 5, 4, 3, 0, tzinfo=UTC), actor="lan")
        revoke_certificate(uow, EVERYTHING, gone, reason="cessationOfOperation", change=retired)
    with runtime.database.read() as uow:
        ders = uow.session.execute(select(CertificateRow.der)).scalars().all()
    sheet = exported(runtime, language)

    empty = Runtime.build(Settings(data_dir=tmp_path / "again"), clock=clock, queue=RecordingQueue())
    migrate(empty.database.engine)
    agencies(empty)
    importing = Importing(empty)
    files = {"register.xlsx": sheet, "certificates.zip": zip_of({f"{n}.cer": der for n, der in enumerate(ders) if der})}
    import_id = importing.preview(files)
    assert importing.row(import_id).counts["good"] == 4, importing.items(import_id)
    importing.apply(import_id, ImportChoice.GOOD)
    assert facts(empty) == facts(runtime)
    again = importing.preview(files)
    assert importing.row(again).counts["known"] == 4, [item.differences for item in importing.items(again)]
    empty.close()
