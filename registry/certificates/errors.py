"""What can be wrong about a certificate of the register.

NotFound
 └─ CertificateNotFound       no such certificate, or the viewer may not know of it
InvalidInput
 └─ CertificateRefused        it cannot be registered as it was submitted
Conflict
 ├─ SerialTaken               another certificate has this issuer and serial number
 └─ ChangeRefused             the change contradicts the certificate's history or the rules of its PKI
"""

from certs.messages import define, message
from registry.errors import Conflict, InvalidInput, NotFound

define(
    "certificates.not_found",
    vi="Không có chứng thư số {certificate} vào thời điểm này, hoặc tài khoản của bạn không được xem.",
    en="There is no certificate number {certificate} at that time, or your account may not see it.",
)
define(
    "certificates.is_ca",
    vi="{holder} là chứng thư của cơ quan chứng thực (CA), không phải của thuê bao. Hãy thêm bằng `registry trust add`.",
    en="{holder} is the certificate of a CA, not of a subscriber. Add it with `registry trust add`.",
)
define(
    "certificates.kind_unknown",
    vi="Không xác định được {holder} là tổ chức, cá nhân hay thiết bị. Hãy chọn loại thuê bao.",
    en="It is not clear whether {holder} is an organisation, a person or a device. Choose the kind.",
)
define(
    "certificates.name_too_long",
    vi="Tên trong chứng thư dài {length} ký tự, vượt giới hạn {limit}.",
    en="A name in the certificate is {length} characters long, past the limit of {limit}.",
)
define(
    "certificates.validity",
    vi="Chứng thư {serial} có thời hạn không hợp lệ: hết hạn trước khi bắt đầu hiệu lực.",
    en="The certificate {serial} ends before it begins.",
)
define(
    "certificates.origin",
    vi="Cách cấp {origin} không phải là một cách cấp chứng thư.",
    en="{origin} is not a way in which a certificate is issued.",
)
define(
    "certificates.serial_taken",
    vi="Đã có chứng thư khác cùng đơn vị cấp và số hiệu {serial}. Hãy kiểm tra lại tệp: hai chứng thư không được trùng số.",
    en="Another certificate of the same CA has the serial {serial} already. Check the file: no two may share a number.",
)
define(
    "certificates.before_issue",
    vi="Thay đổi có hiệu lực từ {at}, trước khi chứng thư được cấp ({issued}).",
    en="The change takes effect at {at}, before the certificate was issued ({issued}).",
)
define(
    "certificates.not_yet",
    vi="Ngày {day} chưa đến. Việc này chỉ ghi nhận được khi đã xảy ra.",
    en="The day {day} has not come yet. This can be recorded once it has happened.",
)
define(
    "certificates.no_suspension",
    vi="Hạ tầng khóa chuyên dùng Chính phủ không có tạm dừng chứng thư. Hãy thu hồi hoặc đề nghị khôi phục thiết bị.",
    en="The Government PKI knows no suspension. Revoke the certificate or ask for recovery of the device.",
)
define(
    "certificates.is_active",
    vi="Chứng thư {serial} đang hiệu lực, không bị tạm dừng, nên không ghi nhận được thay đổi này.",
    en="The certificate {serial} is active and not suspended, so that this change is not possible.",
)
define(
    "certificates.is_suspended",
    vi="Chứng thư {serial} đang tạm dừng nên không ghi nhận được thay đổi này.",
    en="The certificate {serial} is suspended, so that this change is not possible.",
)
define(
    "certificates.is_revoked",
    vi="Chứng thư {serial} đã bị thu hồi trước đó.",
    en="The certificate {serial} has been revoked already.",
)
define(
    "certificates.device_is_not_handed_over",
    vi="Thiết bị chưa được bàn giao nên không ghi nhận được việc này.",
    en="The device has not been handed over yet, so that this cannot have happened to it.",
)
define(
    "certificates.device_is_handed_over",
    vi="Thiết bị đang do người sử dụng giữ nên không ghi nhận được việc này.",
    en="The device is with its holder, so that this cannot have happened to it.",
)
define(
    "certificates.device_is_returned",
    vi="Thiết bị đã được thu lại nên không ghi nhận được việc này.",
    en="The device has been returned, so that this cannot have happened to it.",
)
define(
    "certificates.device_is_lost",
    vi="Thiết bị đã báo mất nên không ghi nhận được việc này.",
    en="The device has been reported lost, so that this cannot have happened to it.",
)
define(
    "certificates.device_is_locked",
    vi="Thiết bị đang bị khóa nên không ghi nhận được việc này.",
    en="The device is locked, so that this cannot have happened to it.",
)
define(
    "certificates.already_replaced",
    vi="Chứng thư {serial} đã được thay bằng chứng thư khác.",
    en="The certificate {serial} has been replaced by another one already.",
)
define(
    "certificates.replaces_itself",
    vi="Chứng thư không thể thay thế chính nó.",
    en="A certificate cannot take its own place.",
)
define(
    "certificates.reason",
    vi="Lý do thu hồi {reason} không có trong RFC 5280. Các lý do: {known}.",
    en="The revocation reason {reason} is not one of RFC 5280. The reasons: {known}.",
)
define(
    "certificates.same_agency",
    vi="Chứng thư đã thuộc cơ quan này.",
    en="The certificate belongs to this agency already.",
)
define(
    "certificates.nothing_to_correct",
    vi="Không có nội dung nào khác với nội dung đang lưu.",
    en="Nothing differs from what the register holds.",
)


class CertificateNotFound(NotFound):
    """There is no such certificate at that time, or the viewer may not know of it."""


class CertificateRefused(InvalidInput):
    """It cannot be registered as it was submitted."""


class SerialTaken(Conflict):
    """Another certificate has this issuer and serial number."""


class ChangeRefused(Conflict):
    """The change contradicts the certificate's history or the rules of its PKI."""


def certificate_not_found(certificate_id: int) -> CertificateNotFound:
    """Build the error for a certificate that is not there for the viewer."""
    return CertificateNotFound(message("certificates.not_found", certificate=certificate_id))
