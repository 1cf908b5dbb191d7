"""What can be wrong about a CRL.

InvalidInput
 └─ RevocationListRefused   it is no CRL, or no CA that the register holds signed it
"""

from certs.messages import define
from registry.errors import InvalidInput

define(
    "revocation.not_a_list",
    vi="{name} không phải là danh sách thu hồi chứng thư (CRL) đọc được.",
    en="{name} is not a certificate revocation list (CRL) that can be read.",
)
define(
    "revocation.not_a_base",
    vi="{name} là danh sách thu hồi bổ sung hoặc gián tiếp; hãy dùng danh sách đầy đủ của chính CA.",
    en="{name} is a delta or indirect list; use the complete list of the CA itself.",
)
define(
    "revocation.unknown_issuer",
    vi="{name} không do CA nào mà hệ thống đang giữ ký. Hãy thêm chứng thư của CA đó trước (`registry trust add`).",
    en="{name} is signed by no CA that the register holds. Add the certificate of that CA first (`registry trust add`).",
)
define(
    "revocation.from_future",
    vi="{name} ghi thời điểm phát hành {moment}, sau giờ của máy chủ. Hãy kiểm tra đồng hồ máy chủ.",
    en="{name} says it was issued at {moment}, later than the clock of this server. Check the server's clock.",
)


class RevocationListRefused(InvalidInput):
    """It is no CRL, or no CA that the register holds signed it."""
