"""All tables, imported so that the metadata is complete. For migrations and tests; features import their own."""

from registry.accounts import tables as accounts
from registry.agencies import tables as agencies
from registry.agency_imports import tables as agency_imports
from registry.alerts import tables as alerts
from registry.bulk import tables as bulk
from registry.certificates import tables as certificates
from registry.db.types import metadata
from registry.imports import tables as imports
from registry.mail import tables as mail
from registry.revocation import tables as revocation
from registry.saved_views import tables as saved_views
from registry.trust import tables as trust
from registry.verifications import tables as verifications
from registry.webhooks import tables as webhooks

__all__ = [
    "accounts",
    "agencies",
    "agency_imports",
    "alerts",
    "bulk",
    "certificates",
    "imports",
    "mail",
    "metadata",
    "revocation",
    "saved_views",
    "trust",
    "verifications",
    "webhooks",
]
