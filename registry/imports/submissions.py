"""What a program sends about imports, checked once."""

from typing import Annotated

from pydantic import Field

from registry.imports.columns import ListField
from registry.imports.tables import ImportChoice
from registry.schemas import Incoming

_Key = Annotated[int, Field(ge=1, le=2**63 - 1)]


class ImportDecision(Incoming):
    """Which items are applied."""

    choice: ImportChoice


class AgencyAnswer(Incoming):
    """Which agency is meant by a way of naming it."""

    agency_key: Annotated[str, Field(max_length=500)]
    """Empty: for all that name no agency and are open."""
    agency_id: _Key


class AgencyAnswers(Incoming):
    """Several of them at once."""

    answers: Annotated[tuple[AgencyAnswer, ...], Field(min_length=1, max_length=1000)]


class ColumnAnswer(Incoming):
    """What a column of a sheet means; null: it is passed over."""

    sheet: Annotated[int, Field(ge=0, le=10_000)]
    column: Annotated[int, Field(ge=0, le=10_000)]
    field: ListField | None


class MappingSubmission(Incoming):
    """Other meanings of columns, and which sheets are read."""

    columns: Annotated[tuple[ColumnAnswer, ...], Field(max_length=2000)] = ()
    sheets: Annotated[
        tuple[int, ...] | None, Field(description="Positions of the sheets to be read; null: as now.")
    ] = None

    @property
    def fields(self) -> dict[int, dict[int, ListField | None]]:
        """The meanings by sheet and column."""
        found: dict[int, dict[int, ListField | None]] = {}
        for answer in self.columns:
            found.setdefault(answer.sheet, {})[answer.column] = answer.field
        return found
