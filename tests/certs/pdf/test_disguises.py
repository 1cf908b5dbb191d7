"""What looks like signing, stamping or filling but shows something else is not accepted."""

import pytest

from tests.certs.pdf.verdicts import is_accepted
from tests.pdfs.disguises import DISGUISES


@pytest.mark.parametrize("name", DISGUISES)
def test_the_disguise_is_seen_through(name: str) -> None:
    assert not is_accepted(DISGUISES[name]())
