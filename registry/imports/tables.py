"""Tables of the imports. What was previewed, applied and undone stays here as the record of it."""

from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import JSON, Column, Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field

from registry.certificates.tables import SubscriberKind
from registry.db.types import EnumText, KeyInteger, Table, UTCDateTime
from registry.handed_in import HandedInRow


class ImportState(StrEnum):
    """Whose turn it is."""

    RECEIVED = "received"
    """A worker reads the files next."""
    READY = "ready"
    """The preview is there; a person decides."""
    APPLYING = "applying"
    """A worker enters the chosen rows next, all in one transaction."""
    APPLIED = "applied"
    UNDOING = "undoing"
    """A worker takes it back next, all in one transaction."""
    UNDONE = "undone"
    DISCARDED = "discarded"
    """A person decided to apply none of it."""
    REFUSED = "refused"
    """Reading or entering it ended the worker too often, or it was handed in without anything that can be read."""


class ImportChoice(StrEnum):
    """Which rows are applied."""

    ALL = "all"
    """The good ones, changes to what the register holds, and proposals of agencies that nobody confirmed."""
    GOOD = "good"
    """What is new, renews or completes something, and has a certain agency."""
    NONE = "none"


class ItemOutcome(StrEnum):
    """What would happen to one certificate or row."""

    NEW = "new"
    KNOWN = "known"
    """The register holds it and nothing differs; or it stands in this import twice."""
    RENEWS = "renews"
    """New, and takes the place of another certificate."""
    COMPLETES = "completes"
    """The certificate itself for an entry that was known from a list only."""
    DIFFERS = "differs"
    """The register holds it, and the list says something else."""
    REFUSED = "refused"


class SheetKind(StrEnum):
    """What a sheet of an import tells."""

    LIST = "list"
    """Certificates, one in each row."""
    STATES = "states"
    """What was true of certificates from when on."""
    EVENTS = "events"
    """What happened to certificates."""


class AgencyStanding(StrEnum):
    """How sure the agency is."""

    CERTAIN = "certain"
    CONFIRMED = "confirmed"
    """A person said so."""
    DOUBTFUL = "doubtful"
    """Proposed; a person has to look."""
    MISSING = "missing"
    """Nothing fits; without an agency it cannot be applied."""


class ImportRow(HandedInRow, table=True):
    """Files handed in together: one unit that is previewed, applied and undone as a whole."""

    __tablename__ = "data_import"
    __table_args__ = (Index("ix_data_import_state_created_at", "state", "created_at"),)
    WAITING: ClassVar[tuple[ImportState, ...]] = (ImportState.RECEIVED, ImportState.APPLYING, ImportState.UNDOING)

    folder: str = Field(unique=True, max_length=32)
    """Name of the folder in which the files wait to be read; deleted afterwards."""
    file_key: bytes | None = Field(default=None, sa_type=LargeBinary)
    """Under which they are encrypted; forgotten when they were read."""
    state: ImportState = Field(sa_type=EnumText(ImportState))
    agency_id: int | None = Field(default=None, foreign_key="agency.id", sa_type=KeyInteger)
    """The agency of everything in it, where the person said so."""
    kind: SubscriberKind | None = Field(default=None, sa_type=EnumText(SubscriberKind))
    """The kind of everything in it, where the person said so."""
    revision: int = 0
    """The reading whose items count; another mapping of columns makes another reading."""
    done: int = 0
    """Items that the reading under way has stored."""
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Items by outcome and by standing of the agency."""
    choice: ImportChoice | None = Field(default=None, sa_type=EnumText(ImportChoice))
    applied_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    undone_at: datetime | None = Field(default=None, sa_type=UTCDateTime)
    decided_by: str | None = Field(default=None, max_length=100)
    """Who applied, discarded or undid it last."""
    applied_count: int = 0
    last_event_id: int | None = Field(default=None, sa_type=KeyInteger)
    """The last event that applying recorded: an event after it on the same certificate depends on this import."""
    reason: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """Why it was refused, or why the last undoing was not possible."""


class ImportFileRow(Table, table=True):
    """One file of an import."""

    __tablename__ = "import_file"
    __table_args__ = (UniqueConstraint("import_id", "position"),)

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    import_id: int = Field(foreign_key="data_import.id", sa_type=KeyInteger)
    position: int
    file_name: str = Field(max_length=400)
    sha256: str | None = Field(default=None, max_length=64)
    """Of the file as it waits, encrypted; None for one that was not stored, because it holds a private key."""
    size: int
    reason: dict[str, Any] | None = Field(default=None, sa_type=JSON)


class ImportSheetRow(Table, table=True):
    """One sheet of a list, without the columns that hold secrets."""

    __tablename__ = "import_sheet"
    __table_args__ = (UniqueConstraint("import_id", "position"),)

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    import_id: int = Field(foreign_key="data_import.id", sa_type=KeyInteger)
    position: int
    place: str = Field(max_length=500)
    """File and sheet, safe to show."""
    kind: SheetKind = Field(
        default=SheetKind.LIST, sa_type=EnumText(SheetKind), sa_column_kwargs={"server_default": SheetKind.LIST.value}
    )
    is_chosen: bool
    fingerprint: str = Field(max_length=64)
    """Of the header; a corrected mapping is remembered under it."""
    columns: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`column`, `label`, `field`, `score`, `encoding` and a few `samples` of each column."""
    secrets: list[str] = Field(default_factory=list, sa_type=JSON)
    """Labels of the columns that were dropped."""
    row_count: int
    first_row: int
    """1-based row of the sheet in which the data begin."""
    cells: bytes = Field(sa_type=LargeBinary)
    """The data rows, packed; passwords and PINs are taken out."""


class ImportItemRow(Table, table=True):
    """One certificate or row of a list, and what would happen, or happened, to it."""

    __tablename__ = "import_item"
    __table_args__ = (
        UniqueConstraint("import_id", "revision", "position"),
        Index("ix_import_item_import_id_outcome", "import_id", "revision", "outcome", "position"),
    )

    id: int | None = Field(default=None, sa_column=Column(KeyInteger, primary_key=True))
    import_id: int = Field(foreign_key="data_import.id", sa_type=KeyInteger)
    revision: int
    position: int
    place: str = Field(sa_type=Text)
    """File, path inside it, sheet and row; safe to show."""
    is_listed: bool = False
    """A row of a list without its certificate."""
    outcome: ItemOutcome = Field(sa_type=EnumText(ItemOutcome))
    reasons: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """Messages: why it is refused, and what to look at."""
    differences: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """`field`, `old`, `new` of what the register would change."""
    der: bytes | None = Field(default=None, sa_type=LargeBinary)
    sha256: str | None = Field(default=None, max_length=64)
    serial: str | None = Field(default=None, max_length=60)
    columns: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    """Columns of the certificate's row, as they would be stored."""
    facts: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """What the list says besides: origin, revocation, custody, note."""
    originals: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    """Texts as they stood in legacy encoding, by field."""
    agency_id: int | None = Field(default=None, foreign_key="agency.id", sa_type=KeyInteger)
    agency_standing: AgencyStanding = Field(sa_type=EnumText(AgencyStanding))
    agency_score: int = 0
    agency_reason: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    agency_key: str = Field(default="", max_length=500)
    """How the agency is named: a confirmed match is remembered under it."""
    agency_text: str = Field(default="", sa_type=Text)
    """The same as it is written, to be shown."""
    renewal_key: str | None = Field(default=None, max_length=64)
    replaces_id: int | None = Field(default=None, foreign_key="certificate.id", sa_type=KeyInteger)
    """The certificate of the register whose place it takes."""
    replaces_position: int | None = None
    """The item of this import whose place it takes."""
    certificate_id: int | None = Field(default=None, foreign_key="certificate.id", sa_type=KeyInteger)
    """The certificate of the register that it is, or became."""
    is_created: bool = False
    """The register holds it because of this import."""
    before: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    """What applying changed of certificates that were there before, as it was, so that it can be undone."""


class ColumnMappingRow(Table, table=True):
    """A meaning of columns that a person corrected, for the next list with the same header."""

    __tablename__ = "import_column_mapping"

    fingerprint: str = Field(primary_key=True, max_length=64)
    fields: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    """Field by number of the column; an empty text for a column that is to be passed over."""
    updated_at: datetime = Field(sa_type=UTCDateTime)
    updated_by: str = Field(max_length=100)


class AgencyMatchRow(Table, table=True):
    """How an agency is written in certificates or lists, as a person confirmed it."""

    __tablename__ = "import_agency_match"

    agency_key: str = Field(primary_key=True, max_length=500)
    agency_id: int = Field(foreign_key="agency.id", sa_type=KeyInteger)
    confirmed_at: datetime = Field(sa_type=UTCDateTime)
    confirmed_by: str = Field(max_length=100)
