"""Steps before expiry that an agency has of its own, for itself and the units below it. Every change is kept.

The last day for an extension stays a step whatever an agency says: nobody gives up a legal deadline by a setting.
"""

import re
from collections.abc import Iterable
from typing import Final

from sqlmodel import col, select

from certs.messages import define, message
from registry.accounts.viewer import Viewer
from registry.agencies.repository import get_agency
from registry.agencies.schemas import AgencyDetail, AgencyLink
from registry.alerts.repository import AlertRepository
from registry.alerts.scan import policy_of
from registry.alerts.steps.schemas import AgencyStepsChange, AgencyStepsView
from registry.alerts.tables import AgencyStepsRow
from registry.certificates.tables import SubscriberKind
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput, NotPermitted
from registry.settings import Settings

EARLIEST_STEP: Final = 400
LATEST_STEP: Final = -60
"""Days before expiry, negative after it: further away a reminder helps nobody."""
MAXIMUM_STEPS: Final = 20

define(
    "alerts.step_number",
    vi="“{text}” không phải là số ngày. Hãy nhập các số ngày cách nhau bằng dấu phẩy, ví dụ 90, 30, 7.",
    en="“{text}” is no number of days. Write numbers with commas between them, for example 90, 30, 7.",
)
define(
    "alerts.step_range",
    vi="Số ngày {days} nằm ngoài khoảng cho phép: từ {first} đến {last}.",
    en="{days} days is not possible here: choose from {first} to {last}.",
)
define(
    "alerts.too_many_steps",
    vi="Có {count} mốc nhắc, nhiều nhất là {limit}. Hãy bỏ bớt.",
    en="There are {count} reminders, {limit} are possible. Leave some out.",
)
define(
    "alerts.no_steps",
    vi="Hãy nhập ít nhất một mốc nhắc, hoặc chọn theo cơ quan cấp trên.",
    en="Give one reminder at least, or choose to follow the body above.",
)


def agency_steps(uow: UnitOfWork, viewer: Viewer, settings: Settings, agency_id: int) -> AgencyStepsView:
    """The steps in force for an agency and where they come from.

    Raises `AgencyNotFound` when there is none or when the viewer may not know of it.
    """
    detail = get_agency(uow, viewer, agency_id, uow.now)
    own = AlertRepository(uow.session).find_agency_steps()
    policy = policy_of(settings).with_agencies(own)
    source = next((each for each in _way_up(detail) if each.id in own), None)
    return AgencyStepsView(
        own=tuple(sorted(own[agency_id], reverse=True)) if agency_id in own else None,
        inherited_from=source if source is not None and source.id != agency_id else None,
        in_force={kind: policy.steps_for(kind, [each.id for each in _way_up(detail)]) for kind in SubscriberKind},
        last_extension_step=policy.extension_minimum_days,
        changes=tuple(
            AgencyStepsChange.model_validate(row, from_attributes=True) for row in _find_changes(uow, agency_id)
        ),
    )


def set_agency_steps(
    uow: UnitOfWork, viewer: Viewer, agency_id: int, steps: Iterable[int] | None, *, actor: str
) -> None:
    """Give an agency steps of its own, or let it follow the body above again (None). Saying the same changes nothing.

    Raises `AgencyNotFound`, `NotPermitted` when the viewer may not change the agency or it has ended, and
    `InvalidInput` for steps that cannot be.
    """
    agency = get_agency(uow, viewer, agency_id, uow.now).agency
    if agency.ended_at is not None or not viewer.may_change_path(agency.path):
        raise NotPermitted(message("registry.not_permitted"))
    wanted = None if steps is None else check_steps(steps)
    if AlertRepository(uow.session).find_agency_steps().get(agency_id) == wanted:
        return
    uow.session.add(AgencyStepsRow(agency_id=agency_id, steps=wanted, actor=actor, recorded_at=uow.now))
    uow.session.flush()


def check_steps(steps: Iterable[int]) -> list[int]:
    """The steps once each, the earliest first; raises `InvalidInput`."""
    wanted = sorted(set(steps), reverse=True)
    if not wanted:
        raise InvalidInput(message("alerts.no_steps"), field="steps")
    if len(wanted) > MAXIMUM_STEPS:
        raise InvalidInput(message("alerts.too_many_steps", count=len(wanted), limit=MAXIMUM_STEPS), field="steps")
    for step in (wanted[0], wanted[-1]):
        if not LATEST_STEP <= step <= EARLIEST_STEP:
            raise InvalidInput(
                message("alerts.step_range", days=step, first=LATEST_STEP, last=EARLIEST_STEP), field="steps"
            )
    return wanted


def read_days(text: str, *, field: str, first: int, last: int) -> list[int]:
    """Numbers of days as a person writes them, `90, 30; 7`; raises `InvalidInput` naming the field and the number."""
    days: list[int] = []
    for part in re.split(r"[\s,;]+", text.strip()):
        if not part:
            continue
        if not re.fullmatch(r"[0-9]{1,6}", part):
            raise InvalidInput(message("alerts.step_number", text=part[:30]), field=field)
        if not first <= int(part) <= last:
            raise InvalidInput(message("alerts.step_range", days=int(part), first=first, last=last), field=field)
        days.append(int(part))
    return days


def _way_up(detail: AgencyDetail) -> tuple[AgencyLink, ...]:
    return (
        AgencyLink(id=detail.agency.id, code=detail.agency.code, name=detail.agency.name),
        *reversed(detail.ancestors),
    )


def _find_changes(uow: UnitOfWork, agency_id: int) -> list[AgencyStepsRow]:
    query = (
        select(AgencyStepsRow)
        .where(AgencyStepsRow.agency_id == agency_id)
        .order_by(col(AgencyStepsRow.id).desc())
        .limit(50)
    )
    return list(uow.session.exec(query))
