"""What can be wrong about an agency.

NotFound
 └─ AgencyNotFound       no such agency, or the viewer may not know of it
Conflict
 ├─ AgencyCodeTaken      another agency has this code
 └─ AgencyHistory        it contradicts what the register knows of the agency at that time
InvalidInput
 └─ AgencyCycle          an agency cannot be placed below itself
"""

from certs.messages import define, message
from registry.errors import Conflict, InvalidInput, NotFound

define(
    "agencies.not_found",
    vi="Không có cơ quan số {agency}, hoặc tài khoản của bạn không được xem. Hãy tìm theo tên hoặc mã định danh.",
    en="There is no agency number {agency}, or your account may not see it. Search by name or code.",
)
define(
    "agencies.code_taken",
    vi="Mã định danh {number} đã thuộc về cơ quan khác.",
    en="The code {number} belongs to another agency already.",
)
define(
    "agencies.does_not_exist_then",
    vi="Cơ quan {agency} không tồn tại vào lúc {at}. Hãy chọn ngày khác.",
    en="The agency {agency} does not exist at {at}. Choose another date.",
)
define(
    "agencies.later_change",
    vi="Cơ quan {agency} đã có thay đổi có hiệu lực từ {at}. Hãy ghi nhận thay đổi với ngày sau đó.",
    en="The agency {agency} has a change that takes effect at {at} already. Record this one with a later date.",
)
define(
    "agencies.cycle",
    vi="Không thể đặt cơ quan trực thuộc chính nó hoặc đơn vị cấp dưới của nó.",
    en="An agency cannot be placed below itself or below one of its own units.",
)
define(
    "agencies.has_units",
    vi="Cơ quan {agency} còn {count} đơn vị trực thuộc. Hãy chuyển hoặc kết thúc các đơn vị đó trước.",
    en="The agency {agency} still has {count} units below it. Move or end them first.",
)
define(
    "agencies.unchanged",
    vi="Nội dung này đang đúng như vậy, không có gì để ghi nhận.",
    en="That is how it is already: there is nothing to record.",
)
define(
    "agencies.empty",
    vi="Cần nhập {what}.",
    en="{what} must not be empty.",
)
define(
    "agencies.successor_line",
    vi="Dòng “{line}” chưa đúng: mỗi dòng gồm mã định danh, dấu chấm phẩy, rồi tên cơ quan.",
    en="The line “{line}” is not right: each line is a code, a semicolon, and the name of the agency.",
)


class AgencyNotFound(NotFound):
    """There is no such agency, or the viewer may not know of it."""


class AgencyCodeTaken(Conflict):
    """Another agency has this code."""


class AgencyHistory(Conflict):
    """It contradicts what the register knows of the agency at that time."""


class AgencyCycle(InvalidInput):
    """An agency cannot be placed below itself."""


def agency_not_found(agency_id: int) -> AgencyNotFound:
    """Build the error for an agency that is not there for the viewer."""
    return AgencyNotFound(message("agencies.not_found", agency=agency_id))
