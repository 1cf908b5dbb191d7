"""Jobs of the web addresses that are told."""

import time
from typing import Final

import structlog

from registry.alerts.scan import policy_of
from registry.jobs import SendWebhooksJob
from registry.runtime import Runtime
from registry.signed_requests import HEADER, sign
from registry.webhooks.delivery import CONTENT_TYPE, Delivery, claim_deliveries, queue_deliveries, record_answer
from registry.webhooks.trial import find_trials, record_test
from workers.fetch import OutboundClient, OutboundError
from workers.resources import Resources

log = structlog.get_logger(__name__)

_SECONDS: Final = 240.0
"""Of one run, far below the lease; the next one goes on."""
_SECONDS_OF_ONE: Final = 15.0
_WORDS: Final = 300


def send_webhooks(resources: Resources, job: SendWebhooksJob) -> None:
    """Tell what is to be told; several may run at once, and one may die in between."""
    del job
    log.info("webhooks", sent=tell_addresses(resources.runtime))


def tell_addresses(runtime: Runtime) -> int:
    """Queue what is due and send it until nothing is left or the time of one run is over; return how much was taken."""
    settings, database = runtime.settings, runtime.database
    with database.write() as uow:
        queue_deliveries(uow)
    deadline = time.monotonic() + _SECONDS
    sent = 0
    with OutboundClient(seconds=_SECONDS_OF_ONE, allowed_hosts=settings.outbound_allowed_hosts) as client:
        _send_tests(runtime, client)
        while time.monotonic() < deadline:
            with database.write() as uow:
                claimed = claim_deliveries(uow, settings, policy_of(settings))
            if not claimed:
                break
            # No more than a lease's worth is claimed at once: fifty requests of at most 15 seconds.
            for delivery in claimed:
                sent += _send(runtime, client, delivery)
    return sent


def _send_tests(runtime: Runtime, client: OutboundClient) -> None:
    """Somebody waits for their outcome, so they come first."""
    with runtime.database.read() as uow:
        trials = find_trials(uow, runtime.settings)
    for trial in trials:
        status, words = _tell(runtime, client, trial.url, trial.secret, trial.body)
        with runtime.database.write() as uow:
            record_test(uow, trial, status=status, words=words)


def _send(runtime: Runtime, client: OutboundClient, delivery: Delivery) -> bool:
    status, words = _tell(runtime, client, delivery.url, delivery.secret, delivery.body)
    with runtime.database.write() as uow:
        record_answer(uow, delivery, status=status, words=words)
    return status is not None and 200 <= status < 300


def _tell(runtime: Runtime, client: OutboundClient, url: str, secret: str, body: bytes) -> tuple[int | None, str]:
    """Post a signed event; return the status and words of the answer, or None and why there is none."""
    signature = sign(secret, body, at=runtime.clock.now())
    try:
        answer = client.post(url, body, {"Content-Type": CONTENT_TYPE, HEADER: signature})
    except OutboundError as error:
        return None, str(error)
    return answer.status, f"{answer.status} {answer.body[:_WORDS].decode('utf-8', 'replace')}".strip()
