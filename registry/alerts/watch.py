"""The watch over the alerts: it looks on its own, whatever the scan does, and alarms the administrators.

    fine ──something is wrong──▶ alarm (a mail, and another each day that it lasts) ──over──▶ fine (a mail: all clear)

Each spell of a kind exists once while it lasts, and so does each mail of a kind and day, so any number of watches may run
at once. Mail can be what is broken: the command's exit code and `/metrics` say the same without it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Final

import structlog
from sqlalchemy import ColumnElement, update
from sqlmodel import col, select

from certs.messages import Message
from registry.alerts.health import WATCH, WATCH_ROW, find_conditions, find_open_alarms
from registry.alerts.letters import build_letter
from registry.alerts.notices import first_look, insert_once, put_mail_once
from registry.alerts.plan import iter_due
from registry.alerts.repository import AlertRepository
from registry.alerts.scan import fallback_of, policy_of
from registry.alerts.tables import AlarmKind, AlarmSpellRow, AlertBaselineRow, AlertWatchRow
from registry.certificates.tables import CertificatePeriodRow, CertificateRow
from registry.clock import FOREVER, local_day, start_of_day
from registry.db.unit_of_work import Database, UnitOfWork
from registry.jobs import SendOutboxJob
from registry.mail.tables import MailRow
from registry.settings import Settings

log = structlog.get_logger(__name__)

ALARM_KINDS: Final = {f"alarm_{kind}": kind for kind in AlarmKind}
"""Kinds of mail: one a day for each thing that can be wrong."""
ALL_CLEAR_KINDS: Final = {f"all_clear_{kind}": kind for kind in AlarmKind}
ALARM: Final = "alarm"
ALL_CLEAR: Final = "all_clear"
"""Names of the templates."""


@dataclass(frozen=True, slots=True)
class WatchReport:
    """What one look saw."""

    conditions: dict[AlarmKind, Message]
    """What is wrong, each with a sentence for a person."""
    due_unsent: int | None
    """Certificates due by the rules and not in the outbox; None: it could not be found out."""
    failure: str | None
    """Why not."""

    @property
    def is_fine(self) -> bool:
        """Whether nothing is wrong, and that much could be found out."""
        return not self.conditions and self.failure is None


@dataclass(frozen=True, slots=True)
class Due:
    """What is due by the rules and told to nobody."""

    count: int
    since: datetime | None
    """Since when the oldest is due; None when there is none."""


def watch_alerts(database: Database, settings: Settings) -> WatchReport:
    """Look, keep what was seen for `/metrics` and the pages, and put alarms into the outbox. It is an entry point."""
    due, failure = None, None
    try:
        with database.read() as uow:
            due = _find_due(uow, settings)
    except Exception as error:
        # The watch is there for the day on which the search for what is due breaks: it goes on without that answer.
        log.exception("due_unknown")
        failure = f"{type(error).__name__}: {error}"[:2000]
    with database.write() as uow:
        first_look(uow, WATCH)
        _keep(uow, due, failure)
        conditions = find_conditions(uow, settings)
        _raise_alarms(uow, settings, conditions)
    return WatchReport(conditions, due.count if due is not None else None, failure)


def _find_due(uow: UnitOfWork, settings: Settings) -> Due:
    """Certificates whose most urgent step was told to nobody.

    A superior body that is told later because nobody reacted, and an address that changed, are no delay: somebody was
    told in time. Nor is what was due before there was a watch: the first scan takes it up.
    """
    repository = AlertRepository(uow.session)
    baseline = uow.session.get(AlertBaselineRow, WATCH)
    begin = baseline.at if baseline is not None else uow.now
    day = local_day(uow.now)
    count, oldest = 0, None
    for batch in iter_due(uow, policy_of(settings), day=day, fallback=fallback_of(settings)):
        steps = {due.certificate_id: due.due.step for _, due in batch.due}
        told = {
            notice.certificate_id
            for notice in repository.find_notices(list(steps))
            if notice.step_days <= steps[notice.certificate_id]
        }
        reached = {
            due.certificate_id: start_of_day(day + timedelta(days=due.left - due.due.step))
            for _, due in batch.due
            if due.certificate_id not in told
        }
        count += len(reached)
        for key, known_since in _find_known_since(uow, list(reached)):
            since = max(reached[key], known_since, begin)
            oldest = since if oldest is None else min(oldest, since)
    return Due(count, oldest)


def _find_known_since(uow: UnitOfWork, certificate_ids: Sequence[int]) -> Sequence[tuple[int, datetime]]:
    """Since when the register could have told of each certificate as it stands now."""
    query = (
        select(CertificateRow.id, CertificateRow.registered_at, CertificatePeriodRow.effective_from)
        .join(CertificatePeriodRow, col(CertificatePeriodRow.certificate_id) == col(CertificateRow.id))
        .where(
            col(CertificateRow.id).in_(certificate_ids),
            col(CertificatePeriodRow.effective_from) <= uow.now,
            col(CertificatePeriodRow.effective_until) > uow.now,
        )
    )
    return [(key or 0, max(registered, effective)) for key, registered, effective in uow.session.exec(query)]


def _keep(uow: UnitOfWork, due: Due | None, failure: str | None) -> None:
    uow.session.execute(insert_once(uow.session, AlertWatchRow).values(id=WATCH_ROW, at=uow.now))
    row = uow.session.get_one(AlertWatchRow, WATCH_ROW, with_for_update=True)
    row.at = uow.now
    row.due_unsent = due.count if due is not None else None
    row.oldest_due_at = due.since if due is not None else None
    row.failure = failure
    uow.session.flush()


def _raise_alarms(uow: UnitOfWork, settings: Settings, conditions: dict[AlarmKind, Message]) -> None:
    open_before = find_open_alarms(uow)
    administrators = fallback_of(settings)
    mails: list[int | None] = []
    for kind, condition in conditions.items():
        values = {"kind": kind, "began_at": uow.now, "ended_at": FOREVER}
        uow.session.execute(insert_once(uow.session, AlarmSpellRow).values(**values))
        mails.append(put_mail_once(uow, settings, kind=f"alarm_{kind}", recipient=administrators))
        log.warning("alert_alarm", kind=kind, sentence=condition.text("en"))
    for kind in sorted(open_before - conditions.keys()):
        ended = uow.session.execute(
            update(AlarmSpellRow)
            .where(col(AlarmSpellRow.kind) == kind, col(AlarmSpellRow.ended_at) == FOREVER)
            .values(ended_at=uow.now)
            .returning(col(AlarmSpellRow.id))
        ).all()
        if ended:
            mails.append(put_mail_once(uow, settings, kind=f"all_clear_{kind}", recipient=administrators))
            log.info("alert_all_clear", kind=kind)
    if any(mails):
        uow.enqueue(SendOutboxJob())


def find_spells(uow: UnitOfWork, begin: datetime, end: datetime) -> Sequence[AlarmSpellRow]:
    """The times in which something was wrong that touch the time from `begin` to `end`, in their order."""
    query = (
        select(AlarmSpellRow)
        .where(col(AlarmSpellRow.began_at) < end, col(AlarmSpellRow.ended_at) > begin)
        .order_by(col(AlarmSpellRow.began_at), col(AlarmSpellRow.id))
    )
    return uow.session.exec(query).all()


def compose_alarm(uow: UnitOfWork, mail: MailRow, settings: Settings) -> EmailMessage:
    """The message that something is wrong, as it stands when it is sent."""
    kind = ALARM_KINDS[mail.kind]
    condition = find_conditions(uow, settings).get(kind)
    values = {
        "kind": kind,
        "spell": _latest_spell(uow, kind),
        "sentence": condition.text(mail.language) if condition is not None else None,
    }
    return build_letter(uow, mail, settings, values, template=ALARM)


def compose_all_clear(uow: UnitOfWork, mail: MailRow, settings: Settings) -> EmailMessage:
    """The message that it is over."""
    kind = ALL_CLEAR_KINDS[mail.kind]
    spell = _latest_spell(uow, kind, col(AlarmSpellRow.ended_at) < FOREVER)
    return build_letter(uow, mail, settings, {"kind": kind, "spell": spell}, template=ALL_CLEAR)


def _latest_spell(uow: UnitOfWork, kind: AlarmKind, *conditions: ColumnElement[bool]) -> AlarmSpellRow:
    query = select(AlarmSpellRow).where(AlarmSpellRow.kind == kind, *conditions)
    return uow.session.exec(query.order_by(col(AlarmSpellRow.id).desc()).limit(1)).one()
