"""Every text of the pages exists in Vietnamese, with the same places for values."""

import re
from pathlib import Path

from babel.messages.extract import extract_from_file

import registry
from registry.web.labels import LABELS
from registry.web.translation import load_translations, read_catalog

ROOT = Path(registry.__file__).parent
KEYWORDS = {"_": None, "gettext": None, "ngettext": (1, 2), "mark": None, "mark_plural": (1, 2)}
JINJA = {"extensions": "jinja2.ext.i18n", "newstyle_gettext": "true", "trim_blocks": "true", "lstrip_blocks": "true"}


def source_texts() -> dict[str, str]:
    """The texts of templates and modules, each with a place where it stands."""
    found: dict[str, str] = {}
    sources = [(path, "jinja2.ext:babel_extract") for path in (ROOT / "web" / "templates").rglob("*.html")]
    sources += [(path, "python") for path in ROOT.rglob("*.py")]
    for path, method in sources:
        for line, text, *_ in extract_from_file(method, str(path), keywords=KEYWORDS, options=JINJA):
            first = text if isinstance(text, str) else text[0]
            found.setdefault(first, f"{path.relative_to(ROOT)}:{line}")
    return found


def places(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


def test_no_vietnamese_text_is_missing() -> None:
    catalog = read_catalog("vi")
    missing = []
    for text, place in source_texts().items():
        entry = catalog.get(text)
        translated = entry is not None and (entry.string if isinstance(entry.string, str) else entry.string[0])
        if not translated:
            missing.append(f"{place}: {text!r}")
    assert missing == []


def test_no_translation_is_left_over() -> None:
    texts = source_texts()
    assert [entry.id for entry in read_catalog("vi") if entry.id and first_of(entry.id) not in texts] == []


def test_translations_have_the_same_places_for_values() -> None:
    wrong = []
    for entry in read_catalog("vi"):
        translated = entry.string if isinstance(entry.string, str) else entry.string[0]
        if entry.id and places(first_of(entry.id)) != places(translated):
            wrong.append(entry.id)
    assert wrong == []


def first_of(text: str | tuple[str, ...] | list[str]) -> str:
    return text if isinstance(text, str) else text[0]


def test_plurals_follow_the_language() -> None:
    vi, en = load_translations("vi"), load_translations("en")
    assert vi.ngettext("%(total)s agency", "%(total)s agencies", 1) == "%(total)s cơ quan"
    assert en.ngettext("%(total)s agency", "%(total)s agencies", 1) == "%(total)s agency"
    assert en.ngettext("%(total)s agency", "%(total)s agencies", 2) == "%(total)s agencies"


def test_every_member_of_a_shown_enumeration_has_a_name() -> None:
    assert [
        f"{kind.__name__}.{member.name}" for kind, names in LABELS.items() for member in kind if member not in names
    ] == []
