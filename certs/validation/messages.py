"""Sentences of a validation report (EN 319 102-1), for a clerk first."""

from typing import Final

from certs.messages import define

# --- the answer for a whole document, and what to do next ------------------------------------------------------------

VALID_ONE = define(
    "conclusion_valid_one",
    vi="Chữ ký số hợp lệ: {signers} đã ký và văn bản không bị thay đổi sau khi ký.",
    en="The signature is valid: {signers} signed, and the document was not altered afterwards.",
)
VALID_TIMESTAMP_ONLY = define(
    "conclusion_valid_timestamp_only",
    vi="Dấu thời gian của {signers} hợp lệ và văn bản không bị thay đổi sau đó; nhưng chưa có ai ký văn bản này.",
    en="The time-stamp of {signers} is valid and the document was not altered afterwards; but nobody signed it.",
)
VALID_MANY = define(
    "conclusion_valid_many",
    vi="Cả {count} chữ ký số đều hợp lệ ({signers}) và văn bản không bị thay đổi sau khi ký.",
    en="All {count} signatures are valid ({signers}), and the document was not altered afterwards.",
)
VALID_WITH_CHANGES = define(
    "conclusion_valid_with_changes",
    vi="Chữ ký số hợp lệ ({signers}); sau khi ký chỉ có những bổ sung mà người ký cho phép, xem danh sách.",
    en="The signatures are valid ({signers}); afterwards only changes that the signer permits were made, see the list.",
)
INVALID_ALTERED = define(
    "conclusion_invalid_altered",
    vi="Không hợp lệ: nội dung văn bản đã bị thay đổi sau khi {signer} ký.",
    en="Invalid: the document was altered after {signer} signed it.",
)
INVALID_SAVED_AGAIN = define(
    "conclusion_invalid_saved_again",
    vi="Không hợp lệ: sau khi {signer} ký, tệp đã được một chương trình khác lưu lại hoặc ghép với tệp khác nên chữ ký không còn kiểm tra được.",
    en="Invalid: after {signer} signed, another program saved the file again or merged it with others, so the signature can no longer be checked.",
)
INVALID_UNREACHABLE = define(
    "conclusion_invalid_unreachable",
    vi="Không hợp lệ: sau phần mà {signer} đã ký, tệp có dữ liệu không thuộc văn bản: tệp tải về chưa đủ, hoặc đã bị thêm dữ liệu.",
    en="Invalid: after what {signer} signed, the file has data that belong to no document: it arrived incomplete, or data were added.",
)
INVALID_LOCKED = define(
    "conclusion_invalid_locked",
    vi="Không hợp lệ: khi ký, {signer} đã khóa văn bản, nhưng sau đó vẫn có chữ ký hoặc nội dung điền thêm.",
    en="Invalid: {signer} locked the document when signing, yet a signature or an entry was added afterwards.",
)
INVALID_BROKEN = define(
    "conclusion_invalid_broken",
    vi="Không hợp lệ: chữ ký số của {signer} bị hỏng hoặc không đúng quy định.",
    en="Invalid: the signature of {signer} is damaged or malformed.",
)
INVALID_REVOKED = define(
    "conclusion_invalid_revoked",
    vi="Không hợp lệ: chứng thư của {signer} đã bị thu hồi trước khi ký.",
    en="Invalid: the certificate of {signer} was revoked before the signature was made.",
)
INVALID_DATES = define(
    "conclusion_invalid_dates",
    vi="Không hợp lệ: {signer} ký ngoài thời hạn hiệu lực của chứng thư.",
    en="Invalid: {signer} signed outside the validity of the certificate.",
)
UNDETERMINED_CHAIN = define(
    "conclusion_undetermined_chain",
    vi="Chưa xác định: văn bản còn nguyên vẹn nhưng chưa xác minh được chứng thư của {signer} do cơ quan tin cậy cấp.",
    en="Undetermined: the document is intact, but no trusted authority is known to vouch for {signer}.",
)
UNDETERMINED_ISSUER = define(
    "conclusion_undetermined_issuer",
    vi="Chưa xác định: văn bản còn nguyên vẹn nhưng thiếu chứng thư của cơ quan chứng thực “{issuer}” nên chưa xác minh được {signer}.",
    en="Undetermined: the document is intact, but the certificate of the authority “{issuer}” that vouches for {signer} is missing.",
)
UNDETERMINED_NOT_ISSUED = define(
    "conclusion_undetermined_not_issued",
    vi="Chưa xác định: văn bản còn nguyên vẹn nhưng chứng thư của {name} không được ký bằng khóa đã biết của “{issuer}”; có thể là chứng thư giả mạo.",
    en="Undetermined: the document is intact, but the certificate of {name} is not signed with the key known of “{issuer}”; it may be forged.",
)
UNDETERMINED_CERTIFICATE = define(
    "conclusion_undetermined_certificate",
    vi="Chưa xác định: không có chứng thư của người ký ({signer}) nên chưa kiểm tra được chữ ký.",
    en="Undetermined: the signer's certificate ({signer}) is not at hand, so the signature could not be checked.",
)
UNDETERMINED_USAGE = define(
    "conclusion_undetermined_usage",
    vi="Chưa xác định: văn bản còn nguyên vẹn nhưng chứng thư của {signer} không được cấp cho mục đích này.",
    en="Undetermined: the document is intact, but the certificate of {signer} was not issued for this purpose.",
)
UNDETERMINED_TIME = define(
    "conclusion_undetermined_time",
    vi="Chưa xác định: không có bằng chứng rằng {signer} đã ký khi chứng thư còn hiệu lực.",
    en="Undetermined: nothing proves that {signer} signed while the certificate was valid.",
)
UNDETERMINED_REVOCATION = define(
    "conclusion_undetermined_revocation",
    vi="Chưa xác định: chưa kiểm tra được chứng thư của {signer} có bị thu hồi hay không.",
    en="Undetermined: it could not be checked whether the certificate of {signer} was revoked.",
)
UNDETERMINED_ALGORITHM = define(
    "conclusion_undetermined_algorithm",
    vi="Chưa xác định: chữ ký của {signer} dùng thuật toán hoặc độ dài khóa không còn được chấp nhận.",
    en="Undetermined: the signature of {signer} uses an algorithm or key size that is no longer accepted.",
)
UNDETERMINED_COMPARISON = define(
    "conclusion_undetermined_comparison",
    vi="Chưa xác định: chưa so sánh được hết văn bản hiện tại với văn bản mà {signer} đã ký.",
    en="Undetermined: the document could not be compared completely with what {signer} signed.",
)
UNDETERMINED_OTHER = define(
    "conclusion_undetermined_other",
    vi="Chưa xác định: chưa đủ thông tin để kết luận về chữ ký của {signer}.",
    en="Undetermined: not enough is known about the signature of {signer}.",
)
UNSIGNED = define(
    "conclusion_unsigned",
    vi="Văn bản không có chữ ký số.",
    en="The document bears no digital signature.",
)
UNSIGNED_FIELDS = define(
    "conclusion_unsigned_fields",
    vi="Văn bản có {count} ô chữ ký nhưng chưa ai ký.",
    en="The document has {count} signature fields, and nobody has signed yet.",
)
SIGNATURE_UNREADABLE = define(
    "conclusion_signature_unreadable",
    vi="Không hợp lệ: tệp có dấu vết chữ ký số nhưng không đọc được chữ ký nào.",
    en="Invalid: the file bears traces of a signature, but none can be read.",
)
UNREADABLE_INTERNAL = define(
    "conclusion_unreadable_internal",
    vi="Không kiểm tra được tệp này: nội dung của tệp nằm ngoài khả năng xử lý của chương trình ({detail}).",
    en="This file could not be judged: its content is beyond what the program can process ({detail}).",
)
TOO_COMPLEX = define(
    "conclusion_too_complex",
    vi="Tệp quá phức tạp để kiểm tra trong giới hạn cho phép. Không được coi là hợp lệ.",
    en="The file is too complex to judge within the bounds. Do not treat it as valid.",
)

DO_NOTHING = define(
    "do_nothing",
    vi="Có thể sử dụng văn bản. Nên lưu kết quả kiểm tra này cùng văn bản.",
    en="The document can be relied on. Keep this result with it.",
)
DO_READ_WARNINGS = define(
    "do_read_warnings",
    vi="Có thể sử dụng văn bản sau khi đọc các lưu ý bên dưới.",
    en="The document can be relied on; read the warnings below first.",
)
DO_ASK_ORIGINAL = define(
    "do_ask_original",
    vi="Không sử dụng văn bản này. Đề nghị nơi gửi cung cấp lại tệp gốc do người ký phát hành.",
    en="Do not rely on this document. Ask the sender for the original file as issued by the signer.",
)
DO_LOAD_AGAIN = define(
    "do_load_again",
    vi="Không sử dụng tệp này. Tải lại tệp từ nơi gửi; nếu vẫn như vậy, đề nghị nơi gửi cung cấp lại tệp gốc.",
    en="Do not rely on this file. Load it again from where it came; if that does not help, ask the sender for the original.",
)
DO_SIGN_IN_ORDER = define(
    "do_sign_in_order",
    vi="Không sử dụng văn bản này. Đề nghị cơ quan phát hành ký lại: chỉ người ký cuối cùng mới khóa văn bản.",
    en="Do not rely on this document. Ask the issuing body to sign again: only the last to sign may lock the document.",
)
DO_ASK_SIGN_AGAIN = define(
    "do_ask_sign_again",
    vi="Không sử dụng văn bản này. Đề nghị cơ quan phát hành ký lại bằng chứng thư còn hiệu lực.",
    en="Do not rely on this document. Ask the issuing body to sign again with a valid certificate.",
)
DO_ADD_CA = define(
    "do_add_ca",
    vi="Đề nghị quản trị viên bổ sung chứng thư của cơ quan chứng thực còn thiếu rồi kiểm tra lại.",
    en="Ask the administrator to add the missing CA certificate, then check again.",
)
DO_ADD_REVOCATION = define(
    "do_add_revocation",
    vi="Kiểm tra lại khi tải được danh sách thu hồi (CRL) hoặc phản hồi OCSP của cơ quan chứng thực.",
    en="Check again once the CRL or an OCSP response of the authority is at hand.",
)
DO_CONFIRM = define(
    "do_confirm",
    vi="Xác nhận lại với cơ quan phát hành trước khi sử dụng văn bản.",
    en="Confirm with the issuing body before relying on the document.",
)
DO_SIGN = define(
    "do_sign",
    vi="Nếu văn bản cần giá trị pháp lý, đề nghị nơi gửi cung cấp bản đã ký số.",
    en="If the document must have legal force, ask the sender for the signed version.",
)
DO_READABLE = define(
    "do_readable",
    vi="Đề nghị nơi gửi cung cấp tệp PDF đọc được và không đặt mật khẩu mở tệp.",
    en="Ask the sender for a readable PDF that opens without a password.",
)

# --- format (5.2.2), signing certificate (5.2.3), cryptography (5.2.7) ------------------------------------------------

NOTHING_TO_DIGEST = define(
    "signature_nothing_to_digest",
    vi="Phạm vi ký không dùng được nên không có nội dung nào để so với chữ ký. (ISO 32000-2, 12.8.1)",
    en="The signed byte range is unusable, so there is no content to compare with the signature. (ISO 32000-2, 12.8.1)",
)
SUB_FILTER_UNKNOWN = define(
    "sub_filter_unknown",
    vi="Kiểu chữ ký “{name}” không thuộc các kiểu được quy định. (ISO 32000-2, bảng 255)",
    en="The kind of signature “{name}” is not one of the standard. (ISO 32000-2, table 255)",
)
SIGNER_AMBIGUOUS = define(
    "signer_ambiguous",
    vi="Nhiều chứng thư của những người khác nhau cùng khớp với chữ ký, và chữ ký không cho biết là của ai. (EN 319 102-1, 5.2.3)",
    en="Certificates of different holders fit the signature, and nothing signed tells whose it is. (EN 319 102-1, 5.2.3)",
)
CERTIFICATE_MISSING = define(
    "signing_certificate_missing",
    vi="Không tìm thấy chứng thư của người ký trong văn bản và trong các chứng thư đã biết. (EN 319 102-1, 5.2.3)",
    en="The signer's certificate is neither in the document nor among those known. (EN 319 102-1, 5.2.3)",
)
KEY_UNUSABLE = define(
    "signing_key_unusable",
    vi="Khóa công khai trong chứng thư của người ký không đọc được. (EN 319 102-1, 5.2.7)",
    en="The public key in the signer's certificate cannot be used. (EN 319 102-1, 5.2.7)",
)
DOCUMENT_CHANGED = define(
    "document_changed",
    vi="Văn bản đã bị thay đổi sau khi ký mà không quy tắc nào cho phép. (ISO 32000-2, 12.8.2)",
    en="The document was changed after signing in a way no rule permits. (ISO 32000-2, 12.8.2)",
)
COMPARISON_INCOMPLETE = define(
    "comparison_incomplete",
    vi="Chưa so sánh được hết văn bản với bản đã ký. (ISO 32000-2, 12.8.2)",
    en="The document could not be compared completely with what was signed. (ISO 32000-2, 12.8.2)",
)

# --- certificates (5.2.6) and revocation (5.2.5) ----------------------------------------------------------------------

USAGE_NOT_SIGNING = define(
    "usage_not_signing",
    vi="Chứng thư của {name} không được cấp để ký văn bản. (RFC 5280, 4.2.1.3, 4.2.1.12)",
    en="The certificate of {name} was not issued for signing documents. (RFC 5280, 4.2.1.3, 4.2.1.12)",
)
USAGE_NOT_TIMESTAMPING = define(
    "usage_not_timestamping",
    vi="Chứng thư của {name} không được cấp để đóng dấu thời gian. (RFC 3161, 2.3)",
    en="The certificate of {name} was not issued for time-stamping. (RFC 3161, 2.3)",
)
EXPIRED_NO_PROOF = define(
    "expired_no_proof",
    vi="Chứng thư của {name} hết hạn ngày {not_after}; không có dấu thời gian tin cậy chứng minh việc ký diễn ra trước đó. (EN 319 102-1, 5.2.6)",
    en="The certificate of {name} expired on {not_after}, and no trusted time-stamp proves an earlier signature. (EN 319 102-1, 5.2.6)",
)
NOT_YET_VALID = define(
    "not_yet_valid",
    vi="Chứng thư của {name} chỉ có hiệu lực từ ngày {not_before}, sau thời điểm ký. (EN 319 102-1, 5.5.4)",
    en="The certificate of {name} became valid only on {not_before}, after the signature. (EN 319 102-1, 5.5.4)",
)
define("revocation_reason.unspecified", vi="không nêu", en="not stated")
define("revocation_reason.key_compromise", vi="lộ khóa bí mật", en="key compromise")
define("revocation_reason.ca_compromise", vi="lộ khóa của đơn vị cấp chứng thư", en="compromise of the authority's key")
define(
    "revocation_reason.affiliation_changed", vi="thông tin của chủ chứng thư thay đổi", en="data of the holder changed"
)
define("revocation_reason.superseded", vi="đã có chứng thư khác thay thế", en="replaced by another certificate")
define("revocation_reason.cessation_of_operation", vi="không còn sử dụng", en="no longer in use")
define("revocation_reason.certificate_hold", vi="tạm dừng", en="on hold")
define("revocation_reason.remove_from_crl", vi="đã bỏ tạm dừng", en="hold lifted")
define("revocation_reason.privilege_withdrawn", vi="bị thu hồi quyền", en="right withdrawn")
define(
    "revocation_reason.aa_compromise",
    vi="lộ khóa của đơn vị cấp thuộc tính",
    en="compromise of the attribute authority's key",
)
REVOKED_BEFORE = define(
    "revoked_before_signing",
    vi="Chứng thư của {name} đã bị thu hồi ngày {revoked_at} (lý do: {reason!m}), trước thời điểm ký. (EN 319 102-1, 5.2.6)",
    en="The certificate of {name} was revoked on {revoked_at} ({reason!m}), before the signature. (EN 319 102-1, 5.2.6)",
)
REVOKED_NO_PROOF = define(
    "revoked_no_proof",
    vi="Chứng thư của {name} đã bị thu hồi ngày {revoked_at} (lý do: {reason!m}); không có bằng chứng việc ký diễn ra trước đó. (EN 319 102-1, 5.2.6)",
    en="The certificate of {name} was revoked on {revoked_at} ({reason!m}), and nothing proves an earlier signature. (EN 319 102-1, 5.2.6)",
)
REVOKED_AFTER = define(
    "revoked_after_signing",
    vi="Chứng thư của {name} đã bị thu hồi ngày {revoked_at} (lý do: {reason!m}), sau thời điểm ký; chữ ký này vẫn có hiệu lực. (EN 319 102-1, 5.5.4)",
    en="The certificate of {name} was revoked on {revoked_at} ({reason!m}), after the signature, which stands. (EN 319 102-1, 5.5.4)",
)
REVOKED_UNIT = define(
    "revoked_unit",
    vi="Chứng thư của đơn vị cấp dấu thời gian ({name}) đã bị thu hồi ngày {revoked_at} (lý do: {reason!m}); khóa có thể đã lộ nên dấu thời gian này không chứng minh được thời điểm ký. (RFC 3161, 4)",
    en="The certificate of the time-stamping unit ({name}) was revoked on {revoked_at} ({reason!m}); its key may be known, so this time-stamp does not prove the time. (RFC 3161, 4)",
)
REVOCATION_UNKNOWN = define(
    "revocation_unknown",
    vi="Không kiểm tra được tình trạng thu hồi của chứng thư {name} tại thời điểm ký vì không có CRL hoặc OCSP. (EN 319 102-1, 5.2.5)",
    en="Whether the certificate of {name} was revoked when it signed could not be checked: no CRL or OCSP at hand. (EN 319 102-1, 5.2.5)",
)
REVOCATION_STALE = define(
    "revocation_stale",
    vi="Dữ liệu thu hồi hiện có quá cũ so với thời điểm ký của {name}. (EN 319 102-1, 5.2.5)",
    en="The revocation data at hand are too old for the time {name} signed. (EN 319 102-1, 5.2.5)",
)
REVOCATION_TOO_LATE = define(
    "revocation_too_late",
    vi="Không kiểm tra được chứng thư của {name} có bị thu hồi khi ký hay không: dữ liệu thu hồi hiện có được phát hành sau khi chứng thư hết hạn nên không còn nói về chứng thư này. (EN 319 102-1, 5.2.5)",
    en="Whether the certificate of {name} was revoked when it signed could not be checked: the revocation data at hand were issued after it had expired and no longer tell of it. (EN 319 102-1, 5.2.5)",
)
REVOCATION_NOT_CHECKED: Final = frozenset((REVOCATION_UNKNOWN, REVOCATION_STALE, REVOCATION_TOO_LATE))
"""Warnings that go before all others: where they stand, nobody has said that the certificate was good."""
CERTIFICATE_EXPIRED_SINCE = define(
    "certificate_expired_since",
    vi="Chứng thư của {name} đã hết hạn ngày {not_after}; chữ ký được thực hiện khi chứng thư còn hiệu lực. (Thông tư 41/2017/TT-BTTTT)",
    en="The certificate of {name} expired on {not_after}; it was valid when it signed. (Circular 41/2017/TT-BTTTT)",
)

# --- algorithms (5.2.8) -----------------------------------------------------------------------------------------------

ALGORITHM_WEAK = define(
    "algorithm_weak",
    vi="Chữ ký dùng thuật toán yếu ({algorithm}), được chấp nhận tại thời điểm ký. (EN 319 102-1, 5.2.8)",
    en="The signature uses a weak algorithm ({algorithm}) that was accepted when it was made. (EN 319 102-1, 5.2.8)",
)
ALGORITHM_REFUSED = define(
    "algorithm_refused",
    vi="Chữ ký dùng thuật toán không còn được chấp nhận tại thời điểm ký ({algorithm}). (EN 319 102-1, 5.2.8)",
    en="The signature uses an algorithm that was no longer accepted when it was made ({algorithm}). (EN 319 102-1, 5.2.8)",
)
ALGORITHM_REFUSED_NO_PROOF = define(
    "algorithm_refused_no_proof",
    vi="Thuật toán {algorithm} không còn được chấp nhận; không có bằng chứng việc ký diễn ra khi còn được chấp nhận. (EN 319 102-1, 5.2.8)",
    en="{algorithm} is no longer accepted, and nothing proves that the signature is older. (EN 319 102-1, 5.2.8)",
)
CHAIN_ALGORITHM_WEAK = define(
    "chain_algorithm_weak",
    vi="Chứng thư của {name} được ký bằng thuật toán yếu ({algorithm}). (EN 319 102-1, 5.2.8)",
    en="The certificate of {name} is signed with a weak algorithm ({algorithm}). (EN 319 102-1, 5.2.8)",
)

# --- time (5.4, 5.5) --------------------------------------------------------------------------------------------------

CLAIMED_TIME_IS_LOCAL = define(
    "claimed_time_is_local",
    vi="Thời gian ký do phần mềm ký ghi là giờ Việt Nam nhưng bị đánh dấu là giờ quốc tế (lệch 7 giờ); giờ đúng theo lời khai là {local}. (RFC 5652, 11.3)",
    en="The claimed signing time is Viet Nam time marked as UTC (7 hours ahead); the time meant is {local}. (RFC 5652, 11.3)",
)
CLAIMED_TIME_AFTER_MINUTES = define(
    "claimed_time_after_timestamp",
    vi="Thời gian người ký khai muộn hơn dấu thời gian {minutes} phút; đồng hồ hai bên lệch nhau. (EN 319 102-1, 5.4)",
    en="The claimed time is {minutes} minutes after the time-stamp; the two clocks differ. (EN 319 102-1, 5.4)",
)
CLAIMED_TIME_AFTER_HOURS = define(
    "claimed_time_hours_after_timestamp",
    vi="Thời gian người ký khai muộn hơn dấu thời gian {hours} giờ; chỉ nên tin dấu thời gian. (EN 319 102-1, 5.4)",
    en="The claimed time is {hours} hours after the time-stamp; rely on the time-stamp. (EN 319 102-1, 5.4)",
)
CLAIMED_TIME_AFTER_DAYS = define(
    "claimed_time_days_after_timestamp",
    vi="Thời gian người ký khai muộn hơn dấu thời gian {days} ngày; chỉ nên tin dấu thời gian. (EN 319 102-1, 5.4)",
    en="The claimed time is {days} days after the time-stamp; rely on the time-stamp. (EN 319 102-1, 5.4)",
)
CLAIMED_TIME_LONG_BEFORE = define(
    "claimed_time_long_before_timestamp",
    vi="Thời gian người ký khai sớm hơn dấu thời gian {days} ngày; chỉ nên tin dấu thời gian. (EN 319 102-1, 5.4)",
    en="The claimed time is {days} days before the time-stamp; rely on the time-stamp. (EN 319 102-1, 5.4)",
)
CLAIM_ONLY = define(
    "claimed_time_unproven",
    vi="Chữ ký không có dấu thời gian tin cậy; thời gian ký chỉ là lời khai của người ký. (EN 319 102-1, 5.5)",
    en="The signature has no trusted time-stamp; its time is only what the signer claims. (EN 319 102-1, 5.5)",
)
TIMESTAMP_BROKEN = define(
    "timestamp_broken",
    vi="Dấu thời gian kèm chữ ký bị sai hoặc hỏng nên không được tính đến. (EN 319 102-1, 5.4)",
    en="The time-stamp in the signature is wrong or damaged and is left out. (EN 319 102-1, 5.4)",
)
TIMESTAMP_FUTURE = define(
    "timestamp_future",
    vi="Dấu thời gian ghi {time}, muộn hơn thời điểm kiểm tra. (EN 319 102-1, 5.4)",
    en="The time-stamp says {time}, which is later than the time of validation. (EN 319 102-1, 5.4)",
)
TIMESTAMP_UNTRUSTED = define(
    "timestamp_untrusted",
    vi="Dấu thời gian đúng nhưng chưa xác minh được đơn vị cấp ({name}) nên chưa chứng minh được thời điểm ký. (EN 319 102-1, 5.4)",
    en="The time-stamp is right, but its authority ({name}) is not proven, so it does not prove the time. (EN 319 102-1, 5.4)",
)

# --- appearance (Nghị định 30/2020/NĐ-CP, Phụ lục I) -------------------------------------------------------------------

LOOKS_COMPLETE = define(
    "appearance_complete",
    vi="Có chữ ký của người có thẩm quyền, sau đó là chữ ký của cơ quan. (Nghị định 30/2020/NĐ-CP, Phụ lục I)",
    en="The competent person's signature is there, followed by the agency's. (Decree 30/2020, Annex I)",
)
NO_AGENCY_SIGNATURE = define(
    "appearance_no_agency",
    vi="Chưa thấy chữ ký của cơ quan, tổ chức. (Nghị định 30/2020/NĐ-CP, Phụ lục I)",
    en="No signature of the agency was found. (Decree 30/2020, Annex I)",
)
NO_PERSON_SIGNATURE = define(
    "appearance_no_person",
    vi="Chưa thấy chữ ký của người có thẩm quyền. (Nghị định 30/2020/NĐ-CP, Phụ lục I)",
    en="No signature of a competent person was found. (Decree 30/2020, Annex I)",
)
AGENCY_NOT_LAST = define(
    "appearance_agency_not_last",
    vi="Chữ ký của cơ quan phải là chữ ký cuối cùng. (Nghị định 30/2020/NĐ-CP, Phụ lục I)",
    en="The agency's signature should be the last. (Decree 30/2020, Annex I)",
)
IMAGE_MISSING = define(
    "appearance_image_missing",
    vi="Chữ ký của {name} không hiển thị hình ảnh trên văn bản. (Nghị định 30/2020/NĐ-CP, Phụ lục I)",
    en="The signature of {name} shows no picture on the page. (Decree 30/2020, Annex I)",
)
IMAGE_OPAQUE = define(
    "appearance_image_opaque",
    vi="Hình ảnh chữ ký của {name} không có nền trong suốt. (Nghị định 30/2020/NĐ-CP, Phụ lục I)",
    en="The picture of the signature of {name} is not transparent. (Decree 30/2020, Annex I)",
)
SEAL_POSITION = define(
    "appearance_seal_position",
    vi="Hình ảnh dấu của cơ quan không trùm lên khoảng 1/3 chữ ký của người có thẩm quyền về bên trái. (Nghị định 30/2020/NĐ-CP, Phụ lục I)",
    en="The seal does not cover about a third of the personal signature on its left. (Decree 30/2020, Annex I)",
)
SHOWN_TIME_DIFFERS = define(
    "appearance_time_differs",
    vi="Thời gian hiển thị trên chữ ký của {name} ({shown}) khác thời gian đã ký ({signed}). (Nghị định 30/2020/NĐ-CP, Phụ lục I)",
    en="The time shown by the signature of {name} ({shown}) differs from the signed one ({signed}). (Decree 30/2020, Annex I)",
)
