"""What the certificate revocation lists look like from outside."""

from datetime import datetime

from registry.views import View


class RevocationListView(View):
    """The newest CRL of one CA, or of one part of its certificates."""

    authority: str
    """Distinguished name of the CA."""
    authority_sha256: str
    """Of the CA's certificate."""
    sha256: str
    this_update: datetime
    next_update: datetime | None
    number: str | None
    scope: str | None
    """Empty: for all certificates of the CA; else the SHA-256 of the issuing distribution point, or not read yet."""
    entries: int
    size: int
    source: str
    received_at: datetime


class RevocationSourceView(View):
    """An address from which a CRL is fetched."""

    url: str
    attempted_at: datetime | None
    succeeded_at: datetime | None
    failure: str | None


class Reconciliation(View):
    """What a CRL changed in the register."""

    revoked: tuple[int, ...] = ()
    """Certificates recorded as revoked because the list names them."""
    contradicted: tuple[int, ...] = ()
    """Certificates that the list names while their history in the register does not allow a revocation then."""


class StoredList(View):
    """What became of one CRL that was handed in."""

    authority: str
    is_new: bool
    """False: it was held already, and nothing changed."""
    this_update: datetime
    next_update: datetime | None
    reconciliation: Reconciliation = Reconciliation()
