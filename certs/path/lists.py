"""Certificate revocation lists as such: who signed one, until when it speaks, and whom it names (RFC 5280, 5).

What a list proves about one certificate at a moment is in `certs.path.revocation`.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding

from certs.certificate import format_serial
from certs.path.certificates import ParsedCertificate, UnusableKey, public_key

_HOLDS = (x509.ReasonFlags.certificate_hold, x509.ReasonFlags.remove_from_crl)


class MalformedList(ValueError):
    """The bytes are not a CRL that can be read."""


@dataclass(frozen=True, slots=True)
class RevokedEntry:
    """A certificate that a list names as revoked for good. Times are aware, UTC."""

    serial: str
    """Lower-case hex, as `certs.certificate.Certificate.serial`."""
    revoked_at: datetime
    reason: str
    """Name of RFC 5280, 5.3.1, e.g. `keyCompromise`; `unspecified` when the list gives none."""


@dataclass(frozen=True, slots=True)
class RevocationList:
    """A CRL that was read; reading proves nothing about who made it."""

    der: bytes = field(repr=False)
    sha256: str
    issuer: bytes = field(repr=False)
    """DER of the issuer's name."""
    this_update: datetime
    """Aware, UTC; so is `next_update`."""
    next_update: datetime | None
    number: str | None
    """CRL number in lower-case hex."""
    is_base: bool
    """Neither a delta nor an indirect list: it names certificates of its issuer, whatever earlier lists said."""
    scope: str
    """For which of the issuer's certificates it is (RFC 5280, 5.2.5): empty for all of them, else the SHA-256 of the
    issuing distribution point. Only a newer list of the same scope takes its place."""
    value: x509.CertificateRevocationList = field(repr=False, compare=False)

    @property
    def entry_count(self) -> int:
        """How many certificates it names."""
        return len(self.value)

    def revoked(self) -> Iterator[RevokedEntry]:
        """Whom it names, in its order, without certificates that are only on hold; unreadable entries are left out."""
        for entry in self.value:
            try:
                reason = _reason(entry)
                if reason not in _HOLDS and entry.serial_number > 0:
                    yield RevokedEntry(format_serial(entry.serial_number), entry.revocation_date_utc, reason.value)
            except (ValueError, x509.DuplicateExtension):
                continue


def read_list(data: bytes) -> RevocationList:
    """Read a file with one CRL, DER or PEM. Raises `MalformedList`."""
    is_pem = data.lstrip().startswith(b"-----BEGIN")
    try:
        value = x509.load_pem_x509_crl(data) if is_pem else x509.load_der_x509_crl(data)
        der = value.public_bytes(Encoding.DER)
        extensions = {type(extension.value): extension.value for extension in value.extensions}
        number = extensions.get(x509.CRLNumber)
        point = extensions.get(x509.IssuingDistributionPoint)
        is_indirect = isinstance(point, x509.IssuingDistributionPoint) and point.indirect_crl
        return RevocationList(
            der=der,
            sha256=hashlib.sha256(der).hexdigest(),
            issuer=value.issuer.public_bytes(),
            this_update=value.last_update_utc,
            next_update=value.next_update_utc,
            number=format_serial(number.crl_number) if isinstance(number, x509.CRLNumber) else None,
            is_base=x509.DeltaCRLIndicator not in extensions and not is_indirect,
            scope=hashlib.sha256(point.public_bytes()).hexdigest() if point is not None else "",
            value=value,
        )
    except (ValueError, UnsupportedAlgorithm, x509.DuplicateExtension) as error:
        raise MalformedList(str(error)) from error


def find_list_issuer(
    revocation_list: RevocationList, candidates: Iterable[ParsedCertificate]
) -> ParsedCertificate | None:
    """The CA whose key signed the list and that may sign lists (RFC 5280, 4.2.1.3); None when none of them did."""
    for candidate in candidates:
        if candidate.subject != revocation_list.issuer:
            continue
        if candidate.key_usage is not None and "crl_sign" not in candidate.key_usage:
            continue
        try:
            if revocation_list.value.is_signature_valid(public_key(candidate)):  # type: ignore[arg-type]
                return candidate
        except (TypeError, ValueError, UnsupportedAlgorithm, UnusableKey):  # TypeError: keys of other kinds
            continue
    return None


def _reason(entry: x509.RevokedCertificate) -> x509.ReasonFlags:
    for extension in entry.extensions:
        if isinstance(extension.value, x509.CRLReason):
            return extension.value.reason
    return x509.ReasonFlags.unspecified
