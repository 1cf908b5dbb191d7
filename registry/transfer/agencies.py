"""The tree of agencies with its whole history as rows: one row for each stretch of time in which nothing changed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from registry.agencies.export import find_successors
from registry.agencies.tables import AgencyEventRow
from registry.agency_imports.histories import Stretch, end_of
from registry.agency_imports.repository import agency_ids, load_periods, register_of
from registry.clock import FOREVER
from registry.db.unit_of_work import UnitOfWork
from registry.spreadsheets import SheetColumn, exact_cell


@dataclass(frozen=True, slots=True)
class AgencyStretch:
    """One row: what was true of an agency from `since` on."""

    code: str
    stretch: Stretch
    parent_name: str | None
    document: str | None
    """On which it is founded."""
    ended: datetime | None
    """In the last row of an agency that ended."""
    end_document: str | None
    successors: str | None


AGENCY_STRETCHES: Final[Sequence[SheetColumn[AgencyStretch]]] = (
    SheetColumn("Mã định danh", "Code", lambda row, _: row.code),
    SheetColumn("Tên cơ quan", "Name", lambda row, _: row.stretch.state.name, 48),
    SheetColumn("Cấp", "Level", lambda row, words: words(row.stretch.state.level)),
    SheetColumn("Mã cơ quan cấp trên", "Code of the body above", lambda row, _: row.stretch.state.parent),
    SheetColumn("Cơ quan cấp trên", "Body above", lambda row, _: row.parent_name, 40),
    SheetColumn("Thư công vụ", "E-mail", lambda row, _: row.stretch.state.email, 30),
    SheetColumn("Địa chỉ", "Address", lambda row, _: row.stretch.state.address, 40),
    SheetColumn("Mã số thuế", "Tax code", lambda row, _: row.stretch.state.tax_code),
    SheetColumn("Mã quan hệ ngân sách", "Budget code", lambda row, _: row.stretch.state.budget_code),
    SheetColumn("Có hiệu lực từ", "In force from", lambda row, _: exact_cell(row.stretch.since), 14),
    SheetColumn("Kết thúc", "Ended", lambda row, _: exact_cell(row.ended), 14),
    SheetColumn("Văn bản", "Legal document", lambda row, _: row.document, 30),
    SheetColumn("Văn bản kết thúc", "Legal document of the end", lambda row, _: row.end_document, 30),
    SheetColumn("Kế thừa", "Successors", lambda row, _: row.successors),
)


def iterate_stretches(uow: UnitOfWork) -> Iterator[AgencyStretch]:
    """Every agency in the order in which they were entered, each from its beginning to its end."""
    ids = agency_ids(uow.session)
    histories = register_of(ids, load_periods(uow.session)).histories
    names = {code: history[-1].state.name for code, history in histories.items()}
    successors = find_successors(uow, ids.values(), FOREVER)
    documents: dict[tuple[int, datetime], str] = {
        (key, at): document
        for key, at, document in uow.session.execute(
            select(col(AgencyEventRow.agency_id), col(AgencyEventRow.effective_at), col(AgencyEventRow.legal_document))
            .where(col(AgencyEventRow.legal_document).is_not(None))
            .order_by(col(AgencyEventRow.id))
        )
    }
    for code, key in sorted(ids.items(), key=lambda pair: pair[1]):
        history = histories.get(code, ())
        for number, stretch in enumerate(history, start=1):
            is_last = number == len(history)
            ended = end_of(history) if is_last else None
            if not is_last and history[number].since != stretch.until:
                ended = stretch.until
            yield AgencyStretch(
                code=code,
                stretch=stretch,
                parent_name=names.get(stretch.state.parent or ""),
                document=documents.get((key, stretch.since)),
                ended=ended,
                end_document=documents.get((key, ended)) if ended else None,
                successors=successors.get(key) if is_last else None,
            )
