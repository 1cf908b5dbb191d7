"""Web addresses that are told of digests: signed, again after a fault, and never twice after an answer."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler

import pytest
from alembic import command
from sqlmodel import select

from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.agencies.tables import AgencyPeriodRow
from registry.alerts.scan import policy_of, scan_expiries
from registry.db.migrations import alembic_config, migrate
from registry.errors import Conflict, InvalidInput, NotFound, NotPermitted
from registry.mail.ledger import list_events
from registry.mail.tables import MailEventKind, MailRow
from registry.runtime import Runtime
from registry.signed_requests import HEADER, verify
from registry.webhooks.delivery import claim_deliveries, queue_deliveries, record_answer
from registry.webhooks.history import find_deliveries
from registry.webhooks.service import add_webhook, list_webhooks, remove_webhook
from registry.webhooks.tables import DeliveryState, WebhookDeliveryRow, WebhookRow
from registry.webhooks.trial import find_trials, record_test, request_test
from tests.fakes.clock import FakeClock
from tests.registry.alerts.rows import add_agency, add_certificate
from tests.services import Mailbox
from tests.workers.fetch.test_client import server_that
from tests.workers.in_process import send_outbox
from workers.webhooks import tell_addresses

EVERYTHING = Viewer.everything()
SOON = date(2026, 11, 30)


class Receiver:
    """A program that answers with the given statuses in turn, and then always with the last."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.got: list[tuple[bytes, str, str]] = []

    def __call__(self, handler: BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.got.append((body, handler.headers[HEADER], handler.headers["Content-Type"]))
        status = self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0]
        handler.send_response(status)
        handler.send_header("Content-Length", "0")
        handler.end_headers()


@pytest.fixture
def due(runtime: Runtime) -> Runtime:
    """A register that may reach this machine, and in which one certificate is due."""
    settings = runtime.settings.model_copy(update={"outbound_allowed_hosts": ("127.0.0.1",)})
    with runtime.database.write() as uow:
        add_certificate(uow.session, add_agency(uow.session, "Sở Y tế", "syt@tinh.example"), SOON)
    return replace(runtime, settings=settings)


def enter(runtime: Runtime, url: str, *, name: str = "Cổng dịch vụ") -> str:
    with runtime.database.write() as uow:
        return add_webhook(uow, EVERYTHING, runtime.settings, name=name, url=url, actor="quantri").secret


def delivery(runtime: Runtime) -> WebhookDeliveryRow:
    with runtime.database.read() as uow:
        return uow.session.exec(select(WebhookDeliveryRow)).one()


def test_a_digest_is_told_once_as_a_signed_event(due: Runtime, clock: FakeClock) -> None:
    receiver = Receiver(204)
    with server_that(receiver) as (url, _):
        secret = enter(due, f"{url}/in")
        scan_expiries(due.database, due.settings)
        assert (tell_addresses(due), tell_addresses(due)) == (1, 0)
    ((body, signature, content_type),) = receiver.got
    verify(secret, body, signature, at=clock.now())
    event = json.loads(body)
    assert content_type.startswith("application/cloudevents+json")
    assert (event["specversion"], event["id"]) == ("1.0", delivery(due).event_id)
    assert event["data"]["recipient"] == "Sở Y tế"
    assert [line["days_left"] for line in event["data"]["certificates"]] == [7]
    assert "acknowledge" not in body.decode()
    with due.database.read() as uow:
        mail = uow.session.exec(select(MailRow)).one()
        told = [event for event in list_events(uow, [mail.id or 0])[mail.id or 0] if event.channel == "Cổng dịch vụ"]
    assert [(event.kind, event.code) for event in told] == [(MailEventKind.ACCEPTED, "204")]


def test_after_a_fault_the_same_event_comes_again_later(due: Runtime, clock: FakeClock) -> None:
    receiver = Receiver(503, 200)
    with server_that(receiver) as (url, _):
        enter(due, url)
        scan_expiries(due.database, due.settings)
        assert tell_addresses(due) == 0
        assert tell_addresses(due) == 0  # not before the pause is over
        clock.advance(timedelta(minutes=2))
        assert tell_addresses(due) == 1
    first, second = (json.loads(body)["id"] for body, _, _ in receiver.got)
    assert first == second
    assert (delivery(due).state, delivery(due).attempts) == (DeliveryState.SENT, 2)


def test_an_address_that_is_gone_is_given_up(due: Runtime) -> None:
    with server_that(Receiver(410)) as (url, _):
        enter(due, url)
        scan_expiries(due.database, due.settings)
        tell_addresses(due)
    assert delivery(due).state is DeliveryState.FAILED


def test_a_server_that_is_down_is_tried_again_for_a_day_and_then_given_up(due: Runtime, clock: FakeClock) -> None:
    with server_that(Receiver(200)) as (url, _):
        pass  # its port is closed now
    enter(due, url)
    scan_expiries(due.database, due.settings)
    attempts = 0
    while delivery_state(due) in (None, DeliveryState.PENDING):
        tell_addresses(due)
        attempts += 1
        clock.advance(timedelta(hours=7))
        assert attempts < 50
    assert delivery(due).state is DeliveryState.FAILED
    assert delivery(due).last_reply


def delivery_state(runtime: Runtime) -> DeliveryState | None:
    with runtime.database.read() as uow:
        row = uow.session.exec(select(WebhookDeliveryRow)).first()
        return None if row is None else row.state


def test_a_sender_that_died_is_followed_by_another_when_its_lease_is_over(due: Runtime, clock: FakeClock) -> None:
    receiver = Receiver(200)
    with server_that(receiver) as (url, _):
        enter(due, url)
        scan_expiries(due.database, due.settings)
        tell_addresses(due)
        with due.database.write() as uow:  # as if it had died before it could record the answer
            row = uow.session.exec(select(WebhookDeliveryRow)).one()
            row.state, row.lease_until = DeliveryState.SENDING, uow.now + timedelta(minutes=10)
        assert tell_addresses(due) == 0
        clock.advance(timedelta(minutes=11))
        assert tell_addresses(due) == 1
    assert len({json.loads(body)["id"] for body, _, _ in receiver.got}) == 1


def test_what_was_written_before_the_address_was_entered_is_not_told(due: Runtime, clock: FakeClock) -> None:
    scan_expiries(due.database, due.settings)
    clock.advance(timedelta(minutes=1))
    with server_that(Receiver(200)) as (url, asked):
        enter(due, url)
        assert tell_addresses(due) == 0
        assert asked == []


def test_a_removed_address_is_told_nothing_more(due: Runtime) -> None:
    with server_that(Receiver(200)) as (url, asked):
        enter(due, url)
        with due.database.write() as uow:
            (view,) = list_webhooks(uow, EVERYTHING)
            remove_webhook(uow, EVERYTHING, view.id, actor="quantri")
        scan_expiries(due.database, due.settings)
        assert tell_addresses(due) == 0
        assert asked == []
    with due.database.write() as uow, pytest.raises(NotFound):
        remove_webhook(uow, EVERYTHING, view.id, actor="quantri")


def test_a_test_event_is_signed_tells_of_nothing_and_keeps_its_first_answer(due: Runtime, clock: FakeClock) -> None:
    receiver = Receiver(500, 200)
    with server_that(receiver) as (url, _):
        secret = enter(due, url)
        with due.database.write() as uow:
            (view,) = list_webhooks(uow, EVERYTHING)
            request_test(uow, EVERYTHING, view.id)
        with due.database.read() as uow:
            (late,) = find_trials(uow, due.settings)  # of a sender that is slower than the other
        with due.database.write() as uow, pytest.raises(Conflict):
            request_test(uow, EVERYTHING, view.id)
        tell_addresses(due)
        tell_addresses(due)
        ((body, signature, _),) = receiver.got
        verify(secret, body, signature, at=clock.now())
        assert json.loads(body)["data"] == {"certificates": []}
        assert outcome(due) == ("500", "500")
        with due.database.write() as uow:
            record_test(uow, late, status=200, words="200")
        assert outcome(due) == ("500", "500")

        clock.advance(timedelta(seconds=1))
        with due.database.write() as uow:
            request_test(uow, EVERYTHING, view.id)
        tell_addresses(due)
    assert outcome(due) == ("200", "200")
    assert len({json.loads(body)["id"] for body, _, _ in receiver.got}) == 2
    with due.database.write() as uow:
        remove_webhook(uow, EVERYTHING, view.id, actor="quantri")
    with due.database.write() as uow, pytest.raises(NotFound):
        request_test(uow, EVERYTHING, view.id)


def test_why_a_test_event_did_not_arrive_is_kept(due: Runtime) -> None:
    with server_that(Receiver(200)) as (url, _):
        pass  # its port is closed now
    enter(due, url)
    with due.database.write() as uow:
        (view,) = list_webhooks(uow, EVERYTHING)
        request_test(uow, EVERYTHING, view.id)
    tell_addresses(due)
    code, words = outcome(due)
    assert code == ""
    assert words


def outcome(runtime: Runtime) -> tuple[str, str]:
    with runtime.database.read() as uow:
        (view,) = list_webhooks(uow, EVERYTHING)
    assert view.test_answered_at is not None
    return view.test_code, view.test_words


def test_a_secret_is_not_kept_in_the_clear_and_is_shown_once(due: Runtime) -> None:
    secret = enter(due, "https://hook.example/in")
    with due.database.read() as uow:
        row = uow.session.exec(select(WebhookRow)).one()
        shown = list_webhooks(uow, EVERYTHING)
    assert secret not in row.sealed_secret
    assert secret not in repr(shown)


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example/in",
        "ftp://hook.example/in",
        "https://user:password@hook.example/in",
        "https:///in",
        "https://hook.example/a b",
        "https://hook.example:99999/",
        "https://hóok.example/",
        "in",
        "https://hook.example/" + "a" * 500,
    ],
)
def test_an_address_that_could_leak_or_lead_nowhere_is_refused(due: Runtime, url: str) -> None:
    with pytest.raises(InvalidInput):
        enter(due, url)


def test_a_name_is_used_once(due: Runtime) -> None:
    enter(due, "https://hook.example/in")
    with pytest.raises(Conflict):
        enter(due, "https://hook.example/other")


@pytest.mark.parametrize(
    "act",
    [
        lambda runtime, uow, viewer: add_webhook(
            uow, viewer, runtime.settings, name="a", url="https://hook.example/", actor="a"
        ),
        lambda runtime, uow, viewer: list_webhooks(uow, viewer),
        lambda runtime, uow, viewer: remove_webhook(uow, viewer, 1, actor="a"),
        lambda runtime, uow, viewer: request_test(uow, viewer, 1),
        lambda runtime, uow, viewer: find_deliveries(uow, viewer, 1),
    ],
)
def test_only_an_administrator_decides_who_is_told(due: Runtime, act: Callable[..., object]) -> None:
    auditor = Viewer(user_id=None, role=Role.AUDITOR, agency_path=None)
    with due.database.write() as uow, pytest.raises(NotPermitted):
        act(due, uow, auditor)


def test_what_waits_for_an_address_that_is_removed_is_dropped(due: Runtime, clock: FakeClock) -> None:
    with server_that(Receiver(503)) as (url, asked):
        enter(due, url)
        scan_expiries(due.database, due.settings)
        tell_addresses(due)
        with due.database.write() as uow:
            remove_webhook(uow, EVERYTHING, list_webhooks(uow, EVERYTHING)[0].id, actor="quantri")
        assert delivery(due).state is DeliveryState.DROPPED
        clock.advance(timedelta(days=1))
        assert tell_addresses(due) == 0
        assert len(asked) == 1


def test_what_an_earlier_version_left_waiting_for_a_removed_address_is_dropped(due: Runtime) -> None:
    with server_that(Receiver(503)) as (url, _):
        enter(due, url)
        scan_expiries(due.database, due.settings)
        tell_addresses(due)
        with due.database.write() as uow:
            uow.session.exec(select(WebhookRow)).one().ended_at = uow.now
    command.downgrade(alembic_config(due.database.engine), "0025")
    assert delivery(due).state is DeliveryState.PENDING
    migrate(due.database.engine)
    assert delivery(due).state is DeliveryState.DROPPED


def test_what_a_removed_address_takes_at_this_moment_counts_as_taken(due: Runtime) -> None:
    enter(due, "http://127.0.0.1:9/in")
    scan_expiries(due.database, due.settings)
    with due.database.write() as uow:
        queue_deliveries(uow)
        (claimed,) = claim_deliveries(uow, due.settings, policy_of(due.settings))
    with due.database.write() as uow:
        remove_webhook(uow, EVERYTHING, list_webhooks(uow, EVERYTHING)[0].id, actor="quantri")
    with due.database.write() as uow:
        record_answer(uow, claimed, status=204, words="204")
    assert delivery(due).state is DeliveryState.SENT


def test_what_an_address_has_not_taken_is_told_although_a_newer_mail_took_it_over(
    due: Runtime, clock: FakeClock, mailbox: Mailbox
) -> None:
    with due.database.write() as uow:
        agency = uow.session.exec(select(AgencyPeriodRow)).one()
        add_certificate(uow.session, agency, SOON + timedelta(days=2))
    receiver = Receiver(503, 503, 204)
    with server_that(receiver) as (url, _):
        enter(due, url)
        scan_expiries(due.database, due.settings)
        tell_addresses(due)
        clock.advance(timedelta(days=2))
        scan_expiries(due.database, due.settings)
        assert tell_addresses(due) == 1  # the newer mail, without what the older one has to tell
        send_outbox(due, smtp_url=mailbox.url)
        assert len(mailbox.messages) == 1
        clock.advance(timedelta(hours=1))
        assert tell_addresses(due) == 1
    *_, newer, again = (json.loads(body)["data"]["certificates"] for body, _, _ in receiver.got)
    assert [line["days_left"] for line in newer] == [7]
    assert [line["days_left"] for line in again] == [5, 7]
