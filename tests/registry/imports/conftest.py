import io
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from registry.accounts.viewer import Viewer
from registry.agencies.tables import AgencyLevel
from registry.imports.processing import process_import
from registry.imports.repository import ImportRepository
from registry.imports.service import ImportUpload, decide_import, request_undo, submit_import
from registry.imports.tables import ImportChoice, ImportItemRow, ImportRow, ImportSheetRow
from registry.runtime import Runtime
from tests.factories.agencies import make_agency
from tests.factories.certificates import make_der, name_of, trust_small_ca
from tests.fakes.reader import DirectReader

EVERYTHING = Viewer.everything()


def zip_of(files: Mapping[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def person(holder: str, *bodies: str, email: str | None = None, **options: Any) -> bytes:
    """A person's certificate: O, OU, OU from the highest body down."""
    attributes = {"c": "VN", "l": "Bắc Giang"}
    attributes |= dict(zip(("o", "ou"), bodies, strict=False)) | {"cn": holder}
    if email:
        attributes["e"] = email
    return make_der(name_of(**attributes), **options)


@dataclass
class Importing:
    """Does what a person and a worker do."""

    runtime: Runtime
    viewer: Viewer = EVERYTHING

    @property
    def directory(self):
        return self.runtime.settings.data_dir / "imports"

    def submit(self, files: Mapping[str, bytes], *, agency_id: int | None = None) -> int:
        with self.runtime.database.write() as uow:
            uploads = [ImportUpload(name, (content,)) for name, content in files.items()]
            return submit_import(uow, self.viewer, uploads, directory=self.directory, actor="lan", agency_id=agency_id)

    def process(self, import_id: int) -> ImportRow:
        process_import(self.runtime.database, self.directory, import_id, reader=DirectReader())
        return self.row(import_id)

    def preview(self, files: Mapping[str, bytes], **options: Any) -> int:
        import_id = self.submit(files, **options)
        self.process(import_id)
        return import_id

    def apply(self, import_id: int, choice: ImportChoice = ImportChoice.GOOD) -> ImportRow:
        with self.runtime.database.write() as uow:
            decide_import(uow, self.viewer, import_id, choice, actor="lan")
        return self.process(import_id)

    def undo(self, import_id: int) -> ImportRow:
        with self.runtime.database.write() as uow:
            request_undo(uow, self.viewer, import_id, actor="lan")
        return self.process(import_id)

    def row(self, import_id: int) -> ImportRow:
        with self.runtime.database.read() as uow:
            return uow.session.get_one(ImportRow, import_id)

    def sheets(self, import_id: int) -> list[ImportSheetRow]:
        with self.runtime.database.read() as uow:
            return list(ImportRepository(uow.session).sheets(import_id))

    def items(self, import_id: int) -> list[ImportItemRow]:
        with self.runtime.database.read() as uow:
            row = uow.session.get_one(ImportRow, import_id)
            return list(
                uow.session.execute(
                    select(ImportItemRow)
                    .where(ImportItemRow.import_id == import_id, ImportItemRow.revision == row.revision)
                    .order_by(ImportItemRow.position)
                ).scalars()
            )


@pytest.fixture
def importing(runtime: Runtime) -> Importing:
    return Importing(runtime)


@pytest.fixture
def bodies(importing: Importing) -> dict[str, int]:
    """Some agencies of the province, two of them with one name."""
    with importing.runtime.database.write() as uow:
        trust_small_ca(uow)
        health = make_agency(uow, "Sở Y tế", level=AgencyLevel.PROVINCE, code="H02.14", email="syt@bacgiang.example")
        tan_yen = make_agency(uow, "Ủy ban nhân dân huyện Tân Yên", level=AgencyLevel.DISTRICT, code="H02.38")
        yen_the = make_agency(uow, "Ủy ban nhân dân huyện Yên Thế", level=AgencyLevel.DISTRICT, code="H02.40")
        return {
            "health": health,
            "tan_yen": tan_yen,
            "yen_the": yen_the,
            "school_tan_yen": make_agency(
                uow, "Trường Tiểu học Tân Tiến", level=AgencyLevel.SCHOOL, parent_id=tan_yen, code="H02.38.5"
            ),
            "school_yen_the": make_agency(
                uow, "Trường Tiểu học Tân Tiến", level=AgencyLevel.SCHOOL, parent_id=yen_the, code="H02.40.5"
            ),
        }
