import pytest
from cryptography import x509

from certs.messages import message
from certs.validation.messages import REVOKED_AFTER, REVOKED_BEFORE, REVOKED_NO_PROOF, REVOKED_UNIT


@pytest.mark.parametrize("reason", [each.name for each in x509.ReasonFlags])
@pytest.mark.parametrize("code", [REVOKED_BEFORE, REVOKED_NO_PROOF, REVOKED_AFTER, REVOKED_UNIT])
def test_reasons_of_revocation_are_said_in_words(code: str, reason: str) -> None:
    said = message(code, name="A", revoked_at="1/1/2026", reason=f"revocation_reason.{reason}")
    assert "_" not in said.text("vi")
    assert "_" not in said.text("en")
    assert said.text("vi") != said.text("en")


def test_a_reason_that_nobody_knows_and_a_name_like_a_code_are_shown_as_they_are() -> None:
    said = message(REVOKED_BEFORE, name="revocation_reason.superseded", revoked_at="1/1/2026", reason="reason_99")
    assert "revocation_reason.superseded" in said.text("vi")
    assert "(lý do: reason_99)" in said.text("vi")
