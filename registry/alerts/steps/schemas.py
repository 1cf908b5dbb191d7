"""What the steps of an agency look like from outside."""

from datetime import datetime

from registry.agencies.schemas import AgencyLink
from registry.certificates.tables import SubscriberKind
from registry.views import View


class AgencyStepsChange(View):
    """What somebody set."""

    steps: tuple[int, ...] | None
    """Days before expiry, negative after it; None: to follow the body above again."""
    actor: str
    recorded_at: datetime


class AgencyStepsView(View):
    """The steps of an agency."""

    own: tuple[int, ...] | None
    """Days before expiry, negative after it; None when it follows the body above."""
    inherited_from: AgencyLink | None
    """The body above whose steps it follows; None when it has its own, or when those of the province hold."""
    in_force: dict[SubscriberKind, tuple[int, ...]]
    """For each kind of subscriber, the earliest first, with the last day for an extension."""
    last_extension_step: int
    """Days before expiry on the last day on which an extension can be asked for: always a step."""
    changes: tuple[AgencyStepsChange, ...]
    """The latest 50, newest first."""
