"""What the CA certificates look like from outside."""

from datetime import datetime
from typing import NamedTuple

from registry.trust.tables import TrustRole
from registry.views import View


class AuthorityView(View):
    """A CA certificate that the register holds."""

    sha256: str
    subject: str
    role: TrustRole
    generation: str
    """`unknown` for an intermediate CA that no held anchor has issued, directly or through others."""
    not_after: datetime
    is_known: bool
    """An anchor whose fingerprint the product ships."""
    added_at: datetime


class Trust(NamedTuple):
    """The CA certificates in DER, as verification takes them."""

    anchors: tuple[bytes, ...]
    intermediates: tuple[bytes, ...]
