"""The calendar as it is shown: for each day how much leaves, whether it is worked, and whether somebody holds it."""

from datetime import date, timedelta

from sqlmodel import col, select

from registry.accounts.viewer import Viewer
from registry.agencies.tables import AgencyPeriodRow
from registry.alerts.calendar.forecast import Forecast
from registry.alerts.planning.actions import list_day_holds
from registry.alerts.planning.mails import count_mails_by_day
from registry.alerts.scan import policy_of
from registry.alerts.workdays import holiday_name
from registry.db.unit_of_work import UnitOfWork
from registry.settings import Settings
from registry.views import View


class CalendarDayView(View):
    """One day of the calendar."""

    day: date
    mails: int
    certificates: int
    """Each is counted for every mail that tells of it."""
    written: int
    """Mails of the day that are in the ledger already, also for a day to come; they are not counted in `mails`."""
    is_workday: bool
    holiday: str | None
    """Its name, of a public holiday."""
    is_held: bool
    """Whether a person holds back its mail."""


class CalendarView(View):
    """The mails of the days to come, as the register stands, if nobody answers and nothing changes."""

    days: tuple[CalendarDayView, ...]

    @property
    def total_mails(self) -> int:
        """Of all days."""
        return sum(day.mails for day in self.days)

    @property
    def total_certificates(self) -> int:
        """Of all days, each certificate counted for every mail that tells of it."""
        return sum(day.certificates for day in self.days)


def mail_calendar(
    uow: UnitOfWork, viewer: Viewer, settings: Settings, forecast: Forecast, *, language: str = "vi"
) -> CalendarView:
    """A forecast as a calendar, with what is written already; for an officer of what concerns the own subtree."""
    agency_ids = None if viewer.agency_path is None else _agencies_below(uow, viewer.agency_path)
    written = count_mails_by_day(uow, viewer, forecast.first, forecast.last)
    held = {hold.day for hold in list_day_holds(uow)}
    workdays = policy_of(settings).calendar
    days = []
    for ahead in range((forecast.last - forecast.first).days + 1):
        day = forecast.first + timedelta(days=ahead)
        count = forecast.count(day, agency_ids)
        days.append(
            CalendarDayView(
                day=day,
                mails=count.mails,
                certificates=count.certificates,
                written=written.get(day, 0),
                is_workday=workdays.is_workday(day),
                holiday=holiday_name(day, language),
                is_held=day in held,
            )
        )
    return CalendarView(days=tuple(days))


def _agencies_below(uow: UnitOfWork, path: str) -> set[int]:
    query = select(AgencyPeriodRow.agency_id).where(
        col(AgencyPeriodRow.effective_from) <= uow.now,
        col(AgencyPeriodRow.effective_until) > uow.now,
        col(AgencyPeriodRow.path).startswith(path, autoescape=True),
    )
    return set(uow.session.exec(query))
