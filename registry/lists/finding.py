"""The lists in the files that people hand in, and whether a file holds a private key. Nothing here raises for content."""

import re
from collections.abc import Iterator
from typing import Final

from certs.container_messages import KEY_STORE, PRIVATE_KEY
from certs.containers import ContainerLimits, Refused, read_certificates
from certs.messages import Message
from certs.names import display_name
from certs.secrets import find_secret
from certs.zip_members import ZipBudget, is_zip, read_members
from registry.lists.spreadsheets import LIST_EXTENSIONS, Sheet, SpreadsheetRefused, is_spreadsheet, read_spreadsheet

_SECRET_CODES: Final = frozenset({PRIVATE_KEY, KEY_STORE})
"""Reasons for which a file is refused because of a private key: it must not be kept."""


def show_place(*parts: str) -> str:
    """Where something stands, from the outside in; safe to show."""
    return " › ".join(display_name(part) for part in parts)


def find_sheets(data: bytes, *, file_name: str) -> Iterator[tuple[str, Sheet | Message]]:
    """The sheets of a list, or of the lists in a ZIP, with their places. Never raises for content.

    A sheet that holds a private key is refused as a whole: its lines may stand in many cells.
    """
    for name, content in find_lists(data, file_name=file_name):
        try:
            for sheet in read_spreadsheet(content, file_name=name):
                yield show_place(name, sheet.name), _secret_of(sheet) or sheet
        except SpreadsheetRefused as refused:
            yield show_place(name), refused.reason


def find_lists(data: bytes, *, file_name: str) -> Iterator[tuple[str, bytes]]:
    """The file when it is a list, or the lists in a ZIP, as names and contents. Never raises for content."""
    if is_spreadsheet(data, file_name=file_name):
        yield file_name, data
    elif is_zip(data):
        limits = ContainerLimits()
        yield from _lists_in_zip(data, file_name, limits, ZipBudget.of(limits.zip), depth=1)


def _lists_in_zip(
    data: bytes, file_name: str, limits: ContainerLimits, budget: ZipBudget, *, depth: int
) -> Iterator[tuple[str, bytes]]:
    # Looked for in the bytes of the directory first: most ZIPs hold certificates only, and are not unpacked twice.
    if depth > limits.max_depth or not _LIST_IN_ZIP.search(data):
        return
    for member in read_members(data, limits.zip, budget):
        inner = f"{file_name}/{member.path}"
        if not isinstance(member.content, bytes):
            continue
        if inner.lower().endswith(LIST_EXTENSIONS) and is_spreadsheet(member.content, file_name=inner):
            yield inner, member.content
        elif is_zip(member.content):
            yield from _lists_in_zip(member.content, inner, limits, budget, depth=depth + 1)


_LIST_IN_ZIP: Final = re.compile(rb"(?i)\.(?:xlsx|xlsm|xls|ods|csv|tsv|zip)")
_ROWS_AT_ONCE: Final = 1000
_SHORTEST_SECRET: Final = 20


def _secret_of(sheet: Sheet) -> Message | None:
    for start in range(0, len(sheet.rows), _ROWS_AT_ONCE):
        long = (
            cell
            for row in sheet.rows[start : start + _ROWS_AT_ONCE]
            for cell in row
            if isinstance(cell, str) and len(cell) >= _SHORTEST_SECRET
        )
        if reason := find_secret("\n".join(long).encode("utf-8", "replace")):
            return reason
    return None


def holds_secret(data: bytes, *, file_name: str) -> Message | None:
    """The reason when a file that is neither ZIP nor PDF nor workbook holds a private key; None for all others.

    Asked before a file is stored anywhere: what holds a key never touches the disk.
    """
    if is_zip(data) or b"%PDF-" in data[:1024]:
        return None
    if is_spreadsheet(data, file_name=file_name):
        return find_secret(data)
    for finding in read_certificates(data, file_name=file_name):
        if isinstance(finding, Refused) and finding.reason.code in _SECRET_CODES:
            return finding.reason
    return None
