"""Queries of the imports."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import (
    ARRAY,
    BigInteger,
    ColumnElement,
    Row,
    Table,
    bindparam,
    column,
    delete,
    func,
    literal,
    select,
    update,
)
from sqlmodel import Session, col

from registry.accounts.service import current_rights
from registry.accounts.viewer import Viewer
from registry.agencies.conditions import visible
from registry.agencies.tables import AgencyPeriodRow, AgencyRow
from registry.db.bulk import insert_rows, update_rows
from registry.db.unit_of_work import UnitOfWork
from registry.handed_in import find_visible
from registry.imports.errors import ImportNotFound
from registry.imports.matching import AgencyIndex, AgencyName
from registry.imports.tables import (
    AgencyMatchRow,
    AgencyStanding,
    ColumnMappingRow,
    ImportChoice,
    ImportFileRow,
    ImportItemRow,
    ImportRow,
    ImportSheetRow,
    ImportState,
    ItemOutcome,
)

APPLICABLE: Final = (ItemOutcome.NEW, ItemOutcome.RENEWS, ItemOutcome.COMPLETES, ItemOutcome.DIFFERS)
"""Outcomes that change the register when they are applied."""
GOOD: Final = (ItemOutcome.NEW, ItemOutcome.RENEWS, ItemOutcome.COMPLETES)
SURE: Final = (AgencyStanding.CERTAIN, AgencyStanding.CONFIRMED)

_ITEMS: Final[Table] = ImportItemRow.__table__  # type: ignore[attr-defined]

_APPLIED: Final[tuple[ColumnElement[Any], ...]] = tuple(
    _ITEMS.c[name]
    for name in (
        *("id", "position", "place", "outcome", "reasons", "differences", "der", "sha256", "serial", "columns"),
        *("facts", "agency_id", "replaces_id", "replaces_position", "certificate_id"),
    )
)

CHUNK: Final = 500
"""Rows that are read or written at a time."""


class ImportRepository:
    """Rows of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, viewer: Viewer, import_id: int) -> ImportRow:
        """The import, where the viewer may see it; raises `ImportNotFound`."""
        row = find_visible(self._session, ImportRow, viewer, import_id)
        if row is None:
            raise ImportNotFound(import_id)
        return row

    def folders_to_be_read(self, folders: Sequence[str]) -> set[str]:
        """Those of the folders whose files a worker has still to read."""
        return set(
            self._session.execute(
                select(col(ImportRow.folder)).where(
                    col(ImportRow.folder).in_(folders),
                    col(ImportRow.state) == ImportState.RECEIVED,
                    col(ImportRow.revision) == 0,
                )
            ).scalars()
        )

    def files(self, import_id: int) -> Sequence[ImportFileRow]:
        """The files in their order."""
        return (
            self._session.execute(
                select(ImportFileRow)
                .where(col(ImportFileRow.import_id) == import_id)
                .order_by(col(ImportFileRow.position))
            )
            .scalars()
            .all()
        )

    def sheets(self, import_id: int) -> Sequence[ImportSheetRow]:
        """The sheets in their order."""
        return (
            self._session.execute(
                select(ImportSheetRow)
                .where(col(ImportSheetRow.import_id) == import_id)
                .order_by(col(ImportSheetRow.position))
            )
            .scalars()
            .all()
        )

    def count_items(self, import_id: int, revision: int) -> int:
        """How many items a reading has stored."""
        count: int = self._session.execute(
            select(func.count()).where(
                col(ImportItemRow.import_id) == import_id, col(ImportItemRow.revision) == revision
            )
        ).scalar_one()
        return count

    def iterate_items(self, row: ImportRow, *conditions: Any) -> Iterator[Row[Any]]:
        """The items that fulfil the conditions, in their order, read piece by piece; of each what applying needs."""
        after = -1
        while True:
            chunk = self.items_after(row, after, *conditions, columns=_APPLIED)
            yield from chunk
            if len(chunk) < CHUNK:
                return
            after = chunk[-1].position

    def items_after(
        self,
        row: ImportRow,
        position: int,
        *conditions: Any,
        limit: int = CHUNK,
        columns: Sequence[ColumnElement[Any]] = tuple(_ITEMS.c),
    ) -> Sequence[Row[Any]]:
        """One piece of the items: those that stand after `position`; every column of each unless told which."""
        return self._session.execute(
            select(*columns)
            .where(
                col(ImportItemRow.import_id) == row.id,
                col(ImportItemRow.revision) == row.revision,
                col(ImportItemRow.position) > position,
                *conditions,
            )
            .order_by(col(ImportItemRow.position))
            .limit(limit)
        ).all()

    def insert_items(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Store items, given by their columns."""
        insert_rows(self._session, _ITEMS, rows)

    def record_entered(self, entered: Sequence[tuple[int, int]]) -> None:
        """Note at items which certificates they became, given by the identifiers of both."""
        if not entered:
            return
        items, certificates = zip(*entered, strict=True)
        connection = self._session.connection()
        statement = update(_ITEMS).values(is_created=True)
        if connection.dialect.name != "postgresql":
            statement = statement.where(_ITEMS.c.id == bindparam("item")).values(certificate_id=bindparam("entered"))
            connection.execute(statement, [{"item": item, "entered": key} for item, key in entered])
            return
        # One statement for all of them: the driver takes longer over five hundred than the server does.
        lists = (literal(list(each), ARRAY(BigInteger)) for each in (items, certificates))
        named = (column(name, BigInteger) for name in ("item", "entered"))
        pairs = func.unnest(*lists).table_valued(*named, name="pairs").render_derived()
        connection.execute(statement.where(_ITEMS.c.id == pairs.c.item).values(certificate_id=pairs.c.entered))

    def update_items(self, changes: Sequence[Mapping[str, Any]]) -> None:
        """Change items; each change has the `id` and the same columns as the first."""
        update_rows(self._session, _ITEMS, changes)

    def delete_items(self, import_id: int, revision: int) -> None:
        """Delete the items of a reading that another one took the place of."""
        self._session.execute(
            delete(ImportItemRow).where(
                col(ImportItemRow.import_id) == import_id, col(ImportItemRow.revision) == revision
            )
        )

    def count_by_outcome(self, import_id: int, revision: int) -> dict[str, int]:
        """Items by outcome; among those that would change the register, by standing of the agency; and the good ones."""
        item = ImportItemRow
        rows = self._session.execute(
            select(col(item.outcome), col(item.agency_standing), func.count())
            .where(col(item.import_id) == import_id, col(item.revision) == revision)
            .group_by(col(item.outcome), col(item.agency_standing))
        )
        counts = dict.fromkeys((*(each.value for each in ItemOutcome), "total", "good", "doubtful", "missing"), 0)
        for outcome, standing, count in rows:
            counts[outcome.value] += count
            counts["total"] += count
            if outcome in APPLICABLE and standing in (AgencyStanding.DOUBTFUL, AgencyStanding.MISSING):
                counts[standing.value] += count
            if outcome in GOOD and standing in SURE:
                counts["good"] += count
        return counts

    def remembered_mappings(self) -> dict[str, Mapping[str, Any]]:
        """Corrected meanings of columns by fingerprint of the header."""
        return {row.fingerprint: row.fields for row in self._session.execute(select(ColumnMappingRow)).scalars()}


def count_chosen(counts: Mapping[str, int], choice: ImportChoice) -> int:
    """How many items a choice applies, by the counts of the import."""
    match choice:
        case ImportChoice.GOOD:
            return counts.get("good", 0)
        case ImportChoice.ALL:
            return sum(counts.get(outcome, 0) for outcome in APPLICABLE) - counts.get(AgencyStanding.MISSING, 0)
        case ImportChoice.NONE:
            return 0


def viewer_of(uow: UnitOfWork, row: ImportRow) -> Viewer:
    """The rights of today of whoever handed the import in; raises `NotPermitted` for somebody who lost them."""
    return current_rights(uow, row.created_by)


def load_agency_index(uow: UnitOfWork, viewer: Viewer) -> AgencyIndex:
    """Every name of the agencies that the viewer may see, and the matches that people confirmed."""
    period = AgencyPeriodRow
    rows = uow.session.execute(
        select(
            col(period.agency_id),
            col(AgencyRow.code),
            col(period.name),
            col(period.parent_id),
            col(period.effective_from),
            col(period.effective_until),
            col(period.email),
            col(period.tax_code),
            col(period.budget_code),
            col(period.address),
        )
        .join(AgencyRow, col(AgencyRow.id) == col(period.agency_id))
        .where(*visible(col(period.agency_id), viewer, uow.now))
        .order_by(col(period.agency_id), col(period.effective_from))
    )
    matches: Iterable[AgencyMatchRow] = uow.session.execute(select(AgencyMatchRow)).scalars()
    remembered = {match.agency_key: match.agency_id for match in matches}
    return AgencyIndex((AgencyName(*row) for row in rows), remembered)
