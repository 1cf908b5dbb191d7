"""Which agency a certificate names: found by codes and names, with the names that agencies had before too."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import select
from sqlmodel import col

from certs.certificate import Certificate
from certs.names import CodeKind
from certs.text import fold
from registry.accounts.viewer import Viewer
from registry.agencies.conditions import visible
from registry.agencies.tables import AgencyPeriodRow
from registry.db.unit_of_work import UnitOfWork

_ABBREVIATIONS: Final = (
    ("uy ban nhan dan", "ubnd"),
    ("hoi dong nhan dan", "hdnd"),
    ("nong nghiep va phat trien nong thon", "nnptnt"),
)
"""Spellings that certificates and lists use for one another, folded."""


@dataclass(frozen=True, slots=True)
class _Known:
    agency_id: int
    path: str


class AgencyNames:
    """The agencies that a viewer may see, by every name and code they ever had. Immutable; built once for a batch."""

    def __init__(self, rows: Iterable[tuple[int, str, str, str | None, str | None]]) -> None:
        self._by_name: dict[str, set[_Known]] = {}
        self._by_code: dict[tuple[CodeKind, str], set[_Known]] = {}
        self._names_of: dict[int, set[str]] = {}
        for agency_id, name, path, tax_code, budget_code in rows:
            known = _Known(agency_id, path)
            key = name_key(name)
            self._by_name.setdefault(key, set()).add(known)
            self._names_of.setdefault(agency_id, set()).add(key)
            for kind, value in ((CodeKind.MST, tax_code), (CodeKind.MNS, budget_code)):
                if value:
                    self._by_code.setdefault((kind, value), set()).add(known)

    @classmethod
    def load(cls, uow: UnitOfWork, viewer: Viewer) -> "AgencyNames":
        """Read the agencies that the viewer may see."""
        period = AgencyPeriodRow
        rows = uow.session.execute(
            select(
                col(period.agency_id), col(period.name), col(period.path), col(period.tax_code), col(period.budget_code)
            ).where(*visible(col(period.agency_id), viewer, uow.now))
        )
        return cls(tuple(row) for row in rows)

    def find(self, certificate: Certificate) -> tuple[int, ...]:
        """The agencies that the subject may name; exactly one when it is clear, none when nothing fits.

        1. A tax or budget code decides.
        2. Else the most specific name of the subject that any agency has or had: CN, then OU from the last to the first,
           then O.
        3. Of several with this name, those below an agency that the subject names too.
        """
        subject = certificate.subject
        for code in subject.codes:
            if holders := self._by_code.get((code.kind, code.value)):
                return _ids(holders)
        written = (*reversed(subject.values("CN")), *reversed(subject.organisational_units), *subject.values("O"))
        names = [name_key(name) for name in written]
        for name in names:
            candidates = self._by_name.get(name)
            if candidates:
                return _ids(self._below_named(candidates, {other for other in names if other != name}) or candidates)
        return ()

    def _below_named(self, candidates: set[_Known], names: set[str]) -> set[_Known]:
        def is_below_named(known: _Known) -> bool:
            above = (int(part) for part in known.path.split("/") if part)
            return any(self._names_of.get(each, set()) & names for each in above if each != known.agency_id)

        return {known for known in candidates if is_below_named(known)}


def name_key(name: str) -> str:
    """A name for comparison: folded, with the usual abbreviations, without punctuation."""
    words = " ".join("".join(c if c.isalnum() else " " for c in fold(name)).split())
    for long, short in _ABBREVIATIONS:
        words = words.replace(long, short)
    return words


def _ids(known: set[_Known]) -> tuple[int, ...]:
    return tuple(sorted({each.agency_id for each in known}))
