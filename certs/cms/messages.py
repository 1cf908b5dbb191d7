"""Sentences about signature containers (RFC 5652, 3161, 5035)."""

from certs.messages import define

MALFORMED = define(
    "cms_malformed",
    vi="Dữ liệu chữ ký bị hỏng, không đọc được: {detail}. (RFC 5652)",
    en="The signature data are damaged and cannot be read: {detail}. (RFC 5652)",
)
NOT_SIGNED_DATA = define(
    "cms_not_signed_data",
    vi="Dữ liệu chữ ký không đúng kiểu SignedData. (RFC 5652, 5.1)",
    en="The signature data are not of type SignedData. (RFC 5652, 5.1)",
)
SIGNER_COUNT = define(
    "cms_signer_count",
    vi="Dữ liệu chữ ký có {count} người ký; mỗi chữ ký trong PDF phải có đúng một. (ISO 32000-2, 12.8.3.3)",
    en="The signature data name {count} signers; a signature in a PDF has exactly one. (ISO 32000-2, 12.8.3.3)",
)
ENVELOPED_CONTENT = define(
    "cms_enveloped_content",
    vi="Chữ ký khai là tách rời nhưng lại chứa sẵn nội dung khác bên trong. (ISO 32000-2, 12.8.3.3)",
    en="The signature is declared detached but carries content of its own. (ISO 32000-2, 12.8.3.3)",
)
CONTENT_MISSING = define(
    "cms_content_missing",
    vi="Dữ liệu chữ ký thiếu nội dung bắt buộc. (RFC 5652, 5.2)",
    en="The signature data lack the content they must hold. (RFC 5652, 5.2)",
)
ATTRIBUTE_MISSING = define(
    "cms_attribute_missing",
    vi="Chữ ký thiếu thuộc tính bắt buộc “{name}”. (RFC 5652, 11)",
    en="The signature lacks the mandatory attribute “{name}”. (RFC 5652, 11)",
)
ATTRIBUTE_REPEATED = define(
    "cms_attribute_repeated",
    vi="Thuộc tính “{name}” của chữ ký phải có đúng một giá trị. (RFC 5652, 11)",
    en="The attribute “{name}” of the signature must have exactly one value. (RFC 5652, 11)",
)
CONTENT_TYPE_DIFFERS = define(
    "cms_content_type_differs",
    vi="Kiểu nội dung ghi trong thuộc tính khác kiểu nội dung đã ký. (RFC 5652, 11.1)",
    en="The signed content-type attribute differs from the type of the content. (RFC 5652, 11.1)",
)
ALGORITHM_UNKNOWN = define(
    "cms_algorithm_unknown",
    vi="Chưa kiểm tra được chữ ký vì dùng thuật toán lạ: {name}. (RFC 5652, 10.1)",
    en="The signature uses an algorithm this program does not know: {name}. (RFC 5652, 10.1)",
)
ALGORITHMS_DISAGREE = define(
    "cms_algorithms_disagree",
    vi="Thuật toán băm ({digest}) không khớp với thuật toán ký ({signature}). (RFC 5652, 5.3)",
    en="The digest algorithm ({digest}) does not fit the signature algorithm ({signature}). (RFC 5652, 5.3)",
)
DIGEST_MISMATCH = define(
    "cms_digest_mismatch",
    vi="Nội dung văn bản đã bị thay đổi sau khi ký. (RFC 5652, 5.4)",
    en="The content of the document was altered after it was signed. (RFC 5652, 5.4)",
)
SIGNATURE_MISMATCH = define(
    "cms_signature_mismatch",
    vi="Giá trị chữ ký không khớp với khóa của chứng thư. (RFC 5652, 5.4)",
    en="The signature value does not match the key of the certificate. (RFC 5652, 5.4)",
)
KEY_DIFFERS = define(
    "cms_key_differs",
    vi="Loại khóa của chứng thư không dùng được với thuật toán ký {name}. (RFC 5652, 5.4)",
    en="The key of the certificate cannot be used with the signature algorithm {name}. (RFC 5652, 5.4)",
)
CERTIFICATE_NOT_BOUND = define(
    "cms_certificate_not_bound",
    vi="Chứng thư kèm theo không phải chứng thư mà người ký đã ký cùng. (RFC 5035, 5)",
    en="The certificate present is not the one the signer bound into the signature. (RFC 5035, 5)",
)
NONSTANDARD_DIGEST_INFO = define(
    "cms_nonstandard_digest_info",
    vi="Chữ ký được mã hóa không theo chuẩn (thiếu NULL trong DigestInfo) nhưng giá trị vẫn đúng. (RFC 8017, 9.2)",
    en="The signature uses a non-standard encoding (no NULL in DigestInfo); its value is right. (RFC 8017, 9.2)",
)
NONSTANDARD_ECDSA = define(
    "cms_nonstandard_ecdsa",
    vi="Chữ ký ECDSA được ghi ở dạng thô thay vì ASN.1; giá trị vẫn đúng. (BSI TR-03111)",
    en="The ECDSA signature is written in plain instead of ASN.1 form; its value is right. (BSI TR-03111)",
)
ATTRIBUTES_NOT_DER = define(
    "cms_attributes_not_der",
    vi="Các thuộc tính đã ký không xếp theo DER; giá trị chữ ký vẫn đúng với dữ liệu như đã ghi. (RFC 5652, 5.3)",
    en="The signed attributes are not in DER order; the value is right for the bytes as written. (RFC 5652, 5.3)",
)
ATTRIBUTE_SKIPPED = define(
    "cms_attribute_skipped",
    vi="Bỏ qua thuộc tính không ký {name} vì không giải mã được. (RFC 5652, 5.3)",
    en="The unsigned attribute {name} cannot be decoded and is skipped. (RFC 5652, 5.3)",
)
PADDING_NOT_ZERO = define(
    "cms_padding_not_zero",
    vi="Sau dữ liệu chữ ký còn dữ liệu lạ không được chữ ký bảo vệ. (ISO 32000-2, 12.8.3.3)",
    en="Unprotected extra data follow the signature value. (ISO 32000-2, 12.8.3.3)",
)
DIGEST_ALGORITHM_MISLABELLED = define(
    "cms_digest_algorithm_mislabelled",
    vi="Ô thuật toán băm ghi tên một thuật toán ký ({name}). (RFC 5652, 10.1.1)",
    en="The place of the digest algorithm names a signature algorithm ({name}). (RFC 5652, 10.1.1)",
)
TIMESTAMP_IMPRINT = define(
    "timestamp_imprint_mismatch",
    vi="Dấu thời gian không thuộc về chữ ký hoặc văn bản này. (RFC 3161, 2.4.2)",
    en="The time-stamp does not belong to this signature or document. (RFC 3161, 2.4.2)",
)
TIMESTAMP_MALFORMED = define(
    "timestamp_malformed",
    vi="Dấu thời gian bị hỏng, không đọc được: {detail}. (RFC 3161, 2.4.2)",
    en="The time-stamp is damaged and cannot be read: {detail}. (RFC 3161, 2.4.2)",
)
