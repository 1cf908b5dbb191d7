"""A register of any size for measuring: one province, its agencies and certificates, drawn from a fixed seed.

Rows go in as they are, without the services: a million certificates in a few minutes. Each carries the same small real
certificate as its DER, so that rows weigh what they weigh in life and the page of one has something to parse.
"""

import hashlib
import json
import random
from datetime import UTC, datetime, timedelta
from functools import cache

from sqlalchemy import insert, text
from sqlmodel import Session

from certs import text as vietnamese
from registry.agencies.tables import AgencyLevel, AgencyPeriodRow, AgencyRow
from registry.certificates.columns import search_text
from registry.certificates.counts_upkeep import sum_up
from registry.certificates.tables import (
    CertificateEventKind,
    CertificateEventRow,
    CertificatePeriodRow,
    CertificateRow,
    CertificateStatus,
    Custody,
    Medium,
    SubscriberKind,
)
from registry.clock import FOREVER
from registry.db.engine import WRITES
from registry.db.unit_of_work import UnitOfWork
from tests.factories.certificates import make_der

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
BEGINNING = datetime(2010, 1, 1, tzinfo=UTC)
DISTRICTS_END = datetime(2025, 6, 30, 17, 0, tzinfo=UTC)
VALIDITY = timedelta(days=5 * 365)
BATCH = 5000

FAMILIES = ("Nguyễn", "Trần", "Lê", "Phạm", "Hoàng", "Huỳnh", "Phan", "Vũ", "Võ", "Đặng", "Bùi", "Đỗ", "Hồ", "Ngô")
MIDDLES = ("Văn", "Thị", "Hữu", "Đức", "Minh", "Thanh", "Ngọc", "Quang", "Xuân", "Thu", "Hồng", "Anh")
GIVEN = ("An", "Bình", "Chi", "Dũng", "Giang", "Hà", "Hải", "Hạnh", "Hùng", "Hương", "Khánh", "Lan", "Linh", "Long")
GIVEN += ("Mai", "Nam", "Nga", "Phúc", "Phương", "Quân", "Sơn", "Tâm", "Thảo", "Thắng", "Trang", "Tuấn", "Việt", "Yến")
PLACES = ("Tân", "Hòa", "Phú", "An", "Long", "Mỹ", "Đông", "Tây", "Thượng", "Hạ", "Lạc", "Vĩnh", "Yên", "Cẩm")

# Names repeat; the keys made of them need not be computed again.
fold, sort_key = cache(vietnamese.fold), cache(vietnamese.sort_key)


def fill(engine, certificates):
    """Fill the migrated, empty database behind `engine`."""
    random_numbers = random.Random(2026)
    agencies, periods = agency_rows(random_numbers)
    write(engine, AgencyRow, agencies)
    write(engine, AgencyPeriodRow, periods)
    der = make_der()
    subjects = [(row["agency_id"], row["name"], row["level"]) for row in periods]
    for start in range(1, certificates + 1, BATCH):
        numbers = range(start, min(start + BATCH, certificates + 1))
        rows = [certificate_rows(number, random_numbers, subjects, der) for number in numbers]
        write(engine, CertificateRow, [row for row, _, _ in rows])
        write(engine, CertificatePeriodRow, [each for _, found, _ in rows for each in found])
        write(engine, CertificateEventRow, [each for _, _, found in rows for each in found])
    # As the job does that runs every ten minutes.
    with Session(engine.execution_options(**{WRITES: True})) as session:
        sum_up(UnitOfWork(session, NOW))
        session.commit()
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if engine.dialect.name == "postgresql":
            for table in ("agency", "agency_period", "certificate", "certificate_period", "certificate_event"):
                connection.execute(
                    text(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
                )
            connection.execute(text("VACUUM ANALYZE"))


def write(engine, row, rows):
    table = row.__table__
    if engine.dialect.name == "sqlite":
        with engine.execution_options(**{WRITES: True}).begin() as connection:
            connection.execute(insert(table), rows)
        return
    names = [column.name for column in table.columns if column.name in rows[0]]
    kinds = {column.name: column.type.bind_processor(engine.dialect) for column in table.columns}
    with engine.begin() as connection, connection.connection.cursor() as cursor:
        columns = ", ".join(f'"{name}"' for name in names)
        with cursor.copy(f"COPY {table.name} ({columns}) FROM STDIN") as copy:
            for each in rows:
                copy.write_row([plain(kinds[name], each[name]) for name in names])


def plain(process, value):
    if isinstance(value, dict):
        return json.dumps(value)
    return process(value) if process else value


def agency_rows(random_numbers):
    agencies, periods = [], []

    def add(name, level, above=None, until=FOREVER):
        key = len(agencies) + 1
        agencies.append({"id": key, "code": f"H02.{key}"})
        path = f"/{key}/" if above is None else f"{above['path']}{key}/"
        periods.append(
            {
                "agency_id": key,
                "effective_from": BEGINNING,
                "effective_until": until,
                "name": name,
                "name_folded": fold(name),
                "name_sort": sort_key(name),
                "level": level,
                "parent_id": None if above is None else above["agency_id"],
                "path": path,
                "email": f"vanthu{key}@bacgiang.example",
            }
        )
        return periods[-1]

    def place():
        return " ".join(random_numbers.choices(PLACES, k=2))

    top = add("Ủy ban nhân dân tỉnh", AgencyLevel.PROVINCE)
    departments = [add(f"Sở số {number}", AgencyLevel.PROVINCE, top) for number in range(1, 26)]
    districts = [add(f"Ủy ban nhân dân huyện {place()}", AgencyLevel.DISTRICT, top, DISTRICTS_END) for _ in range(10)]
    communes = [add(f"Ủy ban nhân dân xã {place()} {n}", AgencyLevel.COMMUNE, top) for n in range(200)]
    for number in range(400):
        above = random_numbers.choice(departments if number % 4 else districts)
        add(f"Trung tâm {place()} {number}", AgencyLevel.SUBORDINATE, above)
    for number in range(2400):
        add(f"Trường Tiểu học {place()} {number}", AgencyLevel.SCHOOL, random_numbers.choice(communes))
    return agencies, periods


def certificate_rows(number, random_numbers, subjects, der):
    agency_id, agency_name, level = random_numbers.choice(subjects)
    kind = random_numbers.choices(tuple(SubscriberKind), (35, 60, 5))[0]
    person = " ".join(map(random_numbers.choice, (FAMILIES, MIDDLES, GIVEN)))
    holder = person if kind is SubscriberKind.PERSON else agency_name
    last = DISTRICTS_END if level is AgencyLevel.DISTRICT else NOW
    issued = BEGINNING + timedelta(seconds=random_numbers.randrange(int((last - BEGINNING).total_seconds())))
    not_after = issued + VALIDITY
    serial = f"{random_numbers.getrandbits(120):030x}"
    sha256 = hashlib.sha256(serial.encode()).hexdigest()
    email = f"{fold(person).replace(' ', '')}{number}@bacgiang.example" if kind is SubscriberKind.PERSON else None
    device = f"BCY{number:08d}"
    columns = {
        "id": number,
        "sha256": sha256,
        "der": der,
        "serial": serial,
        "issuer": "C=VN, O=Ban Cơ yếu Chính phủ, CN=Cơ quan chứng thực số chuyên dùng",
        "subject": f"C=VN, L=Bắc Giang, O={agency_name}, CN={holder}",
        "generation": random_numbers.choices(("G1", "G2", "public", "unknown"), (300, 650, 49, 1))[0],
        "kind": kind,
        "named_agency_id": agency_id,
        "holder": holder,
        "holder_folded": fold(holder),
        "holder_sort": sort_key(holder),
        "position": None,
        "email": email,
        "medium": random_numbers.choices(tuple(Medium), (70, 10, 15, 5))[0],
        "device_number": device,
        "iccid": None,
        "replaces_id": None,
        "issued_at": issued,
        "not_before": issued,
        "not_after": not_after,
        "signature_algorithm": "sha1_rsa" if random_numbers.random() < 0.002 else "sha256_rsa",
        "key_algorithm": "RSA",
        "key_bits": 2048,
        "search": "\n".join(
            (
                search_text(holder=holder, serial=serial, email=email, device_number=device),
                *(sha256, "bac giang", fold(agency_name)),
            )
        ),
        "registered_at": issued,
    }
    return columns, *history_rows(columns, random_numbers)


def history_rows(columns, random_numbers):
    events = []

    def happened(kind, at, reason=None):
        events.append(
            {
                "certificate_id": columns["id"],
                "kind": kind,
                "effective_at": at,
                "recorded_at": at,
                "actor": "benchmark",
                "note": None,
                "reason": reason,
                "details": {},
            }
        )

    custody = random_numbers.choices(tuple(Custody), (50, 9400, 500, 30, 20))[0]
    first = {
        "certificate_id": columns["id"],
        "effective_from": columns["issued_at"],
        "effective_until": FOREVER,
        "agency_id": columns["named_agency_id"],
        "status": CertificateStatus.ACTIVE,
        "revocation_reason": None,
        "custody": custody,
        "is_replaced": False,
    }
    origin = random_numbers.choices(("issued", "renewed", "extended", "content_changed"), (70, 15, 10, 5))[0]
    happened(CertificateEventKind(origin), columns["issued_at"])
    happened(CertificateEventKind.REGISTERED, columns["issued_at"])
    change_at = columns["issued_at"] + timedelta(seconds=random_numbers.randrange(int(VALIDITY.total_seconds())))
    fate = random_numbers.random()
    if fate > 0.3 or change_at > NOW:
        return [first], events
    second = {**first, "effective_from": change_at}
    first["effective_until"] = change_at
    if fate < 0.05:
        second |= {"status": CertificateStatus.REVOKED, "revocation_reason": "cessationOfOperation"}
        happened(CertificateEventKind.REVOKED, change_at, "cessationOfOperation")
    else:
        second["is_replaced"] = True
        happened(CertificateEventKind.REPLACED, change_at)
    return [first, second], events
