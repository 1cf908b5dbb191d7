"""A browser as far as forms go: it keeps cookies, sends the token of the page and says that it reads HTML."""

import re
from dataclasses import dataclass
from typing import Any

from fastapi.testclient import TestClient

PASSWORD = "mật khẩu dài để thử"


@dataclass(frozen=True)
class Browser:
    client: TestClient

    def get(self, address: str, **headers: str) -> Any:
        return self.client.get(address, headers={"accept": "text/html", **headers})

    def token(self, address: str = "/login") -> str:
        """The token in the forms of a page, following the way there."""
        page = self.client.get(address, headers={"accept": "text/html"}, follow_redirects=True)
        found = re.search(r'name="csrf_token" value="([^"]+)"', page.text)
        assert found, page.text
        return found[1]

    def post(self, address: str, data: dict[str, str] | None = None, *, token: str | None = None, **more: Any) -> Any:
        """Send a form with the token of the page it stands on."""
        csrf = self.token() if token is None else token
        headers = {"accept": "text/html", **more.pop("headers", {})}
        return self.client.post(address, data={"csrf_token": csrf, **(data or {})}, headers=headers, **more)

    def sign_in(self, username: str, password: str = PASSWORD, **data: str) -> Any:
        return self.post("/login", {"username": username, "password": password, **data})
