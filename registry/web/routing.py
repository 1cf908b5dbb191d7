"""Every route of the application, in one list."""

from typing import Final

from fastapi import APIRouter

from registry.accounts.pages import router as account_pages
from registry.agencies.pages import router as agency_pages
from registry.agencies.routes import router as agency_routes
from registry.agency_imports.pages import router as agency_import_pages
from registry.agency_imports.routes import router as agency_import_routes
from registry.alerts.calendar.pages import router as calendar_pages
from registry.alerts.calendar.routes import router as calendar_routes
from registry.alerts.pages import router as alert_pages
from registry.alerts.planning.pages import router as mail_pages
from registry.alerts.proving.pages import router as proving_pages
from registry.alerts.proving.routes import router as proving_routes
from registry.alerts.routes import router as alert_routes
from registry.alerts.steps.pages import router as step_pages
from registry.alerts.steps.routes import router as step_routes
from registry.alerts.summary.pages import router as summary_pages
from registry.bulk.pages import router as bulk_pages
from registry.bulk.routes import router as bulk_routes
from registry.certificates.pages import router as certificate_pages
from registry.certificates.routes import router as certificate_routes
from registry.demo.pages import router as demo_pages
from registry.imports.pages import router as import_pages
from registry.imports.routes import router as import_routes
from registry.mail.routes import router as mail_routes
from registry.reports.pages import router as report_pages
from registry.reports.routes import router as report_routes
from registry.revocation.pages import router as revocation_pages
from registry.revocation.routes import router as revocation_routes
from registry.saved_views.pages import router as saved_view_pages
from registry.saved_views.routes import router as saved_view_routes
from registry.transfer.pages import router as transfer_pages
from registry.transfer.routes import router as transfer_routes
from registry.trust.routes import router as trust_routes
from registry.verifications.pages import router as verification_pages
from registry.verifications.routes import router as verification_routes
from registry.web.documentation import router as documentation
from registry.web.health import router as health
from registry.web.home import router as home
from registry.webhooks.pages import router as webhook_pages
from registry.webhooks.routes import router as webhook_routes

ROUTERS: Final[tuple[APIRouter, ...]] = (
    health,
    documentation,
    home,
    account_pages,
    certificate_pages,
    bulk_pages,
    agency_import_pages,
    agency_pages,
    import_pages,
    verification_pages,
    alert_pages,
    summary_pages,
    calendar_pages,
    mail_pages,
    proving_pages,
    step_pages,
    webhook_pages,
    report_pages,
    revocation_pages,
    saved_view_pages,
    transfer_pages,
    demo_pages,
    certificate_routes,
    bulk_routes,
    agency_import_routes,
    agency_routes,
    import_routes,
    transfer_routes,
    saved_view_routes,
    report_routes,
    trust_routes,
    revocation_routes,
    verification_routes,
    alert_routes,
    webhook_routes,
    mail_routes,
    proving_routes,
    step_routes,
    calendar_routes,
)
"""JSON routers are named `routes`, those of pages `pages`; the first router that knows an address answers."""
