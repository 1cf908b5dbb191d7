"""Every route of the application, in one list."""

from typing import Final

from fastapi import APIRouter

from registry.accounts.pages import router as account_pages
from registry.web.documentation import router as documentation
from registry.web.health import router as health

ROUTERS: Final[tuple[APIRouter, ...]] = (
    health,
    documentation,
    account_pages,
)
"""JSON routers are named `routes`, those of pages `pages`; the first router that knows an address answers."""
