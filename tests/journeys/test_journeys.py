"""What a person comes for, through HTTP and the processes as they run: track, verify, alert."""

import threading
from datetime import UTC, date, datetime, timedelta

import pytest

from registry.alerts.scan import scan_expiries
from registry.clock import local_day
from registry.runtime import Runtime
from tests.journeys.conftest import Site

LEVELS_OF_2016 = {"province", "district", "subordinate", "commune", "school"}


def test_track_the_figures_of_2016_and_the_rows_behind_them(site: Site) -> None:
    with site.client("administrator") as client:
        report = client.get("/api/v1/reports/issuance", params={"as_of": "2016-12-31"}).json()
        assert (report["cumulative"], report["issued_in_year"]) == (2098, 1171)
        assert {level["level"] for level in report["levels"]} == LEVELS_OF_2016
        assert {level["coverage"] for level in report["levels"]} == {1.0}

        seen: list[int] = []
        parameters = {"as_of": "2016-12-31", "issued_from": "2016-01-01", "issued_until": "2016-12-31", "limit": "200"}
        while True:
            page = client.get("/api/v1/certificates", params=parameters).json()
            seen += [item["id"] for item in page["items"]]
            if page["next"] is None:
                break
            parameters["cursor"] = page["next"]
        assert len(seen) == len(set(seen)) == 1171


def test_track_one_certificate_from_search_to_history(site: Site) -> None:
    with site.client("administrator") as client:
        found = client.get("/api/v1/certificates", params={"q": "so y te", "kind": "organisation"}).json()["items"]
        assert "Sở Y tế" in {item["agency_name"] for item in found}
        detail = client.get(f"/api/v1/certificates/{found[0]['id']}").json()
        assert detail["events"]
        page = client.get(f"/certificates/{found[0]['id']}")
        assert page.status_code == 200
        assert found[0]["serial"] in page.text.replace(" ", "").replace(":", "").lower()


def test_an_officer_sees_the_own_agency_only(site: Site) -> None:
    with site.client("officer") as client:
        items = client.get("/api/v1/certificates", params={"limit": "200"}).json()["items"]
        assert items
        everybody = client.get("/api/v1/agencies", params={"limit": "200"}).json()["items"]
        assert {item["agency_name"] for item in items} <= {agency["name"] for agency in everybody}
        assert len(everybody) < 60
        assert client.get("/api/v1/alerts/scans").status_code == 403


def test_verify_says_who_stands_behind_a_document(site: Site) -> None:
    (valid,) = site.verify(site.documents / "van-ban-hop-le.pdf")
    assert valid["conclusion"] == "valid", valid["report"]["message"]
    head, body = valid["report"]["signatures"]
    assert body["indication"] == "TOTAL_PASSED"
    assert body["register"]["agency"] == head["register"]["agency"] == "Sở Y tế"
    assert body["register"]["status_at_signing"] == "active"
    assert body["register"]["agency_code"].startswith("H02")


def test_verify_tells_documents_apart(site: Site) -> None:
    names = ("van-ban-bi-sua.pdf", "chung-thu-thu-hoi.pdf", "ngoai-so.pdf")
    altered, revoked, stranger = site.verify(*(site.documents / name for name in names))
    assert altered["conclusion"] == "invalid"
    assert revoked["conclusion"] != "valid"
    assert [signature["revocation"] for signature in revoked["report"]["signatures"]] == ["revoked"]
    assert revoked["report"]["signatures"][0]["register"]["status_at_signing"] == "revoked"
    # Genuine, and by nobody whom the register knows: two answers, and people are shown both.
    assert stranger["conclusion"] == "valid"
    assert stranger["report"]["signatures"][0]["register"] is None


def test_verify_a_flipped_byte_is_no_longer_the_document(site: Site, tmp_path) -> None:
    data = bytearray((site.documents / "van-ban-hop-le.pdf").read_bytes())
    place = data.index(b"stream") + 40
    data[place] ^= 1
    flipped = tmp_path / "flipped.pdf"
    flipped.write_bytes(data)
    (verdict,) = site.verify(flipped)
    assert verdict["conclusion"] in {"invalid", "unreadable"}
    assert all(s["indication"] != "TOTAL_PASSED" for s in verdict["report"]["signatures"])


def test_verify_without_scripts_on_the_page(site: Site) -> None:
    (verdict,) = site.verify(site.documents / "van-ban-hop-le.pdf")
    with site.client() as client:
        page = client.get(f"/verify/{verdict['id']}")
    assert page.status_code == 200
    assert "Sở Y tế" in page.text


@pytest.fixture(scope="module")
def told(site: Site) -> Site:
    """The site after its first scan: the demo scans by itself, elsewhere it is as if its hour had come."""
    runtime = Runtime.build(site.settings)
    scan_expiries(runtime.database, site.settings)
    runtime.close()
    return site


def test_alert_reaches_every_agency_once(told: Site) -> None:
    with told.client("administrator") as client:
        wait_until(lambda: client.get("/api/v1/alerts").json()["outbox"]["waiting"] == 0)
        overview = client.get("/api/v1/alerts").json()
        assert overview["due_now"] == 0
        assert overview["outbox"]["failed"] == 0
        mails = client.get("/api/v1/alerts/mails", params={"limit": "200"}).json()["items"]
    sent = told.mail_subjects()
    assert len(sent) == len(mails) == overview["outbox"]["sent"] > 20
    assert len({recipient for recipient, _ in sent}) == len(sent)
    assert all("chứng thư chữ ký số" in subject.lower() for _, subject in sent)

    runtime = Runtime.build(told.settings)
    again = scan_expiries(runtime.database, told.settings)
    runtime.close()
    assert (again.mails, again.notices) == (0, 0)


def test_alert_is_previewed_for_a_day_to_come(told: Site) -> None:
    day = local_day(datetime.now(UTC)) + timedelta(days=7)
    with told.client("administrator") as client:
        preview = client.get("/api/v1/alerts/preview", params={"date": day.isoformat()}).json()
        assert date.fromisoformat(preview["date"]) == day
        for mail in preview["mails"]:
            for certificate in mail["certificates"]:
                assert certificate["days_left"] == certificate["step_days"]
        assert client.get("/api/v1/alerts/preview", params={"date": "2016-12-31"}).status_code == 422


def wait_until(holds, seconds: float = 120) -> None:
    """Look again until it holds; for what no event tells of."""
    pause = threading.Event()
    for _ in range(int(seconds / 0.2)):
        if holds():
            return
        pause.wait(0.2)
    raise AssertionError("it did not become true in time")
