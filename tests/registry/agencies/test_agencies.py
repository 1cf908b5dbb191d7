from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.agencies.errors import AgencyCodeTaken, AgencyCycle, AgencyHistory, AgencyNotFound
from registry.agencies.query import AgencyQuery, AgencySort, Existence
from registry.agencies.repository import count_agencies, find_agencies, get_agency, iterate_agencies
from registry.agencies.schemas import AgencyNode, AgencySubmission
from registry.agencies.service import change_contact, create_agency, move_agency, rename_agency
from registry.agencies.succession import absorb_agency, dissolve_agency, merge_agencies, split_agency
from registry.agencies.tables import AgencyEventKind, AgencyLevel
from registry.agencies.tree import agency_tree
from registry.certificates.query import CertificateQuery, Flag, Standing
from registry.certificates.repository import count_certificates, find_certificates
from registry.db.unit_of_work import Database, UnitOfWork
from registry.errors import InvalidInput, NotPermitted
from registry.paging import PageRequest
from tests.factories.agencies import EVERYTHING, agency_change, make_agency
from tests.factories.certificates import make_certificate

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
MERGER = datetime(2025, 6, 30, 17, 0, tzinfo=UTC)
BEFORE = MERGER - timedelta(seconds=1)
LATE = datetime(2030, 1, 1, tzinfo=UTC)


def names(uow: UnitOfWork, at: datetime, existence: Existence = Existence.EXISTING) -> list[str]:
    return [view.name for view in iterate_agencies(uow, EVERYTHING, AgencyQuery(as_of=at, existence=existence))]


def submission(name: str, code: str) -> AgencySubmission:
    return AgencySubmission(code=code, name=name, level=AgencyLevel.COMMUNE)


def test_a_merger_keeps_the_past(database: Database) -> None:
    with database.write() as uow:
        first = make_agency(uow, "UBND xã Đồng Tân")
        second = make_agency(uow, "UBND xã Hoàng Vân")
        school = make_agency(uow, "Trường Tiểu học Đồng Tân", level=AgencyLevel.SCHOOL, parent_id=first)
        certificate = make_certificate(uow, first, not_after=LATE)
        change = agency_change(MERGER, legal_document="1658/NQ-UBTVQH15")
        merged = merge_agencies(uow, EVERYTHING, (first, second), submission("UBND xã Hoàng Vân", "H05.99"), change)
    with database.read() as uow:
        assert names(uow, BEFORE) == ["Trường Tiểu học Đồng Tân", "UBND xã Đồng Tân", "UBND xã Hoàng Vân"]
        assert names(uow, MERGER) == ["Trường Tiểu học Đồng Tân", "UBND xã Hoàng Vân"]
        assert names(uow, MERGER, Existence.ENDED) == ["UBND xã Đồng Tân", "UBND xã Hoàng Vân"]

        old = get_agency(uow, EVERYTHING, first, NOW)
        assert old.agency.ended_at == MERGER
        assert [each.agency.id for each in old.successors] == [merged]
        assert old.events[-1].kind is AgencyEventKind.MERGED
        assert old.events[-1].legal_document == "1658/NQ-UBTVQH15"
        assert get_agency(uow, EVERYTHING, first, BEFORE).agency.ended_at is None
        new = get_agency(uow, EVERYTHING, merged, NOW)
        assert {each.agency.id for each in new.predecessors} == {first, second}
        assert [each.id for each in new.children] == [school]
        with pytest.raises(AgencyNotFound):
            get_agency(uow, EVERYTHING, merged, BEFORE)

        # The certificate stays where it is until somebody decides, and says so.
        flagged = CertificateQuery(as_of=NOW, flags=(Flag.NAMES_ENDED_BODY,))
        (view,) = find_certificates(uow, EVERYTHING, flagged).items
        assert (view.id, view.agency_name, view.flags[0]) == (certificate, "UBND xã Đồng Tân", Flag.NAMES_ENDED_BODY)
        assert count_certificates(uow, EVERYTHING, CertificateQuery(as_of=BEFORE, flags=(Flag.NAMES_ENDED_BODY,))) == 0


def test_former_names_stay_searchable(database: Database) -> None:
    renamed = datetime(2020, 1, 1, tzinfo=UTC)
    with database.write() as uow:
        key = make_agency(uow, "Sở Thông tin và Truyền thông", code="H02.15")
        rename_agency(uow, EVERYTHING, key, "Sở Khoa học và Công nghệ", agency_change(renamed))
        change_contact(uow, EVERYTHING, key, agency_change(renamed), email="skhcn@tinh.example")
    with database.read() as uow:
        for text in ("thong tin truyen thong", "KHOA HỌC", "h02.15", "skhcn@tinh"):
            query = AgencyQuery(as_of=NOW, text=text)
            assert [view.name for view in find_agencies(uow, EVERYTHING, query).items] == ["Sở Khoa học và Công nghệ"]
        assert names(uow, renamed - timedelta(seconds=1)) == ["Sở Thông tin và Truyền thông"]
        detail = get_agency(uow, EVERYTHING, key, NOW)
        assert [(name.name, name.effective_until) for name in detail.names] == [
            ("Sở Thông tin và Truyền thông", renamed),
            ("Sở Khoa học và Công nghệ", None),
        ]


def walk(nodes: tuple[AgencyNode, ...]) -> list[AgencyNode]:
    return [each for node in nodes for each in (node, *walk(node.children))]


def test_a_move_takes_the_subtree_along_from_that_day(database: Database) -> None:
    with database.write() as uow:
        province = make_agency(uow, "UBND tỉnh", level=AgencyLevel.PROVINCE)
        district = make_agency(uow, "UBND huyện Yên Dũng", level=AgencyLevel.DISTRICT, parent_id=province)
        commune = make_agency(uow, "UBND xã Tân Liễu", parent_id=district)
        school = make_agency(uow, "Trường THCS Tân Liễu", level=AgencyLevel.SCHOOL, parent_id=commune)
        make_certificate(uow, school, not_after=LATE)
        make_certificate(uow, commune, not_after=LATE)
        make_certificate(uow, district, not_after=LATE)
        move_agency(uow, EVERYTHING, commune, province, agency_change(MERGER))
        with pytest.raises(AgencyCycle):
            move_agency(uow, EVERYTHING, province, school, agency_change(MERGER))
        with pytest.raises(AgencyHistory):
            dissolve_agency(uow, EVERYTHING, commune, agency_change(MERGER + timedelta(days=1)))
        dissolve_agency(uow, EVERYTHING, district, agency_change(MERGER))
    with database.read() as uow:
        for at, expected in (
            (BEFORE, {province: (0, 3), district: (1, 3), commune: (1, 2), school: (1, 1)}),
            # The district has ended and still holds a certificate: it is shown until that is dealt with.
            (MERGER, {province: (0, 3), district: (1, 1), commune: (1, 2), school: (1, 1)}),
        ):
            nodes = walk(agency_tree(uow, EVERYTHING, at))
            assert {node.agency.id: (node.direct, node.total) for node in nodes} == expected
            for node in nodes:
                below = CertificateQuery(as_of=at, standings=(Standing.ACTIVE,), agency_id=node.agency.id)
                assert count_certificates(uow, EVERYTHING, below) == node.total
                under = AgencyQuery(as_of=at, under=node.agency.id)
                assert count_agencies(uow, EVERYTHING, under) == sum(
                    each.agency.ended_at is None for each in walk((node,))
                )
        assert [link.id for link in get_agency(uow, EVERYTHING, school, BEFORE).ancestors] == [
            province,
            district,
            commune,
        ]
        assert [link.id for link in get_agency(uow, EVERYTHING, school, MERGER).ancestors] == [province, commune]


def test_absorbing_and_splitting(database: Database) -> None:
    with database.write() as uow:
        city = make_agency(uow, "UBND thành phố Bắc Giang", level=AgencyLevel.DISTRICT)
        district = make_agency(uow, "UBND huyện Yên Dũng", level=AgencyLevel.DISTRICT)
        commune = make_agency(uow, "UBND xã Tân Liễu", parent_id=district)
        large = make_agency(uow, "UBND huyện Lục Ngạn", level=AgencyLevel.DISTRICT)
        absorb_agency(uow, EVERYTHING, district, into_id=city, change=agency_change(MERGER))
        (town,) = split_agency(
            uow, EVERYTHING, large, (submission("UBND thị xã Chũ", "H02.CHU"),), agency_change(MERGER), goes_on=True
        )
        ended = split_agency(
            uow,
            EVERYTHING,
            commune,
            (submission("UBND xã A", "H02.A"), submission("UBND xã B", "H02.B")),
            agency_change(MERGER + timedelta(days=1)),
        )
        with pytest.raises(AgencyCycle):
            absorb_agency(uow, EVERYTHING, city, into_id=city, change=agency_change(NOW))
        with pytest.raises(AgencyHistory):
            absorb_agency(uow, EVERYTHING, commune, into_id=city, change=agency_change(NOW))
    with database.read() as uow:
        assert names(uow, MERGER) == [
            "UBND huyện Lục Ngạn",
            "UBND thành phố Bắc Giang",
            "UBND thị xã Chũ",
            "UBND xã Tân Liễu",
        ]
        assert [link.id for link in get_agency(uow, EVERYTHING, commune, MERGER).ancestors] == [city]
        assert [each.agency.id for each in get_agency(uow, EVERYTHING, town, NOW).predecessors] == [large]
        assert [each.agency.id for each in get_agency(uow, EVERYTHING, commune, NOW).successors] == list(ended)
        kinds = {event.kind for event in get_agency(uow, EVERYTHING, city, NOW).events}
        assert AgencyEventKind.ABSORBED in kinds


def test_what_cannot_be_is_refused(database: Database) -> None:
    with database.write() as uow:
        key = make_agency(uow, code="H02.1")
        with pytest.raises(AgencyCodeTaken):
            make_agency(uow, code="H02.1")
        with pytest.raises(InvalidInput):
            make_agency(uow, "  ")
        with pytest.raises(AgencyNotFound):
            make_agency(uow, parent_id=10**6)
        with pytest.raises(AgencyHistory):
            rename_agency(uow, EVERYTHING, key, "Tên mới", agency_change(datetime(2000, 1, 1, tzinfo=UTC)))
        change_contact(uow, EVERYTHING, key, agency_change(MERGER), email="a@tinh.example")
        rename_agency(uow, EVERYTHING, key, "Tên mới", agency_change(MERGER))
        for again in (
            lambda: rename_agency(uow, EVERYTHING, key, " Tên mới ", agency_change(NOW)),
            lambda: move_agency(uow, EVERYTHING, key, None, agency_change(NOW)),
            lambda: change_contact(uow, EVERYTHING, key, agency_change(NOW), email="a@tinh.example", address=""),
        ):
            with pytest.raises(InvalidInput, match="nothing to record"):
                again()
        for role in (Role.AUDITOR, Role.OFFICER):
            viewer = Viewer(user_id=1, role=role, agency_path=f"/{key}/" if role is Role.OFFICER else None)
            with pytest.raises(NotPermitted):
                create_agency(uow, viewer, submission("Tên", "X"), agency_change())
            with pytest.raises(NotPermitted):
                dissolve_agency(uow, viewer, key, agency_change(NOW))
    with database.read() as uow:
        assert count_agencies(uow, EVERYTHING, AgencyQuery(as_of=NOW)) == 1


def test_an_officer_sees_and_changes_the_own_subtree_only(database: Database) -> None:
    with database.write() as uow:
        own, other = make_agency(uow, "Huyện A"), make_agency(uow, "Huyện B")
        unit = make_agency(uow, "Xã A1", parent_id=own)
        path = get_agency(uow, EVERYTHING, own, NOW).agency.path
        officer = Viewer(user_id=1, role=Role.OFFICER, agency_path=path)
        change_contact(uow, officer, unit, agency_change(NOW), email="a1@tinh.example")
        with pytest.raises(AgencyNotFound):
            change_contact(uow, officer, other, agency_change(NOW), email="x@tinh.example")
    with database.read() as uow:
        query = AgencyQuery(as_of=NOW)
        assert {view.id for view in find_agencies(uow, officer, query).items} == {own, unit}
        assert count_agencies(uow, officer, query) == 2
        assert {node.agency.id for node in walk(agency_tree(uow, officer, NOW))} == {own, unit}
        with pytest.raises(AgencyNotFound):
            get_agency(uow, officer, other, NOW)


@settings(deadline=None, max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 9), sort=st.sampled_from(AgencySort))
def test_pages_joined_are_the_list(database: Database, limit: int, sort: AgencySort) -> None:
    with database.write() as uow:
        if not names(uow, NOW):
            for number in range(8):
                # Two agencies of each name: the identifier decides.
                make_agency(uow, f"Xã {'ăâđêôơưy'[number // 2]}")
    query = AgencyQuery(as_of=NOW, sort=sort)
    with database.read() as uow:
        joined = []
        cursor = None
        while True:
            page = find_agencies(uow, EVERYTHING, query, PageRequest(cursor=cursor, limit=limit))
            joined.extend(page.items)
            if page.next is None:
                break
            cursor = page.next
        assert joined == list(find_agencies(uow, EVERYTHING, query, PageRequest(limit=200)).items)
        assert len(joined) == 8


def test_a_query_survives_its_address() -> None:
    query = AgencyQuery(
        as_of=AgencyQuery.on(date(2016, 12, 31)).as_of,
        is_pinned=True,
        text="bắc giang",
        under=3,
        levels=(AgencyLevel.COMMUNE, AgencyLevel.SCHOOL),
        existence=Existence.ALL,
        sort=AgencySort.CODE_DESCENDING,
    )
    assert AgencyQuery.from_parameters(query.to_parameters(), now=NOW) == query
    for bad in (
        ("level", "x"),
        ("under", "-1"),
        ("as_of", "31/13/2016"),
        ("coverage", "1"),
        ("as_of", "2016-12-31T00:00"),
    ):
        with pytest.raises(InvalidInput):
            AgencyQuery.from_parameters((bad,), now=NOW)
