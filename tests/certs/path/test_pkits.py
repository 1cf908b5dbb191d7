"""NIST PKITS through our own interface: each case as expected, or listed in certs/DIVERGENCES.md."""

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyhanko_certvalidator.policy_decl import PKIXValidationParams

from certs.path import RevocationEvidence, RevocationStatus, assess_revocation, find_statements, load_certificate
from certs.path.building import load_certificates, search_paths

PROJECT = Path(__file__).resolve().parents[3]
PKITS = PROJECT.parent / "shared" / "corpus" / "pkits"
AT = datetime(2019, 4, 19, 14, 58, 0, tzinfo=UTC)

if not PKITS.is_dir():
    pytest.skip("the shared corpus is absent", allow_module_level=True)

CASES = json.loads((PKITS / "pkits.json").read_text())


def parameters(case):
    wanted = case.get("params")
    if not wanted:
        return None
    policies = wanted.get("user_initial_policy_set")
    return PKIXValidationParams(
        user_initial_policy_set=frozenset(policies) if policies else frozenset(["any_policy"]),
        initial_policy_mapping_inhibit=wanted.get("initial_policy_mapping_inhibit", False),
        initial_explicit_policy=wanted.get("initial_explicit_policy", False),
        initial_any_policy_inhibit=wanted.get("initial_any_policy_inhibit", False),
    )


def judge(case):
    """`valid`, `revoked`, `unknown` (revocation could not be checked) or `no path`."""

    def certificate(name):
        return (PKITS / "certs" / name).read_bytes()

    leaf = load_certificate(certificate(case["cert"]))
    anchor = load_certificate(certificate("TrustAnchorRootCertificate.crt"))
    others = load_certificates(certificate(name) for name in case.get("other_certs", ()))
    search = search_paths(leaf, anchors=frozenset([anchor]), others=frozenset(others), parameters=parameters(case))
    path = search.best_at(AT)
    if path is None or not path.valid_from <= AT <= path.valid_until:
        return "no path"
    names = ["TrustAnchorRootCRL.crl", *case.get("crls", ())]
    evidence = RevocationEvidence(frozenset((PKITS / "crls" / name).read_bytes() for name in names))
    statuses = [
        assess_revocation(find_statements(path, index, evidence, frozenset(others)), checked, at=AT, known_at=AT).status
        for index, checked in enumerate(path.certificates)
    ]
    if RevocationStatus.REVOKED in statuses:
        return "revoked"
    return "unknown" if RevocationStatus.UNKNOWN in statuses else "valid"


EXPECTED = {
    None: "valid",
    "PathValidationError": "no path",
    "RevokedError": "revoked",
    "InsufficientRevinfoError": "unknown",
    "StaleRevinfoError": "unknown",
}


def expectation(case):
    return EXPECTED[(case.get("error") or {}).get("class")]


DIVERGENCES = {
    "40408": "revoked",  # an authentic list that names the certificate is believed, whatever else stands in it
    "40409": "revoked",
    "40105": "unknown",  # a CRL signed with a DSA key that inherits its parameters is not used as evidence
}
"""Our answer where it differs from the suite's; each is explained in certs/DIVERGENCES.md."""


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['id']}-{case['name']}")
def test_pkits(case):
    assert judge(case) == DIVERGENCES.get(case["id"], expectation(case))


def test_divergences_are_explained():
    text = (PROJECT / "certs" / "DIVERGENCES.md").read_text()
    assert all(identifier in text for identifier in DIVERGENCES)
