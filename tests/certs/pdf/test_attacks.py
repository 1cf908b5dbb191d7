"""No attack is accepted, and each leaves a reason that a person can read."""

import pytest

from certs.pdf import analyse_document
from certs.pdf.errors import PDFError
from tests.certs.pdf.verdicts import is_acceptable
from tests.pdfs.attacks import ATTACKS


@pytest.mark.parametrize("name", ATTACKS)
def test_the_attack_is_not_accepted(name: str) -> None:
    data = ATTACKS[name]()
    try:
        analysis = analyse_document(data)
    except PDFError as error:
        reasons = [error.message]
    else:
        assert not is_acceptable(analysis)
        assert analysis.signs_of_signing
        reasons = [*analysis.faults]
        for one in analysis.signatures:
            reasons += [
                *one.faults,
                *one.undetermined,
                *(change.message for change in one.changes if not change.permitted),
            ]
    assert reasons
    assert all(reason.text("vi") != reason.text("en") and "?" not in reason.text("vi") for reason in reasons)
