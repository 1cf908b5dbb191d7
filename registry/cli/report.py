"""`registry report …`."""

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from registry.cli.common import OPERATOR, AsJSON, Language, LanguageOption, echo_json, open_database
from registry.cli.exporting import whole_file
from registry.clock import local_day
from registry.parameters import ParameterReader
from registry.reports.paper import write_report_pdf
from registry.reports.repository import issuance_report, uncovered_agencies
from registry.reports.schemas import GroupView, IssuanceView
from registry.reports.words import FIGURES, show_day, show_number, show_share, word
from registry.reports.workbook import write_report_workbook
from registry.settings import Settings

app = typer.Typer(no_args_is_help=True, add_completion=False)


@app.callback()
def _group() -> None:
    """Reports about the register as of any day."""


@app.command(epilog="Example: registry report issuance --as-of 2016-12-31 --pdf report-2016.pdf")
def issuance(
    *,
    as_of: Annotated[
        str | None, typer.Option(help="The day, dd/mm/yyyy or YYYY-MM-DD. Default: today in Viet Nam.")
    ] = None,
    begin: Annotated[
        str | None, typer.Option("--from", help="First day of the period. Default: 1 January of the year.")
    ] = None,
    xlsx: Annotated[Path | None, typer.Option(help="Write a workbook.")] = None,
    pdf: Annotated[Path | None, typer.Option(help="Write a PDF in Vietnamese, ready to be printed.")] = None,
    as_json: AsJSON = False,
    language: LanguageOption = Language.VI,
) -> None:
    """Report what was issued by the end of a day and in the period up to it: totals, coverage, kinds, media, ranking."""
    read = ParameterReader([("as_of", as_of or ""), ("from", begin or "")])
    with open_database() as database, database.read() as uow:
        report = issuance_report(uow, OPERATOR, read.day("as_of") or local_day(uow.now), read.day("from"))
        view = report.to_view()
        if xlsx is not None or pdf is not None:
            uncovered = tuple(uncovered_agencies(uow, OPERATOR, report))
        if xlsx is not None:
            with whole_file(xlsx) as part:
                write_report_workbook(view, uncovered, part, language=language)
        if pdf is not None:
            province = Settings.from_environ().province_name
            with whole_file(pdf) as part:
                write_report_pdf(view, uncovered, part, province=province, made_on=local_day(uow.now))
    if as_json:
        echo_json(view)
    else:
        _print(view, language)


def _print(view: IssuanceView, language: Language) -> None:
    console = Console()
    day, begin = show_day(view.as_of), show_day(view.begin)
    console.print(word("title", language).format(day=day), style="bold")
    console.print(word("period", language).format(begin=begin, day=day))
    totals = Table(show_header=False)
    totals.add_column()
    totals.add_column(justify="right")
    for name in FIGURES:
        totals.add_row(word(name, language), show_number(getattr(view, name), language))
    console.print(totals)
    levels = Table(title=word("levels", language), title_justify="left")
    levels.add_column(word("level", language))
    for name in ("agencies", "covered", "coverage", "certificates", "active"):
        levels.add_column(word(name, language), justify="right")
    for line in view.levels:
        counts = (show_number(each, language) for each in (line.certificates, line.active))
        coverage = show_share(line.coverage, language)
        levels.add_row(
            word(line.level, language),
            show_number(line.agencies, language),
            show_number(line.covered, language),
            coverage,
            *counts,
        )
    console.print(levels)
    for name in ("by_kind", "by_medium", "by_generation"):
        console.print(_groups(name, getattr(view, name), language))


def _groups(name: str, lines: tuple[GroupView, ...], language: Language) -> Table:
    table = Table(title=word(name, language), title_justify="left")
    table.add_column()
    for column in ("cumulative", "issued_in_period", "active"):
        table.add_column(word(column, language), justify="right")
    for line in lines:
        counts = (line.cumulative, line.issued_in_period, line.active)
        table.add_row(word(line.key, language), *(show_number(each, language) for each in counts))
    return table
