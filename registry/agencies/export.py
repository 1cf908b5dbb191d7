"""Lists of agencies as files, as shown."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from registry.accounts.viewer import Viewer
from registry.agencies.query import AgencyQuery
from registry.agencies.repository import find_agencies, find_agencies_by_id
from registry.agencies.schemas import AgencyView
from registry.clock import local_day
from registry.db.unit_of_work import Database
from registry.paging import MAXIMUM_PAGE, PageRequest
from registry.spreadsheets import SheetColumn


@dataclass(frozen=True, slots=True)
class ExportedAgency:
    """One row of the file."""

    view: AgencyView
    parent: AgencyView | None
    """The body directly above it."""


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
)


def iterate_exported(database: Database, viewer: Viewer, query: AgencyQuery) -> Iterator[ExportedAgency]:
    """The whole list in its order, each page read in a unit of work of its own."""
    cursor = None
    while True:
        with database.read() as uow:
            page = find_agencies(uow, viewer, query, PageRequest(cursor=cursor, limit=MAXIMUM_PAGE))
            above = find_agencies_by_id(uow, {view.parent_id for view in page.items if view.parent_id}, query.as_of)
        for view in page.items:
            yield ExportedAgency(view, above.get(view.parent_id or 0))
        if page.next is None:
            return
        cursor = page.next


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else local_day(moment)
