"""The answers of a validation, with ETSI's names (EN 319 102-1, 5.1; TS 119 102-2, 4.2.4)."""

from enum import StrEnum


class Indication(StrEnum):
    """The main status of one signature (EN 319 102-1, 5.1.2)."""

    TOTAL_PASSED = "TOTAL_PASSED"
    """Every check of the policy succeeded."""
    TOTAL_FAILED = "TOTAL_FAILED"
    """The signature is wrong, or was made when it must not be: no further evidence will change that."""
    INDETERMINATE = "INDETERMINATE"
    """Not enough is known to say either; more evidence may change the answer."""

    @property
    def urn(self) -> str:
        """ETSI's identifier."""
        return "urn:etsi:019102:mainindication:" + self.value.lower().replace("_", "-")


class SubIndication(StrEnum):
    """The reason for an indication other than TOTAL_PASSED (EN 319 102-1, 5.1.3)."""

    FORMAT_FAILURE = "FORMAT_FAILURE"
    """The signature or the document does not have the form it must have."""
    HASH_FAILURE = "HASH_FAILURE"
    """The digest of what was signed differs from the signed digest."""
    SIG_CRYPTO_FAILURE = "SIG_CRYPTO_FAILURE"
    """The signature value does not fit the signer's key."""
    REVOKED = "REVOKED"
    """The signer's certificate was revoked, and the signature is shown to be later."""
    EXPIRED = "EXPIRED"
    """The signature is shown to have been made after the certificate's end."""
    NOT_YET_VALID = "NOT_YET_VALID"
    """The signature is shown to have been made before the certificate's start."""
    SIG_CONSTRAINTS_FAILURE = "SIG_CONSTRAINTS_FAILURE"
    """An attribute that the policy asks for is missing or does not match."""
    CHAIN_CONSTRAINTS_FAILURE = "CHAIN_CONSTRAINTS_FAILURE"
    """The certificates may not be used for this purpose."""
    CERTIFICATE_CHAIN_GENERAL_FAILURE = "CERTIFICATE_CHAIN_GENERAL_FAILURE"
    """A chain was found, and it is not valid."""
    CRYPTO_CONSTRAINTS_FAILURE = "CRYPTO_CONSTRAINTS_FAILURE"
    """An algorithm or key size was no longer acceptable at the proven time."""
    POLICY_PROCESSING_ERROR = "POLICY_PROCESSING_ERROR"
    """The policy could not be applied."""
    SIGNATURE_POLICY_NOT_AVAILABLE = "SIGNATURE_POLICY_NOT_AVAILABLE"
    """The policy that the signature names is not at hand."""
    TIMESTAMP_ORDER_FAILURE = "TIMESTAMP_ORDER_FAILURE"
    """The time-stamps contradict each other."""
    NO_SIGNING_CERTIFICATE_FOUND = "NO_SIGNING_CERTIFICATE_FOUND"
    """The signer's certificate is not at hand, or is not the one that was signed along."""
    NO_CERTIFICATE_CHAIN_FOUND = "NO_CERTIFICATE_CHAIN_FOUND"
    """No chain leads to a trust anchor."""
    NO_CERTIFICATE_CHAIN_FOUND_NO_POE = "NO_CERTIFICATE_CHAIN_FOUND_NO_POE"
    """No chain leads to a trust anchor that was trusted at a proven time."""
    REVOKED_NO_POE = "REVOKED_NO_POE"
    """The signer's certificate was revoked, and nothing proves that the signature is older."""
    REVOKED_CA_NO_POE = "REVOKED_CA_NO_POE"
    """A CA's certificate was revoked, and nothing proves that the signature is older."""
    OUT_OF_BOUNDS_NOT_REVOKED = "OUT_OF_BOUNDS_NOT_REVOKED"
    """The certificate is not valid now, is known not to be revoked, and nothing proves that the signature is older."""
    OUT_OF_BOUNDS_NO_POE = "OUT_OF_BOUNDS_NO_POE"
    """The certificate is not valid now, and nothing proves that the signature was made while it was."""
    REVOCATION_OUT_OF_BOUNDS_NO_POE = "REVOCATION_OUT_OF_BOUNDS_NO_POE"
    """The certificate of the revocation data's issuer is not valid now, and nothing proves that they are older."""
    CRYPTO_CONSTRAINTS_FAILURE_NO_POE = "CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    """An algorithm is no longer acceptable, and nothing proves that the signature is older."""
    NO_POE = "NO_POE"
    """A proof of existence is missing."""
    TRY_LATER = "TRY_LATER"
    """Revocation data that are needed are not at hand."""
    SIGNED_DATA_NOT_FOUND = "SIGNED_DATA_NOT_FOUND"
    """What was signed is not at hand."""
    CUSTOM = "CUSTOM"
    """A constraint of the policy beyond the standard."""
    GENERIC = "GENERIC"
    """Any other reason."""

    @property
    def urn(self) -> str:
        """ETSI's identifier."""
        return "urn:etsi:019102:subindication:" + self.value


class BlockConclusion(StrEnum):
    """The answer of one building block (EN 319 102-1, 5.1.4); not the status of the signature."""

    PASSED = "PASSED"
    FAILED = "FAILED"
    INDETERMINATE = "INDETERMINATE"


class Integrity(StrEnum):
    """What became of the document since it was signed, whatever one thinks of the signer's chain."""

    INTACT = "intact"
    """What you see is what was signed; validation data and further signatures may have followed."""
    CHANGED_PERMITTED = "changed_permitted"
    """Only changes that the signer's own rules allow, and they are listed."""
    CHANGED = "changed"
    """Something else changed after signing."""
    BROKEN = "broken"
    """Digest, signature value, byte range or structure are wrong."""
    UNKNOWN = "unknown"
    """Could not be judged; the reason is given."""


class Conclusion(StrEnum):
    """The answer for a whole document."""

    VALID = "valid"
    """Every signature is TOTAL_PASSED."""
    INVALID = "invalid"
    """At least one signature is wrong or the document was changed."""
    INDETERMINATE = "indeterminate"
    """Nothing is wrong, but something could not be proved."""
    UNSIGNED = "unsigned"
    """There is no signature and no sign of one."""
    UNREADABLE = "unreadable"
    """The bytes cannot be judged: not a PDF, damaged, locked or too complex."""


FAILING = frozenset(
    {
        SubIndication.FORMAT_FAILURE,
        SubIndication.HASH_FAILURE,
        SubIndication.SIG_CRYPTO_FAILURE,
        SubIndication.REVOKED,
        SubIndication.EXPIRED,
        SubIndication.NOT_YET_VALID,
    }
)
"""The reasons that stand with TOTAL_FAILED; every other stands with INDETERMINATE (EN 319 102-1, table 6)."""


def indication_of(sub_indication: SubIndication | None) -> Indication:
    """The main status that goes with a reason; no reason is TOTAL_PASSED."""
    if sub_indication is None:
        return Indication.TOTAL_PASSED
    return Indication.TOTAL_FAILED if sub_indication in FAILING else Indication.INDETERMINATE
