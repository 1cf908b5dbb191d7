"""The words of the report in both languages, the same on the page, on paper, in files and in the terminal."""

from datetime import date
from typing import Final

WORDS: Final[dict[str, tuple[str, str]]] = {
    "title": ("Tình hình cấp chứng thư chữ ký số đến hết ngày {day}", "Certificates issued by the end of {day}"),
    "cumulative": ("Đã cấp (lũy kế)", "Issued (cumulative)"),
    "issued_in_period": ("Cấp trong kỳ", "Issued in the period"),
    "active": ("Đang có hiệu lực", "Active"),
    "expiring": ("Sắp hết hạn (90 ngày)", "Expiring within 90 days"),
    "expired": ("Đã hết hạn", "Expired"),
    "revoked": ("Đã thu hồi", "Revoked"),
    "suspended": ("Tạm dừng", "Suspended"),
    "renewed_in_period": ("Cấp lại trong kỳ", "Renewed in the period"),
    "extended_in_period": ("Gia hạn trong kỳ", "Extended in the period"),
    "changed_in_period": ("Thay đổi nội dung trong kỳ", "Content changed in the period"),
    "revoked_in_period": ("Thu hồi trong kỳ", "Revoked in the period"),
    "expired_in_period": ("Hết hạn trong kỳ", "Expired in the period"),
    "period": ("Kỳ báo cáo: từ {begin} đến {day}", "Period: {begin} to {day}"),
    "by_agency": ("Xếp hạng cơ quan", "Ranking of agencies"),
    "by_year": ("Cấp theo năm", "Issued by year"),
    "agency": ("Cơ quan", "Agency"),
    "code": ("Mã định danh", "Code"),
    "rank": ("Hạng", "Rank"),
    "figure": ("Chỉ tiêu", "Figure"),
    "count": ("Số lượng", "Count"),
    "totals": ("Tổng hợp", "Totals"),
    "uncovered": ("Chưa có chứng thư tổ chức", "Without an organisation certificate"),
    "levels": ("Theo cấp cơ quan", "By level of agency"),
    "level": ("Cấp", "Level"),
    "agencies": ("Cơ quan", "Agencies"),
    "covered": ("Có chứng thư tổ chức", "With an organisation certificate"),
    "coverage": ("Tỷ lệ", "Coverage"),
    "certificates": ("Chứng thư đã cấp", "Certificates issued"),
    "by_kind": ("Theo đối tượng", "By kind of subscriber"),
    "by_medium": ("Theo thiết bị", "By medium"),
    "by_generation": ("Theo thế hệ CA", "By generation of the CA"),
    "province": ("Cấp tỉnh", "Province"),
    "district": ("Cấp huyện", "District"),
    "subordinate": ("Đơn vị trực thuộc", "Subordinate unit"),
    "commune": ("Cấp xã", "Commune"),
    "school": ("Trường học", "School"),
    "organisation": ("Tổ chức", "Organisation"),
    "person": ("Cá nhân", "Person"),
    "device": ("Thiết bị, dịch vụ, phần mềm", "Device, service, software"),
    "token": ("USB token", "USB token"),
    "sim": ("SIM PKI", "SIM PKI"),
    "central": ("Tập trung (HSM)", "Central HSM"),
    "unknown": ("Chưa rõ", "Not known"),
}
"""By the name of the figure, of the heading, or of the member of an enumeration: Vietnamese, English."""

FIGURES: Final = (
    *("cumulative", "active", "expiring", "expired", "revoked", "suspended"),
    *("issued_in_period", "renewed_in_period", "extended_in_period", "changed_in_period"),
    *("revoked_in_period", "expired_in_period"),
)
"""The totals in the order in which they are shown: those of the day, then those of the period."""


def word(key: str, language: str) -> str:
    """The word for `key` in `vi` or `en`; a key without a word, such as a generation of CAs, is shown as it is."""
    vietnamese, english = WORDS.get(key, (key, key))
    return english if language == "en" else vietnamese


def show_day(day: date) -> str:
    """`31/12/2016`."""
    return f"{day:%d/%m/%Y}"


def show_number(value: int, language: str) -> str:
    """`2.098` in Vietnamese, `2,098` in English."""
    return f"{value:,}" if language == "en" else f"{value:,}".replace(",", ".")


def show_share(share: float | None, language: str) -> str:
    """A share as percent; never rounded up to 100, because "all" must mean all."""
    if share is None:
        return "–"
    text = f"{int(share * 1000) / 10:g} %"
    return text if language == "en" else text.replace(".", ",")
