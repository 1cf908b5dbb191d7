"""Queries of the changes of many certificates."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sqlalchemy import Row, Table, func, insert, select
from sqlmodel import Session, col

from registry.accounts.viewer import Viewer
from registry.bulk.errors import BulkChangeNotFound
from registry.bulk.tables import BulkChangeRow, BulkItemRow, BulkOutcome
from registry.certificates.tables import CertificateEventRow, CertificateRow
from registry.db.bulk import update_rows
from registry.handed_in import find_visible

CHUNK: Final = 500
"""Certificates that are read or written at a time."""

_ITEMS: Final[Table] = BulkItemRow.__table__  # type: ignore[attr-defined]


class BulkRepository:
    """Rows of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, viewer: Viewer, bulk_change_id: int) -> BulkChangeRow:
        """The change, where the viewer may see it; raises `BulkChangeNotFound`."""
        row = find_visible(self._session, BulkChangeRow, viewer, bulk_change_id)
        if row is None:
            raise BulkChangeNotFound(bulk_change_id)
        return row

    def find_by_token(self, user_id: int | None, token: str) -> BulkChangeRow | None:
        """What this person sent with this token before."""
        return self._session.execute(
            select(BulkChangeRow).where(
                col(BulkChangeRow.created_by).is_not_distinct_from(user_id), col(BulkChangeRow.token) == token
            )
        ).scalar_one_or_none()

    def insert_items(self, bulk_change_id: int, certificate_ids: Iterable[int]) -> None:
        """Put the chosen certificates down, in their order, still to be looked at."""
        rows = [
            {
                "bulk_change_id": bulk_change_id,
                "position": position,
                "certificate_id": key,
                "holder": "",
                "serial": "",
                "outcome": BulkOutcome.PENDING,
            }
            for position, key in enumerate(certificate_ids)
        ]
        self._session.execute(insert(_ITEMS), rows)

    def items(self, bulk_change_id: int, *outcomes: BulkOutcome, after: int = -1, limit: int) -> Sequence[Row[Any]]:
        """One piece of the items with these outcomes (or with any), those that stand after the position `after`."""
        wanted = (col(BulkItemRow.outcome).in_(outcomes),) if outcomes else ()
        return self._session.execute(
            select(_ITEMS)
            .where(col(BulkItemRow.bulk_change_id) == bulk_change_id, col(BulkItemRow.position) > after, *wanted)
            .order_by(col(BulkItemRow.position))
            .limit(limit)
        ).all()

    def certificate_ids(self, bulk_change_id: int, outcome: BulkOutcome) -> list[int]:
        """The certificates with this outcome, in their order."""
        return list(
            self._session.execute(
                select(col(BulkItemRow.certificate_id))
                .where(col(BulkItemRow.bulk_change_id) == bulk_change_id, col(BulkItemRow.outcome) == outcome)
                .order_by(col(BulkItemRow.position))
            ).scalars()
        )

    def update_items(self, changes: Sequence[Mapping[str, Any]]) -> None:
        """Change items; each change has the `id` and the same columns as the first."""
        update_rows(self._session, _ITEMS, changes)

    def count_by_outcome(self, bulk_change_id: int) -> dict[str, int]:
        """Items by outcome, and in total."""
        rows = self._session.execute(
            select(col(BulkItemRow.outcome), func.count())
            .where(col(BulkItemRow.bulk_change_id) == bulk_change_id)
            .group_by(col(BulkItemRow.outcome))
        )
        counts = dict.fromkeys((each.value for each in BulkOutcome), 0)
        counts |= {outcome.value: count for outcome, count in rows}
        return {**counts, "total": sum(counts.values())}

    def last_events(self, certificate_ids: Sequence[int]) -> dict[int, int]:
        """The newest event of each certificate."""
        event = CertificateEventRow
        return dict(
            self._session.execute(
                select(col(event.certificate_id), func.max(col(event.id)))
                .where(col(event.certificate_id).in_(certificate_ids))
                .group_by(col(event.certificate_id))
            ).all()
        )

    def names(self, certificate_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Holder and serial number of each certificate, without regard to rights."""
        row = CertificateRow
        found = self._session.execute(
            select(col(row.id), col(row.holder), col(row.serial)).where(col(row.id).in_(certificate_ids))
        )
        return {key: (holder, serial) for key, holder, serial in found}

    def lock_certificates(self, bulk_change_id: int) -> None:
        """Lock everything that is going to be changed, in one order, so that two changes cannot wait for each other."""
        chosen = select(col(BulkItemRow.certificate_id)).where(
            col(BulkItemRow.bulk_change_id) == bulk_change_id, col(BulkItemRow.outcome) == BulkOutcome.GOOD
        )
        self._session.execute(
            select(col(CertificateRow.id))
            .where(col(CertificateRow.id).in_(chosen))
            .order_by(col(CertificateRow.id))
            .with_for_update()
        ).all()
