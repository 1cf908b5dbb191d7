"""What can be wrong about a change of many certificates.

NotFound
 └─ BulkChangeNotFound    no such change, or the viewer may not know of it
InvalidInput
 └─ SelectionRefused      no certificate was chosen, or too many
Conflict
 └─ NotInState            the change is past the point, or not there yet
"""

from certs.messages import define, message
from registry.errors import Conflict, InvalidInput, NotFound

define(
    "bulk.not_found",
    vi="Không có đợt thay đổi số {number}, hoặc tài khoản của bạn không được xem.",
    en="There is no change number {number}, or your account may not see it.",
)
define(
    "bulk.nothing",
    vi="Chưa chọn chứng thư nào. Hãy đánh dấu các dòng, hoặc chọn tất cả chứng thư của danh sách.",
    en="No certificate was chosen. Tick some rows, or choose all certificates of the list.",
)
define(
    "bulk.too_many",
    vi="Một đợt thay đổi tối đa {limit} chứng thư. Hãy thu hẹp danh sách, ví dụ theo cơ quan hoặc theo loại.",
    en="One change takes at most {limit} certificates. Narrow the list, for example by agency or by kind.",
)
define(
    "bulk.not_in_state",
    vi="Đợt thay đổi này đã được quyết định hoặc đang được xử lý nên không làm lại được việc này. Hãy xem kết quả ở trang của nó.",
    en="The change is decided already, or being worked on, so that this cannot be done. Its page shows what became of it.",
)
define(
    "bulk.not_yours",
    vi="Chỉ người đã xem trước đợt thay đổi này ({actor}) mới quyết định được. Bạn có thể chọn lại và tự xem trước.",
    en="Only {actor}, who made this preview, decides about it. You can choose again and make a preview of your own.",
)
define(
    "bulk.nothing_good",
    vi="Không có chứng thư nào thay đổi được. Hãy xem lý do ở từng dòng.",
    en="No certificate can be changed. Look at the reason in each row.",
)
define(
    "bulk.agency_ended",
    vi="{agency} không còn tồn tại. Hãy chọn cơ quan đang hoạt động.",
    en="{agency} does not exist any more. Choose an agency that does.",
)
define(
    "bulk.single_correction",
    vi="Số thiết bị, ICCID, chức vụ và thư công vụ chỉ đính chính được ở trang của từng chứng thư.",
    en="A device number, ICCID, position or e-mail is put right on the page of each certificate.",
)
define(
    "bulk.later_change",
    vi="Đã ghi nhận một thay đổi khác có hiệu lực từ {at}, sau thời điểm này. Hãy xử lý riêng chứng thư này.",
    en="Another change takes effect at {at}, after this one. Record this certificate on its own page.",
)
define(
    "bulk.changed_since",
    vi="Chứng thư đã thay đổi sau khi xem trước ({actor}, {at}). Hãy chọn lại và xem trước lần nữa.",
    en="The certificate changed after the preview ({actor}, {at}). Choose it again and look at a new preview.",
)
define(
    "bulk.differs_now",
    vi="Thay đổi không còn như lúc xem trước. Hãy chọn lại và xem trước lần nữa.",
    en="The change is not any more what the preview showed. Choose it again and look at a new preview.",
)
define(
    "bulk.exhausted",
    vi="Không xử lý được sau {attempts} lần thử; chưa có chứng thư nào thay đổi. Hãy chọn lại với ít chứng thư hơn.",
    en="It could not be done in {attempts} attempts; no certificate was changed. Choose again, with fewer certificates.",
)


class BulkChangeNotFound(NotFound):
    """There is no such change, or the viewer may not know of it."""

    def __init__(self, number: int) -> None:
        super().__init__(message("bulk.not_found", number=number))


class SelectionRefused(InvalidInput):
    """No certificate was chosen, or too many."""


class NotInState(Conflict):
    """The change is past the point, or not there yet."""
