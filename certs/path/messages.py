"""Sentences about certification paths and revocation (RFC 5280, 6960)."""

from certs.messages import define

NO_ISSUER = define(
    "path_no_issuer",
    vi="Chưa có chứng thư của cơ quan chứng thực “{issuer}” nên chưa xác định được ai đứng sau chữ ký. (RFC 5280, 6)",
    en="The certificate of the authority “{issuer}” is missing, so nobody vouches for the signer. (RFC 5280, 6)",
)
ROOT_NOT_TRUSTED = define(
    "path_root_not_trusted",
    vi="Chuỗi chứng thư kết thúc ở “{issuer}”, không có trong danh sách chứng thư gốc tin cậy. (RFC 5280, 6)",
    en="The chain ends at “{issuer}”, which is not among the trust anchors. (RFC 5280, 6)",
)
PATH_INVALID = define(
    "path_invalid",
    vi="Chuỗi chứng thư không hợp lệ: {detail} (RFC 5280, 6.1)",
    en="The certification path is not valid: {detail} (RFC 5280, 6.1)",
)
PATH_TOO_COMPLEX = define(
    "path_too_complex",
    vi="Quá nhiều chứng thư cùng tên, không thể dựng chuỗi trong giới hạn cho phép. (RFC 5280, 6)",
    en="Too many certificates share a name; no path could be built within the bounds. (RFC 5280, 6)",
)
CERTIFICATE_MALFORMED = define(
    "certificate_malformed",
    vi="Chứng thư bị hỏng, không đọc được. (RFC 5280, 4.1)",
    en="The certificate is damaged and cannot be read. (RFC 5280, 4.1)",
)
