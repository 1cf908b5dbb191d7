"""Which module makes each kind of mail: a new kind is its module, its templates and one line here."""

from collections.abc import Callable, Mapping, Sequence
from email.message import EmailMessage
from types import MappingProxyType
from typing import Final

from registry.alerts.compose import compose_digest, prepare_digests
from registry.alerts.coverage import COVERAGE_DIGEST, compose_coverage
from registry.alerts.digest import EXPIRY_DIGEST, Digest
from registry.alerts.lapses import LAPSE_DIGEST, compose_lapses
from registry.alerts.planning.sample_mail import SAMPLE_KINDS, compose_sample
from registry.alerts.revocations import REVOCATION_DIGEST, compose_revocations
from registry.alerts.summary.mail import compose_summary
from registry.alerts.summary.opt_out import WEEKLY_SUMMARY
from registry.alerts.watch import ALARM, ALARM_KINDS, ALL_CLEAR, ALL_CLEAR_KINDS, compose_alarm, compose_all_clear
from registry.db.unit_of_work import UnitOfWork
from registry.mail.smtp import MailDeferred
from registry.mail.tables import MailRow
from registry.settings import Settings

Composer = Callable[[UnitOfWork, MailRow, Settings], EmailMessage]
"""Makes a message as of the unit of work; raises `MailRefused` when it can never be sent."""
Composed = Callable[[MailRow], EmailMessage]
"""Makes the message of one of the mails that were loaded together; raises as a `Composer` does."""

COMPOSERS: Final[Mapping[str, Composer]] = MappingProxyType(
    {
        EXPIRY_DIGEST: compose_digest,
        LAPSE_DIGEST: compose_lapses,
        REVOCATION_DIGEST: compose_revocations,
        COVERAGE_DIGEST: compose_coverage,
        WEEKLY_SUMMARY: compose_summary,
        **dict.fromkeys(ALARM_KINDS, compose_alarm),
        **dict.fromkeys(ALL_CLEAR_KINDS, compose_all_clear),
        **dict.fromkeys(SAMPLE_KINDS, compose_sample),
    }
)
"""By `MailRow.kind`."""
_SHARED_TEMPLATES: Final = {**dict.fromkeys(ALARM_KINDS, ALARM), **dict.fromkeys(ALL_CLEAR_KINDS, ALL_CLEAR)}
TEMPLATES: Final[Mapping[str, str]] = MappingProxyType(
    {kind: _SHARED_TEMPLATES.get(kind, kind) for kind in COMPOSERS if kind not in SAMPLE_KINDS}
)
"""The folder of templates of each kind. A test holds that each is there in every language, and no other. A sample has
none of its own: it says what another mail says."""


def compose_mail(uow: UnitOfWork, mail: MailRow, settings: Settings) -> EmailMessage:
    """Make the message of one mail of the outbox.

    Raises `MailRefused`, and `MailDeferred` for a kind that is not known here: while a new version is put in place, a
    mail of its kinds may come before a worker that makes them.
    """
    if mail.kind not in COMPOSERS:
        raise MailDeferred(f"this version knows no such kind of mail: {mail.kind}")
    return COMPOSERS[mail.kind](uow, mail, settings)


def prepare_mails(
    uow: UnitOfWork,
    mails: Sequence[MailRow],
    settings: Settings,
    *,
    on_loaded: Callable[[Mapping[int, Digest]], object] | None = None,
) -> Composed:
    """Load what these mails tell of, and return what makes the message of each of them as `compose_mail` does.

    Expiry digests come by the thousand and are loaded together; of the other kinds there are few. `on_loaded` is told
    by mail what the expiry digests say, before the first message is made.
    """
    expiries = [mail for mail in mails if mail.kind == EXPIRY_DIGEST]
    compose_expiries = prepare_digests(uow, expiries, settings, on_loaded=on_loaded)

    def compose(mail: MailRow) -> EmailMessage:
        return compose_expiries(mail) if mail.kind == EXPIRY_DIGEST else compose_mail(uow, mail, settings)

    return compose
