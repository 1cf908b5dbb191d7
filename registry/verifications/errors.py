"""Errors of the verifications, each a `RegistryError` with its sentences."""

from certs.messages import define, message
from registry.errors import InvalidInput, Unavailable

define(
    "verifications.no_file",
    vi="Chưa có tệp nào được gửi lên. Hãy chọn ít nhất một văn bản PDF.",
    en="No file was sent. Choose at least one PDF document.",
)
define(
    "verifications.too_many_files",
    vi="Một lần chỉ kiểm tra được nhiều nhất {limit} tệp. Hãy chia thành nhiều lần gửi.",
    en="At most {limit} files are checked at a time. Send them in several requests.",
)
define(
    "verifications.storage_full",
    vi="Máy chủ đã hết dung lượng lưu trữ nên chưa nhận văn bản. Hãy báo quản trị viên.",
    en="The server has no space left, so the document was not taken. Tell the administrator.",
)
define(
    "verifications.exhausted",
    vi="Văn bản quá phức tạp nên không kiểm tra được trong giới hạn cho phép: đã thử {attempts} lần.",
    en="The document is too complex to judge within the limits: {attempts} attempts were made.",
)


class NoFile(InvalidInput):
    """The request holds no file."""

    def __init__(self) -> None:
        super().__init__(message("verifications.no_file"), field="files")


class TooManyFiles(InvalidInput):
    """The request holds more files than are judged at a time."""

    def __init__(self, limit: int) -> None:
        super().__init__(message("verifications.too_many_files", limit=limit), field="files")


class StorageFull(Unavailable):
    """There is no space for the document; nothing was recorded."""

    def __init__(self) -> None:
        super().__init__(message("verifications.storage_full"))
