"""The page of the report: any period up to any day, every number a link, and the same as a workbook and on paper."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Final

from fastapi import APIRouter
from markupsafe import Markup
from starlette.responses import Response

from registry.accounts.viewer import Viewer
from registry.certificates.tables import SubscriberKind
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.errors import InvalidInput
from registry.forms import FormReader
from registry.reports.paper import write_report_pdf
from registry.reports.repository import issuance_report, uncovered_agencies
from registry.reports.schemas import IssuanceReport
from registry.reports.words import FIGURES, show_number, show_share, word
from registry.reports.workbook import write_report_workbook
from registry.web.charts import ChartBar, ChartSeries, stacked_bars
from registry.web.dependencies import CurrentViewer, ReadUow
from registry.web.files import PDF, XLSX, new_file, stream_file
from registry.web.formats import format_day
from registry.web.page import CurrentPage, Page
from registry.web.templating import with_parameters

router: Final = APIRouter(include_in_schema=False)

RANKED: Final = 20
"""Agencies of the ranking on the page."""


@dataclass(frozen=True, slots=True)
class PeriodLink:
    """A period that is often asked for."""

    name: str
    """English; the message identifier."""
    target: str


@router.get("/reports")
def report_page(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow) -> Response:
    """The report for the period in the address; without one for this year up to today."""
    reader = _reader(page, uow)
    report = None
    try:
        report = _report(uow, viewer, reader)
    except InvalidInput as error:
        reader.fail(error.field or "from", error.reason)
    parameters = () if report is None else _parameters(report)
    return page.render(
        "reports/report.html",
        status=200 if report else 422,
        report=report,
        **page.filled(reader),
        periods=_periods(local_day(uow.now)),
        files={suffix: with_parameters(f"/reports.{suffix}", parameters) for suffix in ("xlsx", "pdf")},
        chart=_chart(report, page.language) if report and report.by_year else None,
        kinds=tuple(SubscriberKind),
        figures=FIGURES,
        ranked=report.by_agency[:RANKED] if report else (),
        word=partial(word, language=page.language),
        share=partial(show_share, language=page.language),
    )


@router.get("/reports.xlsx")
def report_workbook(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow) -> Response:
    """The same report as a workbook, with the whole ranking."""
    report = _report(uow, viewer, _reader(page, uow))
    file = new_file()
    uncovered = uncovered_agencies(uow, viewer, report)
    write_report_workbook(report.to_view(), uncovered, file, language=page.language)
    return stream_file(file, name=f"bao-cao-{report.as_of}.xlsx", media_type=XLSX)


@router.get("/reports.pdf")
def report_pdf(page: CurrentPage, viewer: CurrentViewer, uow: ReadUow) -> Response:
    """The same report on paper, in Vietnamese."""
    report = _report(uow, viewer, _reader(page, uow))
    file = new_file()
    write_report_pdf(
        report.to_view(),
        tuple(uncovered_agencies(uow, viewer, report)),
        file,
        province=page.runtime.settings.province_name,
        made_on=local_day(uow.now),
    )
    return stream_file(file, name=f"bao-cao-{report.as_of}.pdf", media_type=PDF)


def _reader(page: Page, uow: UnitOfWork) -> FormReader:
    given = page.request.query_params
    today = local_day(uow.now)
    as_of = given.get("as_of", "").strip() or format_day(today)
    return FormReader({"from": given.get("from", "").strip(), "as_of": as_of})


def _report(uow: UnitOfWork, viewer: Viewer, reader: FormReader) -> IssuanceReport:
    """Raises `InvalidInput` for days that are none, and for a period that ends before it begins."""
    as_of = reader.day("as_of")
    begin = reader.day("from") if reader.typed["from"] else None
    for field, problem in reader.problems.items():
        raise InvalidInput(problem, field=field)
    report = issuance_report(uow, viewer, as_of or local_day(uow.now), begin)
    reader.typed |= {"from": format_day(report.begin), "as_of": format_day(report.as_of)}
    return report


def _parameters(report: IssuanceReport) -> tuple[tuple[str, str], ...]:
    return (("from", str(report.begin)), ("as_of", str(report.as_of)))


def _periods(today: date) -> tuple[PeriodLink, ...]:
    first = today.replace(day=1)
    last_month = first - timedelta(days=1)
    quarter = date(today.year, (today.month - 1) // 3 * 3 + 1, 1)
    spans = (
        ("this month", first, today),
        ("last month", last_month.replace(day=1), last_month),
        ("this quarter", quarter, today),
        ("this year", date(today.year, 1, 1), today),
        ("last year", date(today.year - 1, 1, 1), date(today.year - 1, 12, 31)),
    )
    return tuple(
        PeriodLink(name, with_parameters("/reports", (("from", str(begin)), ("as_of", str(end)))))
        for name, begin, end in spans
    )


def _chart(report: IssuanceReport, language: str) -> Markup:
    labels = [str(each.year) for each in report.by_year]
    series = []
    for index, kind in enumerate(SubscriberKind):
        name = word(kind, language)
        bars = []
        for each in report.by_year:
            figure = each.by_kind[index]
            target = with_parameters("/certificates", figure.query.to_parameters())
            bars.append(ChartBar(figure.count, target, f"{each.year}, {name}: {show_number(figure.count, language)}"))
        series.append(ChartSeries(name, tuple(bars)))
    return stacked_bars(labels, series, marked=len(labels) - 1)
