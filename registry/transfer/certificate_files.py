"""Certificates as a ZIP of `.cer` files, made while it is sent."""

import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import IO, Final, cast

from sqlalchemy import select
from sqlmodel import col

from certs.text import fold
from registry.accounts.viewer import Viewer
from registry.certificates.query import CertificateQuery
from registry.certificates.repository import find_certificates, find_certificates_by_id
from registry.certificates.schemas import CertificateView
from registry.certificates.tables import CertificateRow
from registry.clock import FOREVER
from registry.db.unit_of_work import Database, UnitOfWork
from registry.paging import MAXIMUM_PAGE, PageRequest

WHOLE_REGISTER: Final = CertificateQuery(as_of=FOREVER - timedelta(days=1))
"""Every certificate, also those that are issued in the future."""
_CHUNK: Final = 256 * 1024
_UNSAFE: Final = re.compile(r"[^0-9a-z]+")
_LONGEST_NAME: Final = 60


def iterate_zip(database: Database, viewer: Viewer, query: CertificateQuery) -> Iterator[bytes]:
    """The certificates of a list as a ZIP, in pieces; those of which only an entry is known are left out.

    Neither memory nor the time for which a connection is held grows with the list. Names of files are plain ASCII, so
    that every system can unpack them, and no two are alike.
    """
    return _zip(_pages(database, viewer, query))


def iterate_chosen_zip(
    database: Database, viewer: Viewer, certificate_ids: Sequence[int], as_of: datetime
) -> Iterator[bytes]:
    """The same of single certificates, without those that the viewer may not see or that were not issued yet."""
    return _zip(_parts(database, viewer, certificate_ids, as_of))


def _zip(files: Iterable[tuple[str, bytes]]) -> Iterator[bytes]:
    buffer = _Buffer()
    with zipfile.ZipFile(cast("IO[bytes]", buffer), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, der in files:
            # A fixed time: the same certificates give the same file.
            archive.writestr(zipfile.ZipInfo(name), der, zipfile.ZIP_DEFLATED)
            if len(buffer.held) >= _CHUNK:
                yield buffer.take()
    yield buffer.take()


def _pages(database: Database, viewer: Viewer, query: CertificateQuery) -> Iterator[tuple[str, bytes]]:
    cursor = None
    while True:
        with database.read() as uow:
            page = find_certificates(uow, viewer, query, PageRequest(cursor=cursor, limit=MAXIMUM_PAGE))
            files = _files(uow, page.items)
        yield from files
        if page.next is None:
            return
        cursor = page.next


def _parts(
    database: Database, viewer: Viewer, certificate_ids: Sequence[int], as_of: datetime
) -> Iterator[tuple[str, bytes]]:
    for start in range(0, len(certificate_ids), MAXIMUM_PAGE):
        part = tuple(certificate_ids[start : start + MAXIMUM_PAGE])
        with database.read() as uow:
            found = find_certificates_by_id(uow, viewer, part, as_of)
            files = _files(uow, [found[key] for key in part if key in found])
        yield from files


def _files(uow: UnitOfWork, views: Sequence[CertificateView]) -> list[tuple[str, bytes]]:
    ders: dict[int, bytes | None] = dict(
        uow.session.execute(
            select(col(CertificateRow.id), col(CertificateRow.der)).where(
                col(CertificateRow.id).in_([view.id for view in views])
            )
        ).all()
    )
    files: list[tuple[str, bytes]] = []
    for view in views:
        der = ders.get(view.id)
        if der is not None and view.sha256 is not None:
            holder = _UNSAFE.sub("-", fold(view.holder)).strip("-")[:_LONGEST_NAME] or "certificate"
            files.append((f"{holder}_{view.serial}_{view.sha256[:12]}.cer", der))
    return files


@dataclass(slots=True)
class _Buffer:
    """What a ZIP writes into when nobody can go back in it."""

    held: bytearray = field(default_factory=bytearray)

    def write(self, data: bytes) -> int:
        self.held += data
        return len(data)

    def flush(self) -> None:
        """Nothing waits anywhere else."""

    def take(self) -> bytes:
        taken = bytes(self.held)
        self.held.clear()
        return taken
