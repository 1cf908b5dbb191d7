"""Subject, text and HTML of a message from its templates.

Templates live in `templates/<kind>/<language>/{subject.txt,body.txt,body.html}`. A value that a template names and
nobody gave is an error, never a gap in a mail. HTML is escaped; a subject is one line.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache, lru_cache
from typing import Any

from babel.dates import format_date
from jinja2 import Environment, PackageLoader, StrictUndefined, select_autoescape

from registry.clock import VIETNAM

LANGUAGES = ("vi", "en")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in its two forms."""

    subject: str
    text: str
    html: str


def render(kind: str, language: str, values: Mapping[str, Any]) -> Rendered:
    """Render a message; an unknown language falls back to Vietnamese.

    Raises `jinja2.TemplateNotFound` for an unknown kind and `jinja2.UndefinedError` for a missing value.
    """
    language = language if language in LANGUAGES else "vi"
    folder = f"{kind}/{language}"
    environment = _environment(language)
    return Rendered(
        subject=" ".join(environment.get_template(f"{folder}/subject.txt").render(values).split()),
        text=environment.get_template(f"{folder}/body.txt").render(values),
        html=environment.get_template(f"{folder}/body.html").render(values),
    )


@cache
def _environment(language: str) -> Environment:
    environment = Environment(
        loader=PackageLoader("registry.mail"),
        autoescape=select_autoescape(("html",)),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["date"] = lambda value: f"{value.astimezone(VIETNAM):%d/%m/%Y}"
    environment.filters["day"] = lambda value: _weekday(value, language)
    environment.filters["moment"] = lambda value: _moment(value, language)
    return environment


@lru_cache(maxsize=1024)
def _weekday(value: date, language: str) -> str:
    """`thứ Hai, 23/11/2026`: in the middle of a sentence, as Vietnamese writes it."""
    name = format_date(value, "EEEE", locale=language)
    if language == "vi":
        name = name[:1].lower() + name[1:]
    return f"{name}, {value:%d/%m/%Y}"


def _moment(value: datetime, language: str) -> str:
    """`thứ Hai, 23/11/2026 14:05 +07:00`."""
    local = value.astimezone(VIETNAM)
    return f"{_weekday(local.date(), language)} {local:%H:%M} +07:00"
