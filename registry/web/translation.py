"""Translations of the pages. The catalogs are text in the repository and are compiled in memory when the web starts."""

import gettext
import io
from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

DIRECTORY = Path(__file__).parent / "translations"


def read_catalog(language: str) -> Catalog:
    """The catalog of `language` as it stands in the repository; raises `FileNotFoundError` for an unknown one."""
    with (DIRECTORY / language / "LC_MESSAGES" / "messages.po").open("rb") as file:
        return read_po(file, locale=language)


@cache
def load_translations(language: str) -> gettext.GNUTranslations:
    """The translations of `language`, ready for use."""
    compiled = io.BytesIO()
    write_mo(compiled, read_catalog(language))
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)


def mark(text: str) -> str:
    """Mark a text as to be translated where it is shown; returns it unchanged."""
    return text


def mark_plural(one: str, many: str) -> tuple[str, str]:
    """Mark a text in both numbers; returns them for `ngettext`."""
    return one, many
