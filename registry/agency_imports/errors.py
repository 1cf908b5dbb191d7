"""What can be wrong about an import of agencies.

NotFound
 └─ AgencyImportNotFound   there is no such import
Conflict
 ├─ NotInState             (registry.imports.errors) it is decided already, or was not applied
 ├─ PreviewOutdated        the register has changed since; the preview was made anew
 └─ AgenciesDependedOn     something was recorded later about what it entered
"""

from certs.messages import define, message
from registry.errors import Conflict, NotFound

define(
    "agency_imports.not_found",
    vi="Không có lần nhập danh sách cơ quan số {number}.",
    en="There is no import of agencies with the number {number}.",
)
define(
    "agency_imports.outdated",
    vi="Sổ đã thay đổi sau khi xem trước. Bản xem trước đã được lập lại; hãy xem lại rồi quyết định.",
    en="The register has changed since the preview. It was made anew: look at it again, then decide.",
)
define(
    "agency_imports.depended_on",
    vi="Không thể hoàn tác: {count} cơ quan của lần nhập này đã có chứng thư, đơn vị, tài khoản hoặc thay đổi ghi sau đó.",
    en="It cannot be taken back: {count} of its agencies have certificates, units, accounts or later changes.",
)


class AgencyImportNotFound(NotFound):
    """There is no such import."""

    def __init__(self, import_id: int) -> None:
        super().__init__(message("agency_imports.not_found", number=import_id))


class PreviewOutdated(Conflict):
    """The register has changed since; the preview was made anew."""

    def __init__(self) -> None:
        super().__init__(message("agency_imports.outdated"))


class AgenciesDependedOn(Conflict):
    """Something was recorded later about what it entered."""

    def __init__(self, count: int) -> None:
        super().__init__(message("agency_imports.depended_on", count=count))
