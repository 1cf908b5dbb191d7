"""The JSON API of the register: lists, counts, one certificate, agencies, reports, for every role."""

import base64
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from registry.accounts.tables import Role
from registry.agencies.tables import AgencyLevel
from registry.runtime import Runtime
from registry.web.app import create_app
from tests.factories.agencies import make_agency
from tests.factories.certificates import make_certificate, make_der, name_of
from tests.factories.clients import signed_in_client

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
        return signed_in_client(runtime, role, agency_id=ids["own"] if role is Role.OFFICER else None)

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
    "certificates?as_of=31/13/2016",
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
    for text in ("%25%25", "__", "%5C%5C", "%27%3B--", "%E2%80%AE", "x" * 5000, "%22%22"):
        get(client, f"/api/v1/certificates?q={text}&generation={text}")
    for letter in ("%25", "_", "%5C", "%F0%9F%94%92"):
        assert get(client, f"/api/v1/certificates?q={letter}", 422)["code"] == "certificates.short_words"
        get(client, f"/api/v1/agencies?q={text}")
    get(client, "/api/v1/certificates?q=%00", 422)


def post(client: TestClient, address: str, body: dict[str, Any], status: int = 201) -> Any:
    answer = client.post(address, json=body)
    assert answer.status_code == status, answer.text
    return answer.json()


def test_a_certificate_is_entered_once_and_what_happens_is_recorded(
    client_of: Callable[[Role], TestClient], ids: dict[str, int]
) -> None:
    client = client_of(Role.OFFICER)
    der = make_der(name_of(c="VN", o="UBND huyện Tân Yên", cn="Nguyễn Văn Mới"), not_after=LATE)
    body = {"certificate": base64.b64encode(der).decode(), "agency_id": ids["unit"], "kind": "person", "medium": "sim"}
    entered = post(client, "/api/v1/certificates", body)["certificate"]
    assert (entered["holder"], entered["medium"], entered["standing"]) == ("Nguyễn Văn Mới", "sim", "active")
    assert post(client, "/api/v1/certificates", body, 200)["certificate"]["id"] == entered["id"]
    post(client, "/api/v1/certificates", body | {"agency_id": ids["other"]}, 404)
    post(client, "/api/v1/certificates", body | {"certificate": "!"}, 422)
    post(client, "/api/v1/certificates", body | {"unknown": 1}, 422)

    events = f"/api/v1/certificates/{entered['id']}/events"
    when = {"effective_at": "2026-11-20T08:00:00+07:00"}
    assert post(client, events, when | {"kind": "handed_over"})["certificate"]["custody"] == "handed_over"
    moved = post(client, events, when | {"kind": "reassigned", "agency_id": ids["own"], "note": "điều chuyển"})
    assert moved["certificate"]["agency_id"] == ids["own"]
    no_address = client.post(events, json=when | {"kind": "corrected", "email": "nobody"})
    assert no_address.status_code == 422, "as on the page: mail would go there"
    corrected = post(client, events, when | {"kind": "corrected", "device_number": "0953", "subscriber": "person"})
    assert corrected["certificate"]["device_number"] == "0953"
    post(client, events, when | {"kind": "holder_changed", "custodian": "Lê Thị B"})
    post(client, events, when | {"kind": "replaced", "by_id": ids["mine"]})
    post(client, events, when | {"kind": "revoked", "reason": "nonsense"}, 422)
    revoked = post(client, events, when | {"kind": "revoked", "reason": "affiliationChanged"})
    assert revoked["certificate"]["standing"] == "revoked"
    assert [event["kind"] for event in revoked["events"]][1:-1] == [
        "handed_over",
        "reassigned",
        "corrected",
        "holder_changed",
        "replaced",
        "revoked",
    ]
    assert {event["actor"] for event in revoked["events"]} == {"officer"}
    post(client, events, when | {"kind": "revoked", "reason": "superseded"}, 409)
    post(client, events, when | {"kind": "resumed"}, 409)
    post(client, events, {"kind": "lost", "effective_at": "2026-11-20T08:00:00"}, 422)
    post(client, events, {"kind": "nonsense", "effective_at": "2026-11-20T08:00:00Z"}, 422)
    post(client, f"/api/v1/certificates/{ids['theirs']}/events", when | {"kind": "lost"}, 404)


def test_an_auditor_changes_nothing(client_of: Callable[[Role], TestClient], ids: dict[str, int]) -> None:
    client = client_of(Role.AUDITOR)
    when = {"effective_at": "2026-11-20T08:00:00+07:00"}
    post(client, f"/api/v1/certificates/{ids['mine']}/events", when | {"kind": "lost"}, 403)
    post(client, f"/api/v1/agencies/{ids['own']}/events", when | {"kind": "renamed", "name": "Tên"}, 403)
    body = {"certificate": base64.b64encode(make_der()).decode(), "agency_id": ids["own"], "kind": "person"}
    post(client, "/api/v1/certificates", body, 403)
    agency = {"code": "X", "name": "Tên", "level": "commune"}
    post(client, "/api/v1/agencies", when | {"agency": agency}, 403)
    post(client, "/api/v1/agencies/mergers", when | {"agency_ids": [ids["own"]], "successor": agency}, 403)


def test_the_tree_is_changed_over_the_api(client_of: Callable[[Role], TestClient], ids: dict[str, int]) -> None:
    client = client_of(Role.ADMINISTRATOR)
    when = {"effective_at": "2025-07-01T00:00:00+07:00", "legal_document": "1658/NQ-UBTVQH15"}

    def agency(code: str, name: str) -> dict[str, str]:
        return {"code": code, "name": name, "level": "commune"}

    made = post(client, "/api/v1/agencies", when | {"agency": agency("H05.1", "UBND phường Mới")})["agency"]
    renamed = post(
        client, f"/api/v1/agencies/{made['id']}/events", when | {"kind": "renamed", "name": "UBND phường Đẹp"}
    )
    assert renamed["agency"]["name"] == "UBND phường Đẹp"
    contact = when | {"kind": "contact_changed", "email": "dep@tinh.example"}
    assert post(client, f"/api/v1/agencies/{made['id']}/events", contact)["agency"]["email"] == "dep@tinh.example"
    post(client, f"/api/v1/agencies/{ids['unit']}/events", when | {"kind": "moved", "parent_id": made["id"]})
    merged = post(
        client,
        "/api/v1/agencies/mergers",
        when | {"agency_ids": [ids["own"], ids["other"]], "successor": agency("H05.2", "UBND xã Hợp nhất")},
    )
    assert {each["agency"]["id"] for each in merged["predecessors"]} == {ids["own"], ids["other"]}
    later = {"effective_at": "2026-01-01T00:00:00+07:00"}
    split = later | {"kind": "split", "successors": [agency("H05.3", "UBND xã Ba")], "goes_on": True}
    assert len(post(client, f"/api/v1/agencies/{merged['agency']['id']}/events", split)["successors"]) == 1
    absorbed = later | {"kind": "merged", "into_id": merged["agency"]["id"]}
    assert post(client, f"/api/v1/agencies/{ids['unit']}/events", absorbed)["agency"]["ended_at"]
    post(client, f"/api/v1/agencies/{made['id']}/events", later | {"kind": "dissolved"})
    names = [view["name"] for view in get(client, "/api/v1/agencies")["items"]]
    assert names == ["UBND xã Ba", "UBND xã Hợp nhất"]
    assert get(client, "/api/v1/agencies?as_of=2025-06-30")["total"] == 3
    post(client, "/api/v1/agencies", when | {"agency": agency("H05.1", "Trùng mã")}, 409)
    post(client, f"/api/v1/agencies/{made['id']}/events", later | {"kind": "dissolved"}, 409)
    # The certificates of the bodies that ended are still theirs, and are listed for somebody to decide.
    assert get(client, "/api/v1/certificates?flag=names_ended_body")["total"] == 3
