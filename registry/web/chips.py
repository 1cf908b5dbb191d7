"""Filters as chips that read as a sentence; each chip links to the list without it."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from registry.agencies.query import AgencyQuery, Existence
from registry.certificates.query import CertificateQuery
from registry.web.formats import format_day
from registry.web.labels import label
from registry.web.templating import with_parameters
from registry.web.translation import load_translations


@dataclass(frozen=True, slots=True)
class Chip:
    """One condition in words, and the address of the list without it."""

    text: str
    target: str


def certificate_chips(
    query: CertificateQuery, language: str, *, agency_name: str | None, path: str = "/certificates"
) -> tuple[Chip, ...]:
    """The conditions of a list of certificates; `agency_name` names the agency that the query asks for."""

    def without(**changes: object) -> str:
        return with_parameters(path, replace(query, **changes).to_parameters())  # type: ignore[arg-type]

    _ = load_translations(language).gettext
    words = _Words(language)
    chips: list[Chip | None] = [
        Chip(f"“{query.text}”", without(text="")) if query.text else None,
        words.any_of(query.standings, without(standings=())),
        words.any_of(query.kinds, without(kinds=())),
        words.any_of(query.media, without(media=())),
        words.any_of(query.levels, without(levels=()), prefix=_("level: ")),
        words.any_of(query.custodies, without(custodies=()), prefix=_("device: ")),
        words.any_of(query.events, without(events=()), prefix=_("event: ")),
        *(
            words.any_of((flag,), without(flags=tuple(other for other in query.flags if other is not flag)))
            for flag in query.flags
        ),
    ]
    if query.agency_id is not None:
        name = agency_name or str(query.agency_id)
        text = _("of %(agency)s and the units below it") if query.with_subtree else _("of %(agency)s itself")
        chips.append(Chip(text % {"agency": name}, without(agency_id=None, with_subtree=True)))
    if query.generations:
        chips.append(Chip("CA: " + ", ".join(query.generations), without(generations=())))
    if query.expiring_within_days is not None:
        text = _("expiring within %(days)s days") % {"days": query.expiring_within_days}
        chips.append(Chip(text, without(expiring_within_days=None)))
    chips += [
        words.span(
            _("expiring"), query.expires_from, query.expires_until, without(expires_from=None, expires_until=None)
        ),
        words.span(_("issued"), query.issued_from, query.issued_until, without(issued_from=None, issued_until=None)),
        words.span(_("event"), query.event_from, query.event_until, without(event_from=None, event_until=None)),
    ]
    return tuple(chip for chip in chips if chip is not None)


def agency_chips(query: AgencyQuery, language: str, *, agency_name: str | None) -> tuple[Chip, ...]:
    """The conditions of a list of agencies."""

    def without(**changes: object) -> str:
        return with_parameters("/agencies", replace(query, **changes).to_parameters())  # type: ignore[arg-type]

    _ = load_translations(language).gettext
    words = _Words(language)
    chips: list[Chip | None] = [
        Chip(f"“{query.text}”", without(text="")) if query.text else None,
        words.any_of(query.levels, without(levels=()), prefix=_("level: ")),
        words.any_of((query.coverage,), without(coverage=None)) if query.coverage else None,
    ]
    if query.existence is not Existence.EXISTING:
        chips.append(words.any_of((query.existence,), without(existence=Existence.EXISTING)))
    if query.under is not None:
        text = _("of %(agency)s and the units below it") % {"agency": agency_name or query.under}
        chips.append(Chip(text, without(under=None)))
    return tuple(chip for chip in chips if chip is not None)


class _Words:
    def __init__(self, language: str) -> None:
        self._translations = load_translations(language)

    def any_of(self, members: tuple[StrEnum, ...], target: str, prefix: str = "") -> Chip | None:
        if not members:
            return None
        _ = self._translations.gettext
        words = _(" or ").join(self._names(members))
        return Chip(prefix + words, target)

    def span(self, what: str, first: date | None, last: date | None, target: str) -> Chip | None:
        _ = self._translations.gettext
        values = {"what": what, "first": format_day(first), "last": format_day(last)}
        if first is not None and last is not None:
            return Chip(_("%(what)s from %(first)s to %(last)s") % values, target)
        if first is not None:
            return Chip(_("%(what)s from %(first)s on") % values, target)
        if last is not None:
            return Chip(_("%(what)s until %(last)s") % values, target)
        return None

    def _names(self, members: tuple[StrEnum, ...]) -> Iterator[str]:
        for member in members:
            name = self._translations.gettext(label(member))
            yield name[:1].lower() + name[1:] if not name[:2].isupper() else name
