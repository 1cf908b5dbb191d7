"""The demo province goes out as files, an empty register takes them in, and every report of every day is the same."""

import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlmodel import col

from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.agencies.tables import AgencyPeriodRow, AgencySuccessionRow
from registry.agency_imports.plans import Options
from registry.agency_imports.repository import agency_ids, load_periods
from registry.agency_imports.service import decide_agency_import, get_agency_import, submit_agency_import
from registry.certificates.changes import Change
from registry.certificates.corrections import CertificateCorrection, correct_certificate
from registry.certificates.schemas import CertificateSubmission
from registry.certificates.service import register_certificate
from registry.certificates.tables import (
    CertificateEventKind,
    CertificateEventRow,
    CertificatePeriodRow,
    CertificateRow,
    SubscriberKind,
)
from registry.db.migrations import migrate
from registry.db.unit_of_work import Database
from registry.errors import NotPermitted
from registry.imports.tables import ImportChoice
from registry.reports.repository import issuance_report
from registry.reports.schemas import IssuanceReport
from registry.runtime import Runtime
from registry.settings import Settings
from registry.transfer.certificate_files import WHOLE_REGISTER, iterate_zip
from registry.transfer.register_file import write_register
from registry.trust.service import add_authority
from registry.trust.tables import CertificateAuthorityRow, TrustRole
from registry.web.files import words_of
from tests.factories.agencies import make_agency
from tests.factories.certificates import make_der, name_of
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue
from tests.province import TODAY, filled_data_dir
from tests.registry.imports.conftest import Importing

EVERYTHING = Viewer.everything()
NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DAYS = (date(2012, 3, 1), date(2016, 12, 31), date(2021, 6, 30), date(2025, 6, 30), date(2025, 7, 1), TODAY)


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Runtime]:
    """The filled register, which nobody here changes."""
    directory = filled_data_dir(tmp_path_factory)
    runtime = Runtime.build(Settings(data_dir=directory), clock=FakeClock(NOW), queue=RecordingQueue())
    yield runtime
    runtime.close()


@pytest.fixture
def empty(tmp_path: Path, province: Runtime) -> Iterator[Runtime]:
    """A new data directory that holds the same CA certificates and nothing else."""
    with new_register(province, tmp_path / "new") as runtime:
        yield runtime


@contextmanager
def new_register(province: Runtime, directory: Path) -> Iterator[Runtime]:
    runtime = Runtime.build(Settings(data_dir=directory), clock=FakeClock(NOW), queue=RecordingQueue())
    migrate(runtime.database.engine)
    with province.database.read() as uow:
        authorities = uow.session.execute(select(CertificateAuthorityRow)).scalars().all()
    with runtime.database.write() as uow:
        for each in sorted(authorities, key=lambda row: row.role is not TrustRole.ANCHOR):
            is_anchor = each.role is TrustRole.ANCHOR
            generation = each.generation if is_anchor else None
            add_authority(uow, EVERYTHING, each.der, trust_anyway=is_anchor, generation=generation)
    yield runtime
    runtime.close()


def report(database: Database, day: date) -> IssuanceReport:
    with database.read() as uow:
        return issuance_report(uow, EVERYTHING, day)


def import_tree(runtime: Runtime, content: bytes) -> None:
    options = Options(since=NOW, effective_at=NOW)
    with runtime.database.write() as uow:
        number = submit_agency_import(
            uow, EVERYTHING, content, file_name="register.xlsx", options=options, actor="test"
        )
    with runtime.database.write() as uow:
        assert decide_agency_import(uow, EVERYTHING, number, ImportChoice.ALL, actor="test") is None
    with runtime.database.read() as uow:
        detail = get_agency_import(uow, EVERYTHING, number)
    assert (detail.summary.counts.refused, detail.problems) == (0, ())


def certificates_of(runtime: Runtime) -> dict[str, tuple[Any, ...]]:
    """What is true of each certificate from when on, by fingerprint."""
    period = CertificatePeriodRow
    with runtime.database.read() as uow:
        rows = uow.session.execute(
            select(
                col(CertificateRow.sha256),
                *(
                    getattr(period, name)
                    for name in (
                        *("effective_from", "effective_until", "agency_id", "status", "revocation_reason", "custody"),
                        *("is_replaced", "kind", "medium", "generation", "named_agency_id", "issued_at", "not_after"),
                    )
                ),
            )
            .join(period, col(period.certificate_id) == col(CertificateRow.id))
            .order_by(col(CertificateRow.sha256), col(period.effective_from))
        ).all()
    found: dict[str, tuple[Any, ...]] = {}
    for sha256, *facts in rows:
        found[sha256] = (*found.get(sha256, ()), tuple(facts))
    return found


def events_of(runtime: Runtime) -> dict[tuple[Any, ...], int]:
    """What happened, apart from when each register was told."""
    event = CertificateEventRow
    columns = (col(CertificateRow.sha256), col(event.kind), col(event.effective_at), col(event.reason), col(event.note))
    with runtime.database.read() as uow:
        rows = uow.session.execute(
            select(*columns, func.count())
            .join(CertificateRow, col(CertificateRow.id) == col(event.certificate_id))
            .where(col(event.kind) != CertificateEventKind.REGISTERED)
            .group_by(*columns)
        ).all()
    return {tuple(row[:-1]): row[-1] for row in rows}


def test_the_province_is_moved_and_every_report_is_the_same(province: Runtime, empty: Runtime) -> None:
    workbook = io.BytesIO()
    count = write_register(province.database, EVERYTHING, workbook, words_of("vi"), language="vi")
    archive = b"".join(iterate_zip(province.database, EVERYTHING, WHOLE_REGISTER))

    import_tree(empty, workbook.getvalue())
    importing = Importing(empty)
    files = {"register.xlsx": workbook.getvalue(), "certificates.zip": archive}
    import_id = importing.preview(files)
    assert importing.row(import_id).counts["good"] == count
    importing.apply(import_id, ImportChoice.GOOD)

    # Agencies get the same numbers, because they come in the order in which they were entered.
    assert agencies_of(empty) == agencies_of(province)
    assert certificates_of(empty) == certificates_of(province)
    assert events_of(empty) == events_of(province)
    for day in DAYS:
        assert report(empty.database, day) == report(province.database, day), day


def test_addresses_that_were_corrected_are_moved_too(province: Runtime, empty: Runtime, tmp_path: Path) -> None:
    with empty.database.write() as uow:
        agency = make_agency(uow, "Sở Y tế", code="H02.14")
        subject = name_of(c="VN", o="Sở Y tế", cn="Nguyễn Văn An", e="an@cu.example")
        for wanted in ("an@moi.example", "", None):
            submission = CertificateSubmission(der=make_der(subject), agency_id=agency, kind=SubscriberKind.PERSON)
            key = register_certificate(uow, EVERYTHING, submission, actor="test").certificate_id
            if wanted is not None:
                change = Change(effective_at=uow.now, actor="test")
                correct_certificate(uow, EVERYTHING, key, CertificateCorrection(email=wanted), change)
    workbook = io.BytesIO()
    write_register(empty.database, EVERYTHING, workbook, words_of("vi"), language="vi")
    archive = b"".join(iterate_zip(empty.database, EVERYTHING, WHOLE_REGISTER))

    with new_register(province, tmp_path / "moved") as target:
        import_tree(target, workbook.getvalue())
        importing = Importing(target)
        importing.apply(importing.preview({"register.xlsx": workbook.getvalue(), "certificates.zip": archive}))
        assert addresses_of(target) == addresses_of(empty)
    assert set(addresses_of(empty).values()) == {"an@moi.example", None, "an@cu.example"}


def addresses_of(runtime: Runtime) -> dict[str | None, str | None]:
    with runtime.database.read() as uow:
        rows = uow.session.execute(select(CertificateRow)).scalars()
        return {row.sha256: row.email for row in rows}


def agencies_of(runtime: Runtime) -> tuple[Any, ...]:
    with runtime.database.read() as uow:
        successions = uow.session.execute(
            select(
                col(AgencySuccessionRow.predecessor_id),
                col(AgencySuccessionRow.successor_id),
                col(AgencySuccessionRow.effective_at),
            ).order_by(col(AgencySuccessionRow.predecessor_id), col(AgencySuccessionRow.successor_id))
        ).all()
        return agency_ids(uow.session), load_periods(uow.session), [tuple(row) for row in successions]


def test_names_in_the_zip_are_safe_and_each_once(province: Runtime) -> None:
    archive = b"".join(iterate_zip(province.database, EVERYTHING, WHOLE_REGISTER))
    with zipfile.ZipFile(io.BytesIO(archive)) as opened:
        names = opened.namelist()
        assert opened.testzip() is None
    assert len(set(names)) == len(names) > 2098
    assert all(name.isascii() and "/" not in name and name.endswith(".cer") for name in names)


def test_who_sees_a_part_of_the_province_cannot_take_all_of_it(province: Runtime) -> None:
    with province.database.read() as uow:
        path = uow.session.execute(select(col(AgencyPeriodRow.path)).limit(1)).scalar_one()
    officer = Viewer(user_id=1, role=Role.OFFICER, agency_path=path)
    with pytest.raises(NotPermitted):
        write_register(province.database, officer, io.BytesIO(), words_of("vi"), language="vi")
