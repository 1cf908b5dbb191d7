"""`registry certificates import` and `registry certificates undo-import`, mounted by `registry.cli.certificates`."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from certs.messages import define, message
from certs.names import display_name
from registry.certificates.tables import SubscriberKind
from registry.cli.common import OPERATOR, AsJSON, agency_id_of, echo_json, open_runtime
from registry.db.unit_of_work import Database
from registry.errors import InvalidInput
from registry.imports.bounded_reading import bounded_reader
from registry.imports.processing import process_import
from registry.imports.repository import APPLICABLE
from registry.imports.schemas import ImportCounts, ImportItemView, ImportSheetView, ImportView
from registry.imports.service import ImportUpload, decide_import, request_undo, submit_import
from registry.imports.tables import AgencyStanding, ImportChoice, ImportState, ItemOutcome
from registry.imports.views import ItemFilter, find_items, get_import
from registry.jobs import JobMessage
from registry.paging import MAXIMUM_PAGE, PageRequest
from registry.runtime import Runtime

define(
    "cli.import_nothing",
    vi="Hãy nêu tệp hoặc thư mục cần nhập, hoặc --number của một lần nhập đã xem trước.",
    en="Name the files or folders to import, or the --number of an import that was previewed.",
)
define(
    "cli.import_elsewhere",
    vi=(
        "Lần nhập số {number} đang do tiến trình khác thực hiện (trạng thái {state}). Nếu tiến trình đó đã dừng, hãy chạy "
        "lại lệnh với --number {number} sau 15 phút."
    ),
    en=(
        "Import number {number} is with another process (state {state}). If that one has died, run the command again with "
        "--number {number} in 15 minutes."
    ),
)

_ACTOR: Final = "registry certificates import"
_PIECE: Final = 1024 * 1024


class _NoQueue:
    """The command does the work itself; where it dies on the way, the sweep of a worker finds the import."""

    def send(self, job: JobMessage) -> None:
        del job


def import_(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(help="PEM, DER, P7B, ZIP, signed PDF, XLSX, XLS, ODS, CSV; folders are searched.", exists=True),
    ] = None,
    *,
    agency: Annotated[
        str | None, typer.Option(help="Code of the agency of all of them; default: what each names.")
    ] = None,
    kind: Annotated[SubscriberKind | None, typer.Option(help="Kind of all; default: as each suggests.")] = None,
    apply: Annotated[
        ImportChoice,
        typer.Option(help="What to enter: the good ones; all, with changes and doubtful agencies; none, a preview."),
    ] = ImportChoice.GOOD,
    number: Annotated[
        int | None, typer.Option(help="Go on with the import of this number instead: previewed, or broken off.")
    ] = None,
    actor: Annotated[str, typer.Option(help="Who enters them, for the history.")] = _ACTOR,
    as_json: AsJSON = False,
) -> None:
    """Enter certificates and lists as one unit. Everything is previewed first; nothing of a unit is entered or all of it.

    With --json one object for each thing found. Exit code 1 when something was refused or was left out.
    """
    with open_runtime() as runtime:
        database = Database(runtime.database.engine, queue=_NoQueue(), clock=runtime.clock)
        if number is None:
            number = _preview(runtime, database, paths or [], agency=agency, kind=kind, actor=actor)
        elif _state(database, number) is ImportState.RECEIVED:
            # The process that read it died; it is read on from where that one stopped.
            _work(runtime, database, number, "Reading", total=None)
        if apply is not ImportChoice.NONE:
            if _state(database, number) is not ImportState.APPLYING:
                with database.write() as uow:
                    decide_import(uow, OPERATOR, number, apply, actor=actor)
            with database.read() as uow:
                counts = get_import(uow, OPERATOR, number).summary.counts
            _work(runtime, database, number, "Entering", total=counts.good if apply is ImportChoice.GOOD else None)
        summary = _show(database, number, as_json=as_json)
    if _has_left_out(summary.counts, apply):
        raise typer.Exit(1)


def undo(
    number: Annotated[int, typer.Argument(help="Number of the import.")],
    *,
    actor: Annotated[
        str, typer.Option(help="Who takes it back, for the history.")
    ] = "registry certificates undo-import",
) -> None:
    """Take back everything that an import entered, as long as nothing was recorded about it since.

    The history keeps what was entered and who took it back. Exit code 1 when something depends on it.
    """
    with open_runtime() as runtime:
        database = Database(runtime.database.engine, queue=_NoQueue(), clock=runtime.clock)
        with database.write() as uow:
            request_undo(uow, OPERATOR, number, actor=actor)
        with bounded_reader() as reader:
            process_import(database, _directory(runtime), number, reader=reader)
        with database.read() as uow:
            summary = get_import(uow, OPERATOR, number).summary
    if summary.reason is not None:
        typer.echo(summary.reason.en, err=True)
        raise typer.Exit(1)
    typer.echo(f"Import {number} was taken back: {summary.applied_count:,} certificates.")


def _state(database: Database, number: int) -> ImportState:
    with database.read() as uow:
        return get_import(uow, OPERATOR, number).summary.state


def _preview(
    runtime: Runtime,
    database: Database,
    paths: list[Path],
    *,
    agency: str | None,
    kind: SubscriberKind | None,
    actor: str,
) -> int:
    if not paths:
        raise InvalidInput(message("cli.import_nothing"), field="paths")
    with database.write() as uow:
        number = submit_import(
            uow,
            OPERATOR,
            _uploads(paths),
            directory=_directory(runtime),
            actor=actor,
            agency_id=agency_id_of(uow, agency) if agency else None,
            kind=kind,
        )
    _work(runtime, database, number, "Reading", total=None)
    return number


def _uploads(paths: list[Path]) -> Iterator[ImportUpload]:
    for path in paths:
        files = sorted(each for each in path.rglob("*") if each.is_file()) if path.is_dir() else [path]
        for file in files:
            name = file.relative_to(path.parent) if path.is_dir() else Path(file.name)
            yield ImportUpload(str(name), _pieces(file))


def _pieces(file: Path) -> Iterator[bytes]:
    """The bytes of a file; one that has no end is left as soon as it is too large."""
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece


def _work(runtime: Runtime, database: Database, number: int, what: str, *, total: int | None) -> None:
    with _progress() as bar, bounded_reader() as reader:
        task = bar.add_task(what, total=total)
        process_import(
            database,
            _directory(runtime),
            number,
            reader=reader,
            progress=lambda done: bar.update(task, completed=done),
        )
    with database.read() as uow:
        summary = get_import(uow, OPERATOR, number).summary
    if summary.state not in (ImportState.READY, ImportState.APPLIED):
        raise InvalidInput(message("cli.import_elsewhere", number=number, state=summary.state))


@contextmanager
def _progress() -> Iterator[Progress]:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield bar


def _show(database: Database, number: int, *, as_json: bool) -> ImportView:
    """Print what would happen to everything in a preview, or what was left out of an application, and the counts."""
    with database.read() as uow:
        detail = get_import(uow, OPERATOR, number)
    summary = detail.summary
    _show_sheets(detail.sheets)
    is_preview = summary.state is ImportState.READY
    # Of an import of thousands that was entered whole, nothing is left to be looked through.
    is_told = as_json or is_preview or _has_left_out(summary.counts, summary.choice)
    for item in _items(database, number, ItemFilter.TOTAL) if is_told else ():
        if as_json:
            echo_json(item)
        elif _is_left_out(item, summary.choice):
            typer.echo(_line(item), err=True)
        elif is_preview:
            typer.echo(_line(item))
    if not as_json:
        for sentence in _sum_up(summary):
            typer.echo(sentence)
    return summary


def _sum_up(summary: ImportView) -> Iterator[str]:
    """What became of the import, and what can be done next."""
    number, counts = summary.id, summary.counts
    shown = ", ".join(f"{getattr(counts, outcome.value):,} {outcome.value}" for outcome in ItemOutcome)
    yield f"Import {number}: {shown}."
    if counts.doubtful or counts.missing:
        yield f"{counts.doubtful:,} with a doubtful agency, {counts.missing:,} without one."
    if summary.state is ImportState.APPLIED and not summary.applied_count:
        yield "Nothing was entered."
    elif summary.state is ImportState.APPLIED:
        yield f"{summary.applied_count:,} entered; `registry certificates undo-import {number}` takes them back."
    elif not counts.good + counts.differs + counts.doubtful + counts.missing:
        yield "There is nothing to enter."
    else:
        if counts.missing:
            yield "Name the missing agencies on the page of the import, or import those files again with --agency."
        yield f"Nothing is entered yet: `registry certificates import --number {number} --apply good`."


def _show_sheets(sheets: Iterable[ImportSheetView]) -> None:
    """What was done with the lists before their rows were looked at."""
    for sheet in sheets:
        converted = [f"{column.label} ({column.encoding})" for column in sheet.columns if column.encoding]
        if converted:
            typer.echo(f"{sheet.place}: text of old fonts was converted: {', '.join(converted)}.", err=True)
        if sheet.secrets:
            dropped = ", ".join(sheet.secrets)
            typer.echo(f"{sheet.place}: passwords or PINs, dropped; delete them from the file: {dropped}.", err=True)
        if not sheet.is_chosen:
            typer.echo(f"{sheet.place}: hidden, not read; choose it on the page of the import.", err=True)


def _has_left_out(counts: ImportCounts, choice: ImportChoice | None) -> bool:
    """Whether `_is_left_out` of anything, by the counts."""
    left_out = counts.refused + counts.missing
    if choice is ImportChoice.GOOD:
        left_out += counts.differs + counts.doubtful
    return left_out > 0


def _is_left_out(item: ImportItemView, choice: ImportChoice | None) -> bool:
    """Whether the choice, or in a preview any, leaves the item out."""
    if item.outcome not in APPLICABLE:
        return item.outcome is ItemOutcome.REFUSED
    if item.agency_standing is AgencyStanding.MISSING:
        return True
    return choice is ImportChoice.GOOD and (
        item.outcome is ItemOutcome.DIFFERS or item.agency_standing is AgencyStanding.DOUBTFUL
    )


def _line(item: ImportItemView) -> str:
    """One item for people: where it stands, what would happen to it, to whom it belongs, and why."""
    parts = [item.outcome.value, *filter(None, (item.holder, item.serial))]
    if item.replaces_position is not None:
        parts.append(f"in place of item {item.replaces_position + 1}")
    elif item.replaces_id is not None:
        parts.append(f"in place of certificate {item.replaces_id}")
    parts += [f"{each['field']}: {each['old']} → {each['new']}" for each in item.differences]
    if item.outcome in APPLICABLE:
        parts.append(_agency(item))
    parts += [reason.en for reason in item.reasons]
    return f"{item.place}: {'; '.join(map(display_name, parts))}"


def _agency(item: ImportItemView) -> str:
    if item.agency is None:
        return f"no agency for “{item.agency_text}”" if item.agency_text else "names no agency"
    is_sure = item.agency_standing is not AgencyStanding.DOUBTFUL
    return item.agency.name if is_sure else f"perhaps {item.agency.name} ({item.agency_score} of 100)"


def _items(database: Database, number: int, shown: ItemFilter) -> Iterator[ImportItemView]:
    cursor = None
    while True:
        with database.read() as uow:
            page = find_items(uow, OPERATOR, number, shown, PageRequest(cursor=cursor, limit=MAXIMUM_PAGE))
        yield from page.items
        if page.next is None:
            return
        cursor = page.next


def _directory(runtime: Runtime) -> Path:
    return runtime.settings.data_dir / "imports"
