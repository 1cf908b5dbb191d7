"""Bodies of the province and their units, as they stood in 2016."""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Body:
    """A province-level body with its subordinate units."""

    name: str
    slug: str
    units: tuple[str, ...] = ()
    head: str = "Giám đốc"
    deputy: str = "Phó Giám đốc"


BODIES: Final = (
    Body(
        "Văn phòng Ủy ban nhân dân tỉnh",
        "vpubnd",
        ("Trung tâm Tin học - Công báo", "Nhà khách tỉnh"),
        "Chánh Văn phòng",
        "Phó Chánh Văn phòng",
    ),
    Body("Sở Nội vụ", "snv", ("Ban Thi đua - Khen thưởng", "Chi cục Văn thư - Lưu trữ", "Ban Tôn giáo")),
    Body(
        "Sở Tư pháp",
        "stp",
        ("Trung tâm Trợ giúp pháp lý nhà nước", "Phòng Công chứng số 1", "Phòng Công chứng số 2"),
    ),
    Body("Sở Kế hoạch và Đầu tư", "skhdt", ("Trung tâm Tư vấn và Xúc tiến đầu tư",)),
    Body("Sở Tài chính", "stc", ("Trung tâm Tư vấn và Dịch vụ tài chính",)),
    Body(
        "Sở Công Thương",
        "sct",
        ("Trung tâm Khuyến công và Tư vấn phát triển công nghiệp", "Chi cục Quản lý thị trường"),
    ),
    Body(
        "Sở Nông nghiệp và Phát triển nông thôn",
        "snnptnt",
        (
            "Chi cục Kiểm lâm",
            "Chi cục Thủy lợi",
            "Chi cục Trồng trọt và Bảo vệ thực vật",
            "Chi cục Chăn nuôi và Thú y",
            "Chi cục Phát triển nông thôn",
            "Chi cục Quản lý chất lượng nông lâm sản và thủy sản",
            "Trung tâm Khuyến nông",
            "Trung tâm Nước sạch và Vệ sinh môi trường nông thôn",
        ),
    ),
    Body(
        "Sở Giao thông vận tải",
        "sgtvt",
        ("Trung tâm Đăng kiểm xe cơ giới", "Ban Quản lý bến xe", "Thanh tra giao thông"),
    ),
    Body("Sở Xây dựng", "sxd", ("Trung tâm Kiểm định chất lượng xây dựng", "Viện Quy hoạch xây dựng")),
    Body(
        "Sở Tài nguyên và Môi trường",
        "stnmt",
        (
            "Chi cục Bảo vệ môi trường",
            "Chi cục Quản lý đất đai",
            "Văn phòng Đăng ký đất đai",
            "Trung tâm Quan trắc tài nguyên và môi trường",
            "Quỹ Bảo vệ môi trường",
        ),
    ),
    Body("Sở Thông tin và Truyền thông", "stttt", ("Trung tâm Công nghệ thông tin và Truyền thông",)),
    Body(
        "Sở Lao động - Thương binh và Xã hội",
        "sldtbxh",
        (
            "Trung tâm Dịch vụ việc làm",
            "Trung tâm Bảo trợ xã hội tổng hợp",
            "Trung tâm Điều dưỡng người có công",
            "Cơ sở cai nghiện ma túy",
            "Quỹ Bảo trợ trẻ em",
        ),
    ),
    Body(
        "Sở Văn hóa, Thể thao và Du lịch",
        "svhttdl",
        (
            "Bảo tàng tỉnh",
            "Thư viện tỉnh",
            "Nhà hát Chèo",
            "Trung tâm Văn hóa tỉnh",
            "Trung tâm Huấn luyện và Thi đấu thể dục thể thao",
            "Trung tâm Thông tin xúc tiến du lịch",
        ),
    ),
    Body(
        "Sở Khoa học và Công nghệ",
        "skhcn",
        ("Chi cục Tiêu chuẩn Đo lường Chất lượng", "Trung tâm Ứng dụng tiến bộ khoa học và công nghệ"),
    ),
    Body(
        "Sở Giáo dục và Đào tạo",
        "sgddt",
        ("Trung tâm Giáo dục thường xuyên tỉnh", "Trung tâm Ngoại ngữ - Tin học"),
    ),
    Body(
        "Sở Y tế",
        "syt",
        (
            "Bệnh viện Đa khoa tỉnh",
            "Bệnh viện Sản Nhi",
            "Bệnh viện Y học cổ truyền",
            "Bệnh viện Lao và Bệnh phổi",
            "Bệnh viện Tâm thần",
            "Bệnh viện Phục hồi chức năng",
            "Bệnh viện Ung bướu",
            "Trung tâm Y tế dự phòng",
            "Trung tâm Kiểm nghiệm",
            "Trung tâm Pháp y",
            "Trung tâm Truyền thông giáo dục sức khỏe",
            "Chi cục An toàn vệ sinh thực phẩm",
            "Chi cục Dân số - Kế hoạch hóa gia đình",
            "Trung tâm Y tế thành phố Bắc Giang",
            "Trung tâm Y tế huyện Hiệp Hòa",
            "Trung tâm Y tế huyện Lạng Giang",
            "Trung tâm Y tế huyện Lục Nam",
            "Trung tâm Y tế huyện Lục Ngạn",
            "Trung tâm Y tế huyện Sơn Động",
            "Trung tâm Y tế huyện Tân Yên",
            "Trung tâm Y tế huyện Việt Yên",
            "Trung tâm Y tế huyện Yên Dũng",
            "Trung tâm Y tế huyện Yên Thế",
        ),
    ),
    Body("Sở Ngoại vụ", "sngv", ("Trung tâm Dịch vụ đối ngoại",)),
    Body("Thanh tra tỉnh", "thanhtra", (), "Chánh Thanh tra", "Phó Chánh Thanh tra"),
    Body("Ban Dân tộc", "bandantoc", (), "Trưởng ban", "Phó Trưởng ban"),
    Body(
        "Ban Quản lý các khu công nghiệp",
        "bqlkcn",
        ("Trung tâm Hỗ trợ phát triển khu công nghiệp",),
        "Trưởng ban",
        "Phó Trưởng ban",
    ),
)

DISTRICT_UNITS: Final = (
    "Trung tâm Văn hóa - Thể thao",
    "Đài Truyền thanh - Truyền hình",
    "Trung tâm Phát triển quỹ đất",
    "Trung tâm Dịch vụ kỹ thuật nông nghiệp",
    "Ban Quản lý dự án đầu tư xây dựng",
)
"""Every district has these; its name follows."""

HIGH_SCHOOLS: Final = (
    *("Chuyên Bắc Giang", "Ngô Sĩ Liên", "Thái Thuận", "Giáp Hải", "Dân tộc nội trú tỉnh"),
    *("Hiệp Hòa số 1", "Hiệp Hòa số 2", "Hiệp Hòa số 3", "Hiệp Hòa số 4", "Thăng Long"),
    *("Lạng Giang số 1", "Lạng Giang số 2", "Lạng Giang số 3", "Phi Mô", "Thái Đào"),
    *("Lục Nam", "Cẩm Lý", "Phương Sơn", "Tứ Sơn", "Đồi Ngô"),
    *("Lục Ngạn số 1", "Lục Ngạn số 2", "Lục Ngạn số 3", "Lục Ngạn số 4", "Lục Ngạn số 5"),
    *("Sơn Động số 1", "Sơn Động số 2", "Sơn Động số 3", "Dân tộc nội trú Sơn Động", "Dân tộc nội trú Lục Ngạn"),
    *("Tân Yên số 1", "Tân Yên số 2", "Nhã Nam", "Phồn Xương", "Mỏ Trạng"),
    *("Việt Yên số 1", "Việt Yên số 2", "Lý Thường Kiệt", "Thân Nhân Trung", "Tư thục Việt Yên"),
    *("Yên Dũng số 1", "Yên Dũng số 2", "Yên Dũng số 3", "Thái Sơn", "Quang Trung"),
    *("Yên Thế", "Bố Hạ", "Dân tộc nội trú Yên Thế", "Nguyên Hồng", "Hoàng Hoa Thám"),
)

BODY_MERGERS_OF_2025: Final = (
    ("Sở Tài chính", ("Sở Tài chính", "Sở Kế hoạch và Đầu tư")),
    ("Sở Xây dựng", ("Sở Xây dựng", "Sở Giao thông vận tải")),
    ("Sở Nông nghiệp và Môi trường", ("Sở Nông nghiệp và Phát triển nông thôn", "Sở Tài nguyên và Môi trường")),
    ("Sở Khoa học và Công nghệ", ("Sở Khoa học và Công nghệ", "Sở Thông tin và Truyền thông")),
)
"""Result and members on 19/2/2025; a result that is no member is a new body."""
