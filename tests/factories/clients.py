"""Browsers and programs that are signed in."""

from datetime import timedelta

from fastapi.testclient import TestClient

from registry.accounts.service import find_signed_in, record_session, submit_user, verify_password
from registry.accounts.tables import Role
from registry.runtime import Runtime
from registry.web.app import create_app
from registry.web.dependencies import SESSION_COOKIE
from registry.web.forgery import TOKEN_HEADER

PASSWORD = "mật khẩu dài để thử"


def signed_in_client(runtime: Runtime, role: Role, *, agency_id: int | None = None) -> TestClient:
    """A client that carries the session of a new user and the token that every change needs."""
    with runtime.database.write() as uow:
        submit_user(uow, username=role, full_name=role, password=PASSWORD, role=role, agency_id=agency_id)
        user_id = verify_password(uow, username=role, password=PASSWORD)
        token = record_session(uow, user_id=user_id, lifetime=timedelta(hours=1))
        uow.session.flush()
        signed_in = find_signed_in(uow, token)
    assert signed_in
    return TestClient(
        create_app(runtime),
        base_url="http://127.0.0.1:8000",
        cookies={SESSION_COOKIE: token},
        headers={TOKEN_HEADER: signed_in.csrf_token, "Origin": "http://127.0.0.1:8000"},
    )
