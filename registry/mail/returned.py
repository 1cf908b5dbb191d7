"""What comes back after a server had accepted a message: entered in the ledger, and remembered of the address.

A report proves nothing about its writer. What ties it to a message of ours is the Message-ID or envelope identifier: 128
random bits that only those know through whose hands the message went. A report that names none of ours changes nothing
and is counted.
"""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import structlog
from sqlalchemy import delete
from sqlalchemy.exc import IntegrityError
from sqlmodel import col, select

from registry.db.types import key_of
from registry.db.unit_of_work import UnitOfWork
from registry.mail.addresses import comparable, mark_dead
from registry.mail.ledger import record_event
from registry.mail.outbox import mark_if_failing, speaks_of_the_address
from registry.mail.reports import ReturnReport, UnreadableReport, parse_report
from registry.mail.tables import (
    AddressFault,
    MailEventKind,
    MailRow,
    MailState,
    ReturnedMessageRow,
    ReturnedOutcome,
)
from registry.settings import Settings

log = structlog.get_logger(__name__)

KEPT: Final = timedelta(days=400)
"""For so long it is remembered that a message was worked already."""


@dataclass(frozen=True, slots=True)
class Returned:
    """What a returned message led to."""

    outcome: ReturnedOutcome
    is_new: bool
    """False when it was worked before, so that nothing was done now."""
    marked: bool
    """Whether an address was found dead by it."""


def record_returned(uow: UnitOfWork, raw: bytes, settings: Settings) -> Returned:
    """Work one message that came back; the same bytes are worked once, whichever way and however often they come."""
    digest = hashlib.sha256(raw).hexdigest()
    row = ReturnedMessageRow(sha256=digest, received_at=uow.now, outcome=ReturnedOutcome.UNREADABLE)
    try:
        with uow.session.begin_nested():
            uow.session.add(row)
    except IntegrityError:
        known = uow.session.get_one(ReturnedMessageRow, digest)
        return Returned(known.outcome, is_new=False, marked=False)
    marked = False
    try:
        report = parse_report(raw)
    except UnreadableReport as error:
        log.info("returned_message_unreadable", sha256=digest, reason=str(error))
    else:
        mail = _find_mail(uow, report, settings)
        row.outcome = ReturnedOutcome.UNMATCHED if mail is None else ReturnedOutcome.MATCHED
        if mail is None:
            log.info("returned_message_unmatched", sha256=digest)
        else:
            row.mail_id = mail.id
            marked = _record(uow, mail, report)
    uow.session.execute(delete(ReturnedMessageRow).where(col(ReturnedMessageRow.received_at) < uow.now - KEPT))
    return Returned(row.outcome, is_new=True, marked=marked)


def _find_mail(uow: UnitOfWork, report: ReturnReport, settings: Settings) -> MailRow | None:
    domain = settings.mail_from.rpartition("@")[2]
    identities = (*report.envelope_ids, *_identities_in(report.addressed_to, settings.envelope_from))
    wanted = (*report.message_ids, *(f"<{identity}@{domain}>" for identity in identities))
    query = select(MailRow).where(col(MailRow.message_id).in_(wanted)).order_by(col(MailRow.id)).with_for_update()
    return uow.session.exec(query).first()


def _identities_in(addresses: tuple[str, ...], return_address: str) -> Iterator[str]:
    """What stands in the place of `{id}` in our return address."""
    before, placeholder, after = return_address.partition("{id}")
    if not placeholder:
        return
    pattern = re.compile(re.escape(before) + r"([A-Za-z0-9._-]{1,100})" + re.escape(after), re.IGNORECASE)
    for address in addresses:
        if matched := pattern.fullmatch(address):
            yield matched.group(1)


def _record(uow: UnitOfWork, mail: MailRow, report: ReturnReport) -> bool:
    record_event(uow, key_of(mail), report.kind, code=report.code, words=report.words)
    if report.kind is MailEventKind.COMPLAINED:
        return mark_dead(uow, mail.recipient, AddressFault.COMPLAINED, words=report.words, mail_id=mail.id)
    if report.kind is not MailEventKind.BOUNCED:
        return False
    if mail.state in {MailState.SENT, MailState.SENDING, MailState.PENDING}:
        # Also one that waits to be sent again because nobody knew that the server had accepted it.
        mail.state = MailState.BOUNCED
        mail.lease_until = None
        mail.last_reply = report.words or report.code
    is_about_recipient = not report.recipients or comparable(mail.recipient) in report.recipients
    if is_about_recipient and speaks_of_the_address(report.code):
        return mark_dead(
            uow, mail.recipient, AddressFault.BOUNCED, code=report.code, words=report.words, mail_id=mail.id
        )
    return mark_if_failing(uow, mail, code=report.code, words=report.words)
