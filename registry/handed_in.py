"""Work that a person hands in and a worker does for them. An officer sees the own, everybody else all."""

from collections.abc import Sequence
from typing import Any, TypeVar

from sqlmodel import Field, Session, col, select

from registry.accounts.viewer import Viewer
from registry.db.types import KeyInteger
from registry.leases import LeasedRow


class HandedInRow(LeasedRow):
    """Base of the tables of such work."""

    created_by: int | None = Field(default=None, foreign_key="user_account.id", sa_type=KeyInteger)
    """None: the operator of the machine."""
    actor: str = Field(max_length=100)
    """The name that stands at the events."""


R = TypeVar("R", bound=HandedInRow)


def find_visible(session: Session, table: type[R], viewer: Viewer, key: int) -> R | None:
    """The row, where there is one that the viewer may see."""
    return session.exec(select(table).where(col(table.id) == key, *_visible(table, viewer))).one_or_none()


def find_recent(
    session: Session, table: type[R], viewer: Viewer, *, before: int | None = None, limit: int
) -> Sequence[R]:
    """The newest rows that the viewer may see, those with a lower key than `before` where it is given."""
    statement = select(table).where(*_visible(table, viewer)).order_by(col(table.id).desc()).limit(limit)
    if before is not None:
        statement = statement.where(col(table.id) < before)
    return session.exec(statement).all()


def _visible(table: type[HandedInRow], viewer: Viewer) -> tuple[Any, ...]:
    return () if viewer.agency_path is None else (col(table.created_by) == viewer.user_id,)
