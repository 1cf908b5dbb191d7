"""The forecast of this moment, kept until something that it rests on changes."""

import threading
from datetime import date

from sqlalchemy import func, select
from sqlmodel import col

from registry.agencies.tables import AgencyEventRow
from registry.alerts.calendar.forecast import Forecast, make_forecast
from registry.alerts.scan import fallback_of, policy_of
from registry.alerts.tables import AcknowledgementRow, AgencyStepsRow, ExpiryNoticeRow
from registry.certificates.tables import CertificateEventRow
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.mail.tables import DeadAddressRow, MailEventRow
from registry.settings import Settings

Version = tuple[date, tuple[int | None, ...]]
"""The day, and the numbers of the latest rows of everything that a forecast rests on."""


class ForecastKeeper:
    """One forecast for a whole process: of several requests at once, one makes it and the others wait for it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: tuple[Version, Forecast] | None = None

    def get(self, uow: UnitOfWork, settings: Settings) -> Forecast:
        """The forecast of the register as `uow` sees it."""
        version = _version(uow)
        with self._lock:
            if self._kept is None or self._kept[0] != version:
                self._kept = version, make_forecast(uow, policy_of(settings), fallback=fallback_of(settings))
            return self._kept[1]


def _version(uow: UnitOfWork) -> Version:
    """Rows of these tables are only ever added, apart from the clearing of dead addresses."""
    added = (CertificateEventRow, AgencyEventRow, AgencyStepsRow, ExpiryNoticeRow, AcknowledgementRow, MailEventRow)
    latest = [select(func.max(table.id)).scalar_subquery() for table in (*added, DeadAddressRow)]
    cleared = select(func.count(col(DeadAddressRow.cleared_at))).scalar_subquery()
    return local_day(uow.now), tuple(uow.session.execute(select(*latest, cleared)).one())
