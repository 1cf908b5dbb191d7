"""What is said about a file that holds no certificate to register, or something that must not be given away.

No sentence has a place for content of the file: what is refused may be a secret.
"""

from certs.messages import define

EMPTY = define(
    "container.empty",
    vi="Tệp rỗng.",
    en="The file is empty.",
)
TOO_LARGE = define(
    "container.too_large",
    vi="Tệp lớn hơn giới hạn {megabytes} MB.",
    en="The file is larger than the limit of {megabytes} MB.",
)
TOO_MANY = define(
    "container.too_many",
    vi="Dừng lại vì có hơn {limit} chứng thư hoặc tệp; hãy chia thành nhiều lần.",
    en="Stopped, because there are more than {limit} certificates or files; give them in several parts.",
)
PRIVATE_KEY = define(
    "container.private_key",
    vi=(
        "Tệp chứa khóa bí mật nên không được lưu. Hãy cất giữ khóa ở nơi an toàn; nếu tệp đã gửi qua thư điện tử "
        "thì coi như khóa đã lộ và phải đề nghị thu hồi chứng thư. Chỉ nộp tệp chứng thư (.cer)."
    ),
    en=(
        "The file holds a private key and was not stored. Keep the key safe; if the file was sent by mail, consider "
        "the key exposed and ask for revocation. Hand in only the certificate (.cer)."
    ),
)
KEY_STORE = define(
    "container.key_store",
    vi=(
        "Tệp là kho khóa (PKCS#12/PFX, JKS) có khóa bí mật nên không được lưu. Hãy bảo vệ tệp này; nếu đã gửi qua thư "
        "điện tử thì coi như khóa đã lộ và phải đề nghị thu hồi chứng thư. Chỉ nộp tệp chứng thư (.cer)."
    ),
    en=(
        "The file is a key store (PKCS#12/PFX, JKS) with a private key and was not stored. Protect it; if it was sent "
        "by mail, consider the key exposed and ask for revocation. Hand in only the certificate (.cer)."
    ),
)
REQUEST = define(
    "container.request",
    vi="Đây là yêu cầu cấp chứng thư (CSR), chưa phải chứng thư.",
    en="This is a request for a certificate (CSR), not yet a certificate.",
)
CRL = define(
    "container.crl",
    vi=(
        "Đây là danh sách chứng thư bị thu hồi (CRL), không phải chứng thư; người quản trị máy chủ thêm bằng "
        "`registry trust add`."
    ),
    en=(
        "This is a list of revoked certificates (CRL), not a certificate; the operator of the server adds it with "
        "`registry trust add`."
    ),
)
PUBLIC_KEY = define(
    "container.public_key",
    vi="Đây chỉ là khóa công khai, không phải chứng thư.",
    en="This is a bare public key, not a certificate.",
)
SPREADSHEET = define(
    "container.spreadsheet",
    vi="Đây là bảng tính; hãy dùng chức năng nhập danh sách.",
    en="This is a spreadsheet; use the import of lists.",
)
OFFICE_DOCUMENT = define(
    "container.office_document",
    vi="Đây là văn bản hoặc trình chiếu (Word, PowerPoint), không phải chứng thư; danh sách thì hãy lưu thành XLSX hoặc CSV.",
    en="This is a text or a presentation (Word, PowerPoint), not a certificate; save a list as XLSX or CSV.",
)
ARCHIVE = define(
    "container.archive",
    vi="Không mở được tệp nén loại {kind}; hãy giải nén hoặc nén lại thành ZIP.",
    en="Archives of the kind {kind} cannot be opened; unpack it or make a ZIP of it.",
)
ZIP_ENCRYPTED = define(
    "container.zip_encrypted",
    vi="Tệp trong ZIP có mật khẩu; hãy nén lại không đặt mật khẩu (chứng thư không phải bí mật).",
    en="The file inside the ZIP has a password; pack it without one (certificates are no secret).",
)
ZIP_DAMAGED = define(
    "container.zip_damaged",
    vi="Tệp ZIP bị hỏng hoặc dùng cách nén không được hỗ trợ.",
    en="The ZIP is damaged or uses a compression that is not supported.",
)
ZIP_BOMB = define(
    "container.zip_bomb",
    vi="Tệp ZIP phình to bất thường khi giải nén nên không được đọc tiếp.",
    en="The ZIP expands abnormally and was not read further.",
)
ZIP_TOO_DEEP = define(
    "container.zip_too_deep",
    vi="ZIP lồng nhau quá {limit} lớp.",
    en="ZIPs inside ZIPs more than {limit} levels deep.",
)
PEM_INCOMPLETE = define(
    "container.pem_incomplete",
    vi="Khối PEM thiếu dòng END; tệp có thể bị cắt.",
    en="A PEM block has no END line; the file may be cut off.",
)
PEM_NOT_BASE64 = define(
    "container.pem_not_base64",
    vi="Khối PEM không phải Base64 hợp lệ.",
    en="A PEM block is not valid Base64.",
)
P7B_DAMAGED = define(
    "container.p7b_damaged",
    vi="Tệp P7B bị hỏng.",
    en="The P7B file is damaged.",
)
P7B_EMPTY = define(
    "container.p7b_empty",
    vi="Tệp P7B không chứa chứng thư nào.",
    en="The P7B file holds no certificate.",
)
PDF_UNSIGNED = define(
    "container.pdf_unsigned",
    vi="Tệp PDF không có chữ ký số đọc được.",
    en="The PDF holds no digital signature that can be read.",
)
PDF_SIGNER_MISSING = define(
    "container.pdf_signer_missing",
    vi="Một chữ ký trong PDF không kèm chứng thư của người ký.",
    en="A signature in the PDF does not carry the signer's certificate.",
)
TRAILING_BYTES = define(
    "container.trailing_bytes",
    vi="Sau chứng thư còn dữ liệu lạ; phần đó không được đọc.",
    en="Unknown data follows the certificate; it was not read.",
)
UNKNOWN = define(
    "container.unknown",
    vi="Không nhận ra nội dung tệp. Các dạng được đọc: chứng thư (.cer, .crt, .pem), .p7b, ZIP của chúng, PDF đã ký.",
    en="The content is not recognised. What can be read: certificates (.cer, .crt, .pem), .p7b, ZIPs of these, signed PDFs.",
)
