"""The quick ways to read a list answer what the plain condition selects."""

import re
from dataclasses import replace
from datetime import date, timedelta
from html import unescape
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from sqlalchemy import func
from sqlmodel import col

from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.agencies.repository import get_agency
from registry.agencies.tables import AgencyLevel
from registry.certificates import listing
from registry.certificates.changes import Change, reassign_certificate, revoke_certificate
from registry.certificates.conditions import matching
from registry.certificates.listing import ListReader, Total
from registry.certificates.query import CertificateQuery, CertificateSort, Flag, Standing
from registry.certificates.tables import (
    CertificateEventKind,
    CertificatePeriodRow,
    CertificateRow,
    Custody,
    Medium,
    SubscriberKind,
)
from registry.certificates.ways import ORDERS, order_of
from registry.db.unit_of_work import Database, UnitOfWork
from registry.runtime import Runtime
from tests.factories.agencies import make_agency
from tests.factories.certificates import EVERYTHING, ISSUED, make_certificate, small_ca, trust_small_ca
from tests.factories.clients import signed_in_client

NOW = ISSUED + timedelta(days=3000)
HOLDERS = (
    *("Lê Văn Lệ", "Nguyễn Thị Hồng", "UBND xã Lê Lợi", "Hồ Nguyên", "Trường Tiểu học Hồng Hà", "Máy chủ 01", "Hồng"),
    *("Nguyễn Lê Nguyên", "LÊ\u00a0\u200bLAI", "Nguyện-Lê", "Le\u200b Ông", "12 Nguyễn Du"),
)


@pytest.fixture
def agencies(database: Database) -> list[int]:
    """A small province in which everything that a list can ask for occurs."""
    with database.write() as uow:
        trust_small_ca(uow)
        top = make_agency(uow, "Ủy ban nhân dân huyện Lục Ngạn", level=AgencyLevel.DISTRICT)
        below = [make_agency(uow, f"UBND xã {number}", parent_id=top) for number in range(3)]
        for number in range(36):
            key = make_certificate(
                uow,
                below[number % 3],
                holder=HOLDERS[number % 12],
                kind=tuple(SubscriberKind)[number % 3],
                medium=tuple(Medium)[number % 4],
                not_before=ISSUED + timedelta(days=97 * number),
                not_after=ISSUED + timedelta(days=97 * number + (400, 1800)[number % 2]),
                device_number=f"BCY{number:05}",
                ca=small_ca("CA lạ") if number % 5 == 0 else None,
            )
            change = Change(effective_at=ISSUED + timedelta(days=97 * number + 50), actor="test")
            if number % 7 == 0:
                revoke_certificate(uow, EVERYTHING, key, reason="superseded", change=change)
            elif number % 7 == 1:
                reassign_certificate(uow, EVERYTHING, key, agency_id=top, change=change)
    return [top, *below]


def some(members: Any) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.sampled_from(members), max_size=2, unique=True).map(tuple)


DAYS = st.none() | st.dates(date(2016, 1, 1), date(2028, 1, 1))
QUERIES = st.builds(
    CertificateQuery,
    as_of=st.integers(-10, 3600).map(lambda days: ISSUED + timedelta(days=days)),
    text=st.sampled_from(
        (
            "",
            "",
            "",
            "le",
            "hồng",
            "nguyen",
            "NGUYEN h",
            "bcy0001",
            "ubnd xa",
            "oc ha",
            "zq",
            "a0 le",
            "le van le",
            "BCY00012",
            "hong 0001",
            "ong",
            "nguye",
            "uong ha",
            "le nguyen",
            "truong tieu hoc hong ha",
            "mam non hong ha",
            "xa co le loi",
        )
    ),
    with_subtree=st.booleans(),
    levels=some(AgencyLevel),
    kinds=some(SubscriberKind),
    media=some(Medium),
    generations=some(("demo-G1", "unknown", "G9")),
    standings=some(Standing),
    custodies=some(Custody),
    expiring_within_days=st.none() | st.integers(0, 2000),
    expires_from=DAYS,
    expires_until=DAYS,
    issued_from=DAYS,
    issued_until=DAYS,
    events=some((CertificateEventKind.REVOKED, CertificateEventKind.ISSUED, CertificateEventKind.REASSIGNED)),
    event_until=DAYS,
    flags=some(Flag),
    sort=st.sampled_from(CertificateSort),
)
ONE_CONDITION = st.sampled_from(
    [
        {"levels": (AgencyLevel.COMMUNE,)},
        {"kinds": (SubscriberKind.PERSON,)},
        {"media": (Medium.SIM,), "kinds": (SubscriberKind.DEVICE, SubscriberKind.PERSON)},
        {"generations": ("unknown",)},
        {"standings": (Standing.ACTIVE,)},
        {"standings": (Standing.EXPIRED, Standing.REVOKED)},
        {"expiring_within_days": 900},
        {"issued_from": date(2017, 1, 1), "issued_until": date(2020, 1, 1)},
        {"events": (CertificateEventKind.REVOKED,)},
        {"flags": (Flag.UNKNOWN_CA,)},
        {"text": "hong"},
        {"text": "nguyen"},
        {"text": "le"},
        {"text": "ong"},
        {"text": "nguyen le"},
        {"text": "le ubnd"},
        {"text": "le van le"},
        {"text": "bcy00012"},
        {"text": "tieu hoc hong ha"},
        {"text": "mam non hong ha"},
        {},
    ]
)


def plainly(uow: UnitOfWork, viewer: Viewer, query: CertificateQuery) -> list[tuple[Any, int]]:
    """The whole list by the plain condition."""
    columns = (ORDERS[order_of(query)], col(CertificatePeriodRow.certificate_id))
    order = [column.desc() if query.sort.startswith("-") else column.asc() for column in columns]
    statement = matching(query, viewer, uow.now, *columns).order_by(*order)
    return [(value, key) for value, key in uow.session.execute(statement)]


def check(uow: UnitOfWork, viewer: Viewer, query: CertificateQuery, size: int) -> None:
    """Read the list in pages, and count it."""
    expected = plainly(uow, viewer, query)
    reader, pages, after = ListReader(uow, viewer, query), [], None
    while True:
        page = reader.keys(size, after)
        pages += page
        if len(page) < size:
            break
        after = page[-1]
    assert pages == expected
    for each in (reader, ListReader(uow, viewer, query)):
        total = each.total()
        assert total.number == len(expected) if total.is_exact else total.number <= len(expected)
        assert each.exact_total() == Total(len(expected), is_exact=True)


PROPERTY = settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
PLACES = st.none() | st.integers(0, 3)
SIZES = st.integers(2, 9)


@PROPERTY
@given(query=QUERIES, place=PLACES, size=SIZES, is_officer=st.booleans())
def test_any_list_is_what_its_condition_selects(
    *,
    database: Database,
    agencies: list[int],
    query: CertificateQuery,
    place: int | None,
    size: int,
    is_officer: bool,
) -> None:
    query = replace(query, agency_id=None if place is None else agencies[place])
    with database.read() as uow:
        viewer = EVERYTHING
        if is_officer:
            path = get_agency(uow, EVERYTHING, agencies[1], uow.now).agency.path
            viewer = Viewer(user_id=7, role=Role.OFFICER, agency_path=path)
        check(uow, viewer, query, size)


@PROPERTY
@given(
    asked=st.lists(ONE_CONDITION, min_size=1, max_size=2),
    sort=st.sampled_from(CertificateSort),
    place=PLACES,
    bounds=st.tuples(*[st.sampled_from((0, 1, 5, 20))] * 8),
)
def test_whichever_way_it_is_read(
    *,
    database: Database,
    agencies: list[int],
    asked: list[dict[str, Any]],
    sort: CertificateSort,
    place: int | None,
    bounds: tuple[int, ...],
) -> None:
    conditions = {name: value for each in asked for name, value in each.items()}
    agency_id = None if place is None else agencies[place]
    with pytest.MonkeyPatch.context() as patch, database.read() as uow:
        for name, value in zip(
            ("_READ", "_FETCHED", "_TRIED", "_PASSED", "_SOUGHT", "_NEAR", "_GLANCED", "_HELD"), bounds, strict=True
        ):
            patch.setattr(listing, name, value)
        check(uow, EVERYTHING, CertificateQuery(as_of=NOW, sort=sort, agency_id=agency_id, **conditions), size=4)


@PROPERTY
@given(
    asked=st.lists(st.sampled_from(("nguyen", "le", "ong", "hong", "ho", "lai", "n", "du")), min_size=1, max_size=2),
    others=st.sampled_from(({}, {}, {"kinds": (SubscriberKind.PERSON,)}, {"standings": (Standing.EXPIRED,)})),
    is_descending=st.booleans(),
    seen=st.integers(1, 8),
    size=st.integers(1, 4),
)
def test_names_that_begin_with_a_word_are_found_with_those_that_hold_it_elsewhere(
    *,
    database: Database,
    agencies: list[int],
    asked: list[str],
    others: dict[str, Any],
    is_descending: bool,
    seen: int,
    size: int,
) -> None:
    assume(set(asked) != {"n"})
    sort = CertificateSort.HOLDER_DESCENDING if is_descending else CertificateSort.HOLDER
    with pytest.MonkeyPatch.context() as patch, database.read() as uow:
        for name, value in (
            ("_SOUGHT", seen),
            ("_GLANCED", seen // 2),
            ("_NEAR", 1),
            ("_READ", 1),
            ("_FETCHED", 20 - seen),
        ):
            patch.setattr(listing, name, value)
        check(uow, EVERYTHING, CertificateQuery(as_of=NOW, sort=sort, text=" ".join(asked), **others), size)


def test_the_province_has_what_is_asked_for(database: Database, agencies: list[int]) -> None:
    with database.read() as uow:
        assert len(plainly(uow, EVERYTHING, CertificateQuery(as_of=NOW))) > 20
        for text in ("le", "hồng", "ubnd xa", "NGUYEN h"):
            assert plainly(uow, EVERYTHING, CertificateQuery(as_of=NOW, text=text)), text
        assert not plainly(uow, EVERYTHING, CertificateQuery(as_of=NOW, text="zq"))
        count = uow.session.execute(
            matching(CertificateQuery(as_of=NOW), EVERYTHING, NOW, func.count(CertificateRow.id))
        )
        assert count.scalar_one() > 20


def test_a_list_that_is_too_long_to_count_says_more_than_and_counts_when_asked(
    runtime: Runtime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with runtime.database.write() as uow:
        agency = make_agency(uow)
        for number in range(52):
            make_certificate(uow, agency, holder=f"Lê Văn {number:02}", kind=SubscriberKind.PERSON)
    monkeypatch.setattr(listing, "_PASSED", 17)
    browser = signed_in_client(runtime, Role.ADMINISTRATOR)
    first = browser.get("/certificates?kind=person").text
    assert "Hơn 50 chứng thư" in first
    assert "52 chứng thư" not in first
    exact = re.search(r'<a class="quiet" href="([^"]+)">Đếm chính xác</a>', first)
    assert exact is not None
    counted = browser.get(unescape(exact[1])).text
    assert "<strong>52 chứng thư</strong>" in counted
    assert "Đếm chính xác" not in counted
    answer = browser.get("/api/v1/certificates?kind=person").json()
    assert (answer["total"], answer["total_is_exact"]) == (50, False)
    answer = browser.get("/api/v1/certificates?kind=person&count=exact").json()
    assert (answer["total"], answer["total_is_exact"]) == (52, True)
    kept = browser.get("/api/v1/certificates").json()
    assert (kept["total"], kept["total_is_exact"]) == (52, True)


def test_one_letter_is_asked_to_be_more(runtime: Runtime) -> None:
    browser = signed_in_client(runtime, Role.ADMINISTRATOR)
    answer = browser.get("/certificates?q=a")
    assert answer.status_code == 422
    assert "Hãy gõ ít nhất hai chữ cái" in answer.text
    assert browser.get("/search?q=a").status_code == 200
