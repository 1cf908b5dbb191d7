"""Names of people who do not exist."""

from random import Random
from typing import Final

from certs.text import fold

_SURNAMES: Final = (
    *("Nguyễn",) * 38,
    *("Trần",) * 11,
    *("Lê",) * 9,
    *("Phạm",) * 7,
    *("Hoàng",) * 5,
    *("Thân",) * 5,
    *("Vũ",) * 4,
    *("Đặng",) * 3,
    *("Bùi",) * 3,
    *("Đỗ",) * 3,
    *("Giáp",) * 3,
    *("Ngô",) * 3,
    *("Dương",) * 3,
    *("Chu", "Đào", "Đinh", "Đồng", "Hà", "Lương", "Lưu", "Mai", "Tạ", "Trịnh", "Vi", "Lâm"),
)
_MEN: Final = (
    ("Văn", "Đức", "Quang", "Hữu", "Xuân", "Minh", "Ngọc", "Anh", "Trọng", "Đình", "Thế", "Công"),
    (
        *("Hùng", "Dũng", "Tuấn", "Cường", "Sơn", "Hải", "Nam", "Bình", "Thắng", "Long", "Trung", "Thành", "Việt"),
        *("Hòa", "Quân", "Đạt", "Khánh", "Phong", "Tùng", "Huy", "Toàn", "Lâm", "Kiên", "Đông", "Thuận", "Vinh"),
    ),
)
_WOMEN: Final = (
    ("Thị", "Thị Thu", "Thị Thanh", "Thị Ngọc", "Thị Minh", "Thị Kim", "Thị Hồng", "Phương", "Thị Bích"),
    (
        *("Hương", "Lan", "Hà", "Hoa", "Thảo", "Huyền", "Hằng", "Nga", "Yến", "Thủy", "Trang", "Linh", "Mai", "Dung"),
        *("Nhung", "Hiền", "Oanh", "Phượng", "Loan", "Ánh", "Vân", "Tâm", "Liên", "Hạnh", "Quyên", "Xuân"),
    ),
)


class People:
    """Makes people, each with an official e-mail address that nobody else has."""

    def __init__(self, random: Random, domain: str) -> None:
        self._random = random
        self._domain = domain
        self._taken: set[str] = set()

    def name(self) -> str:
        """Make a full name; two people may share it, as they do."""
        middles, givens = _MEN if self._random.random() < 0.56 else _WOMEN
        return " ".join((self._random.choice(_SURNAMES), self._random.choice(middles), self._random.choice(givens)))

    def email(self, name: str, office: str) -> str:
        """Make an address in the usual form: given name, initials, office (`hungnv_syt@…`); a number if it is taken."""
        *leading, given = fold(name).split()
        stem = f"{given}{''.join(word[0] for word in leading)}"
        number = 1
        while (address := f"{stem}{number if number > 1 else ''}_{office}@{self._domain}") in self._taken:
            number += 1
        self._taken.add(address)
        return address
