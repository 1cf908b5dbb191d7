"""The entries of the main navigation."""

from typing import Final

from registry.web.translation import mark as _

NAVIGATION: Final[tuple[tuple[str, str, str], ...]] = (
    ("/", _("Overview"), "home"),
    ("/certificates", _("Certificates"), "certificate"),
    ("/agencies", _("Agencies"), "agency"),
    ("/imports", _("Import"), "upload"),
    ("/verify", _("Check a document"), "verify"),
    ("/alerts", _("Alerts"), "bell"),
    ("/reports", _("Reports"), "report"),
    ("/trust", _("CAs and revocation"), "trust"),
)
"""Address, name and icon of each entry."""

DEMO_NAVIGATION: Final = ("/demo/mail", _("Demo mailbox"), "mail")
"""Only where the demonstration runs."""
