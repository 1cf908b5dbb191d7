"""The templates: one environment for each language, with the filters and texts that every page uses."""

import hashlib
from collections.abc import Iterable
from datetime import datetime
from functools import cache, partial
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from fastapi import Request
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape
from starlette.responses import HTMLResponse

from registry.web import formats
from registry.web.labels import label, reason_label, tone
from registry.web.translation import load_translations

STATIC: Final = Path(__file__).parent / "static"


@cache
def static_url(path: str) -> str:
    """The address of a static file, which changes whenever the file does, so that it can be kept for ever."""
    digest = hashlib.sha256((STATIC / path).read_bytes()).hexdigest()[:10]
    return f"/static/{path}?v={digest}"


def with_parameters(path: str, parameters: Iterable[tuple[str, str]] = (), **more: object) -> str:
    """An address with parameters; of `more`, those that are None or empty are left out."""
    pairs = [*parameters, *((name, str(value)) for name, value in more.items() if value is not None and value != "")]
    return f"{path}?{urlencode(pairs)}" if pairs else path


def fill(text: Markup, **values: object) -> Markup:
    """A text that was made once with the values, which are escaped, in place of its `%(name)s`. Quicker than `format`."""
    return Markup(str.__mod__(text, {name: escape(value) for name, value in values.items()}))  # noqa: S704


@cache
def environment(language: str) -> Environment:
    """The templates in `language`. A name that a page was not given is an error, never an empty place."""
    templates = Environment(
        loader=PackageLoader("registry.web"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    translations = load_translations(language)
    templates.install_gettext_callables(  # type: ignore[attr-defined]
        translations.gettext, translations.ngettext, newstyle=True
    )
    templates.globals |= {
        "static": static_url,
        "with_parameters": with_parameters,
        "UNKNOWN": formats.UNKNOWN,
        "language": language,
    }
    templates.filters |= {
        "fill": fill,
        "day": formats.format_day,
        "weekday": partial(formats.format_weekday, language=language),
        "moment": formats.format_moment,
        "fours": formats.group_in_fours,
        "count": partial(formats.format_count, language=language),
        "share": partial(formats.format_share, language=language),
        "size": partial(formats.format_size, language=language),
        "label": lambda member: translations.gettext(label(member)),
        "tone": tone,
        "moment_day": lambda text: formats.format_day(datetime.fromisoformat(text)),
        "reason": lambda code: translations.gettext(reason_label(code)),
    }
    return templates


def render_error(request: Request, status: int, sentence: str, language: str, headers: dict[str, str]) -> HTMLResponse:
    """The page that says what went wrong; it needs neither the database nor a session."""
    template = environment(language).get_template("error.html")
    context = {"sentence": sentence, "status": status, "theme": request.cookies.get("registry_theme", "auto")}
    return HTMLResponse(template.render(context), status, headers)
