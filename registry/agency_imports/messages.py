"""Why a row of a list of agencies is refused, and what is to be looked at."""

from certs.messages import define

UNREADABLE = define(
    "agency_imports.unreadable",
    vi="Một ô cần thiết của dòng không đọc được; hãy sửa ô đó.",
    en="A cell that the row cannot do without is not readable; correct it.",
)
NO_CODE = define(
    "agency_imports.no_code",
    vi="Dòng không có mã định danh, và không khớp với cơ quan nào đã có. Hãy ghi mã định danh hoặc mã số thuế.",
    en="The row has no code and fits no agency of the register. Give its code or its tax code.",
)
NO_NAME = define(
    "agency_imports.no_name",
    vi="Cơ quan mới cần có tên.",
    en="A new agency needs a name.",
)
NO_LEVEL = define(
    "agency_imports.no_level",
    vi="Không rõ cấp của cơ quan. Hãy ghi cột Cấp: tỉnh, huyện, xã, đơn vị trực thuộc hoặc trường học.",
    en="The level is not known. Fill the column Level: province, district, commune, subordinate unit or school.",
)
LEVEL_GUESSED = define(
    "agency_imports.level_guessed",
    vi="Cấp được suy ra từ tên cơ quan.",
    en="The level was taken from the name.",
)
CODE_FROM_NUMBER = define(
    "agency_imports.code_from_number",
    vi="Không có mã định danh; dùng mã số {number} làm mã.",
    en="There is no electronic code; the number {number} stands for it.",
)
BY_NAME = define(
    "agency_imports.by_name",
    vi="Dòng không có mã; nhận ra theo tên hoặc mã số thuế: {number}.",
    en="The row has no code; recognised by its name or tax code: {number}.",
)
BY_PREFIX = define(
    "agency_imports.by_prefix",
    vi="Danh sách không ghi cơ quan cấp trên; suy ra {number} từ mã định danh.",
    en="The list names no superior body; {number} was taken from the code.",
)
CODE_TWICE = define(
    "agency_imports.code_twice",
    vi="Mã {number} có ở nhiều dòng ({places}) với thời gian chồng lên nhau. Mỗi mã chỉ ghi một dòng cho một khoảng thời gian.",
    en="The code {number} stands in several rows ({places}) whose times overlap. One row for one stretch of time.",
)
BACKWARDS = define(
    "agency_imports.backwards",
    vi="Ngày kết thúc {until} không sau ngày bắt đầu {since}.",
    en="The end {until} is not after the beginning {since}.",
)
UNKNOWN_SUPERIOR = define(
    "agency_imports.unknown_superior",
    vi="Không có cơ quan cấp trên “{superior}” trong sổ và trong danh sách.",
    en="The superior body “{superior}” is neither in the register nor in the list.",
)
SEVERAL_SUPERIORS = define(
    "agency_imports.several_superiors",
    vi="Có {count} cơ quan tên “{superior}”; hãy ghi mã định danh của cơ quan cấp trên.",
    en="{count} agencies are called “{superior}”; give the code of the superior body.",
)
SUPERIOR_REFUSED = define(
    "agency_imports.superior_refused",
    vi="Cơ quan cấp trên {superior} không được nhập ({place}).",
    en="The superior body {superior} is refused ({place}).",
)
SUPERIOR_ABSENT = define(
    "agency_imports.superior_absent",
    vi="Cơ quan cấp trên {superior} không tồn tại vào {at}.",
    en="The superior body {superior} does not exist on {at}.",
)
SUPERIOR_LATER = define(
    "agency_imports.superior_later",
    vi="Cơ quan cấp trên chỉ có từ {at}; trước ngày đó không rõ trực thuộc cơ quan nào.",
    en="The superior body exists since {at} only; whom the agency stood below before is not known.",
)
LOOP = define(
    "agency_imports.loop",
    vi="Vòng lặp: {superior} nằm dưới chính nó.",
    en="A loop: {superior} stands below itself.",
)
NAME_TWICE = define(
    "agency_imports.name_twice",
    vi="Tên “{name}” đã có ở cơ quan {number} dưới cùng một cơ quan cấp trên.",
    en="The name “{name}” is that of {number} below the same superior body.",
)
HAS_UNITS = define(
    "agency_imports.has_units",
    vi="Cơ quan còn đơn vị trực thuộc vào {at}: {number}. Hãy chuyển đơn vị đó trước.",
    en="The agency still has a unit below it on {at}: {number}. Move that first.",
)
ENDED = define(
    "agency_imports.ended",
    vi="Sổ ghi cơ quan đã kết thúc vào {at}; danh sách ghi còn hoạt động.",
    en="By the register the agency ended on {at}; the list has it going on.",
)
OTHER_BEGIN = define(
    "agency_imports.other_begin",
    vi="Sổ ghi cơ quan có từ {at}; ngày đó được giữ nguyên.",
    en="By the register the agency exists since {at}; that stays.",
)
OTHER_END = define(
    "agency_imports.other_end",
    vi="Sổ ghi cơ quan kết thúc vào {at}; ngày đó được giữ nguyên.",
    en="By the register the agency ended on {at}; that stays.",
)
NOT_THEN = define(
    "agency_imports.not_then",
    vi="Cơ quan không tồn tại vào {at}, ngày thay đổi có hiệu lực.",
    en="The agency does not exist on {at}, when the change takes effect.",
)
WITHDRAWN = define(
    "agency_imports.withdrawn",
    vi="Đã từng được nhập và hủy bỏ; sẽ được ghi lại.",
    en="It was entered and taken back before; it will be entered again.",
)
UNKNOWN_SUCCESSOR = define(
    "agency_imports.unknown_successor",
    vi="Không có cơ quan kế thừa {number} trong sổ và trong danh sách.",
    en="The successor {number} is neither in the register nor in the list.",
)
LATER_CHANGE = define(
    "agency_imports.later_change",
    vi="Cơ quan {name} đã có thay đổi có hiệu lực từ {at}, sau ngày kết thúc mà danh sách ghi.",
    en="The agency {name} has a change that takes effect on {at}, after the end that the list gives.",
)
FORMER_NAME_DAYS = define(
    "agency_imports.former_name_days",
    vi="Ngày của tên cũ “{name}” nằm ngoài thời gian của dòng; tên này chưa được ghi.",
    en="The day of the former name “{name}” lies outside the time of the row; it is left out.",
)
