"""What can be wrong about an import.

NotFound
 └─ ImportNotFound        no such import, or the viewer may not know of it
InvalidInput
 ├─ NothingToImport       no file was handed in
 └─ MappingRefused        the sheet or the column does not exist
Conflict
 ├─ NotInState            the import is past the point, or not there yet
 └─ StillDependedOn       something was recorded later about what it entered
Unavailable
 └─ StorageFull           there is no space for the files; nothing was recorded
"""

from certs.messages import define, message
from registry.errors import Conflict, InvalidInput, NotFound, Unavailable

define(
    "imports.not_found",
    vi="Không có lần nhập số {number}, hoặc tài khoản của bạn không được xem.",
    en="There is no import number {number}, or your account may not see it.",
)
define(
    "imports.nothing",
    vi="Chưa có tệp nào. Hãy chọn tệp chứng thư, ZIP hoặc bảng tính.",
    en="There is no file. Choose certificates, a ZIP or a spreadsheet.",
)
define(
    "imports.too_many_files",
    vi="Một lần nhập nhận tối đa {limit} tệp. Hãy nén các tệp thành ZIP.",
    en="One import takes at most {limit} files. Pack them into a ZIP.",
)
define(
    "imports.not_in_state",
    vi="Lần nhập này đã được quyết định hoặc đang được xử lý nên không làm lại được việc này. Hãy xem kết quả ở trang của nó.",
    en="The import is decided already, or being worked on, so that this cannot be done. Its page shows what became of it.",
)
define(
    "imports.still_depended_on",
    vi="Không thể hoàn tác: {count} chứng thư của lần nhập này đã có thay đổi được ghi sau đó. Hãy sửa từng chứng thư.",
    en="It cannot be undone: {count} certificates of this import were changed since. Correct them one by one.",
)
define(
    "imports.mapping",
    vi="Không có trang tính hoặc cột này trong lần nhập.",
    en="The import has no such sheet or column.",
)
define(
    "imports.exhausted",
    vi="Không đọc được các tệp trong giới hạn cho phép sau {attempts} lần thử. Hãy chia nhỏ rồi nhập lại.",
    en="The files could not be read within the limits in {attempts} attempts. Divide them and import again.",
)
define(
    "imports.storage_full",
    vi="Máy chủ đã hết dung lượng lưu trữ nên chưa nhận tệp. Hãy báo quản trị viên.",
    en="The server has no space left, so the files were not taken. Tell the administrator.",
)


class ImportNotFound(NotFound):
    """There is no such import, or the viewer may not know of it."""

    def __init__(self, import_id: int) -> None:
        super().__init__(message("imports.not_found", number=import_id))


class NothingToImport(InvalidInput):
    """No file, or too many."""


class MappingRefused(InvalidInput):
    """The import has no such sheet or column."""

    def __init__(self) -> None:
        super().__init__(message("imports.mapping"), field="columns")


class NotInState(Conflict):
    """The import is past the point, or not there yet."""

    def __init__(self) -> None:
        super().__init__(message("imports.not_in_state"))


class StillDependedOn(Conflict):
    """Something was recorded later about what the import entered."""

    def __init__(self, count: int) -> None:
        super().__init__(message("imports.still_depended_on", count=count))


class StorageFull(Unavailable):
    """There is no space for the files; nothing was recorded."""

    def __init__(self) -> None:
        super().__init__(message("imports.storage_full"))
