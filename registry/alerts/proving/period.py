"""From which day to which."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Mapped

from registry.clock import local_day


@dataclass(frozen=True, slots=True)
class Period:
    """Days in Viet Nam, both included; None: open."""

    first: date | None = None
    last: date | None = None

    def holds(self, moment: datetime) -> bool:
        """Whether a moment lies in it."""
        day = local_day(moment)
        return (self.first is None or day >= self.first) and (self.last is None or day <= self.last)

    def conditions(self, column: Mapped[date]) -> tuple[ColumnElement[bool], ...]:
        """Conditions on a column of days."""
        conditions = []
        if self.first is not None:
            conditions.append(column >= self.first)
        if self.last is not None:
            conditions.append(column <= self.last)
        return tuple(conditions)
