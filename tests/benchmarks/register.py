"""Entering certificates: parse, check who issued, store; and an import as a whole, with preview.

    python -m tests.benchmarks register [--certificates N] [--sqlite | --postgresql] [--renewals]

20,000 certificates on both databases; `--certificates 100000` (or `REGISTRY_BENCHMARK_CERTIFICATES=100000`) for the size
that an import may take a minute for. One process on one core. Speeds are certificates for each second of processor time of
this process; what the database server of PostgreSQL takes stands beside it. The floor is measured in the same run on the
same certificates: reading them and their fields, checking the issuer's signature with `cryptography`, and handing ready
rows with the bare driver to a table that has the columns and unique keys of `certificate` and nothing else: no index of
letters, no period, no event, no count. Reading and entering of the import run in processes of their own, whose memory
counts from the start of Python. Nothing is asserted.
"""

# ruff: noqa: T201 - a benchmark prints

import argparse
import io
import json
import logging
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import zipfile
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import sqlalchemy
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding

from certs.certificate import parse_certificate
from registry.agencies.tables import AgencyLevel
from registry.certificates.schemas import CertificateSubmission
from registry.certificates.service import prepare_certificate, register_prepared
from registry.certificates.tables import CertificateRow
from registry.db.engine import create_database_engine
from registry.db.migrations import migrate
from registry.imports.service import ImportUpload, decide_import, submit_import
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
MEASURED = "tests.benchmarks._register_import"
ROOT = Path(__file__).resolve().parents[2]


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks register")
    usual = int(os.environ.get("REGISTRY_BENCHMARK_CERTIFICATES", "20000"))
    parser.add_argument("--certificates", type=int, default=usual)
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--sqlite", action="store_true", help="not on PostgreSQL")
    only.add_argument("--postgresql", action="store_true", help="not on SQLite")
    parser.add_argument("--renewals", action="store_true", help="every second certificate renews another")
    options = parser.parse_args(arguments)
    logging.disable(logging.CRITICAL)
    print(describe_machine())
    began = time.perf_counter()
    authority = make_authority()
    encodings = make_certificates(authority, options.certificates, with_renewals=options.renewals)
    print(f"{len(encodings):,} certificates made in {time.perf_counter() - began:.0f} s")
    pure = [
        ("floor: parse and extract", measure(lambda: read_all(encodings))),
        ("floor: issuer's signature", measure(lambda: check_all(encodings, authority))),
    ]
    if not options.postgresql:
        run(pure, encodings, authority, with_server=False)
    if not options.sqlite:
        run(pure, encodings, authority, with_server=True)


def run(pure, encodings, authority, *, with_server):
    with ExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = Server(directory / "server")
        if with_server:
            server.url = stack.enter_context(postgresql_server(server.directory))
        floor = [
            *pure,
            ("floor: insert ready rows", insert_ready(open_register(directory / "raw", server), encodings, authority)),
        ]
        bulk = register_all(open_register(directory / "bulk", server), server, encodings, authority)
        steps, memory = import_all(open_register(directory / "import", server), server, encodings, authority)
        print(f"\n{server.name}")
        show(
            [*floor, ("parse, check and store", bulk), *steps], len(encodings), sum(each.processor for _, each in floor)
        )
        print(f"most memory of an import's process: {memory:,.0f} MiB")
        if not with_server:
            print(f"other writers wait for {steps[1][1].elapsed:.1f} s while it is entered")


@dataclass
class Server:
    """A PostgreSQL server, or none where there is no `url`."""

    directory: Path
    url: str = ""

    @property
    def name(self):
        if not self.url:
            return f"SQLite {sqlite3.sqlite_version}"
        engine = create_database_engine(self.url)
        with engine.connect() as connection:
            version = connection.exec_driver_sql("SHOW server_version").scalar_one()
        engine.dispose()
        return f"PostgreSQL {version}"

    @property
    def processor(self):
        """Processor seconds of all its processes so far; those that have ended are counted with their parent."""
        if not self.url:
            return 0.0
        postmaster = int((self.directory / "postmaster.pid").read_text().split()[0])
        ticks = sum(times(postmaster))
        for path in Path("/proc").glob("[0-9]*/stat"):
            try:
                if int(path.read_text().rpartition(")")[2].split()[1]) == postmaster:
                    ticks += sum(times(int(path.parent.name))[:2])
            except OSError:
                continue
        return ticks / os.sysconf("SC_CLK_TCK")


def times(process):
    """User and system ticks of a process, and of its children that have ended."""
    return list(map(int, Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[11:15]))


@dataclass(frozen=True)
class Spent:
    """Seconds: of this process, elapsed, of the database server."""

    processor: float
    elapsed: float
    server: float = 0.0

    def __add__(self, other):
        return Spent(self.processor + other.processor, self.elapsed + other.elapsed, self.server + other.server)


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
        # Two certificates seldom begin and end in one second.
        begin = ISSUED + timedelta(seconds=person * 7919 % (360 * 86400))
        if with_renewals and index % 2:
            begin += timedelta(days=1800)
        made.append(make_der(subject, ca=authority, serial=2**40 + index, not_before=begin))
    return made


def open_register(directory, server):
    """A new register."""
    url = create_database(server.url, directory.name) if server.url else ""
    runtime = Runtime.build(Settings(data_dir=directory, database_url=url), queue=RecordingQueue())
    migrate(runtime.database.engine)
    return runtime


def create_database(server, name):
    """A new database; returns its URL."""
    engine = create_database_engine(server)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(sqlalchemy.text(f'CREATE DATABASE "{name}"'))
    engine.dispose()
    return f"{server.partition('?')[0].rpartition('/')[0]}/{name}?{server.partition('?')[2]}"


def fill(runtime, authority):
    with runtime.database.write() as uow:
        add_authority(uow, EVERYTHING, authority.der, trust_anyway=True, generation="G2")
        return [
            make_agency(uow, f"Sở thứ {index}", level=AgencyLevel.PROVINCE, code=f"B.{index}")
            for index in range(AGENCIES)
        ]


def measure(work, server=None):
    at_server = server.processor if server else 0.0
    processor, elapsed = time.process_time(), time.perf_counter()
    work()
    processor, elapsed = time.process_time() - processor, time.perf_counter() - elapsed
    return Spent(processor, elapsed, server.processor - at_server if server else 0.0)


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
    engine = runtime.database.engine
    with runtime.database.read() as uow:
        issuers = load_issuers(uow.session)
    columns = [each for each in CertificateRow.__table__.c if each.name != "id"]
    names = ", ".join(each.name for each in columns)
    convert = [each.type.dialect_impl(engine.dialect).bind_processor(engine.dialect) for each in columns]
    rows = []
    for index, der in enumerate(encodings):
        submission = CertificateSubmission(der=der, agency_id=agencies[index % AGENCIES])
        values = {**prepare_certificate(submission, issuers).columns, "registered_at": now}
        values = [
            change(values[each.name]) if change else values[each.name]
            for each, change in zip(columns, convert, strict=True)
        ]
        rows.append(tuple(str(each) if isinstance(each, str) else each for each in values))
    raw = engine.raw_connection()
    cursor = raw.cursor()
    if engine.dialect.name == "postgresql":
        cursor.execute(f"CREATE TABLE bare AS SELECT {names} FROM certificate WITH NO DATA")
    else:
        kinds = ", ".join(f"{each.name} {each.type.compile(engine.dialect)}" for each in columns)
        cursor.execute(f"CREATE TABLE bare ({kinds})")
    cursor.execute("ALTER TABLE bare ADD COLUMN id INTEGER")
    cursor.execute("CREATE UNIQUE INDEX one ON bare (sha256)")
    cursor.execute("CREATE UNIQUE INDEX other ON bare (issuer, serial)")

    def work():
        if engine.dialect.name == "postgresql":
            with cursor.copy(f"COPY bare ({names}) FROM STDIN") as copy:
                for row in rows:
                    copy.write_row(row)
        else:
            cursor.execute("BEGIN")
            cursor.executemany(f"INSERT INTO bare ({names}) VALUES ({', '.join('?' * len(columns))})", rows)
        raw.commit()

    spent = measure(work)
    raw.close()
    runtime.close()
    return spent


def register_all(runtime, server, encodings, authority):
    agencies = fill(runtime, authority)

    def work():
        with runtime.database.write() as uow:
            issuers = load_issuers(uow.session)
            for start in range(0, len(encodings), 1000):
                prepared = [
                    prepare_certificate(CertificateSubmission(der=der, agency_id=agencies[index % AGENCIES]), issuers)
                    for index, der in enumerate(encodings[start : start + 1000], start)
                ]
                register_prepared(uow, EVERYTHING, prepared, actor="benchmark")

    spent = measure(work, server)
    runtime.close()
    return spent


def import_all(runtime, server, encodings, authority):
    """The steps, and the most memory that one of them took."""
    fill(runtime, authority)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for index, der in enumerate(encodings):
            archive.writestr(f"thư mục {index % 100}/{index}.cer", der)
    directory = runtime.settings.data_dir / "imports"
    with runtime.database.write() as uow:
        upload = ImportUpload("certificates.zip", (packed.getvalue(),))
        number = submit_import(uow, EVERYTHING, [upload], directory=directory, actor="benchmark")
    preview, some = in_own_process(runtime, server, number)
    with runtime.database.write() as uow:
        decide_import(uow, EVERYTHING, number, ImportChoice.GOOD, actor="benchmark")
    entering, more = in_own_process(runtime, server, number)
    with runtime.database.read() as uow:
        done = get_import(uow, EVERYTHING, number).summary
    assert done.applied_count == len(encodings), done
    runtime.close()
    steps = [
        ("import: read and preview", preview),
        ("import: enter", entering),
        ("import as a whole", preview + entering),
    ]
    return steps, max(some, more)


def in_own_process(runtime, server, number):
    settings = runtime.settings
    at_server = server.processor
    done = subprocess.run(
        [sys.executable, "-m", MEASURED, str(settings.data_dir), settings.database_url, str(number)],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    )
    processor, elapsed, memory = json.loads(done.stdout)
    return Spent(processor, elapsed, server.processor - at_server), memory


def show(rows, number, least):
    print(f"{'':28}{'a second':>12}{'processor s':>14}{'server s':>12}{'elapsed s':>12}{'times the floor':>18}")
    for name, spent in rows:
        ratio = "" if name.startswith("floor") else f"{spent.processor / least:.1f}"
        at_server = f"{spent.server:.2f}" if spent.server else ""
        print(
            f"{name:28}{number / spent.processor:>12,.0f}{spent.processor:>14.2f}{at_server:>12}{spent.elapsed:>12.2f}{ratio:>18}"
        )
