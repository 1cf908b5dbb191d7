from datetime import UTC, date, datetime, timedelta

import pytest

from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.agencies.repository import count_agencies, find_agencies, get_agency
from registry.agencies.succession import dissolve_agency
from registry.agencies.tables import AgencyLevel
from registry.certificates.changes import Change, revoke_certificate
from registry.certificates.repository import count_certificates
from registry.certificates.tables import CertificateEventKind, SubscriberKind
from registry.clock import local_day
from registry.db.unit_of_work import Database
from registry.errors import InvalidInput
from registry.reports.repository import issuance_report
from registry.reports.schemas import AgencyFigure, Figure, IssuanceReport
from tests.factories.agencies import agency_change, make_agency
from tests.factories.certificates import EVERYTHING, ISSUED, make_certificate, trust_small_ca

TEN_YEARS = timedelta(days=3652)


def local(year: int, month: int, day: int) -> datetime:
    return datetime(year, month, day, tzinfo=UTC) - timedelta(hours=7)


@pytest.fixture
def history(database: Database) -> dict[str, int]:
    with database.write() as uow:
        trust_small_ca(uow)
        sgd = make_agency(uow, "Sở Giáo dục và Đào tạo", level=AgencyLevel.PROVINCE)
        school = make_agency(uow, "Trường Tiểu học số 1", level=AgencyLevel.SCHOOL, parent_id=sgd)
        empty = make_agency(uow, "Trường Tiểu học số 2", level=AgencyLevel.SCHOOL, parent_id=sgd)

        def issue(agency: int, at: datetime, kind: SubscriberKind = SubscriberKind.ORGANISATION, **more: object) -> int:
            return make_certificate(uow, agency, kind=kind, not_before=at, not_after=at + TEN_YEARS, **more)

        early = issue(sgd, local(2015, 3, 1))
        seal = issue(school, local(2016, 3, 1))
        issue(school, local(2016, 12, 31), SubscriberKind.PERSON)
        # One minute into the new year of Viet Nam, still the old one in Greenwich.
        issue(sgd, local(2017, 1, 1) + timedelta(minutes=1), SubscriberKind.PERSON)
        issue(sgd, local(2018, 6, 1), origin=CertificateEventKind.RENEWED, replaces_id=early)
        change = Change(effective_at=local(2017, 5, 1), actor="test")
        revoke_certificate(uow, EVERYTHING, seal, reason="superseded", change=change)
        dissolve_agency(uow, EVERYTHING, empty, agency_change(local(2019, 1, 1)))
    return {"school": school}


def test_the_report_of_any_day(database: Database, history: dict[str, int]) -> None:
    with database.read() as uow:
        then = issuance_report(uow, EVERYTHING, date(2016, 12, 31)).to_view()
        assert (then.cumulative, then.issued_in_period, then.active, then.revoked) == (3, 2, 3, 0)
        assert [
            (line.level, line.agencies, line.covered, line.coverage, line.certificates) for line in then.levels
        ] == [
            (AgencyLevel.PROVINCE, 1, 1, 1.0, 1),
            (AgencyLevel.SCHOOL, 2, 1, 0.5, 2),
        ]
        assert [(line.key, line.cumulative) for line in then.by_kind] == [("organisation", 2), ("person", 1)]

        later = issuance_report(uow, EVERYTHING, date(2018, 12, 31)).to_view()
        assert (later.cumulative, later.issued_in_period, later.active, later.revoked) == (5, 1, 4, 1)
        assert (later.renewed_in_period, later.revoked_in_period) == (1, 0)
        assert issuance_report(uow, EVERYTHING, date(2017, 12, 31)).revoked_in_period.count == 1
        schools = issuance_report(uow, EVERYTHING, date(2019, 1, 1)).to_view().levels[-1]
        assert (schools.agencies, schools.coverage) == (1, 0.0)
        assert issuance_report(uow, EVERYTHING, date(2012, 1, 1)).to_view().cumulative == 0

        decade = issuance_report(uow, EVERYTHING, date(2018, 12, 31), date(2016, 3, 1)).to_view()
        assert (decade.issued_in_period, decade.revoked_in_period, decade.expired_in_period) == (4, 1, 0)
        assert [(line.name, line.active, line.cumulative) for line in decade.by_agency] == [
            ("Sở Giáo dục và Đào tạo", 3, 3),
            ("Trường Tiểu học số 1", 1, 2),
        ]
        years = issuance_report(uow, EVERYTHING, date(2018, 12, 31)).by_year
        assert [(each.year, sum(figure.count for figure in each.by_kind)) for each in years] == [
            (2015, 1),
            (2016, 2),
            (2017, 1),
            (2018, 1),
        ]
        with pytest.raises(InvalidInput):
            issuance_report(uow, EVERYTHING, date(2018, 1, 1), date(2018, 1, 2))


def figures(report: IssuanceReport) -> list[Figure | AgencyFigure]:
    found: list[Figure | AgencyFigure] = []
    pending: list[object] = [report]
    while pending:
        value = pending.pop()
        if isinstance(value, Figure | AgencyFigure):
            found.append(value)
        elif isinstance(value, tuple):
            pending.extend(value)
        elif hasattr(value, "__dataclass_fields__"):
            pending.extend(getattr(value, name) for name in value.__dataclass_fields__)
    return found


def test_every_number_is_the_count_of_its_query(database: Database, history: dict[str, int]) -> None:
    with database.read() as uow:
        path = get_agency(uow, EVERYTHING, history["school"], uow.now).agency.path
        officer = Viewer(user_id=1, role=Role.OFFICER, agency_path=path)
        for viewer, day in (
            (EVERYTHING, date(2016, 12, 31)),
            (EVERYTHING, date(2026, 11, 1)),
            (officer, date(2018, 1, 1)),
        ):
            for figure in figures(issuance_report(uow, viewer, day)):
                if isinstance(figure, Figure):
                    assert count_certificates(uow, viewer, figure.query) == figure.count
                else:
                    assert count_agencies(uow, viewer, figure.query) == figure.count
                    assert len(find_agencies(uow, viewer, figure.query).items) == figure.count
        own = issuance_report(uow, officer, date(2018, 1, 1)).to_view()
        assert (own.cumulative, [line.level for line in own.levels]) == (2, [AgencyLevel.SCHOOL])


def test_agencies_of_equal_figures_share_a_place(database: Database) -> None:
    with database.write() as uow:
        for name, number in (("Xã B", 1), ("Xã A", 1), ("Xã C", 2), ("Xã D", 0), ("Xã E", 1)):
            agency = make_agency(uow, name, level=AgencyLevel.COMMUNE)
            for _ in range(number):
                make_certificate(uow, agency)
    with database.read() as uow:
        report = issuance_report(uow, EVERYTHING, local_day(ISSUED)).to_view()
    assert [(line.place, line.name) for line in report.by_agency] == [
        (1, "Xã C"),
        (2, "Xã A"),
        (2, "Xã B"),
        (2, "Xã E"),
    ]
