"""Who may open what: every route of the application for every role. A route that is not in the table fails."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from registry.runtime import Runtime
from registry.web.routing import ROUTERS
from tests.registry.web.browsing import Browser
from tests.registry.web.conftest import SmallRegister

SINCE = "2026-11-20T00:00:00+07:00"
EVERYBODY = (200, 200, 200, 200)
STAFF_JSON = (401, 200, 200, 200)
STAFF_PAGE = (303, 200, 200, 200)
PROVINCE_JSON = (401, 403, 200, 200)
"""Status for nobody, an officer, an auditor, an administrator."""


@dataclass(frozen=True)
class Case:
    route: str
    address: str
    statuses: tuple[int, int, int, int]
    body: dict[str, Any] | None = None
    """Sent as JSON; identifiers of the small register stand as `{name}`."""

    @property
    def method(self) -> str:
        return self.route.split()[0]


CASES = (
    Case("GET /healthz", "/healthz", EVERYBODY),
    Case("GET /readyz", "/readyz", (503, 503, 503, 503)),  # no Redis in these tests
    Case("GET /metrics", "/metrics", EVERYBODY),
    Case("GET /api/docs", "/api/docs", EVERYBODY),
    Case("GET /", "/", STAFF_PAGE),
    Case("GET /login", "/login", (200, 303, 303, 303)),
    Case("POST /login", "/login", (401, 401, 401, 401)),
    Case("POST /logout", "/logout", (303, 303, 303, 303)),
    Case("POST /preferences", "/preferences", (303, 303, 303, 303)),
    Case("GET /certificates", "/certificates", STAFF_PAGE),
    Case("GET /certificates.csv", "/certificates.csv", STAFF_PAGE),
    Case("GET /certificates.xlsx", "/certificates.xlsx", STAFF_PAGE),
    Case("GET /agencies.csv", "/agencies.csv", STAFF_PAGE),
    Case("GET /agencies.xlsx", "/agencies.xlsx", STAFF_PAGE),
    Case("GET /certificates/{certificate_id}", "/certificates/{lan}", STAFF_PAGE),
    Case("GET /certificates/{certificate_id}", "/certificates/{other}", (303, 404, 200, 200)),
    Case(
        "GET /certificates/{certificate_id}/changes/{kind}",
        "/certificates/{lan}/changes/revoked",
        (303, 200, 409, 200),  # who only reads is offered nothing
    ),
    Case(
        "GET /certificates/{certificate_id}/changes/{kind}", "/certificates/{other}/changes/lost", (303, 404, 409, 200)
    ),
    Case(
        "POST /certificates/{certificate_id}/changes/{kind}",
        "/certificates/{other}/changes/lost",
        (303, 404, 409, 422),  # without a day
    ),
    Case("GET /search", "/search?q=khongco", STAFF_PAGE),
    Case("GET /agencies", "/agencies", STAFF_PAGE),
    Case("GET /agencies/{agency_id}", "/agencies/{hospital}", STAFF_PAGE),
    Case("GET /agencies/{agency_id}", "/agencies/{tax}", (303, 404, 200, 200)),
    Case("GET /agencies/choices", "/agencies/choices?field=into_id&into_id=y+te", STAFF_PAGE),
    Case("GET /bulk", "/bulk", STAFF_PAGE),
    Case("GET /bulk/chosen.csv", "/bulk/chosen.csv?id={lan}", STAFF_PAGE),
    Case("GET /bulk/chosen.xlsx", "/bulk/chosen.xlsx?rows=all", STAFF_PAGE),
    Case("GET /bulk/chosen.zip", "/bulk/chosen.zip?id={lan}", STAFF_PAGE),
    Case("GET /bulk/new", "/bulk/new?change=lost&id={lan}", (303, 200, 403, 200)),
    Case("POST /bulk", "/bulk", (303, 422, 422, 422)),  # without a change
    Case("GET /bulk/{bulk_change_id}", "/bulk/9", (303, 404, 404, 404)),
    Case("POST /bulk/{bulk_change_id}/apply", "/bulk/9/apply", (303, 422, 422, 422)),  # without a choice
    Case("GET /api/v1/bulk-changes", "/api/v1/bulk-changes", STAFF_JSON),
    Case(
        "POST /api/v1/bulk-changes",
        "/api/v1/bulk-changes",
        (401, 200, 403, 200),
        {"selection": {"ids": ["{lan}"]}, "event": {"kind": "handed_over", "effective_at": SINCE}},
    ),
    Case("GET /api/v1/bulk-changes/{bulk_change_id}", "/api/v1/bulk-changes/9", (401, 404, 404, 404)),
    Case("GET /api/v1/bulk-changes/{bulk_change_id}/items", "/api/v1/bulk-changes/9/items", (401, 404, 404, 404)),
    Case(
        "POST /api/v1/bulk-changes/{bulk_change_id}/apply",
        "/api/v1/bulk-changes/9/apply",
        (401, 404, 404, 404),
        {"choice": "none"},
    ),
    Case("GET /agencies/imports", "/agencies/imports", (303, 403, 403, 200)),
    Case("GET /agencies/imports/template.xlsx", "/agencies/imports/template.xlsx", (303, 403, 403, 200)),
    Case("POST /agencies/imports", "/agencies/imports", (303, 403, 403, 422)),  # without a file
    Case("GET /agencies/imports/{import_id}", "/agencies/imports/9", (303, 403, 403, 404)),
    Case("POST /agencies/imports/{import_id}/apply", "/agencies/imports/9/apply", (303, 422, 422, 422)),
    Case("POST /agencies/imports/{import_id}/undo", "/agencies/imports/9/undo", (303, 403, 403, 404)),
    Case("POST /api/v1/agencies/imports", "/api/v1/agencies/imports", (401, 422, 422, 422)),  # without a file
    Case("GET /api/v1/agencies/imports", "/api/v1/agencies/imports", (401, 403, 403, 200)),
    Case("GET /api/v1/agencies/imports/{import_id}", "/api/v1/agencies/imports/9", (401, 403, 403, 404)),
    Case("GET /api/v1/agencies/imports/{import_id}/rows", "/api/v1/agencies/imports/9/rows", (401, 403, 403, 404)),
    Case(
        "POST /api/v1/agencies/imports/{import_id}/apply",
        "/api/v1/agencies/imports/9/apply",
        (401, 403, 403, 404),
        {"choice": "all"},
    ),
    Case("POST /api/v1/agencies/imports/{import_id}/undo", "/api/v1/agencies/imports/9/undo", (401, 403, 403, 404)),
    Case("GET /register.xlsx", "/register.xlsx", (303, 403, 200, 200)),
    Case("GET /certificates.zip", "/certificates.zip", STAFF_PAGE),
    Case("GET /api/v1/register.xlsx", "/api/v1/register.xlsx", PROVINCE_JSON),
    Case("GET /api/v1/certificates.zip", "/api/v1/certificates.zip", STAFF_JSON),
    Case("GET /api/v1/views", "/api/v1/views", STAFF_JSON),
    Case("POST /api/v1/views", "/api/v1/views", (401, 201, 201, 201), {"name": "Sắp hết hạn", "parameters": "q=a"}),
    Case("GET /api/v1/views/{view_id}", "/api/v1/views/999", (401, 404, 404, 404)),
    Case("PATCH /api/v1/views/{view_id}", "/api/v1/views/999", (401, 404, 404, 404), {"name": "Khác"}),
    Case("DELETE /api/v1/views/{view_id}", "/api/v1/views/999", (401, 404, 404, 404)),
    Case("GET /agencies/new", "/agencies/new", (303, 403, 403, 200)),
    Case("POST /agencies/new", "/agencies/new", (303, 403, 403, 422)),  # with nothing in it
    Case("GET /agencies/merge", "/agencies/merge", (303, 403, 403, 200)),
    Case("POST /agencies/merge", "/agencies/merge", (303, 403, 403, 422)),
    Case(
        "GET /agencies/{agency_id}/changes/{action}",
        "/agencies/{hospital}/changes/contact_changed",
        (303, 200, 403, 200),
    ),
    Case("GET /agencies/{agency_id}/changes/{action}", "/agencies/{hospital}/changes/merged", (303, 403, 403, 200)),
    Case("POST /agencies/{agency_id}/changes/{action}", "/agencies/{tax}/changes/renamed", (303, 404, 403, 422)),
    Case("GET /agencies/{agency_id}/certificates", "/agencies/{hospital}/certificates", STAFF_PAGE),
    Case("GET /agencies/{agency_id}/certificates", "/agencies/{tax}/certificates", (303, 404, 200, 200)),
    Case("POST /agencies/{agency_id}/certificates", "/agencies/{hospital}/certificates", (303, 422, 403, 422)),
    Case("GET /verify", "/verify", EVERYBODY),
    Case("POST /verify", "/verify", (422, 422, 422, 422)),  # without a file
    Case("GET /verify/{verification_id}", "/verify/0123", (404, 404, 404, 404)),
    Case("GET /alerts", "/alerts", STAFF_PAGE),
    Case("GET /certificates/{certificate_id}/alerts", "/certificates/{lan}/alerts", STAFF_PAGE),
    Case("GET /certificates/{certificate_id}/alerts", "/certificates/{other}/alerts", (303, 404, 200, 200)),
    Case("GET /agencies/{agency_id}/alert-steps", "/agencies/{hospital}/alert-steps", STAFF_PAGE),
    Case("GET /agencies/{agency_id}/alert-steps", "/agencies/{tax}/alert-steps", (303, 404, 200, 200)),
    Case("POST /agencies/{agency_id}/alert-steps", "/agencies/{hospital}/alert-steps", (303, 422, 403, 422)),
    Case("POST /agencies/{agency_id}/alert-steps", "/agencies/{tax}/alert-steps", (303, 404, 403, 422)),
    Case("GET /agencies/{agency_id}/alerts", "/agencies/{hospital}/alerts", STAFF_PAGE),
    Case("GET /agencies/{agency_id}/alerts", "/agencies/{tax}/alerts", (303, 404, 200, 200)),
    Case("GET /alerts/proof.pdf", "/alerts/proof.pdf?certificate={lan}", STAFF_PAGE),
    Case("GET /alerts/proof.pdf", "/alerts/proof.pdf?agency={tax}", (303, 404, 200, 200)),
    Case("GET /alerts/calendar", "/alerts/calendar", STAFF_PAGE),
    Case("GET /alerts/days", "/alerts/days?date=2026-11-30", (303, 303, 303, 303)),
    Case("GET /alerts/days/{day}", "/alerts/days/2026-11-30", STAFF_PAGE),
    Case("POST /alerts/days/{day}", "/alerts/days/2026-11-30", (303, 403, 403, 422)),  # without a reason
    Case("GET /alerts/days/{day}/mail", "/alerts/days/2026-11-30/mail?recipient=x", (303, 403, 404, 404)),
    Case("POST /alerts/days/{day}/mail", "/alerts/days/2026-11-30/mail", (303, 403, 404, 404)),
    Case("GET /alerts/days/{day}/mail/body", "/alerts/days/2026-11-30/mail/body?recipient=x", (303, 403, 404, 404)),
    Case("GET /alerts/mails", "/alerts/mails", STAFF_PAGE),
    Case("GET /alerts/mails/{mail_id}", "/alerts/mails/9", (303, 404, 404, 404)),
    Case("POST /alerts/mails/{mail_id}", "/alerts/mails/9", (303, 403, 403, 404)),
    Case("GET /alerts/mails/{mail_id}/body", "/alerts/mails/9/body", (303, 404, 404, 404)),
    Case("GET /alerts/addresses", "/alerts/addresses", (303, 403, 200, 200)),
    Case("POST /alerts/addresses", "/alerts/addresses", (303, 403, 403, 422)),  # without a reason
    Case("GET /acknowledge", "/acknowledge?token=1.20270101.forged", (404, 404, 404, 404)),  # the link is the right
    Case("POST /acknowledge", "/acknowledge?token=1.20270101.forged", (404, 404, 404, 404)),
    Case("GET /unsubscribe", "/unsubscribe?token=1.20270101.forged", (404, 404, 404, 404)),
    Case("POST /unsubscribe", "/unsubscribe?token=1.20270101.forged", (404, 404, 404, 404)),
    Case("GET /views", "/views", STAFF_PAGE),
    Case("POST /views", "/views", (303, 422, 422, 422)),  # without a name
    Case("GET /views/{view_id}", "/views/9", (303, 404, 404, 404)),
    Case("POST /views/{view_id}/delete", "/views/9/delete", (303, 404, 404, 404)),
    Case("GET /reports", "/reports", STAFF_PAGE),
    Case("GET /reports.xlsx", "/reports.xlsx", STAFF_PAGE),
    Case("GET /reports.pdf", "/reports.pdf", STAFF_PAGE),
    Case("GET /demo/mail", "/demo/mail", (404, 404, 404, 404)),  # this is not the demonstration
    Case("GET /demo/mail/{name}", "/demo/mail/a.eml", (404, 404, 404, 404)),
    Case("GET /demo/mail/{name}/html", "/demo/mail/a.eml/html", (404, 404, 404, 404)),
    Case("GET /imports", "/imports", STAFF_PAGE),
    Case("POST /imports", "/imports", (303, 422, 422, 422)),  # without a file
    Case("GET /imports/{import_id}", "/imports/9", (303, 404, 404, 404)),
    Case("GET /imports/{import_id}/columns", "/imports/9/columns", (303, 404, 404, 404)),
    Case("POST /imports/{import_id}/columns", "/imports/9/columns", (303, 404, 404, 404)),
    Case("GET /imports/{import_id}/agencies", "/imports/9/agencies", (303, 404, 404, 404)),
    Case("POST /imports/{import_id}/agencies", "/imports/9/agencies", (303, 404, 404, 404)),
    Case("POST /imports/{import_id}/apply", "/imports/9/apply", (303, 422, 422, 422)),  # without a choice
    Case("POST /imports/{import_id}/undo", "/imports/9/undo", (303, 404, 404, 404)),
    Case("GET /api/v1/imports", "/api/v1/imports", STAFF_JSON),
    Case("POST /api/v1/imports", "/api/v1/imports", (401, 422, 422, 422)),  # without a file
    Case("GET /api/v1/imports/{import_id}", "/api/v1/imports/9", (401, 404, 404, 404)),
    Case("GET /api/v1/imports/{import_id}/items", "/api/v1/imports/9/items", (401, 404, 404, 404)),
    Case("GET /api/v1/imports/{import_id}/agencies", "/api/v1/imports/9/agencies", (401, 404, 404, 404)),
    Case("POST /api/v1/imports/{import_id}/agencies", "/api/v1/imports/9/agencies", (401, 422, 422, 422)),
    Case("POST /api/v1/imports/{import_id}/mapping", "/api/v1/imports/9/mapping", (401, 422, 422, 422)),
    Case("POST /api/v1/imports/{import_id}/apply", "/api/v1/imports/9/apply", (401, 422, 422, 422)),
    Case("POST /api/v1/imports/{import_id}/undo", "/api/v1/imports/9/undo", (401, 404, 404, 404)),
    Case("GET /api/v1/certificates", "/api/v1/certificates", STAFF_JSON),
    Case("GET /api/v1/certificates/counts/{dimension}", "/api/v1/certificates/counts/kind", STAFF_JSON),
    Case("GET /api/v1/certificates/{certificate_id}", "/api/v1/certificates/{lan}", STAFF_JSON),
    Case("GET /api/v1/certificates/{certificate_id}", "/api/v1/certificates/{other}", (401, 404, 200, 200)),
    Case("GET /api/v1/agencies", "/api/v1/agencies", STAFF_JSON),
    Case("GET /api/v1/agencies/{agency_id}/alert-steps", "/api/v1/agencies/{hospital}/alert-steps", STAFF_JSON),
    Case(
        "PUT /api/v1/agencies/{agency_id}/alert-steps",
        "/api/v1/agencies/{hospital}/alert-steps",
        (401, 200, 403, 200),
        {"steps": [60, 7]},
    ),
    Case(
        "PUT /api/v1/agencies/{agency_id}/alert-steps",
        "/api/v1/agencies/{tax}/alert-steps",
        (401, 404, 403, 200),
        {"steps": None},
    ),
    Case("GET /api/v1/agencies/tree", "/api/v1/agencies/tree", STAFF_JSON),
    Case("GET /api/v1/agencies/{agency_id}", "/api/v1/agencies/{hospital}", STAFF_JSON),
    Case("GET /api/v1/agencies/{agency_id}", "/api/v1/agencies/{tax}", (401, 404, 200, 200)),
    Case("GET /api/v1/reports/issuance", "/api/v1/reports/issuance", STAFF_JSON),
    Case("GET /api/v1/trust", "/api/v1/trust", STAFF_JSON),
    Case("GET /api/v1/trust/crls", "/api/v1/trust/crls", STAFF_JSON),
    Case("GET /api/v1/trust/crl-sources", "/api/v1/trust/crl-sources", STAFF_JSON),
    Case("GET /trust", "/trust", STAFF_PAGE),
    Case("POST /api/v1/verifications", "/api/v1/verifications", (422, 422, 422, 422)),  # without a file
    Case("GET /api/v1/verifications", "/api/v1/verifications?id=0123", (404, 404, 404, 404)),
    Case("GET /api/v1/verifications/{verification_id}", "/api/v1/verifications/0123", (404, 404, 404, 404)),
    Case("POST /api/v1/mail/returned", "/api/v1/mail/returned", (404, 404, 404, 404)),  # no secret is set
    Case("GET /api/v1/alerts", "/api/v1/alerts", STAFF_JSON),
    Case("GET /api/v1/webhooks", "/api/v1/webhooks", (401, 403, 403, 200)),
    Case(
        "POST /api/v1/webhooks",
        "/api/v1/webhooks",
        (401, 403, 403, 201),
        {"name": "Cổng dịch vụ", "url": "https://hook.example/in"},
    ),
    Case("DELETE /api/v1/webhooks/{webhook_id}", "/api/v1/webhooks/9", (401, 403, 403, 404)),
    Case("POST /api/v1/webhooks/{webhook_id}/test", "/api/v1/webhooks/9/test", (401, 403, 403, 404)),
    Case("GET /api/v1/webhooks/{webhook_id}/deliveries", "/api/v1/webhooks/9/deliveries", (401, 403, 403, 404)),
    Case("GET /alerts/webhooks", "/alerts/webhooks", (303, 403, 403, 200)),
    Case("POST /alerts/webhooks", "/alerts/webhooks", (303, 403, 403, 422)),  # with nothing in it
    Case("GET /alerts/webhooks/{webhook_id}", "/alerts/webhooks/9", (303, 403, 403, 404)),
    Case("POST /alerts/webhooks/{webhook_id}", "/alerts/webhooks/9", (303, 403, 403, 404)),
    Case("GET /api/v1/alerts/mails", "/api/v1/alerts/mails", STAFF_JSON),
    Case("GET /api/v1/alerts/scans", "/api/v1/alerts/scans", PROVINCE_JSON),
    Case("GET /api/v1/alerts/preview", "/api/v1/alerts/preview", STAFF_JSON),
    Case("GET /api/v1/alerts/calendar", "/api/v1/alerts/calendar", STAFF_JSON),
    Case(
        "GET /api/v1/alerts/preview/mail",
        "/api/v1/alerts/preview/mail?date=2026-11-30&recipient=x",
        (401, 403, 404, 404),
    ),
    Case(
        "POST /api/v1/alerts/samples",
        "/api/v1/alerts/samples",
        (401, 403, 404, 404),
        {"date": "2026-11-30", "recipient": "x"},
    ),
    Case(
        "POST /api/v1/alerts/send",
        "/api/v1/alerts/send",
        (401, 403, 403, 404),
        {"date": "2026-11-23", "recipient": "x", "reason": "thử"},
    ),
    Case(
        "POST /api/v1/alerts/mails/{mail_id}/{action}",
        "/api/v1/alerts/mails/9/hold",
        (401, 403, 403, 404),
        {"reason": "thử"},
    ),
    Case(
        "POST /api/v1/alerts/days/{day}/hold",
        "/api/v1/alerts/days/2026-11-30/hold",
        (401, 403, 403, 200),
        {"reason": "thử"},
    ),
    Case(
        "POST /api/v1/alerts/days/{day}/release",
        "/api/v1/alerts/days/2026-11-30/release",
        (401, 403, 403, 200),
        {"reason": "thử"},
    ),
    Case(
        "GET /api/v1/alerts/ledger/certificates/{certificate_id}",
        "/api/v1/alerts/ledger/certificates/{other}",
        (401, 404, 200, 200),
    ),
    Case(
        "GET /api/v1/alerts/ledger/agencies/{agency_id}", "/api/v1/alerts/ledger/agencies/{tax}", (401, 404, 200, 200)
    ),
    Case("GET /api/v1/alerts/mails/{mail_id}", "/api/v1/alerts/mails/9", (401, 404, 404, 404)),
    Case("GET /api/v1/alerts/proof", "/api/v1/alerts/proof?certificate={other}", (401, 404, 200, 200)),
    Case("GET /api/v1/alerts/proof.pdf", "/api/v1/alerts/proof.pdf?agency={hospital}", STAFF_JSON),
    Case(
        "POST /api/v1/agencies",
        "/api/v1/agencies",
        (401, 403, 403, 201),
        {"agency": {"code": "H02.900", "name": "Sở Mới", "level": "province"}, "effective_at": SINCE},
    ),
    Case(
        "POST /api/v1/agencies/{agency_id}/events",
        "/api/v1/agencies/{hospital}/events",
        (401, 201, 403, 201),
        {"kind": "contact_changed", "email": "bv@bacgiang.example", "effective_at": SINCE},
    ),
    Case(
        "POST /api/v1/agencies/{agency_id}/events",
        "/api/v1/agencies/{tax}/events",
        (401, 404, 403, 201),
        {"kind": "contact_changed", "email": "stc@bacgiang.example", "effective_at": SINCE},
    ),
    Case(
        "POST /api/v1/certificates/{certificate_id}/events",
        "/api/v1/certificates/{lan}/events",
        (401, 201, 403, 201),
        {"kind": "handed_over", "effective_at": SINCE},
    ),
    Case(
        "POST /api/v1/certificates/{certificate_id}/events",
        "/api/v1/certificates/{other}/events",
        (401, 404, 403, 201),
        {"kind": "handed_over", "effective_at": SINCE},
    ),
    Case(
        "POST /api/v1/certificates",
        "/api/v1/certificates",
        (401, 422, 422, 422),
        {"certificate": "AAAA", "agency_id": 1},
    ),
    Case(
        "POST /api/v1/agencies/mergers",
        "/api/v1/agencies/mergers",
        (401, 403, 403, 201),
        {
            "agency_ids": ["{hospital}", "{tax}"],
            "successor": {"code": "H02.901", "name": "Sở Gộp", "level": "province"},
            "effective_at": "2026-11-21T00:00:00+07:00",
        },
    ),
)


def all_routes() -> Iterator[str]:
    for router in ROUTERS:
        for route in router.routes:
            for method in getattr(route, "methods", ()):
                yield f"{method} {getattr(route, 'path', '')}"


def test_every_route_is_in_the_table() -> None:
    assert set(all_routes()) == {case.route for case in CASES}


def test_the_addresses_of_the_table_lead_to_their_routes() -> None:
    for case in CASES:
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", case.route.split()[1])
        assert re.fullmatch(pattern, case.address.partition("?")[0]), case


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("position", "username"), list(enumerate(["", "yte", "kiemtoan", "quantri"])))
def test_every_route_answers_every_role_as_the_table_says(
    app: FastAPI, runtime: Runtime, register: SmallRegister, position: int, username: str
) -> None:
    browser = Browser(TestClient(app, follow_redirects=False, raise_server_exceptions=False))
    if username:
        browser.sign_in(username)
    token = browser.token("/verify")
    wrong = []
    # Signing out comes last: what follows it would be asked by nobody.
    for case in sorted(CASES, key=lambda case: case.route == "POST /logout"):
        address = case.address.format_map(vars(register))
        if case.body is not None:
            body = json.loads(
                re.sub(r'"\{(\w+)\}"', lambda found: str(vars(register)[found[1]]), json.dumps(case.body))
            )
            answer = browser.client.request(case.method, address, json=body, headers={"X-CSRF-Token": token})
        elif case.method not in ("GET", "POST"):
            answer = browser.client.request(case.method, address, headers={"X-CSRF-Token": token})
        else:
            answer = browser.get(address) if case.method == "GET" else browser.post(address, token=token)
        if answer.status_code != case.statuses[position]:
            wrong.append((case.route, address, answer.status_code, case.statuses[position]))
    assert wrong == []


def test_documents_can_be_kept_for_people_who_signed_in(runtime: Runtime, signed_in: Callable[[str], Browser]) -> None:
    object.__setattr__(runtime, "settings", runtime.settings.model_copy(update={"verification_is_public": False}))
    staff = signed_in("kiemtoan")
    stranger = Browser(TestClient(staff.client.app, follow_redirects=False))
    assert staff.get("/verify").status_code == 200
    assert stranger.get("/verify").headers["location"] == "/login?next=%2Fverify"
    assert stranger.get("/").headers["location"] == "/login"
