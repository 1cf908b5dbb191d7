"""Queries about the certificate revocation lists. They are public, so that no viewer restricts them."""

from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlmodel import Session, col

from certs.certificate import parse_certificate
from registry.certificates.tables import CertificateRow
from registry.revocation.schemas import RevocationListView, RevocationSourceView
from registry.revocation.tables import RevocationListRow, RevocationSourceRow
from registry.trust.tables import CertificateAuthorityRow

_MAXIMUM_ISSUERS = 200
"""Issuers asked for their addresses: a register knows a dozen, and a list of strangers must not grow the work."""
_FETCHED = ("http", "https")
_RESERVED = (".example", ".invalid", ".test", ".localhost")
"""Names that lead nowhere by definition (RFC 2606); the demonstration's certificates use them."""

_SCOPE = func.coalesce(col(RevocationListRow.scope), col(RevocationListRow.source))
"""For which certificates a list is; until that has been read of an older row, its address tells lists apart."""


def find_newest_lists(session: Session) -> tuple[RevocationListView, ...]:
    """The newest CRL of each CA, of a CA that divides its certificates that of each part, by the name of the CA."""
    rows = session.execute(
        select(RevocationListRow, col(CertificateAuthorityRow.subject), col(CertificateAuthorityRow.sha256))
        .join(CertificateAuthorityRow, col(CertificateAuthorityRow.id) == col(RevocationListRow.authority_id))
        .where(col(RevocationListRow.id).in_(_newest_ids(session)))
        .order_by(col(CertificateAuthorityRow.subject), col(RevocationListRow.id))
    )
    return tuple(
        RevocationListView(authority=subject, authority_sha256=sha256, **row.model_dump())
        for row, subject, sha256 in rows
    )


def find_lapsed_lists(session: Session, at: datetime) -> tuple[RevocationListView, ...]:
    """Those of the newest CRLs that are past their next update at `at`, by the name of the CA.

    A CA whose own certificate has ended issues no further list, so that none is missed; nor is that of a part when a
    newer one is for all certificates.
    """
    ended = set(
        session.execute(
            select(col(CertificateAuthorityRow.sha256)).where(col(CertificateAuthorityRow.not_after) < at)
        ).scalars()
    )
    newest = find_newest_lists(session)
    whole = {each.authority_sha256: each.this_update for each in newest if each.scope == ""}
    return tuple(
        each
        for each in newest
        if each.next_update is not None
        and each.next_update < at
        and each.authority_sha256 not in ended
        and each.this_update >= whole.get(each.authority_sha256, each.this_update)
    )


def load_evidence(session: Session) -> tuple[str, ...]:
    """SHA-256 of the lists that a verdict may rest on, in a fixed order.

    For each CA, and each part into which it divides its certificates, the newest and the last of each quarter of a year
    before: a certificate that has expired since leaves the lists, so that only one issued while it was valid speaks for
    it.
    """
    rows = session.execute(
        select(
            col(RevocationListRow.authority_id),
            _SCOPE,
            col(RevocationListRow.this_update),
            col(RevocationListRow.sha256),
        ).order_by(col(RevocationListRow.this_update), col(RevocationListRow.id))
    )
    last: dict[tuple[int, str, int, int], str] = {}
    for authority, scope, moment, sha256 in rows:
        last[authority, scope, moment.year, (moment.month - 1) // 3] = sha256
    return tuple(sorted(last.values()))


def find_sources(session: Session) -> tuple[RevocationSourceView, ...]:
    """Every address, in their order."""
    rows = session.execute(select(RevocationSourceRow).order_by(col(RevocationSourceRow.url))).scalars()
    return tuple(RevocationSourceView.model_validate(row, from_attributes=True) for row in rows)


def find_distribution_points(session: Session) -> tuple[str, ...]:
    """The addresses that the CA certificates and one certificate of each issuer in the register name, sorted."""
    ders = list(session.execute(select(col(CertificateAuthorityRow.der))).scalars())
    issuer = ""
    for _ in range(_MAXIMUM_ISSUERS):
        # One step through the index of issuer and serial number for each issuer, however many certificates it has.
        row = session.execute(
            select(col(CertificateRow.issuer), col(CertificateRow.der))
            .where(col(CertificateRow.issuer) > issuer)
            .order_by(col(CertificateRow.issuer), col(CertificateRow.serial).desc())
            .limit(1)
        ).one_or_none()
        if row is None:
            break
        issuer, der = row
        if der is not None:
            ders.append(der)
    urls = {url for der in ders for url in parse_certificate(der).extensions.crl_urls}
    return tuple(sorted(filter(_is_worth_asking, urls)))


def _is_worth_asking(url: str) -> bool:
    try:
        address = urlsplit(url)
        host = address.hostname or ""
    except ValueError:
        return False
    return address.scheme.lower() in _FETCHED and not host.endswith(_RESERVED) and host != "" and len(url) <= 1000


def _newest_ids(session: Session) -> list[int]:
    newest = (
        select(
            col(RevocationListRow.authority_id),
            _SCOPE.label("scope"),
            func.max(col(RevocationListRow.this_update)).label("moment"),
        )
        .group_by(col(RevocationListRow.authority_id), _SCOPE)
        .subquery()
    )
    ids = (
        select(func.max(col(RevocationListRow.id)))
        .join(
            newest,
            (newest.c.authority_id == col(RevocationListRow.authority_id))
            & (newest.c.scope == _SCOPE)
            & (newest.c.moment == col(RevocationListRow.this_update)),
        )
        .group_by(col(RevocationListRow.authority_id), _SCOPE)
    )
    return list(session.execute(ids).scalars())
