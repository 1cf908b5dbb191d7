"""Which way to read a list: fetch the few certificates that can fit and sort them, or walk an index in the list's order.

Neither way is quick for every list, and a database without statistics guesses wrong. So a first, bounded statement finds
out whether few fit; what it answers is a superset, and every condition is applied again to it.
"""

from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Select, String, Text, cast, column, func, select, table
from sqlalchemy.dialects.postgresql import ARRAY
from sqlmodel import Session, col

from registry.accounts.viewer import Viewer
from registry.certificates.conditions import counting, words_of
from registry.certificates.query import CertificateQuery
from registry.certificates.tables import CertificatePeriodRow, CertificateRow
from registry.db.unit_of_work import UnitOfWork

FEW: Final = 3000
"""So many certificates are fetched and sorted about as quickly as a page of them is found by walking among a million."""

_LETTERS: Final = 3
"""Shorter words are in no index: they are found by walking."""
_TRIGRAMS: Final = table("certificate_search", column("rowid"), column("search"), column("certificate_search"))


def few_candidates(uow: UnitOfWork, viewer: Viewer, query: CertificateQuery) -> list[int] | None:
    """Identifiers of all certificates that can fit, when they are few; None when they are many or nobody knows."""
    found = _by_text(uow.session, query.text)
    if found is None:
        everything = counting(replace(query, text=""), viewer, uow.now, col(CertificatePeriodRow.certificate_id))
        found = _at_most_few(uow.session, everything)
    return found


def holding(session: Session, text: str) -> Select[Any] | None:
    """Identifiers of the certificates whose search text holds the letters of `text`, in no order; None: no index knows."""
    groups = sorted({word[start : start + _LETTERS] for word in words_of(text) for start in range(len(word) - 2)})
    if not groups:
        return None
    if session.get_bind().dialect.name == "postgresql":
        sought = cast(groups, ARRAY(Text))
        return select(col(CertificateRow.id)).where(
            func.registry_trigrams(col(CertificateRow.search), type_=ARRAY(Text)).contains(sought)
        )
    expression = " AND ".join('"' + group.replace('"', '""') + '"' for group in groups)
    return select(_TRIGRAMS.c.rowid).where(_TRIGRAMS.c.certificate_search.match(cast(expression, String)))


def _by_text(session: Session, text: str) -> list[int] | None:
    statement = holding(session, text)
    return None if statement is None else _at_most_few(session, statement)


def _at_most_few(session: Session, statement: Select[Any]) -> list[int] | None:
    found = list(session.execute(statement.limit(FEW + 1)).scalars())
    return found if len(found) <= FEW else None
