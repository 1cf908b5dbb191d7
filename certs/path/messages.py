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
NOT_ISSUED = define(
    "path_not_issued",
    vi="Chứng thư của “{name}” ghi là do “{issuer}” cấp nhưng không được ký bằng khóa đã biết của cơ quan này; có thể là chứng thư giả mạo. (RFC 5280, 6.1.3)",
    en="The certificate of “{name}” names “{issuer}” as its authority but is not signed with the key known of it; it may be forged. (RFC 5280, 6.1.3)",
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
CONSTRAINT_UNSUPPORTED = define(
    "path_constraint_unsupported",
    vi="Chứng thư của cơ quan chứng thực giới hạn tên theo cách mà chương trình chưa kiểm tra được. (RFC 5280, 4.2.1.10)",
    en="A CA certificate constrains names in a way that this program cannot check. (RFC 5280, 4.2.1.10)",
)
CERTIFICATE_MALFORMED = define(
    "certificate_malformed",
    vi="Chứng thư bị hỏng, không đọc được. (RFC 5280, 4.1)",
    en="The certificate is damaged and cannot be read. (RFC 5280, 4.1)",
)
