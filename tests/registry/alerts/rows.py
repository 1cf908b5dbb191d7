"""Rows for tests of the alerts: agencies with addresses, certificates that expire on a given day."""

import itertools
from datetime import UTC, date, datetime, timedelta

from sqlmodel import Session

from certs.text import fold, sort_key
from registry.agencies.tables import AgencyLevel, AgencyPeriodRow, AgencyRow
from registry.certificates.tables import (
    CertificatePeriodRow,
    CertificateRow,
    CertificateStatus,
    Custody,
    Medium,
    SubscriberKind,
)
from registry.clock import FOREVER, start_of_day

EVERY_DAY = {
    "alert_works_every_day": True,
    "alert_superior_step_days": -10_000,
    "alert_administrator_step_days": -10_000,
}
"""Settings with which mail takes no notice of holidays and is told to the agency alone, whoever reacts."""
START = datetime(2016, 1, 1, tzinfo=UTC)
_numbers = itertools.count(1)


def add_agency(
    session: Session,
    name: str,
    email: str | None,
    *,
    parent: AgencyPeriodRow | None = None,
    until: datetime = FOREVER,
) -> AgencyPeriodRow:
    agency = AgencyRow(code=f"H02.{next(_numbers)}")
    session.add(agency)
    session.flush()
    assert agency.id is not None
    period = AgencyPeriodRow(
        agency_id=agency.id,
        effective_from=START,
        effective_until=until,
        name=name,
        name_folded=fold(name),
        name_sort=sort_key(name),
        level=AgencyLevel.COMMUNE,
        parent_id=parent.agency_id if parent else None,
        path=f"{parent.path if parent else '/'}{agency.id}/",
        email=email,
    )
    session.add(period)
    session.flush()
    return period


def add_certificate(
    session: Session,
    agency: AgencyPeriodRow,
    expires: date,
    *,
    holder: str = "Nguyễn Thị Ngọc Ánh",
    status: CertificateStatus = CertificateStatus.ACTIVE,
    is_replaced: bool = False,
    replaces: int | None = None,
    email: str | None = None,
    kind: SubscriberKind = SubscriberKind.PERSON,
) -> int:
    """A certificate whose last day is `expires`; returns its identifier."""
    number = next(_numbers)
    not_after = start_of_day(expires) + timedelta(hours=17, minutes=3)
    row = CertificateRow(
        serial=f"{number:06x}",
        issuer="CN=DEMO CA",
        subject=f"CN={holder}",
        generation="demo-G1",
        kind=kind,
        named_agency_id=agency.agency_id,
        holder=holder,
        holder_folded=fold(holder),
        holder_sort=sort_key(holder),
        position="Chủ tịch",
        email=email,
        medium=Medium.TOKEN,
        device_number=f"T{number}",
        issued_at=START,
        not_before=START,
        not_after=not_after,
        signature_algorithm="sha256WithRSA",
        key_algorithm="RSA",
        key_bits=2048,
        replaces_id=replaces,
        search=fold(holder),
        registered_at=START,
    )
    session.add(row)
    session.flush()
    assert row.id is not None
    session.add(
        CertificatePeriodRow(
            certificate_id=row.id,
            effective_from=START,
            effective_until=FOREVER,
            agency_id=agency.agency_id,
            status=status,
            custody=Custody.HANDED_OVER,
            is_replaced=is_replaced,
        )
    )
    session.flush()
    return row.id
