"""Certification paths to trust anchors (RFC 5280, 6), by pyhanko-certvalidator.

Time is judged apart from the rest. The library validates each path at a moment inside the validity of all its
certificates, so its answer depends on certificates alone and can be kept; whether the moment of interest lies inside
`CertificationPath.valid_from` and `valid_until` is for the caller to ask. Algorithms and revocation are judged apart
too, by the policy: here a path signed with SHA-1 is a path.
"""

from collections.abc import Coroutine, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, TypeVar

from asn1crypto import x509
from pyhanko_certvalidator.authority import AuthorityWithCert, TrustAnchor
from pyhanko_certvalidator.context import ValidationContext
from pyhanko_certvalidator.errors import PathBuildingError, PathValidationError
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import (
    AcceptAllAlgorithms,
    CertRevTrustPolicy,
    PKIXValidationParams,
    RevocationCheckingPolicy,
    RevocationCheckingRule,
)
from pyhanko_certvalidator.registry import CertificateRegistry, PathBuilder, SimpleTrustManager, TrustManager
from pyhanko_certvalidator.validate import async_validate_path

from certs.extensions import ASN1CRYPTO_ERRORS
from certs.messages import Message, message
from certs.names import display_name
from certs.path import messages
from certs.path.certificates import MalformedCertificate, ParsedCertificate, load_certificate
from certs.path.signatures import is_self_signed, may_be_issued_with_key

MAXIMUM_ISSUER_SEARCHES = 200
"""How often candidates may be looked up for one path: honest chains need under ten, a maze of equal names never ends."""
MAXIMUM_ISSUER_CHECKS = 1000
"""How many keys may be tried for one path: a document brings along 200 certificates at most, which may share a name."""
MAXIMUM_PATHS = 4
"""Paths tried for one certificate; cross-certified PKIs have two or three."""
MAXIMUM_LENGTH = 12
"""Certificates on one path; PKIs in use have three or four."""

_T = TypeVar("_T")

NO_REVOCATION = CertRevTrustPolicy(
    RevocationCheckingPolicy(
        ee_certificate_rule=RevocationCheckingRule.NO_CHECK,
        intermediate_ca_cert_rule=RevocationCheckingRule.NO_CHECK,
    )
)


@dataclass(frozen=True, slots=True)
class CertificationPath:
    """A path whose signatures, names, constraints and policies hold; time and revocation are not yet judged."""

    certificates: tuple[ParsedCertificate, ...]
    """From the end entity up to, not including, the anchor; empty when the certificate itself is the anchor."""
    anchor: ParsedCertificate
    library_path: ValidationPath = field(repr=False, compare=False)

    @property
    def valid_from(self) -> datetime:
        """The latest start of validity on the path; the anchor's own dates do not count (RFC 5280, 6.1.1)."""
        return max((c.not_before for c in self.certificates), default=self.anchor.not_before)

    @property
    def valid_until(self) -> datetime:
        """The earliest end of validity on the path."""
        return min((c.not_after for c in self.certificates), default=self.anchor.not_after)

    def issuer_of(self, index: int) -> ParsedCertificate:
        """The certificate that issued `certificates[index]`."""
        return self.certificates[index + 1] if index + 1 < len(self.certificates) else self.anchor


@dataclass(frozen=True, slots=True)
class PathSearch:
    """All usable paths of one certificate, or why there is none."""

    paths: tuple[CertificationPath, ...]
    failure: Message | None
    chain_found: bool
    """True when some chain reached an anchor, even if it then proved invalid."""

    def best_at(self, moment: datetime) -> CertificationPath | None:
        """The path valid at `moment`, else the one that was valid last; None when there is none."""
        fitting = [p for p in self.paths if p.valid_from <= moment <= p.valid_until]
        if fitting:
            return fitting[0]
        return max(self.paths, key=lambda p: p.valid_until, default=None)


class _BudgetExceeded(Exception):
    pass


class _GenuineIssuers(CertificateRegistry):
    """Issuers by name and key, so that made-up certificates with the right name cannot crowd out the genuine one.

    A search that grows without end is stopped.
    """

    def __init__(self, known: dict[int, ParsedCertificate]) -> None:
        super().__init__()
        self.known = known
        self.searches = 0
        self.checks = 0

    def register(self, cert: x509.Certificate) -> bool:
        # The library takes two certificates with one issuer and serial number for the same: the later would be lost.
        self._subject_map[cert.subject.hashable].append(cert)
        return True

    def find_potential_issuers(self, cert: x509.Certificate, trust_manager: TrustManager) -> Iterator[Any]:
        self.searches += 1
        if self.searches > MAXIMUM_ISSUER_SEARCHES:
            raise _BudgetExceeded
        issued = self.known[id(cert)]
        for found in super().find_potential_issuers(cert, trust_manager):
            self.checks += 1
            if self.checks > MAXIMUM_ISSUER_CHECKS:
                raise _BudgetExceeded
            authority = found.authority if isinstance(found, TrustAnchor) else AuthorityWithCert(found)
            if isinstance(authority, AuthorityWithCert) and may_be_issued_with_key(
                issued, self.known[id(authority.certificate)]
            ):
                yield found


def run_synchronously(coroutine: Coroutine[Any, Any, _T]) -> _T:
    """Drive a coroutine that never waits: without fetchers the library has nothing to wait for."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        result: _T = done.value
        return result
    coroutine.close()
    raise RuntimeError("the path library tried to wait although it may not fetch anything")


def search_paths(
    certificate: ParsedCertificate,
    *,
    anchors: frozenset[ParsedCertificate],
    others: frozenset[ParsedCertificate],
    parameters: PKIXValidationParams | None = None,
) -> PathSearch:
    """Find the paths from `certificate` to one of `anchors`, through `others` (RFC 5280, 6.1).

    The answer depends on nothing else, in particular not on the order of the sets, and is remembered.
    """
    return _search(certificate, anchors, others, parameters)


@lru_cache(maxsize=512)
def _search(
    certificate: ParsedCertificate,
    anchors: frozenset[ParsedCertificate],
    others: frozenset[ParsedCertificate],
    parameters: PKIXValidationParams | None,
) -> PathSearch:
    known = {id(c.value): c for c in (certificate, *others, *anchors)}
    try:
        candidates = _find_candidates(certificate, anchors, others, known)
    except PathBuildingError:
        return PathSearch((), _missing_issuer(certificate, others | anchors), chain_found=False)
    except _BudgetExceeded:
        return PathSearch((), message(messages.PATH_TOO_COMPLEX), chain_found=False)
    except ASN1CRYPTO_ERRORS:
        return PathSearch((), message(messages.CERTIFICATE_MALFORMED), chain_found=False)
    valid: list[CertificationPath] = []
    failure: Message | None = None
    for candidate in candidates:
        if candidate.pkix_len > MAXIMUM_LENGTH:
            failure = failure or message(messages.PATH_TOO_COMPLEX)
            continue
        path = _wrap(candidate, known)
        problem = _validate(path, parameters)
        if problem is None:
            valid.append(path)
        else:
            failure = failure or problem
    return PathSearch(tuple(valid), None if valid else failure, chain_found=True)


def _find_candidates(
    certificate: ParsedCertificate,
    anchors: frozenset[ParsedCertificate],
    others: frozenset[ParsedCertificate],
    known: dict[int, ParsedCertificate],
) -> list[ValidationPath]:
    registry = _GenuineIssuers(known)
    for other in sorted(others, key=_newest_first):
        # A damaged certificate among the helpers must not hide the path that does without it.
        with suppress(*ASN1CRYPTO_ERRORS):
            registry.register(other.value)
    trust = SimpleTrustManager.build(trust_roots=[a.value for a in sorted(anchors, key=_newest_first)])
    for anchor in trust.iter_certs():
        registry.register(anchor)
    return run_synchronously(_collect(PathBuilder(trust, registry), certificate.value))


def _newest_first(certificate: ParsedCertificate) -> tuple[float, str]:
    return -certificate.not_after.timestamp(), certificate.sha256


async def _collect(builder: PathBuilder, certificate: x509.Certificate) -> list[ValidationPath]:
    found: list[ValidationPath] = []
    async for path in builder.async_build_paths_lazy(certificate):
        found.append(path)
        if len(found) >= MAXIMUM_PATHS:
            break
    return found


def _wrap(path: ValidationPath, known: dict[int, ParsedCertificate]) -> CertificationPath:
    # By identity: the library hands back the objects it was given, and encoding them again is not always faithful.
    anchor, *chain = (known[id(c)] for c in path.iter_certs(include_root=True))
    return CertificationPath(tuple(reversed(chain)), anchor, path)


def _validate(path: CertificationPath, parameters: PKIXValidationParams | None) -> Message | None:
    context = ValidationContext(
        trust_roots=[path.anchor.value],
        moment=path.valid_from,
        revinfo_policy=NO_REVOCATION,
        algorithm_usage_policy=AcceptAllAlgorithms(),
    )
    try:
        run_synchronously(async_validate_path(context, path.library_path, parameters))
    except PathValidationError as error:
        return message(messages.PATH_INVALID, detail=error.failure_msg)
    except NotImplementedError:
        return message(messages.CONSTRAINT_UNSUPPORTED)
    except (*ASN1CRYPTO_ERRORS, AssertionError):
        return message(messages.CERTIFICATE_MALFORMED)
    return None


def _missing_issuer(certificate: ParsedCertificate, others: Iterable[ParsedCertificate]) -> Message:
    """Name the authority whose certificate would have to be known for the chain to go on, or whose name was taken."""
    by_subject: dict[bytes, list[ParsedCertificate]] = {}
    for other in sorted(others, key=_newest_first):
        by_subject.setdefault(other.subject, []).append(other)
    current = certificate
    seen = {current}
    while not is_self_signed(current):
        issuer = common_name(current.value.issuer)
        namesakes = by_subject.get(current.issuer, ())
        genuine = [c for c in namesakes if may_be_issued_with_key(current, c)]
        if namesakes and not genuine:
            return message(messages.NOT_ISSUED, name=common_name(current.value.subject), issuer=issuer)
        above = next((c for c in genuine if c not in seen), None)
        if above is None:
            return message(messages.NO_ISSUER, issuer=issuer)
        seen.add(above)
        current = above
    return message(messages.ROOT_NOT_TRUSTED, issuer=common_name(current.value.subject))


def common_name(name: x509.Name) -> str:
    """The last common name of a distinguished name, or the whole name where there is none; made safe to show."""
    try:
        native = name.native
        value = native.get("common_name") or native.get("organization_name") or name.human_friendly
    except ASN1CRYPTO_ERRORS:
        return "?"
    return display_name(value[-1] if isinstance(value, list) else str(value))


def load_certificates(ders: Iterable[bytes]) -> tuple[ParsedCertificate, ...]:
    """Parse what can be parsed, in order, each once: a damaged certificate helps nobody and hinders nobody."""
    found: dict[bytes, ParsedCertificate] = {}
    for der in ders:
        if der not in found:
            try:
                found[der] = load_certificate(der)
            except MalformedCertificate:
                continue
    return tuple(found.values())
