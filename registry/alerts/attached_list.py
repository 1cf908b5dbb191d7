"""The whole list of a digest that is too long for a mail, as a workbook that travels with it."""

import io
from collections.abc import Iterator, Sequence
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from registry.alerts.digest import Advice, Digest, DigestLine, load_lines
from registry.alerts.rules import AlertPolicy
from registry.batches import batches
from registry.certificates.tables import Medium
from registry.clock import local_day
from registry.db.unit_of_work import UnitOfWork
from registry.spreadsheets import SheetColumn, write_workbook

NAME: Final = "danh-sach-chung-thu.xlsx"
SUBTYPE: Final = "vnd.openxmlformats-officedocument.spreadsheetml.sheet"

_WORDS: Final = {
    "vi": {
        Advice.EXTEND_BY: "Đề nghị gia hạn",
        Advice.EXTEND_TODAY: "Đề nghị gia hạn ngay",
        Advice.ISSUE_ANEW: "Đề nghị cấp mới",
        Advice.EXPIRED: "Đã hết hạn: đề nghị cấp mới nếu còn cần",
        Medium.TOKEN: "USB Token",
        Medium.SIM: "SIM PKI",
        Medium.CENTRAL: "HSM tập trung",
        Medium.UNKNOWN: "Chưa rõ",
    },
    "en": {
        Advice.EXTEND_BY: "Ask for the extension",
        Advice.EXTEND_TODAY: "Ask for the extension now",
        Advice.ISSUE_ANEW: "Ask for a new one",
        Advice.EXPIRED: "Expired: ask for a new one if still needed",
        Medium.TOKEN: "USB token",
        Medium.SIM: "PKI SIM",
        Medium.CENTRAL: "Central HSM",
        Medium.UNKNOWN: "Unknown",
    },
}


def _by(line: DigestLine) -> date | None:
    return None if line.advice is Advice.EXPIRED else line.act_by


_COLUMNS: Final[Sequence[SheetColumn[DigestLine]]] = (
    SheetColumn("Chủ thể", "Holder", lambda line, _: line.holder, 36),
    SheetColumn("Chức vụ", "Position", lambda line, _: line.position, 20),
    SheetColumn("Cơ quan quản lý", "Managing agency", lambda line, _: line.agency, 40),
    SheetColumn("Số hiệu chứng thư", "Serial number", lambda line, _: line.serial, 36),
    SheetColumn("Thiết bị", "Medium", lambda line, words: words(line.medium)),
    SheetColumn("Số hiệu thiết bị", "Device number", lambda line, _: line.device, 22),
    SheetColumn("Ngày hết hạn", "Valid until", lambda line, _: local_day(line.not_after), 14),
    SheetColumn("Còn (ngày)", "Days left", lambda line, _: line.left, 12),
    SheetColumn("Việc cần làm", "What to do", lambda line, words: words(line.advice), 34),
    SheetColumn("Chậm nhất", "By", lambda line, _: _by(line), 14),
)


def write_list(uow: UnitOfWork, digest: Digest, language: str, *, policy: AlertPolicy) -> bytes:
    """Every certificate of the digest, the most urgent first; memory holds the file and some hundred rows."""
    names = MappingProxyType(_WORDS.get(language, _WORDS["vi"]))

    def words(member: StrEnum) -> str:
        return names.get(member, member.value)

    def lines() -> Iterator[DigestLine]:
        for batch in batches(list(digest.told)):
            yield from load_lines(uow, batch, day=digest.today, policy=policy, roles=digest.told)

    file = io.BytesIO()
    title = "Certificates" if language == "en" else "Chứng thư"
    write_workbook(_COLUMNS, lines(), file, words, title=title, language=language)
    return file.getvalue()
