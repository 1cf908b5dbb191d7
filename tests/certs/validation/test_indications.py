"""The vocabulary is ETSI's, name by name and URN by URN (TS 119 102-2, 5.2.4; the list is that of DSS)."""

import pytest

from certs.validation import Indication, SubIndication
from certs.validation.indications import indication_of

FAILED = ["FORMAT_FAILURE", "HASH_FAILURE", "SIG_CRYPTO_FAILURE", "REVOKED", "EXPIRED", "NOT_YET_VALID"]
OPEN = [
    "SIG_CONSTRAINTS_FAILURE",
    "CHAIN_CONSTRAINTS_FAILURE",
    "CERTIFICATE_CHAIN_GENERAL_FAILURE",
    "CRYPTO_CONSTRAINTS_FAILURE",
    "POLICY_PROCESSING_ERROR",
    "SIGNATURE_POLICY_NOT_AVAILABLE",
    "TIMESTAMP_ORDER_FAILURE",
    "NO_SIGNING_CERTIFICATE_FOUND",
    "NO_CERTIFICATE_CHAIN_FOUND",
    "NO_CERTIFICATE_CHAIN_FOUND_NO_POE",
    "REVOKED_NO_POE",
    "REVOKED_CA_NO_POE",
    "OUT_OF_BOUNDS_NOT_REVOKED",
    "OUT_OF_BOUNDS_NO_POE",
    "REVOCATION_OUT_OF_BOUNDS_NO_POE",
    "CRYPTO_CONSTRAINTS_FAILURE_NO_POE",
    "NO_POE",
    "TRY_LATER",
    "SIGNED_DATA_NOT_FOUND",
    "CUSTOM",
    "GENERIC",
]


def test_every_reason_of_the_standard_is_there_and_no_other():
    assert {s.value for s in SubIndication} == {*FAILED, *OPEN}


@pytest.mark.parametrize("name", FAILED)
def test_these_reasons_fail(name):
    assert indication_of(SubIndication(name)) is Indication.TOTAL_FAILED


@pytest.mark.parametrize("name", OPEN)
def test_these_reasons_leave_it_open(name):
    assert indication_of(SubIndication(name)) is Indication.INDETERMINATE


def test_urns():
    assert Indication.TOTAL_PASSED.urn == "urn:etsi:019102:mainindication:total-passed"
    assert Indication.INDETERMINATE.urn == "urn:etsi:019102:mainindication:indeterminate"
    assert SubIndication.HASH_FAILURE.urn == "urn:etsi:019102:subindication:HASH_FAILURE"
    assert indication_of(None) is Indication.TOTAL_PASSED
