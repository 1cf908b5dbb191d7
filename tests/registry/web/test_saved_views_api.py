"""Saved views over HTTP: kept, listed, renamed and forgotten by their owner, and by nobody else."""

from collections.abc import Callable

from tests.registry.web.browsing import Browser


def test_a_program_keeps_renames_and_forgets_a_view(signed_in: Callable[[str], Browser]) -> None:
    browser = signed_in("yte")
    client, headers = browser.client, {"X-CSRF-Token": browser.token("/verify")}
    body = {"name": "Sắp hết hạn", "parameters": "expiring=30&unknown=1"}
    created = client.post("/api/v1/views", json=body, headers=headers)
    assert created.status_code == 201
    assert created.json()["target"] == "/certificates?expiring=30", "what the list does not know is left out"
    address = created.headers["location"]
    assert client.post("/api/v1/views", json=body, headers=headers).status_code == 409
    assert client.patch(address, json={"name": "Hết hạn"}, headers=headers).json()["name"] == "Hết hạn"
    assert client.post("/api/v1/views", json=body, headers=headers).status_code == 201, "the old name is free again"
    assert client.patch(address, json={"name": "Sắp hết hạn"}, headers=headers).status_code == 409
    assert [view["name"] for view in client.get("/api/v1/views").json()] == ["Hết hạn", "Sắp hết hạn"]
    assert client.delete(address, headers=headers).status_code == 204
    assert client.get(address).status_code == 404


def test_a_view_belongs_to_one_person(signed_in: Callable[[str], Browser]) -> None:
    owner, other = signed_in("yte"), signed_in("quantri")
    headers = {"X-CSRF-Token": owner.token("/verify")}
    created = owner.client.post("/api/v1/views", json={"name": "Của tôi", "list_name": "agencies"}, headers=headers)
    address = created.headers["location"]
    strange = {"X-CSRF-Token": other.token("/verify")}
    assert other.client.get("/api/v1/views").json() == []
    assert other.client.get(address).status_code == 404
    assert other.client.patch(address, json={"name": "Lấy"}, headers=strange).status_code == 404
    assert other.client.delete(address, headers=strange).status_code == 404
    assert owner.client.get(address).json()["name"] == "Của tôi"


def test_without_the_token_nothing_is_kept(signed_in: Callable[[str], Browser]) -> None:
    browser = signed_in("yte")
    assert browser.client.post("/api/v1/views", json={"name": "x"}).status_code == 403
    assert browser.client.get("/api/v1/views").json() == []
