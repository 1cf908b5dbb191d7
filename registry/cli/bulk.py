"""`registry certificates change`, mounted by `registry.cli.certificates`."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final

import typer
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.table import Table

from certs.messages import define, message
from registry.agencies.schemas import AgencyLink
from registry.bulk.processing import process_bulk_change
from registry.bulk.schemas import BulkItemView
from registry.bulk.service import decide_bulk_change, submit_bulk_change
from registry.bulk.submissions import BULK_KINDS, BulkEvent, Selection
from registry.bulk.tables import BulkChoice, BulkOutcome
from registry.bulk.views import find_items, get_bulk_change
from registry.certificates.tables import Medium, SubscriberKind
from registry.cli.common import OPERATOR, AsJSON, agency_id_of, echo_json, open_database
from registry.clock import local_day, start_of_day
from registry.db.unit_of_work import Database, UnitOfWork
from registry.errors import InvalidInput
from registry.paging import MAXIMUM_PAGE, PageRequest
from registry.parameters import ParameterReader

define(
    "cli.bulk_event",
    vi="Không ghi nhận được “{kind}”: {problem}. Các việc có thể ghi nhận: {known}.",
    en="“{kind}” cannot be recorded: {problem}. What can be: {known}.",
)
define(
    "cli.bulk_selection",
    vi="Chỉ dùng một trong hai: --list hoặc --id.",
    en="Use either --list or --id, not both.",
)

_ACTOR: Final = "registry certificates change"
_EVENTS: Final[TypeAdapter[BulkEvent]] = TypeAdapter(BulkEvent)


def change(
    kind: Annotated[str, typer.Argument(help="reassigned, handed_over, returned, lost, revoked, noted, corrected, …")],
    *,
    rows: Annotated[
        str | None,
        typer.Option("--list", help="All rows of a list: its parameters as in a link, e.g. 'status=active&q=lan'."),
    ] = None,
    ids: Annotated[list[int] | None, typer.Option("--id", help="A certificate; may be repeated.")] = None,
    since: Annotated[str | None, typer.Option("--from", help="Day on which it takes effect. Default: now.")] = None,
    to: Annotated[str | None, typer.Option(help="For reassigned and corrected: code of the agency.")] = None,
    subscriber: Annotated[
        SubscriberKind | None, typer.Option("--kind", help="For corrected: what kind the certificates really are.")
    ] = None,
    medium: Annotated[Medium | None, typer.Option(help="For corrected: what their keys really are on.")] = None,
    reason: Annotated[str | None, typer.Option(help="For revoked: reason code of RFC 5280.")] = None,
    note: Annotated[str | None, typer.Option(help="Anything worth knowing, for the history.")] = None,
    apply: Annotated[bool, typer.Option("--apply", help="Record it for those that fit; default: only look.")] = False,
    actor: Annotated[str, typer.Option(help="Who records it, for the history.")] = _ACTOR,
    as_json: AsJSON = False,
) -> None:
    """Record one change for many certificates, all in one transaction; without --apply say what would happen to each.

    With --json one object for each certificate. Exit code 1 when some cannot be changed.
    """
    with open_database() as database:
        with database.write() as uow:
            event = _event(
                uow, kind, since=since, to=to, reason=reason, note=note, subscriber=subscriber, medium=medium
            )
            if rows is not None and ids:
                raise InvalidInput(message("cli.bulk_selection"), field="list")
            selection = Selection(ids=tuple(ids or ()), list=rows)
            number = submit_bulk_change(uow, OPERATOR, selection, event, actor=actor)
        process_bulk_change(database, number)
        if apply:
            with database.write() as uow:
                decide_bulk_change(uow, OPERATOR, number, BulkChoice.GOOD)
            process_bulk_change(database, number)
        left_out = _show(database, number, as_json=as_json)
    if left_out:
        raise typer.Exit(1)


def _event(uow: UnitOfWork, kind: str, *, since: str | None, **given: str | None) -> BulkEvent:
    day = ParameterReader([("from", since or "")]).day("from")
    at: datetime = uow.now if day is None or day == local_day(uow.now) else start_of_day(day)
    values: dict[str, Any] = {"kind": kind, "effective_at": at, "note": given["note"]}
    if given["to"] is not None:
        values["agency_id"] = agency_id_of(uow, given["to"])
    for name in ("reason", "subscriber", "medium"):
        if given[name] is not None:
            values[name] = given[name]
    try:
        return _EVENTS.validate_python(values)
    except ValidationError as error:
        problem = error.errors()[0]
        where = ".".join(str(part) for part in problem["loc"] if part != kind)
        options = {"agency_id": "--to", "subscriber": "--kind"}
        is_lacking = problem["type"] in ("missing", "string_type")
        said = (
            f"{options.get(where, f'--{where}')}: {'has to be given' if is_lacking else problem['msg']}"
            if where
            else "unknown"
        )
        raise InvalidInput(
            message("cli.bulk_event", kind=kind, problem=said, known=", ".join(BULK_KINDS)), field="kind"
        ) from error


def _show(database: Database, number: int, *, as_json: bool) -> int:
    with database.read() as uow:
        summary = get_bulk_change(uow, OPERATOR, number)
        table = Table("Certificate", "Holder", "Outcome", "What changes, or why not")
        cursor = None
        while True:
            page = find_items(uow, OPERATOR, number, page=PageRequest(cursor=cursor, limit=MAXIMUM_PAGE))
            for item in page.items:
                if as_json:
                    echo_json(item)
                elif item.outcome in (BulkOutcome.REFUSED, BulkOutcome.CHANGED) or table.row_count < MAXIMUM_PAGE:
                    table.add_row(str(item.certificate_id), item.holder, item.outcome, _what(item))
            cursor = page.next
            if cursor is None:
                break
    counts = summary.counts
    if not as_json:
        Console().print(table)
        said = f"{counts.done:,} changed" if summary.decided_at else f"{counts.good:,} would be changed"
        Console().print(f"Change {number}: {said}, {counts.refused + counts.changed:,} not, of {counts.total:,}.")
    return counts.refused + counts.changed


def _what(item: BulkItemView) -> str:
    if item.reason is not None:
        return item.reason.en
    if item.agency is not None:
        return " → ".join(side.code for side in item.agency)
    if item.entry is not None:
        pairs = ((old, getattr(item.entry[1], name)) for name, old in item.entry[0])
        return ", ".join(f"{_word(old)} → {_word(new)}" for old, new in pairs if new is not None)
    return " → ".join(item.status or item.custody or ("note",))


def _word(value: AgencyLink | StrEnum | None) -> str:
    return value.code if isinstance(value, AgencyLink) else str(value)
