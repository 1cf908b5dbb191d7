"""What can be wrong about a CA certificate.

InvalidInput
 └─ AuthorityRefused      it cannot serve as an anchor or to build paths
Conflict
 └─ UnknownAnchor         a self-signed certificate that the product does not know, and nobody vouched for it
"""

from certs.messages import define
from registry.errors import Conflict, InvalidInput

define(
    "trust.not_a_ca",
    vi="{name} không phải là chứng thư của cơ quan chứng thực (CA).",
    en="{name} is not the certificate of a CA.",
)
define(
    "trust.unknown_anchor",
    vi="{name} là chứng thư tự ký có dấu vân tay SHA-256 {sha256}, không thuộc các chứng thư gốc đã biết. "
    "Chỉ thêm khi đã đối chiếu dấu vân tay qua kênh khác; khi đó dùng --trust-anyway.",
    en="{name} is self-signed with the SHA-256 fingerprint {sha256}, which is none of the known anchors. "
    "Add it only after comparing the fingerprint over another channel; then use --trust-anyway.",
)


class AuthorityRefused(InvalidInput):
    """It cannot serve as an anchor or to build paths."""


class UnknownAnchor(Conflict):
    """A self-signed certificate that the product does not know, and nobody vouched for it."""
