"""What the commands about the register share."""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from pydantic import BaseModel

from certs.messages import define, message
from registry.accounts.viewer import Viewer
from registry.agencies.repository import find_agency_by_code
from registry.clock import local_time
from registry.db.migrations import is_current
from registry.db.unit_of_work import Database, UnitOfWork
from registry.errors import InvalidInput, Unavailable
from registry.observability import configure_logging
from registry.runtime import Runtime
from registry.settings import DATABASE_FILE, Settings

define(
    "cli.not_migrated",
    vi="Cơ sở dữ liệu tại {where} chưa có bảng hoặc chưa được nâng cấp. Hãy chạy `registry migrate` hoặc kiểm tra "
    "REGISTRY_DATA_DIR.",
    en="The database at {where} has no tables yet, or older ones. Run `registry migrate`, or check REGISTRY_DATA_DIR.",
)
define(
    "cli.no_such_agency",
    vi="Không có cơ quan nào có mã {number}. Hãy xem `registry agencies list`.",
    en="There is no agency with the code {number}. See `registry agencies list`.",
)

OPERATOR = Viewer.everything()
"""Whoever runs commands on the host can read the database anyway."""


class Language(StrEnum):
    """Language of the sentences."""

    VI = "vi"
    EN = "en"


AsJSON = Annotated[bool, typer.Option("--json", help="For programs: JSON.")]
LanguageOption = Annotated[Language, typer.Option("--language", "--lang", help="Language of the output.")]
AsOf = Annotated[
    str | None,
    typer.Option(help="A day, which stands for its end in Viet Nam, or a time with its offset. Default: now."),
]


@contextmanager
def open_runtime() -> Iterator[Runtime]:
    """The parts of the settings; raises `Unavailable` when the tables of the database are not those of this version."""
    # Standard output is for the answer alone, which a program may read.
    configure_logging(level="WARNING")
    settings = Settings.from_environ()
    if not settings.database_url and not (file := settings.data_dir / DATABASE_FILE).exists():
        # Opening it would make one, in a folder that was perhaps named by mistake.
        raise Unavailable(message("cli.not_migrated", where=file.resolve()))
    runtime = Runtime.build(settings)
    try:
        if not is_current(runtime.database.engine):
            where = runtime.database.engine.url.render_as_string(hide_password=True)
            raise Unavailable(message("cli.not_migrated", where=where))
        yield runtime
    finally:
        runtime.close()


@contextmanager
def open_database() -> Iterator[Database]:
    """The database of the settings; raises what `open_runtime` raises."""
    with open_runtime() as runtime:
        yield runtime.database


def agency_id_of(uow: UnitOfWork, code: str) -> int:
    """The identifier of the agency with this code; raises `InvalidInput` when there is none."""
    agency = find_agency_by_code(uow, OPERATOR, code, uow.now)
    if agency is None:
        raise InvalidInput(message("cli.no_such_agency", number=code), field="agency")
    return agency.id


def echo_json(value: BaseModel | dict[str, Any]) -> None:
    """Print one JSON object on one line."""
    data = value.model_dump(mode="json") if isinstance(value, BaseModel) else value
    typer.echo(json.dumps(data, ensure_ascii=False))


def show_day(moment: datetime) -> str:
    """A day as it is written in Viet Nam."""
    return local_time(moment).strftime("%d/%m/%Y")
