"""Entering certificates: parse, check who issued, store; and an import as a whole, with preview.

    python -m tests.benchmarks register [--certificates N] [--postgresql] [--renewals]

One process on one core. Speeds are certificates for each second of processor time (of this process; the database server's
own time shows in the elapsed one). The floor is measured in the same run on the same certificates: reading them and their
fields, checking the issuer's signature with `cryptography`, and inserting ready rows with the bare driver. Nothing is
asserted.
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import io
import logging
import resource
import tempfile
import time
import zipfile
from contextlib import ExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding
from sqlalchemy import insert
from sqlalchemy.dialects import postgresql, sqlite

from certs.certificate import parse_certificate
from registry.agencies.tables import AgencyLevel
from registry.certificates.schemas import CertificateSubmission
from registry.certificates.service import prepare_certificate, register_prepared
from registry.certificates.tables import CertificateRow
from registry.db.migrations import migrate
from registry.imports.processing import process_import
from registry.imports.service import ImportUpload, decide_import, submit_import
from registry.imports.staging import DirectReader
from registry.imports.tables import ImportChoice
from registry.imports.views import get_import
from registry.runtime import Runtime
from registry.settings import Settings
from registry.trust.repository import load_issuers
from registry.trust.service import add_authority
from tests.benchmarks.verdict import describe_machine
from tests.factories.agencies import make_agency
from tests.factories.certificates import EVERYTHING, ISSUED, SmallCA, make_der, name_of
from tests.fakes.queue import RecordingQueue
from tests.services import postgresql_server

AGENCIES = 300
GIVEN = ("An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Khánh", "Lan", "Minh", "Nga")


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks register")
    parser.add_argument("--certificates", type=int, default=10_000)
    parser.add_argument("--postgresql", action="store_true", help="on a PostgreSQL server started for it; else SQLite")
    parser.add_argument("--renewals", action="store_true", help="every second certificate renews another")
    options = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    print(describe_machine())
    began = time.perf_counter()
    authority = make_authority()
    encodings = make_certificates(authority, options.certificates, with_renewals=options.renewals)
    print(f"{len(encodings):,} certificates made in {time.perf_counter() - began:.0f} s\n")
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(postgresql_server(directory / "server")) if options.postgresql else ""
        floor = [
            ("floor: parse and extract", measure(lambda: read_all(encodings))),
            ("floor: issuer's signature", measure(lambda: check_all(encodings, authority))),
            ("floor: insert ready rows", insert_ready(open_register(directory / "raw", server), encodings, authority)),
        ]
        least = sum(seconds for _, (seconds, _) in floor)
        ours = [
            ("parse, check and store", register_all(open_register(directory / "bulk", server), encodings, authority)),
            *import_all(open_register(directory / "import", server), encodings, authority),
        ]
        show(floor + ours, len(encodings), least)
    print(f"\nmost memory of this process: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:,.0f} MiB")


def make_authority():
    key = rsa.generate_private_key(65537, 2048)
    name = name_of(c="VN", o="Cơ quan thử nghiệm", cn="CA đo tốc độ")
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(datetime(2010, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    return SmallCA(name, key, certificate.public_bytes(Encoding.DER))


def make_certificates(authority, number, *, with_renewals):
    made = []
    for index in range(number):
        person = index // 2 if with_renewals else index
        words = " ".join(GIVEN[int(digit)] for digit in str(person))
        subject = name_of(
            c="VN",
            l="Bắc Giang",
            o=f"Sở thứ {person % AGENCIES}",
            cn=f"Nguyễn {words}",
            e=f"nv{person}@bacgiang.example",
        )
        begin = ISSUED + timedelta(days=1800 * (index % 2)) if with_renewals else ISSUED
        made.append(make_der(subject, ca=authority, serial=2**40 + index, not_before=begin))
    return made


def open_register(directory, server):
    """A new register with the agencies that the certificates name."""
    url = f"{server.partition('?')[0].rpartition('/')[0]}/{directory.name}?{server.partition('?')[2]}" if server else ""
    if server:
        create_database(server, directory.name)
    runtime = Runtime.build(Settings(data_dir=directory, database_url=url), queue=RecordingQueue())
    migrate(runtime.database.engine)
    return runtime


def create_database(server, name):
    import sqlalchemy

    from registry.db.engine import create_database_engine

    engine = create_database_engine(server)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sqlalchemy.text(f'CREATE DATABASE "{name}"'))
    engine.dispose()


def fill(runtime, authority):
    with runtime.database.write() as uow:
        add_authority(uow, EVERYTHING, authority.der, trust_anyway=True, generation="G2")
        return [
            make_agency(uow, f"Sở thứ {index}", level=AgencyLevel.PROVINCE, code=f"B.{index}")
            for index in range(AGENCIES)
        ]


def measure(work):
    """Processor and elapsed seconds."""
    processor, elapsed = time.process_time(), time.perf_counter()
    work()
    return time.process_time() - processor, time.perf_counter() - elapsed


def read_all(encodings):
    for der in encodings:
        certificate = parse_certificate(der)
        _ = (certificate.subject.rows, certificate.emails, certificate.extensions, certificate.sha256)


def check_all(encodings, authority):
    issuer = x509.load_der_x509_certificate(authority.der)
    for der in encodings:
        x509.load_der_x509_certificate(der).verify_directly_issued_by(issuer)


def insert_ready(runtime, encodings, authority):
    agencies = fill(runtime, authority)
    now = runtime.clock.now()
    with runtime.database.read() as uow:
        issuers = load_issuers(uow.session)
    table = CertificateRow.__table__
    engine = runtime.database.engine
    dialect = postgresql.dialect() if engine.dialect.name == "postgresql" else sqlite.dialect()
    compiled = insert(table).compile(dialect=engine.dialect, column_keys=[c.name for c in table.c if c.name != "id"])
    rows = []
    for index, der in enumerate(encodings):
        submission = CertificateSubmission(der=der, agency_id=agencies[index % AGENCIES])
        columns = {**prepare_certificate(submission, issuers).columns, "registered_at": now}
        rows.append({name: bare(value, dialect) for name, value in columns.items()})
    if compiled.positional:
        rows = [tuple(row[name] for name in compiled.positiontup) for row in rows]

    def work():
        raw = engine.raw_connection()
        cursor = raw.cursor()
        cursor.execute("BEGIN")
        cursor.executemany(str(compiled), rows)
        raw.commit()
        raw.close()

    return measure(work)


def bare(value, dialect):
    if isinstance(value, datetime) and dialect.name == "sqlite":
        return value.isoformat(" ")
    return str(value) if isinstance(value, str) else value


def register_all(runtime, encodings, authority):
    agencies = fill(runtime, authority)

    def work():
        with runtime.database.write() as uow:
            issuers = load_issuers(uow.session)
            prepared = [
                prepare_certificate(CertificateSubmission(der=der, agency_id=agencies[index % AGENCIES]), issuers)
                for index, der in enumerate(encodings)
            ]
            register_prepared(uow, EVERYTHING, prepared, actor="benchmark")

    return measure(work)


def import_all(runtime, encodings, authority):
    fill(runtime, authority)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for index, der in enumerate(encodings):
            archive.writestr(f"thư mục {index % 100}/{index}.cer", der)
    directory = runtime.settings.data_dir / "imports"
    with runtime.database.write() as uow:
        upload = ImportUpload("certificates.zip", (packed.getvalue(),))
        number = submit_import(uow, EVERYTHING, [upload], directory=directory, actor="benchmark")

    def work():
        process_import(runtime.database, directory, number, reader=DirectReader())

    preview = measure(work)
    with runtime.database.write() as uow:
        decide_import(uow, EVERYTHING, number, ImportChoice.GOOD, actor="benchmark")
    entering = measure(work)
    with runtime.database.read() as uow:
        done = get_import(uow, EVERYTHING, number).summary
    assert done.applied_count == len(encodings), done
    whole = (preview[0] + entering[0], preview[1] + entering[1])
    return [("import: read and preview", preview), ("import: enter", entering), ("import as a whole", whole)]


def show(rows, number, least):
    print(f"{'':28}{'a second':>12}{'processor s':>14}{'elapsed s':>12}{'times the floor':>18}")
    for name, (processor, elapsed) in rows:
        ratio = "" if name.startswith("floor") else f"{processor / least:.1f}"
        print(f"{name:28}{number / processor:>12,.0f}{processor:>14.2f}{elapsed:>12.2f}{ratio:>18}")
