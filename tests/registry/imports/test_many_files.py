"""A whole folder of certificates, dropped on the page or sent at once by a program."""

import pytest

from registry.accounts.tables import Role
from registry.runtime import Runtime
from tests.factories.clients import signed_in_client

MORE_THAN_FORMS_USUALLY_HOLD = 1001


@pytest.mark.parametrize("address", ["/imports", "/api/v1/imports"])
def test_a_folder_of_more_than_a_thousand_files_is_taken(runtime: Runtime, address: str) -> None:
    client = signed_in_client(runtime, Role.ADMINISTRATOR)
    files = [("files", (f"{number}.cer", b"x")) for number in range(MORE_THAN_FORMS_USUALLY_HOLD)]
    answer = client.post(address, files=files, follow_redirects=False, headers={"Prefer": "wait=0"})
    assert answer.status_code == (303 if address == "/imports" else 202), answer.text
