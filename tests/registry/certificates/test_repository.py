import re
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl, urlencode

import pytest
from alembic import command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.agencies.repository import get_agency
from registry.agencies.tables import AgencyLevel
from registry.certificates.changes import Change, reassign_certificate, revoke_certificate
from registry.certificates.detail import get_certificate
from registry.certificates.errors import CertificateNotFound
from registry.certificates.query import CertificateQuery, CertificateSort, Dimension, Flag, Standing
from registry.certificates.repository import (
    count_by,
    count_certificates,
    find_certificate_by_sha256,
    find_certificates,
    find_counted_certificates,
    iterate_certificates,
)
from registry.certificates.search import search_everything
from registry.certificates.tables import CertificateRow, Medium, SubscriberKind
from registry.db.migrations import alembic_config, migrate
from registry.db.unit_of_work import Database, UnitOfWork
from registry.errors import InvalidInput
from registry.paging import PageRequest
from tests.factories.agencies import make_agency
from tests.factories.certificates import EVERYTHING, ISSUED, make_certificate, small_ca, trust_small_ca

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def ids(uow: UnitOfWork, query: CertificateQuery, viewer: Viewer = EVERYTHING) -> set[int]:
    return {view.id for view in iterate_certificates(uow, viewer, query)}


@pytest.fixture
def province(database: Database) -> dict[str, int]:
    """Two districts with communes, and certificates of every sort."""
    with database.write() as uow:
        trust_small_ca(uow)
        made = {}
        for district in ("Hiệp Hòa", "Lục Ngạn"):
            top = make_agency(uow, f"Ủy ban nhân dân huyện {district}", level=AgencyLevel.DISTRICT)
            made[district] = top
            for number in range(3):
                commune = make_agency(uow, f"UBND xã {district} {number}", parent_id=top)
                made[f"{district} {number}"] = commune
                begin = ISSUED + timedelta(days=400 * number)
                make_certificate(
                    uow,
                    commune,
                    holder=f"Đinh Thị Bưởi {number}",
                    not_before=begin,
                    medium=Medium(("token", "sim")[number % 2]),
                )
                made[f"seal {district} {number}"] = make_certificate(
                    uow,
                    commune,
                    holder=f"UBND XÃ {district.upper()} {number}",
                    kind=SubscriberKind.ORGANISATION,
                    not_before=begin + timedelta(days=3650 - 400 * number),
                    ca=small_ca("CA lạ") if number == 2 else None,
                )
        revoke_certificate(
            uow,
            EVERYTHING,
            made["seal Hiệp Hòa 0"],
            reason="cessationOfOperation",
            change=Change(effective_at=NOW - timedelta(days=10), actor="test"),
        )
    return made


def test_every_count_is_the_length_of_its_list(database: Database, province: dict[str, int]) -> None:
    queries = (
        CertificateQuery(as_of=NOW),
        CertificateQuery.on(date(2018, 1, 1)),
        CertificateQuery(as_of=NOW, kinds=(SubscriberKind.PERSON,), issued_from=date(2016, 6, 1)),
        CertificateQuery(as_of=NOW, agency_id=province["Hiệp Hòa"]),
        CertificateQuery(as_of=NOW, text="hiep hoa", flags=(Flag.NOT_REPLACED,)),
    )
    with database.read() as uow:
        for query in queries:
            total = count_certificates(uow, EVERYTHING, query)
            assert total == len(ids(uow, query)) > 0
            for limit in (2, 100):
                _, counted = find_counted_certificates(uow, EVERYTHING, query, PageRequest(limit=limit))
                assert (counted.number, counted.is_exact) == (total, True)
            for dimension in Dimension:
                buckets = count_by(uow, EVERYTHING, query, dimension)
                assert sum(bucket.count for bucket in buckets) == total
                for bucket in buckets:
                    assert len(ids(uow, bucket.query)) == bucket.count, (dimension, bucket.key)


def test_a_link_carries_the_whole_query(database: Database, province: dict[str, int]) -> None:
    with database.read() as uow:
        for dimension in Dimension:
            for bucket in count_by(uow, EVERYTHING, CertificateQuery.on(date(2026, 11, 23)), dimension):
                address = urlencode(bucket.query.to_parameters())
                assert CertificateQuery.from_parameters(parse_qsl(address), now=NOW) == bucket.query


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(limit=st.integers(1, 15), sort=st.sampled_from(CertificateSort))
def test_pages_joined_are_the_list(
    database: Database, province: dict[str, int], limit: int, sort: CertificateSort
) -> None:
    query = CertificateQuery(as_of=NOW, sort=sort)
    with database.read() as uow:
        joined = []
        cursor = None
        while True:
            page = find_certificates(uow, EVERYTHING, query, PageRequest(cursor=cursor, limit=limit))
            joined.extend(page.items)
            if page.next is None:
                break
            cursor = page.next
        whole = find_certificates(uow, EVERYTHING, query, PageRequest(limit=200)).items
        assert [view.id for view in joined] == [view.id for view in whole]
        assert len(whole) == 12
        if sort is CertificateSort.EXPIRY_DESCENDING:
            assert [view.not_after for view in whole] == sorted((view.not_after for view in whole), reverse=True)


def test_holders_come_in_vietnamese_order(database: Database) -> None:
    names = [
        "Ân Thị Út",
        "Ạnh Văn Ba",
        "Bùi Văn Ba",
        "Dương Văn Ba",
        "Đinh Văn Ba",
        "An Văn Ba",
        "Ăn Văn Ba",
        "Zy Văn Ba",
    ]
    with database.write() as uow:
        agency = make_agency(uow)
        for name in names:
            make_certificate(uow, agency, holder=name)
    with database.read() as uow:
        shown = [
            view.holder.split()[0] for view in find_certificates(uow, EVERYTHING, CertificateQuery(as_of=NOW)).items
        ]
    assert shown == ["An", "Ạnh", "Ăn", "Ân", "Bùi", "Dương", "Đinh", "Zy"]


@pytest.mark.parametrize("cursor", ["", "x", "e30", "WyJob2xkZXIiLCAxLCAyXQ", "W10", "\u1ea1", "bnVsbA"])
def test_a_broken_cursor_is_refused(database: Database, cursor: str) -> None:
    with database.read() as uow, pytest.raises(InvalidInput):
        find_certificates(uow, EVERYTHING, CertificateQuery(as_of=NOW), PageRequest(cursor=cursor))


def test_search_ignores_marks_case_order_and_unicode_form(database: Database, province: dict[str, int]) -> None:
    with database.read() as uow:
        for text in (
            "đinh thị bưởi",
            "DINH THI BUOI",
            "buoi dinh",
            "Đinh Thi\u0323 Bươ\u0309i",
            "UBND XÃ HIỆP HÒA",
            "ubnd xa hiep hoa",
        ):
            assert ids(uow, CertificateQuery(as_of=NOW, text=text)), text
            assert search_everything(uow, EVERYTHING, text, NOW).certificates, text


def test_a_fingerprint_is_found_whole_or_by_its_beginning(database: Database) -> None:
    with database.write() as uow:
        wanted = make_certificate(uow, make_agency(uow))
        sha256 = uow.session.get_one(CertificateRow, wanted).sha256 or ""
    another = sha256[:-1] + ("0" if sha256[-1] != "0" else "1")
    with database.read() as uow:
        for text in (sha256, f" {sha256.upper()} ", ":".join(re.findall("..", sha256)), sha256[:16], sha256[:7]):
            assert ids(uow, CertificateQuery(as_of=NOW, text=text)) == {wanted}, text
            assert len(search_everything(uow, EVERYTHING, text, NOW).certificates) == 1, text
        assert not ids(uow, CertificateQuery(as_of=NOW, text=another))
        assert not search_everything(uow, EVERYTHING, another, NOW).certificates


def test_what_was_entered_before_fingerprints_were_cut_is_found_after_it(database: Database) -> None:
    with database.write() as uow:
        wanted = make_certificate(uow, make_agency(uow), holder="Đinh Thị Bưởi", serial=0xC0FFEE)
        row = uow.session.get_one(CertificateRow, wanted)
        sha256, search = row.sha256 or "", row.search
    engine = database.engine
    command.downgrade(alembic_config(engine), "0021")
    with database.read() as uow:
        assert sha256 in uow.session.get_one(CertificateRow, wanted).search
    migrate(engine)
    with database.read() as uow:
        assert uow.session.get_one(CertificateRow, wanted).search == search
        for text in ("buoi", "c0ffee", sha256, sha256[:9]):
            assert len(search_everything(uow, EVERYTHING, text, NOW).certificates) == 1, text


def test_search_finds_parts_of_serials_and_device_numbers(database: Database) -> None:
    serial = int("6a" * 20, 16)
    with database.write() as uow:
        agency = make_agency(uow)
        wanted = make_certificate(uow, agency, serial=serial, device_number="0953B1A7C2", iccid="8984048000012345678")
        make_certificate(uow, agency, holder="50%_người")
    with database.read() as uow:
        for text in ("6A:6A:6A:6a", "6a6a6a6a", "53b1a7", "12345678", "  0953B1A7C2 "):
            assert ids(uow, CertificateQuery(as_of=NOW, text=text)) == {wanted}, text
        view = find_certificates(uow, EVERYTHING, CertificateQuery(as_of=NOW, text="6a6a")).items[0]
        assert int(view.serial, 16) == serial
        assert len(ids(uow, CertificateQuery(as_of=NOW, text="50%_"))) == 1
        assert not ids(uow, CertificateQuery(as_of=NOW, text="6%6"))


def test_an_officer_sees_the_own_subtree_only(database: Database, province: dict[str, int]) -> None:
    with database.read() as uow:
        path = get_agency(uow, EVERYTHING, province["Hiệp Hòa"], NOW).agency.path
        officer = Viewer(user_id=7, role=Role.OFFICER, agency_path=path)
        own = ids(uow, CertificateQuery(as_of=NOW, agency_id=province["Hiệp Hòa"]))
        other = ids(uow, CertificateQuery(as_of=NOW, agency_id=province["Lục Ngạn"]))
        assert len(own) == len(other) == 6

        assert ids(uow, CertificateQuery(as_of=NOW), officer) == own
        assert ids(uow, CertificateQuery(as_of=NOW, agency_id=province["Lục Ngạn"]), officer) == set()
        assert count_certificates(uow, officer, CertificateQuery(as_of=NOW)) == 6
        for dimension in Dimension:
            assert sum(bucket.count for bucket in count_by(uow, officer, CertificateQuery(as_of=NOW), dimension)) == 6
        found = search_everything(uow, officer, "luc ngan", NOW)
        assert (found.agencies, found.certificates) == ((), ())
        theirs = find_certificates(uow, EVERYTHING, CertificateQuery(as_of=NOW, agency_id=province["Lục Ngạn"])).items[
            0
        ]
        assert theirs.sha256
        assert find_certificate_by_sha256(uow, officer, theirs.sha256, NOW) is None
        assert find_certificate_by_sha256(uow, EVERYTHING, theirs.sha256, NOW) == theirs
        with pytest.raises(CertificateNotFound):
            get_certificate(uow, officer, theirs.id, NOW)


def test_the_standing_is_that_of_the_moment(database: Database) -> None:
    end = ISSUED + timedelta(days=100)
    revoked = ISSUED + timedelta(days=50)
    with database.write() as uow:
        agency = make_agency(uow)
        expiring = make_certificate(uow, agency, not_after=end)
        withdrawn = make_certificate(uow, agency, not_after=end, holder="Trần Thị Bình")
        early = make_certificate(uow, agency, holder="Lê Văn Cảnh", issued_at=ISSUED - timedelta(days=3))
        change = Change(effective_at=revoked, actor="test")
        revoke_certificate(uow, EVERYTHING, withdrawn, reason="keyCompromise", change=change)

    second = timedelta(seconds=1)
    moments = {
        ISSUED - timedelta(days=4): {},
        ISSUED - second: {early: "not_yet_valid"},
        ISSUED: {early: "active", expiring: "active", withdrawn: "active"},
        revoked - second: {early: "active", expiring: "active", withdrawn: "active"},
        revoked: {early: "active", expiring: "active", withdrawn: "revoked"},
        end: {early: "active", expiring: "active", withdrawn: "revoked"},
        end + second: {early: "active", expiring: "expired", withdrawn: "revoked"},
    }
    with database.read() as uow:
        for at, expected in moments.items():
            query = CertificateQuery(as_of=at)
            assert {view.id: view.standing for view in iterate_certificates(uow, EVERYTHING, query)} == expected, at
            for standing in Standing:
                with_it = CertificateQuery(as_of=at, standings=(standing,))
                assert ids(uow, with_it) == {key for key, value in expected.items() if value == standing}
        soon = CertificateQuery(as_of=end - timedelta(days=30), expiring_within_days=30)
        assert ids(uow, soon) == {expiring}
        assert ids(uow, CertificateQuery(as_of=end - timedelta(days=31), expiring_within_days=30)) == set()


def test_days_are_those_of_viet_nam(database: Database) -> None:
    # 17:30 UTC is half past midnight of the next day in Viet Nam.
    end = datetime(2026, 12, 31, 17, 30, tzinfo=UTC)
    with database.write() as uow:
        certificate = make_certificate(uow, make_agency(uow), not_after=end)
    with database.read() as uow:
        (bucket,) = count_by(uow, EVERYTHING, CertificateQuery(as_of=NOW), Dimension.EXPIRY_MONTH)
        assert bucket.key == "2027-01"
        assert ids(uow, CertificateQuery(as_of=NOW, expires_until=date(2026, 12, 31))) == set()
        assert ids(uow, CertificateQuery(as_of=NOW, expires_from=date(2027, 1, 1))) == {certificate}


def test_a_certificate_is_found_under_the_agency_of_the_moment(database: Database) -> None:
    moved = datetime(2025, 7, 1, tzinfo=UTC) - timedelta(hours=7)
    with database.write() as uow:
        old, new = make_agency(uow, "UBND xã Cũ"), make_agency(uow, "UBND xã Mới")
        certificate = make_certificate(uow, old, not_after=datetime(2030, 1, 1, tzinfo=UTC))
        change = Change(effective_at=moved, actor="test")
        reassign_certificate(uow, EVERYTHING, certificate, agency_id=new, change=change)
    with database.read() as uow:
        sha256 = find_certificates(uow, EVERYTHING, CertificateQuery(as_of=NOW)).items[0].sha256 or ""
        before = find_certificate_by_sha256(uow, EVERYTHING, sha256, moved - timedelta(seconds=1))
        after = find_certificate_by_sha256(uow, EVERYTHING, sha256, moved)
        too_early = find_certificate_by_sha256(uow, EVERYTHING, sha256, ISSUED - timedelta(hours=7))
        assert before
        assert after
        assert too_early
        assert (before.agency_name, after.agency_name, too_early.agency_name) == (
            "UBND xã Cũ",
            "UBND xã Mới",
            "UBND xã Cũ",
        )
        assert ids(uow, CertificateQuery.on(date(2025, 6, 30)), EVERYTHING) == {certificate}
        assert ids(uow, CertificateQuery(as_of=moved, agency_id=old)) == set()
        assert ids(uow, CertificateQuery(as_of=moved, agency_id=new)) == {certificate}
