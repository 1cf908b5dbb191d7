"""Acknowledging what a mail told: "renewal requested on …, remind me on …".

An acknowledgement stops the reminders of a certificate, to everybody, until the day that was chosen; on that day the
next one goes, whatever step it falls on. The latest acknowledgement counts; all are kept.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from certs.messages import define, message
from registry.accounts.viewer import Viewer
from registry.alerts.digest import DigestLine, load_lines
from registry.alerts.links import LinkPurpose, MailLink
from registry.alerts.repository import AlertRepository
from registry.alerts.scan import policy_of
from registry.alerts.schemas import AcknowledgementView
from registry.alerts.tables import AcknowledgementRow
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.errors import NotFound
from registry.forms import FormReader
from registry.mail.repository import MailRepository
from registry.settings import Settings

MAXIMUM_SILENCE_DAYS: Final = 60
USUAL_SILENCE_DAYS: Final = 14
"""Proposed in the form: the CA answers within 3 working days, and the token has to travel."""
_OLDEST_REQUEST_DAYS: Final = 366

define(
    "alerts.remind_on",
    vi="Hãy chọn một ngày từ {first} đến {last}.",
    en="Choose a day from {first} to {last}.",
)
define(
    "alerts.requested_on",
    vi="Ngày gửi đề nghị phải nằm trong khoảng {first} đến hôm nay.",
    en="The day of the request lies between {first} and today.",
)
define(
    "alerts.none_chosen",
    vi="Hãy đánh dấu ít nhất một chứng thư.",
    en="Mark one certificate at least.",
)


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """What the recipient says about some certificates."""

    certificate_ids: tuple[int, ...]
    requested_on: date | None
    """When the renewal was requested from the CA; None when it was not said."""
    remind_on: date


@dataclass(frozen=True, slots=True)
class AcknowledgeableLine:
    """A certificate that the mail told of and that still matters, with what was said about it last."""

    line: DigestLine
    latest: AcknowledgementView | None


@dataclass(frozen=True, slots=True)
class AcknowledgeableMail:
    """What the link of a mail shows."""

    mail_id: int
    recipient: str
    recipient_name: str
    lines: tuple[AcknowledgeableLine, ...]


def find_acknowledgeable(uow: UnitOfWork, token: str, settings: Settings) -> AcknowledgeableMail:
    """The certificates that the holder of the link may acknowledge; raises `NotFound` for a link that is none."""
    link = MailLink.verify(token, LinkPurpose.ACKNOWLEDGE, settings, at=uow.now)
    mail = MailRepository(uow.session).find(link.mail_id)
    if mail is None:
        raise NotFound(message("alerts.link_unknown"))
    repository = AlertRepository(uow.session)
    keys = list(repository.find_mail_certificates([link.mail_id], at=uow.now)[link.mail_id])
    latest = repository.find_latest_acknowledgements(keys)
    lines = load_lines(uow, keys, day=local_day(uow.now), policy=policy_of(settings))
    return AcknowledgeableMail(
        mail_id=link.mail_id,
        recipient=mail.recipient,
        recipient_name=mail.recipient_name,
        lines=tuple(
            AcknowledgeableLine(line, _view(latest[key]) if (key := line.certificate_id) in latest else None)
            for line in lines
        ),
    )


def read_acknowledgement(reader: FormReader, offered: Collection[int], *, today: date) -> Acknowledgement | None:
    """Read the form of the link; None when something is wrong, which `reader` then says."""
    typed = reader.typed
    chosen = tuple(key for key in offered if typed.get("everything") or typed.get(f"certificate-{key}"))
    if not chosen:
        reader.fail("certificates", message("alerts.none_chosen"))
    requested_on = reader.day("requested_on") if reader.typed.get("requested_on", "").strip() else None
    oldest = today - timedelta(days=_OLDEST_REQUEST_DAYS)
    if requested_on is not None and not oldest <= requested_on <= today:
        reader.fail("requested_on", message("alerts.requested_on", first=f"{oldest:%d/%m/%Y}"))
    remind_on = reader.day("remind_on")
    first, last = today + timedelta(days=1), today + timedelta(days=MAXIMUM_SILENCE_DAYS)
    if remind_on is not None and not first <= remind_on <= last:
        reader.fail("remind_on", message("alerts.remind_on", first=f"{first:%d/%m/%Y}", last=f"{last:%d/%m/%Y}"))
    if reader.problems or remind_on is None:
        return None
    return Acknowledgement(chosen, requested_on, remind_on)


def record_acknowledgement(uow: UnitOfWork, mail: AcknowledgeableMail, said: Acknowledgement) -> int:
    """Keep what was said and return of how many certificates it is news; saying the same again adds nothing."""
    latest = AlertRepository(uow.session).find_latest_acknowledgements(said.certificate_ids)
    news = 0
    for certificate_id in said.certificate_ids:
        before = latest.get(certificate_id)
        if before and (before.recipient, before.requested_on, before.remind_on) == (
            mail.recipient,
            said.requested_on,
            said.remind_on,
        ):
            continue
        uow.session.add(
            AcknowledgementRow(
                certificate_id=certificate_id,
                mail_id=mail.mail_id,
                recipient=mail.recipient,
                requested_on=said.requested_on,
                remind_on=said.remind_on,
                recorded_at=uow.now,
            )
        )
        news += 1
    uow.session.flush()
    return news


def list_acknowledgements(uow: UnitOfWork, certificate_id: int) -> tuple[AcknowledgementView, ...]:
    """What was said about one certificate, newest first. The caller has made sure that the viewer may see it."""
    return tuple(_view(row) for row in AlertRepository(uow.session).find_acknowledgements(certificate_id))


def recent_acknowledgements(
    uow: UnitOfWork, viewer: Viewer, *, limit: int = 20
) -> tuple[tuple[AcknowledgementView, str], ...]:
    """The latest, each with the holder's name; an officer sees those about certificates in the own subtree."""
    rows = AlertRepository(uow.session).find_recent_acknowledgements(viewer, limit=limit, at=uow.now)
    return tuple((_view(row), holder) for row, holder in rows)


def _view(row: AcknowledgementRow) -> AcknowledgementView:
    return AcknowledgementView.model_validate(row, from_attributes=True)
