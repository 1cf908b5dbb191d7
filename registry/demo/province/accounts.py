"""The people who can sign in to the demonstration. Their passwords are printed on start: never use them elsewhere."""

from dataclasses import dataclass
from typing import Final

from registry.accounts.tables import Role
from registry.demo.province.plan import SIGNING_BODY


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A login of the demonstration."""

    username: str
    password: str
    full_name: str
    role: Role
    agency: str | None
    """Name of the agency an officer works for."""


ACCOUNTS: Final = (
    DemoAccount("quantri", "quantri-demo", "Nguyễn Quản Trị", Role.ADMINISTRATOR, None),
    DemoAccount("canbo", "canbo-demo", "Trần Cán Bộ", Role.OFFICER, SIGNING_BODY),
    DemoAccount("kiemtoan", "kiemtoan-demo", "Lê Kiểm Toán", Role.AUDITOR, None),
)
