"""The JSON API of the register: lists, counts, one certificate, agencies, reports, for every role."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient

from registry.accounts.service import record_session, submit_user, verify_password
from registry.accounts.tables import Role
from registry.agencies.tables import AgencyLevel
from registry.runtime import Runtime
from registry.web.app import create_app
from registry.web.dependencies import SESSION_COOKIE
from tests.factories.agencies import make_agency
from tests.factories.certificates import make_certificate

PASSWORD = "mật khẩu dài để thử"
LATE = datetime(2031, 1, 1, tzinfo=UTC)


@pytest.fixture
def ids(runtime: Runtime) -> dict[str, int]:
    with runtime.database.write() as uow:
        own = make_agency(uow, "UBND huyện Tân Yên", level=AgencyLevel.DISTRICT)
        unit = make_agency(uow, "UBND xã Hợp Đức", parent_id=own)
        other = make_agency(uow, "UBND huyện Yên Thế", level=AgencyLevel.DISTRICT)
        return {
            "own": own,
            "unit": unit,
            "other": other,
            "mine": make_certificate(uow, unit, holder="Đinh Thị Bưởi", not_after=LATE),
            "also mine": make_certificate(uow, own, holder="An Văn Ba", not_after=LATE),
            "theirs": make_certificate(uow, other, holder="Trần Văn Lạ", not_after=LATE),
        }


@pytest.fixture
def client_of(runtime: Runtime, ids: dict[str, int]) -> Callable[[Role], TestClient]:
    def make(role: Role) -> TestClient:
        with runtime.database.write() as uow:
            agency = ids["own"] if role is Role.OFFICER else None
            submit_user(uow, username=role, full_name=role, password=PASSWORD, role=role, agency_id=agency)
            user_id = verify_password(uow, username=role, password=PASSWORD)
            token = record_session(uow, user_id=user_id, lifetime=timedelta(hours=1))
        return TestClient(create_app(runtime), base_url="http://127.0.0.1", cookies={SESSION_COOKIE: token})

    return make


def get(client: TestClient, address: str, status: int = 200) -> Any:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_nobody_reads_the_register_without_signing_in(runtime: Runtime, ids: dict[str, int]) -> None:
    client = TestClient(create_app(runtime), base_url="http://127.0.0.1")
    for address in (
        "certificates",
        f"certificates/{ids['mine']}",
        "certificates/counts/kind",
        "agencies",
        "agencies/tree",
        f"agencies/{ids['own']}",
        "reports/issuance",
        "trust",
    ):
        get(client, f"/api/v1/{address}", 401)


@pytest.mark.parametrize("role", [Role.ADMINISTRATOR, Role.AUDITOR])
def test_the_province_sees_everything(client_of: Callable[[Role], TestClient], ids: dict[str, int], role: Role) -> None:
    client = client_of(role)
    page = get(client, "/api/v1/certificates?limit=2")
    rest = get(client, f"/api/v1/certificates?limit=2&cursor={page['next']}")
    assert [view["holder"] for view in page["items"] + rest["items"]] == ["An Văn Ba", "Đinh Thị Bưởi", "Trần Văn Lạ"]
    assert (page["total"], rest["next"]) == (3, None)
    assert get(client, "/api/v1/certificates?q=dinh+buoi")["items"][0]["id"] == ids["mine"]
    detail = get(client, f"/api/v1/certificates/{ids['mine']}")
    assert detail["technical"]["key_algorithm"] == "EC"
    assert [event["kind"] for event in detail["events"]] == ["issued", "registered"]
    (bucket,) = get(client, "/api/v1/certificates/counts/kind")
    assert (bucket["key"], bucket["count"], bucket["parameters"]) == ("person", 3, [["kind", "person"]])
    tree = get(client, "/api/v1/agencies/tree?as_of=2026-11-23")
    assert {node["agency"]["name"]: node["total"] for node in tree} == {
        "UBND huyện Tân Yên": 2,
        "UBND huyện Yên Thế": 1,
    }
    assert get(client, "/api/v1/agencies?level=commune")["total"] == 1
    assert get(client, f"/api/v1/agencies/{ids['own']}")["children"][0]["id"] == ids["unit"]
    assert get(client, "/api/v1/reports/issuance?as_of=2016-12-31")["cumulative"] == 3
    assert get(client, "/api/v1/trust") == []


def test_an_officer_sees_the_own_subtree(client_of: Callable[[Role], TestClient], ids: dict[str, int]) -> None:
    client = client_of(Role.OFFICER)
    assert {view["id"] for view in get(client, "/api/v1/certificates")["items"]} == {ids["mine"], ids["also mine"]}
    assert get(client, f"/api/v1/certificates?agency={ids['other']}")["total"] == 0
    get(client, f"/api/v1/certificates/{ids['theirs']}", 404)
    get(client, f"/api/v1/agencies/{ids['other']}", 404)
    assert get(client, "/api/v1/agencies")["total"] == 2
    assert [node["agency"]["id"] for node in get(client, "/api/v1/agencies/tree")] == [ids["own"]]
    assert get(client, "/api/v1/reports/issuance")["cumulative"] == 2
    assert sum(bucket["count"] for bucket in get(client, "/api/v1/certificates/counts/agency")) == 2


BAD_ADDRESSES = (
    "certificates?status=nonsense",
    "certificates?as_of=31/12/2016",
    "certificates?as_of=2016-12-31T00:00:00",
    "certificates?agency=x",
    "certificates?agency=99999999999999999999",
    "certificates?cursor=%00",
    "certificates?limit=0",
    "certificates?limit=100000",
    "certificates?expiring=-1",
    "certificates/0",
    "certificates/99999999999999999999",
    "certificates/counts/nonsense",
    "agencies?existence=x",
    "agencies/1?as_of=yesterday",
    "reports/issuance?as_of=2016-02-30",
)


def test_bad_parameters_are_a_problem_not_a_fault(client_of: Callable[[Role], TestClient]) -> None:
    client = client_of(Role.AUDITOR)
    for address in BAD_ADDRESSES:
        problem = get(client, f"/api/v1/{address}", 422)
        assert problem["code"], address
        assert problem["detail"], address


def test_odd_text_finds_nothing_and_breaks_nothing(client_of: Callable[[Role], TestClient]) -> None:
    client = client_of(Role.AUDITOR)
    for text in ("%25", "_", "%5C", "%27%3B--", "%E2%80%AE", "x" * 5000, "%F0%9F%94%92"):
        get(client, f"/api/v1/certificates?q={text}&generation={text}")
        get(client, f"/api/v1/agencies?q={text}")
    get(client, "/api/v1/certificates?q=%00", 422)
