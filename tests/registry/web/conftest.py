"""A small register with a person of each role, and browsers that are signed in."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from argon2 import PasswordHasher
from fastapi import FastAPI
from fastapi.testclient import TestClient

from registry.accounts import passwords
from registry.accounts.service import submit_user
from registry.accounts.tables import Role
from registry.agencies.tables import AgencyLevel
from registry.certificates.tables import SubscriberKind
from registry.runtime import Runtime
from registry.web.app import create_app
from tests.factories.agencies import make_agency
from tests.factories.certificates import make_certificate
from tests.registry.web.browsing import PASSWORD, Browser


@pytest.fixture(scope="package", autouse=True)
def cheap_passwords() -> Iterator[None]:
    """Hashes as cheap as argon2id allows: what they cost in earnest is tested with the accounts."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(passwords, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


@dataclass(frozen=True)
class SmallRegister:
    health: int
    hospital: int
    tax: int
    lan: int
    """Of the hospital; expires within 30 days."""
    seal: int
    """Of the health department; an organisation."""
    other: int
    """Of the tax department, which the officer of the health department may not see."""


@pytest.fixture
def register(runtime: Runtime) -> SmallRegister:
    """Two departments and a hospital with a certificate each; officer `yte` works for the health department."""
    later = datetime(2029, 1, 1, tzinfo=UTC)
    with runtime.database.write() as uow:
        health = make_agency(uow, "Sở Y tế", level=AgencyLevel.PROVINCE)
        hospital = make_agency(uow, "Bệnh viện Đa khoa tỉnh", level=AgencyLevel.SUBORDINATE, parent_id=health)
        tax = make_agency(uow, "Sở Tài chính", level=AgencyLevel.PROVINCE)
        filled = SmallRegister(
            health=health,
            hospital=hospital,
            tax=tax,
            lan=make_certificate(uow, hospital, holder="Nguyễn Thị Lan", not_after=uow.now + timedelta(days=20)),
            seal=make_certificate(
                uow, health, holder="SỞ Y TẾ", kind=SubscriberKind.ORGANISATION, not_after=later, serial=0xABCDEF12
            ),
            other=make_certificate(uow, tax, holder="Trần <b>Đậm</b>", not_after=later),
        )
        for username, role, agency in (
            ("quantri", Role.ADMINISTRATOR, None),
            ("yte", Role.OFFICER, health),
            ("kiemtoan", Role.AUDITOR, None),
        ):
            submit_user(uow, username=username, full_name=username, password=PASSWORD, role=role, agency_id=agency)
    return filled


@pytest.fixture
def app(runtime: Runtime) -> FastAPI:
    return create_app(runtime)


@pytest.fixture
def browser(app: FastAPI) -> Iterator[Browser]:
    """A browser that nobody has signed in with."""
    with TestClient(app, follow_redirects=False, raise_server_exceptions=False) as client:
        yield Browser(client)


@pytest.fixture
def signed_in(app: FastAPI, register: SmallRegister) -> Callable[[str], Browser]:
    """A browser for each person."""

    def sign_in(username: str) -> Browser:
        browser = Browser(TestClient(app, follow_redirects=False, raise_server_exceptions=False))
        assert browser.sign_in(username).status_code == 303
        return browser

    return sign_in
