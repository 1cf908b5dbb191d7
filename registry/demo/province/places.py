"""Communes of tỉnh Bắc Giang in 2016 and how they were merged since.

The names, the numbers by kind and the dates are the real ones. Which commune went into which successor follows the
public resolutions as far as they are known by heart; the rest is placed plausibly, so this is no source for research.

A commune is written as `Ngọc Sơn` (xã), `TT Thắng` (thị trấn) or `P Lê Lợi` (phường).
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

KINDS: Final = {"TT ": "thị trấn", "P ": "phường", "": "xã"}

MERGED_2020: Final = date(2020, 1, 1)
MERGED_2025: Final = date(2025, 1, 1)
BODIES_MERGED: Final = date(2025, 2, 19)
DISTRICTS_ENDED: Final = date(2025, 7, 1)


@dataclass(frozen=True, slots=True)
class District:
    """A district of 2016 and its communes."""

    name: str
    """As it stands after "Ủy ban nhân dân"."""
    slug: str
    communes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Merger:
    """Communes that became one. The result is one of the members when that one goes on."""

    result: str
    members: tuple[str, ...]


def commune_kind(commune: str) -> str:
    """Say whether it is a xã, a thị trấn or a phường."""
    return next(kind for prefix, kind in KINDS.items() if commune.startswith(prefix))


def commune_place(commune: str) -> str:
    """The bare name of the place."""
    return commune.removeprefix("TT ").removeprefix("P ")


def _district(name: str, slug: str, communes: str) -> District:
    return District(name, slug, tuple(commune.strip() for commune in communes.split(",")))


def _mergers(text: str) -> tuple[Merger, ...]:
    mergers: list[Merger] = []
    for line in text.strip().splitlines():
        result, members = line.split("=")
        mergers.append(Merger(result.strip(), tuple(member.strip() for member in members.split("+"))))
    return tuple(mergers)


DISTRICTS: Final = (
    _district(
        "thành phố Bắc Giang",
        "tpbacgiang",
        "P Đa Mai, P Dĩnh Kế, P Hoàng Văn Thụ, P Lê Lợi, P Mỹ Độ, P Ngô Quyền, P Thọ Xương, P Trần Nguyên Hãn, "
        "P Trần Phú, P Xương Giang, Dĩnh Trì, Đồng Sơn, Song Khê, Song Mai, Tân Mỹ, Tân Tiến",
    ),
    _district(
        "huyện Hiệp Hòa",
        "hiephoa",
        "TT Thắng, Bắc Lý, Châu Minh, Danh Thắng, Đại Thành, Đoan Bái, Đông Lỗ, Đồng Tân, Đức Thắng, Hòa Sơn, Hoàng An, "
        "Hoàng Lương, Hoàng Thanh, Hoàng Vân, Hợp Thịnh, Hùng Sơn, Hương Lâm, Lương Phong, Mai Đình, Mai Trung, "
        "Ngọc Sơn, Quang Minh, Thái Sơn, Thanh Vân, Thường Thắng, Xuân Cẩm",
    ),
    _district(
        "huyện Lạng Giang",
        "langgiang",
        "TT Kép, TT Vôi, An Hà, Dương Đức, Đại Lâm, Đào Mỹ, Hương Lạc, Hương Sơn, Mỹ Hà, Mỹ Thái, Nghĩa Hòa, Nghĩa Hưng, "
        "Phi Mô, Quang Thịnh, Tân Dĩnh, Tân Hưng, Tân Thanh, Tân Thịnh, Thái Đào, Tiên Lục, Xuân Hương, Xương Lâm, "
        "Yên Mỹ",
    ),
    _district(
        "huyện Lục Nam",
        "lucnam",
        "TT Đồi Ngô, TT Lục Nam, Bảo Đài, Bảo Sơn, Bắc Lũng, Bình Sơn, Cẩm Lý, Chu Điện, Cương Sơn, Đan Hội, Đông Hưng, "
        "Đông Phú, Huyền Sơn, Khám Lạng, Lan Mẫu, Lục Sơn, Nghĩa Phương, Phương Sơn, Tam Dị, Thanh Lâm, Tiên Hưng, "
        "Tiên Nha, Trường Giang, Trường Sơn, Vô Tranh, Vũ Xá, Yên Sơn",
    ),
    _district(
        "huyện Lục Ngạn",
        "lucngan",
        "TT Chũ, Biên Sơn, Biển Động, Cấm Sơn, Đèo Gia, Đồng Cốc, Giáp Sơn, Hộ Đáp, Hồng Giang, Kiên Lao, Kiên Thành, "
        "Kim Sơn, Mỹ An, Nam Dương, Nghĩa Hồ, Phì Điền, Phong Minh, Phong Vân, Phú Nhuận, Phượng Sơn, Quý Sơn, Sa Lý, "
        "Sơn Hải, Tân Hoa, Tân Lập, Tân Mộc, Tân Quang, Tân Sơn, Thanh Hải, Trù Hựu",
    ),
    _district(
        "huyện Sơn Động",
        "sondong",
        "TT An Châu, TT Thanh Sơn, An Bá, An Châu, An Lạc, An Lập, Bồng Am, Cẩm Đàn, Chiên Sơn, Dương Hưu, Giáo Liêm, "
        "Hữu Sản, Lệ Viễn, Long Sơn, Phúc Thắng, Quế Sơn, Thạch Sơn, Thanh Luận, Tuấn Đạo, Tuấn Mậu, Vân Sơn, "
        "Vĩnh Khương, Yên Định",
    ),
    _district(
        "huyện Tân Yên",
        "tanyen",
        "TT Cao Thượng, TT Nhã Nam, An Dương, Cao Thượng, Cao Xá, Đại Hóa, Hợp Đức, Lam Cốt, Lan Giới, Liên Chung, "
        "Liên Sơn, Ngọc Châu, Ngọc Lý, Ngọc Thiện, Ngọc Vân, Nhã Nam, Phúc Hòa, Phúc Sơn, Quang Tiến, Quế Nham, "
        "Song Vân, Tân Trung, Việt Lập, Việt Ngọc",
    ),
    _district(
        "huyện Việt Yên",
        "vietyen",
        "TT Bích Động, TT Nếnh, Bích Sơn, Hoàng Ninh, Hồng Thái, Hương Mai, Minh Đức, Nghĩa Trung, Ninh Sơn, Quang Châu, "
        "Quảng Minh, Tăng Tiến, Thượng Lan, Tiên Sơn, Trung Sơn, Tự Lạn, Vân Hà, Vân Trung, Việt Tiến",
    ),
    _district(
        "huyện Yên Dũng",
        "yendung",
        "TT Neo, TT Tân Dân, Cảnh Thụy, Đồng Phúc, Đồng Việt, Đức Giang, Hương Gián, Lãng Sơn, Lão Hộ, Nham Sơn, "
        "Nội Hoàng, Quỳnh Sơn, Tân An, Tân Liễu, Thắng Cương, Tiến Dũng, Tiền Phong, Trí Yên, Tư Mại, Xuân Phú, Yên Lư",
    ),
    _district(
        "huyện Yên Thế",
        "yenthe",
        "TT Bố Hạ, TT Cầu Gồ, An Thượng, Bố Hạ, Canh Nậu, Đông Sơn, Đồng Hưu, Đồng Kỳ, Đồng Lạc, Đồng Tâm, Đồng Tiến, "
        "Đồng Vương, Hồng Kỳ, Hương Vĩ, Phồn Xương, Tam Hiệp, Tam Tiến, Tân Hiệp, Tân Sỏi, Tiến Thắng, Xuân Lương",
    ),
)

MERGERS_OF_2020: Final = {
    "hiephoa": _mergers("TT Thắng = TT Thắng + Đức Thắng"),
    "langgiang": _mergers("TT Vôi = TT Vôi + Phi Mô\nTT Kép = TT Kép + Tân Thịnh"),
    "lucnam": _mergers("TT Đồi Ngô = TT Đồi Ngô + TT Lục Nam + Tiên Hưng"),
    "lucngan": _mergers("TT Chũ = TT Chũ + Nghĩa Hồ"),
    "sondong": _mergers(
        """
        TT An Châu = TT An Châu + An Châu
        TT Tây Yên Tử = TT Thanh Sơn + Tuấn Mậu
        Đại Sơn = Chiên Sơn + Quế Sơn
        Vĩnh An = An Lập + Vĩnh Khương
        Phúc Sơn = Phúc Thắng + Thạch Sơn
        Tuấn Đạo = Tuấn Đạo + Bồng Am
        """
    ),
    "tanyen": _mergers("TT Cao Thượng = TT Cao Thượng + Cao Thượng\nTT Nhã Nam = TT Nhã Nam + Nhã Nam"),
    "vietyen": _mergers("TT Bích Động = TT Bích Động + Bích Sơn\nTT Nếnh = TT Nếnh + Hoàng Ninh"),
    "yendung": _mergers("TT Nham Biền = TT Neo + Nham Sơn + Thắng Cương\nTT Tân An = TT Tân Dân + Tân An"),
    "yenthe": _mergers("TT Phồn Xương = TT Cầu Gồ + Phồn Xương\nTT Bố Hạ = TT Bố Hạ + Bố Hạ"),
}

MERGERS_OF_JANUARY_2025: Final = {
    "tpbacgiang": _mergers("P Trần Phú = P Trần Phú + P Trần Nguyên Hãn\nP Ngô Quyền = P Ngô Quyền + P Lê Lợi"),
    "yendung": _mergers("Đồng Việt = Đồng Việt + Đồng Phúc"),
    "hiephoa": _mergers(
        """
        Sơn Thịnh = Thái Sơn + Hòa Sơn + Quang Minh
        Đồng Tiến = Đồng Tân + Thanh Vân
        Toàn Thắng = Danh Thắng + Thường Thắng
        Hoàng Vân = Hoàng Vân + Hoàng An
        TT Thắng = TT Thắng + Hùng Sơn
        """
    ),
    "langgiang": _mergers("Mỹ Hà = Mỹ Hà + Dương Đức\nAn Hà = An Hà + Nghĩa Hòa"),
    "lucnam": _mergers("Bắc Lũng = Bắc Lũng + Vũ Xá\nLan Mẫu = Lan Mẫu + Khám Lạng"),
    "tanyen": _mergers("Lam Cốt = Lam Cốt + Lan Giới\nViệt Ngọc = Việt Ngọc + Song Vân"),
    "yenthe": _mergers("Đồng Kỳ = Đồng Kỳ + Hồng Kỳ\nTân Sỏi = Tân Sỏi + Đồng Lạc"),
}

COMMUNES_OF_CHU: Final = (
    *("TT Chũ", "Hồng Giang", "Phượng Sơn", "Thanh Hải", "Trù Hựu"),
    *("Kiên Lao", "Kiên Thành", "Mỹ An", "Nam Dương", "Quý Sơn"),
)
"""Of huyện Lục Ngạn, to thị xã Chũ on 1/1/2025."""

WARDS_OF_JANUARY_2025: Final = {
    "lucngan": ("TT Chũ", "Hồng Giang", "Phượng Sơn", "Thanh Hải", "Trù Hựu"),
    "tpbacgiang": ("Dĩnh Trì", "Song Khê", "Song Mai", "Tân Mỹ", "Tân Tiến"),
    "yendung": ("Cảnh Thụy", "Hương Gián", "Nội Hoàng", "TT Nham Biền", "TT Tân An", "Tân Liễu", "Tiền Phong"),
}
"""Communes and townships that became wards when their district became part of a town or city."""

MERGERS_OF_JULY_2025: Final = {
    ("tpbacgiang", "yendung"): _mergers(
        """
        P Bắc Giang = P Thọ Xương + P Ngô Quyền + P Xương Giang + P Hoàng Văn Thụ + P Trần Phú + P Dĩnh Kế + Dĩnh Trì
        P Đa Mai = P Đa Mai + P Mỹ Độ + Tân Mỹ + Song Mai
        P Tiền Phong = Tiền Phong + Đồng Sơn + Song Khê + Nội Hoàng
        P Tân An = TT Tân An + Quỳnh Sơn + Trí Yên + Lãng Sơn
        P Yên Dũng = TT Nham Biền + Tân Liễu + Yên Lư
        P Tân Tiến = Tân Tiến + Hương Gián + Xuân Phú
        P Cảnh Thụy = Cảnh Thụy + Tiến Dũng + Tư Mại
        Đồng Việt = Đồng Việt + Đức Giang + Lão Hộ
        """
    ),
    ("vietyen",): _mergers(
        """
        P Tự Lạn = Tự Lạn + Việt Tiến + Thượng Lan + Hương Mai
        P Việt Yên = TT Bích Động + Minh Đức + Nghĩa Trung + Hồng Thái
        P Nếnh = TT Nếnh + Quang Châu + Vân Trung + Tăng Tiến + Ninh Sơn + Quảng Minh
        P Vân Hà = Vân Hà + Tiên Sơn + Trung Sơn
        """
    ),
    ("lucngan",): _mergers(
        """
        P Chũ = TT Chũ + Thanh Hải + Hồng Giang + Trù Hựu
        P Phượng Sơn = Phượng Sơn + Quý Sơn + Mỹ An
        Kiên Lao = Kiên Lao + Kiên Thành
        Nam Dương = Nam Dương + Tân Mộc
        Lục Ngạn = Phì Điền + Giáp Sơn + Đồng Cốc + Tân Hoa + Tân Quang
        Đèo Gia = Đèo Gia + Tân Lập
        Biển Động = Biển Động + Kim Sơn + Phú Nhuận
        Sơn Hải = Sơn Hải + Hộ Đáp
        Tân Sơn = Tân Sơn + Cấm Sơn
        Biên Sơn = Biên Sơn + Phong Vân
        Sa Lý = Sa Lý + Phong Minh
        """
    ),
    ("hiephoa",): _mergers(
        """
        Hiệp Hòa = TT Thắng + Đoan Bái + Lương Phong + Đông Lỗ + Ngọc Sơn
        Hợp Thịnh = Hợp Thịnh + Đại Thành + Mai Trung + Sơn Thịnh
        Hoàng Vân = Hoàng Vân + Hoàng Lương + Hoàng Thanh + Đồng Tiến + Toàn Thắng
        Xuân Cẩm = Xuân Cẩm + Hương Lâm + Mai Đình + Châu Minh + Bắc Lý
        """
    ),
    ("langgiang",): _mergers(
        """
        Lạng Giang = TT Vôi + Xương Lâm + Hương Lạc + Tân Hưng + Yên Mỹ
        Mỹ Thái = Mỹ Thái + Xuân Hương + Tân Thanh
        Kép = TT Kép + Quang Thịnh + Hương Sơn
        Tân Dĩnh = Tân Dĩnh + Thái Đào + Đại Lâm
        Tiên Lục = Tiên Lục + Đào Mỹ + Nghĩa Hưng + An Hà + Mỹ Hà
        """
    ),
    ("lucnam",): _mergers(
        """
        Lục Sơn = Lục Sơn + Bình Sơn
        Trường Sơn = Trường Sơn + Vô Tranh
        Cẩm Lý = Cẩm Lý + Đan Hội
        Đông Phú = Đông Phú + Đông Hưng
        Nghĩa Phương = Nghĩa Phương + Trường Giang + Huyền Sơn
        Lục Nam = TT Đồi Ngô + Chu Điện + Tiên Nha + Lan Mẫu
        Bắc Lũng = Bắc Lũng + Yên Sơn + Cương Sơn
        Bảo Đài = Bảo Đài + Tam Dị + Bảo Sơn + Thanh Lâm + Phương Sơn
        """
    ),
    ("sondong",): _mergers(
        """
        Đại Sơn = Đại Sơn + Giáo Liêm + Phúc Sơn
        Sơn Động = TT An Châu + An Bá + Vĩnh An
        Tây Yên Tử = TT Tây Yên Tử + Thanh Luận
        Dương Hưu = Dương Hưu + Long Sơn
        Yên Định = Yên Định + Cẩm Đàn
        An Lạc = An Lạc + Lệ Viễn
        Vân Sơn = Vân Sơn + Hữu Sản
        Tuấn Đạo = Tuấn Đạo
        """
    ),
    ("tanyen",): _mergers(
        """
        Tân Yên = TT Cao Thượng + Cao Xá + Việt Lập + Ngọc Lý
        Ngọc Thiện = Ngọc Thiện + Ngọc Vân + Ngọc Châu + Việt Ngọc + Quế Nham
        Nhã Nam = TT Nhã Nam + Tân Trung + Liên Sơn + An Dương
        Phúc Hòa = Phúc Hòa + Hợp Đức + Liên Chung
        Quang Trung = Quang Tiến + Lam Cốt + Đại Hóa + Phúc Sơn
        """
    ),
    ("yenthe",): _mergers(
        """
        Yên Thế = TT Phồn Xương + Đồng Tâm + Tân Sỏi + Tam Hiệp + Tân Hiệp
        Bố Hạ = TT Bố Hạ + Đông Sơn + Hương Vĩ + Đồng Hưu
        Đồng Kỳ = Đồng Kỳ + Đồng Vương
        Xuân Lương = Xuân Lương + Canh Nậu + Đồng Tiến
        Tam Tiến = Tam Tiến + Tiến Thắng + An Thượng
        """
    ),
}
"""The new communes of 1/7/2025, all of them new bodies, by the old districts (of 2016) they lie in."""
