"""Lists of agencies as files, as shown, with what an import needs to enter them again."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from registry.accounts.viewer import Viewer
from registry.agencies.query import AgencyQuery
from registry.agencies.repository import find_agencies, find_agencies_by_id
from registry.agencies.schemas import AgencyView
from registry.agencies.tables import AgencyPeriodRow, AgencyRow, AgencySuccessionRow
from registry.clock import local_day
from registry.db.unit_of_work import Database, UnitOfWork
from registry.paging import MAXIMUM_PAGE, PageRequest
from registry.spreadsheets import SheetColumn, exact_cell


@dataclass(frozen=True, slots=True)
class ExportedAgency:
    """One row of the file."""

    view: AgencyView
    parent: AgencyView | None
    """The body directly above it."""
    former_names: str
    """Each with the day from which the next one held."""
    successors: str
    """Codes, each with the day on which it took over."""


AGENCY_COLUMNS: Final[Sequence[SheetColumn[ExportedAgency]]] = (
    SheetColumn("Mã định danh", "Code", lambda row, _: row.view.code),
    SheetColumn("Tên cơ quan", "Name", lambda row, _: row.view.name, 48),
    SheetColumn("Cấp", "Level", lambda row, words: words(row.view.level)),
    SheetColumn(
        "Mã cơ quan cấp trên", "Code of the body above", lambda row, _: row.parent.code if row.parent else None
    ),
    SheetColumn("Cơ quan cấp trên", "Body above", lambda row, _: row.parent.name if row.parent else None, 40),
    SheetColumn("Thư công vụ", "E-mail", lambda row, _: row.view.email, 30),
    SheetColumn("Địa chỉ", "Address", lambda row, _: row.view.address, 40),
    SheetColumn("Mã số thuế", "Tax code", lambda row, _: row.view.tax_code),
    SheetColumn("Mã quan hệ ngân sách", "Budget code", lambda row, _: row.view.budget_code),
    SheetColumn("Thành lập", "Exists from", lambda row, _: _day(row.view.exists_from), 14),
    SheetColumn("Kết thúc", "Ended", lambda row, _: _day(row.view.ended_at), 14),
    SheetColumn("Tên cũ", "Former names", lambda row, _: row.former_names, 40),
    SheetColumn("Kế thừa", "Successors", lambda row, _: row.successors),
)


def iterate_exported(database: Database, viewer: Viewer, query: AgencyQuery) -> Iterator[ExportedAgency]:
    """The whole list in its order, each page read in a unit of work of its own."""
    cursor = None
    while True:
        with database.read() as uow:
            page = find_agencies(uow, viewer, query, PageRequest(cursor=cursor, limit=MAXIMUM_PAGE))
            above = find_agencies_by_id(uow, {view.parent_id for view in page.items if view.parent_id}, query.as_of)
            keys = [view.id for view in page.items]
            former = _former_names(uow, keys, query.as_of)
            successors = find_successors(uow, keys, query.as_of)
        for view in page.items:
            yield ExportedAgency(
                view, above.get(view.parent_id or 0), former.get(view.id, ""), successors.get(view.id, "")
            )
        if page.next is None:
            return
        cursor = page.next


def find_successors(uow: UnitOfWork, keys: Iterable[int], at: datetime) -> dict[int, str]:
    """Who took over from each of these agencies by `at`, as `H05.1 (01/07/2025); H05.2 (01/07/2025)`."""
    found: dict[int, list[str]] = {}
    for key, code, moment in uow.session.execute(
        select(col(AgencySuccessionRow.predecessor_id), col(AgencyRow.code), col(AgencySuccessionRow.effective_at))
        .join(AgencyRow, col(AgencyRow.id) == col(AgencySuccessionRow.successor_id))
        .where(col(AgencySuccessionRow.predecessor_id).in_(tuple(keys)), col(AgencySuccessionRow.effective_at) <= at)
        .order_by(col(AgencySuccessionRow.effective_at), col(AgencySuccessionRow.id))
    ):
        found.setdefault(key, []).append(f"{code} ({_shown(moment)})")
    return {key: "; ".join(each) for key, each in found.items()}


def _former_names(uow: UnitOfWork, keys: Iterable[int], at: datetime) -> dict[int, str]:
    period = AgencyPeriodRow
    names: dict[int, list[tuple[str, datetime]]] = {}
    for key, name, until in uow.session.execute(
        select(col(period.agency_id), col(period.name), col(period.effective_until))
        .where(col(period.agency_id).in_(tuple(keys)), col(period.effective_from) <= at)
        .order_by(col(period.agency_id), col(period.effective_from))
    ):
        own = names.setdefault(key, [])
        if own and own[-1][0] == name:
            own.pop()
        own.append((name, until))
    return {
        key: "; ".join(f"{name} (đến {_shown(until)})" for name, until in own[:-1])
        for key, own in names.items()
        if len(own) > 1
    }


def _shown(moment: datetime) -> str:
    """A day, or a moment so that an import reads the same one."""
    cell = exact_cell(moment)
    return f"{cell:%d/%m/%Y}" if isinstance(cell, date) else str(cell)


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else local_day(moment)
