"""`registry report …`."""

from datetime import date
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from registry.cli.common import OPERATOR, AsJSON, Language, LanguageOption, echo_json, open_database
from registry.clock import local_day
from registry.parameters import ParameterReader
from registry.reports.repository import issuance_report
from registry.reports.schemas import GroupView, IssuanceView

app = typer.Typer(no_args_is_help=True, add_completion=False)

_WORDS = {
    "title": ("Tình hình cấp chứng thư chữ ký số đến hết ngày {day}", "Certificates issued by the end of {day}"),
    "cumulative": ("Đã cấp (lũy kế)", "Issued (cumulative)"),
    "issued_in_year": ("Cấp trong năm", "Issued in the year"),
    "active": ("Đang có hiệu lực", "Active"),
    "expiring": ("Sắp hết hạn (90 ngày)", "Expiring within 90 days"),
    "expired": ("Đã hết hạn", "Expired"),
    "revoked": ("Đã thu hồi", "Revoked"),
    "suspended": ("Tạm dừng", "Suspended"),
    "renewed_in_year": ("Cấp lại trong năm", "Renewed in the year"),
    "extended_in_year": ("Gia hạn trong năm", "Extended in the year"),
    "changed_in_year": ("Thay đổi nội dung trong năm", "Content changed in the year"),
    "revoked_in_year": ("Thu hồi trong năm", "Revoked in the year"),
    "levels": ("Theo cấp cơ quan", "By level of agency"),
    "level": ("Cấp", "Level"),
    "agencies": ("Cơ quan", "Agencies"),
    "covered": ("Có chứng thư tổ chức", "With an organisation certificate"),
    "coverage": ("Tỷ lệ", "Coverage"),
    "certificates": ("Chứng thư đã cấp", "Certificates issued"),
    "by_kind": ("Theo đối tượng", "By kind of subscriber"),
    "by_medium": ("Theo thiết bị", "By medium"),
    "by_generation": ("Theo thế hệ CA", "By generation of the CA"),
    "province": ("Cấp tỉnh", "Province"),
    "district": ("Cấp huyện", "District"),
    "subordinate": ("Đơn vị trực thuộc", "Subordinate unit"),
    "commune": ("Cấp xã", "Commune"),
    "school": ("Trường học", "School"),
    "organisation": ("Tổ chức", "Organisation"),
    "person": ("Cá nhân", "Person"),
    "device": ("Thiết bị, dịch vụ, phần mềm", "Device, service, software"),
    "token": ("USB token", "USB token"),
    "sim": ("SIM PKI", "SIM PKI"),
    "central": ("Tập trung (HSM)", "Central HSM"),
    "unknown": ("Chưa rõ", "Not known"),
}
_FIGURES = (
    *("cumulative", "issued_in_year", "active", "expiring", "expired", "revoked", "suspended"),
    *("renewed_in_year", "extended_in_year", "changed_in_year", "revoked_in_year"),
)


@app.callback()
def _group() -> None:
    """Reports about the register as of any day."""


@app.command(epilog="Example: registry report issuance --as-of 2016-12-31 --json")
def issuance(
    *,
    as_of: Annotated[str | None, typer.Option(help="The day, YYYY-MM-DD. Default: today in Viet Nam.")] = None,
    as_json: AsJSON = False,
    language: LanguageOption = Language.VI,
) -> None:
    """Report what had been issued by the end of a day: totals, coverage by level, kinds, media, generations of CAs."""
    day = ParameterReader([("as_of", as_of or "")]).day("as_of")
    with open_database() as database, database.read() as uow:
        view = issuance_report(uow, OPERATOR, day or local_day(uow.now)).to_view()
    if as_json:
        echo_json(view)
    else:
        _print(view, language)


def _print(view: IssuanceView, language: Language) -> None:
    console = Console()
    console.print(_word("title", language).format(day=_day(view.as_of)), style="bold")
    totals = Table(show_header=False)
    totals.add_column()
    totals.add_column(justify="right")
    for name in _FIGURES:
        totals.add_row(_word(name, language), _number(getattr(view, name), language))
    console.print(totals)
    levels = Table(title=_word("levels", language), title_justify="left")
    levels.add_column(_word("level", language))
    for name in ("agencies", "covered", "coverage", "certificates", "active"):
        levels.add_column(_word(name, language), justify="right")
    for line in view.levels:
        counts = (_number(each, language) for each in (line.certificates, line.active))
        coverage = "–" if line.coverage is None else _percent(line.coverage, language)
        levels.add_row(
            _word(line.level, language),
            _number(line.agencies, language),
            _number(line.covered, language),
            coverage,
            *counts,
        )
    console.print(levels)
    for name in ("by_kind", "by_medium", "by_generation"):
        console.print(_groups(name, getattr(view, name), language))


def _groups(name: str, lines: tuple[GroupView, ...], language: Language) -> Table:
    table = Table(title=_word(name, language), title_justify="left")
    table.add_column()
    for column in ("cumulative", "issued_in_year", "active"):
        table.add_column(_word(column, language), justify="right")
    for line in lines:
        counts = (line.cumulative, line.issued_in_year, line.active)
        table.add_row(_word(line.key, language), *(_number(each, language) for each in counts))
    return table


def _word(key: str, language: Language) -> str:
    vietnamese, english = _WORDS.get(key, (key, key))
    return english if language is Language.EN else vietnamese


def _day(day: date) -> str:
    return day.strftime("%d/%m/%Y")


def _number(value: int, language: Language) -> str:
    return f"{value:,}" if language is Language.EN else f"{value:,}".replace(",", ".")


def _percent(share: float, language: Language) -> str:
    # Never rounded up to 100: "all" must mean all.
    text = f"{int(share * 1000) / 10:g} %"
    return text if language is Language.EN else text.replace(".", ",")
