"""Keeping the kept counts small and right: summing up the past, and comparing with the certificates themselves."""

from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import column, delete, false, func, insert, literal, or_, select, table, text, true
from sqlmodel import Session, col

from registry.accounts.viewer import Viewer
from registry.certificates.counts import (
    MEASURES,
    AgencyCounts,
    counted_anew,
    counts_by_agency,
    counts_by_expiry,
    expiry_counted_anew,
    to_expiry_counts,
)
from registry.certificates.tables import AgencyCountRow, CertificatePeriodRow, ExpiryCountRow
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork

_RECENT: Final = timedelta(days=1)
"""What is younger is not summed up: counts can be told from the last sum on, and clocks of hosts differ a little."""
_WORTH: Final = 500
"""Fewer rows than these are read about as quickly as their sum."""
_AHEAD: Final = timedelta(days=365)
_AGENCIES: Final[Any] = AgencyCountRow.__table__  # type: ignore[attr-defined]
_EXPIRIES: Final[Any] = ExpiryCountRow.__table__  # type: ignore[attr-defined]


def sum_up(uow: UnitOfWork, *, worth: int = _WORTH) -> None:
    """Replace the rows of the past by their sums, when at least so many wait for it.

    What any moment since is told stays the same, while others write and while others sum up.
    """
    horizon = uow.now - _RECENT
    waiting = select(_AGENCIES.c.id).where(_AGENCIES.c.at < horizon, _AGENCIES.c.is_sum == false()).limit(worth)
    if uow.session.execute(select(func.count()).select_from(waiting.subquery())).scalar_one() >= worth:
        # Both at once: the sums of agencies tell from when on either can be read, see `tells`.
        for rows in (_AGENCIES, _EXPIRIES):
            _sum_up(uow.session, rows, horizon)


def _sum_up(session: Session, rows: Any, horizon: datetime) -> None:
    past = rows.c.at < horizon
    gone = delete(rows).where(past)
    if session.get_bind().dialect.name == "postgresql":
        # In one statement: what others add meanwhile is either summed up or stays.
        session.execute(_insert_sums(rows, gone.returning(*rows.c).cte("removed"), horizon))
    else:
        session.execute(_insert_sums(rows, rows, horizon, past))
        session.execute(gone)


def _insert_sums(rows: Any, source: Any, horizon: datetime, *conditions: Any) -> Any:
    keys = [each.name for each in rows.c if each.name not in _NO_KEYS and each.name not in _MEASURES]
    measures = [each.name for each in rows.c if each.name in _MEASURES]
    sums = [func.sum(source.c[name]) for name in measures]
    fixed: dict[str, Any] = {"at": literal(horizon, rows.c.at.type), "is_sum": true()}
    if "is_after" in rows.c:
        fixed["is_after"] = false()
    chosen = select(*fixed.values(), *(source.c[name] for name in keys), *sums).where(*conditions)
    chosen = chosen.group_by(*(source.c[name] for name in keys))
    if rows is _EXPIRIES:
        # Days pass. Of agencies a sum of nothing stays: that there is one tells how far back counts are known.
        chosen = chosen.having(or_(*(each != 0 for each in sums)))
    return insert(rows).from_select([*fixed, *keys, *measures], chosen)


_NO_KEYS: Final = ("id", "at", "is_sum", "is_after")
_MEASURES: Final = (*MEASURES, "unrevoked", "begun")


def find_wrong_counts(uow: UnitOfWork) -> int:
    """How many agencies and days of expiry are kept with other counts than their certificates have, now or in a year.

    To be asked first of its unit of work, so that what others write meanwhile is no difference.
    """
    if uow.session.get_bind().dialect.name == "postgresql":
        uow.session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    return sum(_wrong_at(uow, moment) for moment in (uow.now, uow.now + _AHEAD))


def _wrong_at(uow: UnitOfWork, at: Any) -> int:
    everything = Viewer.everything()
    kept: dict[Any, Any] = dict(counts_by_agency(uow, everything, at))
    agency = col(CertificatePeriodRow.agency_id)
    anew = counted_anew(uow, everything, at).add_columns(agency).group_by(agency)
    counted: dict[Any, Any] = {key: AgencyCounts(*counts) for *counts, key in uow.session.execute(anew)}
    days = (local_day(at) - timedelta(days=40), date(local_day(at).year + 30, 1, 1))
    kept |= counts_by_expiry(uow, everything, at, *days)
    counted |= to_expiry_counts(uow.session.execute(expiry_counted_anew(uow, everything, at, *days)))
    return sum(kept.get(key) != counted.get(key) for key in kept.keys() | counted.keys())


def count_anew(uow: UnitOfWork) -> None:
    """Keep what the certificates have, whatever was kept before. Others wait meanwhile with what they write."""
    if uow.session.get_bind().dialect.name == "postgresql":
        uow.session.execute(text("LOCK TABLE certificate_period IN SHARE ROW EXCLUSIVE MODE"))
    for rows in (_AGENCIES, _EXPIRIES):
        names = [each.name for each in rows.c if each.name not in ("id", "is_sum")]
        entries = table(f"{rows.name}_entries", *(column(name) for name in names))
        uow.session.execute(delete(rows))
        uow.session.execute(insert(rows).from_select([*names, "is_sum"], select(*entries.c, false())))
    sum_up(uow)
