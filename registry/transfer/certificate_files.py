"""Certificates as a ZIP of `.cer` files, made while it is sent."""

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import IO, Final, cast

from sqlalchemy import select
from sqlmodel import col

from certs.text import fold
from registry.accounts.viewer import Viewer
from registry.certificates.query import CertificateQuery
from registry.certificates.repository import find_certificates
from registry.certificates.tables import CertificateRow
from registry.clock import FOREVER
from registry.db.unit_of_work import Database
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
    buffer = _Buffer()
    with zipfile.ZipFile(cast("IO[bytes]", buffer), "w", zipfile.ZIP_DEFLATED) as archive:
        for name, der in _files(database, viewer, query):
            # A fixed time: the same certificates give the same file.
            archive.writestr(zipfile.ZipInfo(name), der, zipfile.ZIP_DEFLATED)
            if len(buffer.held) >= _CHUNK:
                yield buffer.take()
    yield buffer.take()


def _files(database: Database, viewer: Viewer, query: CertificateQuery) -> Iterator[tuple[str, bytes]]:
    cursor = None
    while True:
        with database.read() as uow:
            page = find_certificates(uow, viewer, query, PageRequest(cursor=cursor, limit=MAXIMUM_PAGE))
            ders: dict[int, bytes | None] = dict(
                uow.session.execute(
                    select(col(CertificateRow.id), col(CertificateRow.der)).where(
                        col(CertificateRow.id).in_([view.id for view in page.items])
                    )
                ).all()
            )
        for view in page.items:
            der = ders.get(view.id)
            if der is not None and view.sha256 is not None:
                holder = _UNSAFE.sub("-", fold(view.holder)).strip("-")[:_LONGEST_NAME] or "certificate"
                yield f"{holder}_{view.serial}_{view.sha256[:12]}.cer", der
        if page.next is None:
            return
        cursor = page.next


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
