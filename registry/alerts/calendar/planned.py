"""Who is told what on one day, as people and programs see it."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

from sqlmodel import col, select

from certs.messages import define, message
from registry.accounts.viewer import Viewer
from registry.alerts.digest import load_lines
from registry.alerts.plan import Plan, PlannedDigest, plan_digests
from registry.alerts.repository import certificates_below
from registry.alerts.scan import fallback_of, policy_of
from registry.alerts.schemas import PlannedCertificateView, PlannedMailView
from registry.batches import batches
from registry.certificates.tables import CertificateRow
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput
from registry.settings import Settings

define(
    "alerts.past_day",
    vi="Ngày {day} đã qua: những gì đã gửi nằm trong danh sách thư. Hãy chọn hôm nay hoặc một ngày sau đó.",
    en="The day {day} is over: what was sent is in the list of mails. Choose today or a later day.",
)
define(
    "alerts.distant_day",
    vi="Chỉ xem trước được đến ngày {last}.",
    en="The preview reaches until {last}.",
)
_HORIZON: Final = timedelta(days=3660)


def plan_day(uow: UnitOfWork, viewer: Viewer, settings: Settings, *, day: date) -> Plan:
    """Who is going to be told what on `day`, given the register as it is now.

    An officer sees of each mail what concerns the own subtree. Raises `InvalidInput` for a day that is over or too far
    ahead.
    """
    today = local_day(uow.now)
    if day < today:
        raise InvalidInput(message("alerts.past_day", day=f"{day:%d/%m/%Y}"), field="date")
    if day > today + _HORIZON:
        raise InvalidInput(message("alerts.distant_day", last=f"{today + _HORIZON:%d/%m/%Y}"), field="date")
    plan = plan_digests(uow, policy_of(settings), day=day, fallback=fallback_of(settings))
    return plan if viewer.agency_path is None else _narrow(uow, plan, viewer.agency_path)


def preview_mails(uow: UnitOfWork, viewer: Viewer, settings: Settings, *, day: date) -> tuple[PlannedMailView, ...]:
    """Every mail of `plan_day` with the certificates that it tells of."""
    return planned_views(uow, settings, day, plan_day(uow, viewer, settings, day=day).digests)


def planned_views(
    uow: UnitOfWork, settings: Settings, day: date, digests: Sequence[PlannedDigest]
) -> tuple[PlannedMailView, ...]:
    """What these digests of `day` tell of."""
    keys = sorted({certificate.certificate_id for digest in digests for certificate in digest.certificates})
    lines = {line.certificate_id: line for line in load_lines(uow, keys, day=day, policy=policy_of(settings))}
    return tuple(
        PlannedMailView(
            day=day,
            recipient=digest.recipient.email,
            recipient_name=digest.recipient.name,
            certificates=tuple(
                PlannedCertificateView(
                    certificate_id=certificate.certificate_id,
                    holder=line.holder,
                    agency=line.agency,
                    not_after=line.not_after,
                    days_left=certificate.left,
                    step_days=certificate.due.step,
                    role=certificate.role,
                )
                for certificate in digest.certificates
                if (line := lines.get(certificate.certificate_id)) is not None
            ),
        )
        for digest in digests
    )


def _narrow(uow: UnitOfWork, plan: Plan, path: str) -> Plan:
    """What of the plan concerns certificates of a subtree."""
    keys = sorted({certificate.certificate_id for digest in plan.digests for certificate in digest.certificates})
    visible: set[int] = set()
    for batch in batches(keys):
        query = select(CertificateRow.id).where(
            col(CertificateRow.id).in_(batch),
            col(CertificateRow.id).in_(certificates_below(path, uow.now)),
        )
        visible.update(key for key in uow.session.exec(query) if key is not None)
    digests = (
        replace(digest, certificates=tuple(each for each in digest.certificates if each.certificate_id in visible))
        for digest in plan.digests
    )
    return replace(plan, digests=tuple(digest for digest in digests if digest.certificates))
