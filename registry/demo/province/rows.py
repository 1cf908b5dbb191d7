"""The plan as rows of the register's tables."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from random import Random
from typing import Any, Final

from certs.text import fold, sort_key
from registry.certificates.schemas import CertificateSubmission
from registry.certificates.service import prepare_certificate
from registry.certificates.tables import CertificateEventKind, Medium
from registry.clock import FOREVER, VIETNAM, start_of_day
from registry.demo.province.agencies import Agency
from registry.demo.province.drafts import Draft, Generation
from registry.demo.province.pki import DemoPKI, Issuance, public_key_of_nobody
from registry.demo.province.plan import Plan
from registry.demo.province.seed import seeded
from registry.demo.province.subjects import subject_of
from registry.demo.province.timeline import history_of
from registry.trust.issuers import IssuerIndex

REGISTER_OPENED: Final = datetime(2011, 2, 14, 8, 0, tzinfo=VIETNAM)
"""What happened before was recorded then."""

ACTOR: Final = "demo"

Row = dict[str, Any]


def agency_rows(agencies: Sequence[Agency]) -> list[Row]:
    """Rows of `agency`."""
    return [{"id": agency.id, "code": agency.code} for agency in agencies]


def agency_period_rows(agencies: Sequence[Agency]) -> list[Row]:
    """Rows of `agency_period`."""
    return [
        {
            "agency_id": agency.id,
            "effective_from": start_of_day(period.since),
            "effective_until": start_of_day(period.until) if period.until else FOREVER,
            "name": period.state.name,
            "name_folded": fold(period.state.name),
            "name_sort": sort_key(period.state.name),
            "level": period.state.level,
            "parent_id": period.state.parent,
            "path": f"/{period.state.parent}/{agency.id}/" if period.state.parent else f"/{agency.id}/",
            "email": period.state.email,
            "address": period.state.address,
            "tax_code": period.state.tax_code,
            "budget_code": period.state.budget_code,
        }
        for agency in agencies
        for period in agency.periods
    ]


def agency_event_rows(agencies: Sequence[Agency]) -> list[Row]:
    """Rows of `agency_event`."""
    return [
        {
            "agency_id": agency.id,
            "kind": event.kind,
            "effective_at": start_of_day(event.on),
            "recorded_at": max(start_of_day(event.on) + timedelta(hours=9), REGISTER_OPENED),
            "actor": ACTOR,
            "legal_document": event.document,
            "note": event.note,
            "details": dict(event.details),
        }
        for agency in agencies
        for event in agency.events
    ]


def agency_succession_rows(agencies: Sequence[Agency]) -> list[Row]:
    """Rows of `agency_succession`."""
    return [
        {"predecessor_id": agency.id, "successor_id": successor, "effective_at": start_of_day(agency.ended)}
        for agency in agencies
        if agency.ended is not None
        for successor in agency.successors
    ]


@dataclass(frozen=True, slots=True)
class CertificateRows:
    """Rows of `certificate`, `certificate_period` and `certificate_event`."""

    certificates: list[Row]
    periods: list[Row]
    events: list[Row]


def certificate_rows(
    plan: Plan, pki: DemoPKI, keys: Mapping[Draft, bytes], progress: Callable[[float], None]
) -> CertificateRows:
    """Issue every certificate of the plan and derive its rows as the register would.

    `keys` are the public keys of those who really sign; everybody else gets a key that nobody holds. `progress` is
    told the share that is done.
    """
    # We know who issued them, so nobody has to find it out from thousands of signatures.
    no_issuers = IssuerIndex(())
    issuances = {generation: Issuance(authority) for generation, authority in pki.authorities.items()}
    random = seeded("certificates")
    serials = _Serials(random)
    ids = {draft: number for number, draft in enumerate(plan.drafts, start=1)}
    replaced_by = {draft.replaces: ids[draft] for draft in reversed(plan.drafts) if draft.replaces is not None}
    rows = CertificateRows([], [], [])
    for draft, number in ids.items():
        bits = 3072 if draft.issued_at.year >= 2025 else 2048
        der = issuances[draft.generation].issue(
            serial=serials.next(draft.generation),
            subject=subject_of(draft, plan.agencies),
            email=draft.subscriber.email,
            not_before=draft.issued_at,
            not_after=draft.not_after,
            public_key=keys.get(draft) or public_key_of_nobody(random, bits),
        )
        submission = CertificateSubmission(
            der=der,
            agency_id=draft.agency.id,
            kind=draft.subscriber.kind,
            medium=draft.medium,
            device_number=None if draft.medium is Medium.CENTRAL else f"{random.randrange(10**15, 10**16)}",
            iccid=f"8984048{random.randrange(10**12, 10**13)}" if draft.medium is Medium.SIM else None,
            position=draft.subscriber.position,
            origin=draft.origin,
            replaces_id=ids[draft.replaces] if draft.replaces is not None else None,
        )
        registered_at = _recorded(draft.issued_at, plan=plan, random=random)
        columns = prepare_certificate(submission, no_issuers).columns
        known = {"id": number, "generation": draft.generation.value, "registered_at": registered_at}
        rows.certificates.append({**columns, **known})
        _add_history(rows, draft, replaced_by.get(draft), partial(_recorded, plan=plan, random=random))
        if number % 200 == 0:
            progress(number / len(ids))
    return rows


def _add_history(
    rows: CertificateRows, draft: Draft, replaced_by: int | None, recorded: Callable[[datetime], datetime]
) -> None:
    changes, periods = history_of(draft)
    row = rows.certificates[-1]
    number, registered_at, replaces = row["id"], row["registered_at"], row["replaces_id"]
    rows.periods.extend(
        {
            "certificate_id": number,
            "effective_from": period.effective_from,
            "effective_until": period.effective_until,
            "agency_id": period.agency,
            "status": period.status,
            "revocation_reason": period.revocation_reason,
            "custody": period.custody,
            "is_replaced": period.is_replaced,
        }
        for period in periods
    )
    details = {"replaces": replaces} if replaces else {}
    rows.events.append(_event(number, draft.origin, draft.issued_at, registered_at, details))
    rows.events.append(_event(number, CertificateEventKind.REGISTERED, registered_at, registered_at, {}))
    for change in changes:
        details = dict(change.details)
        if change.kind is CertificateEventKind.REPLACED:
            details["by"] = replaced_by
        event = _event(number, change.kind, change.at, recorded(change.at), details)
        rows.events.append({**event, "reason": change.reason, "note": change.note})


def _event(
    number: int, kind: CertificateEventKind, effective_at: datetime, recorded_at: datetime, details: Mapping[str, Any]
) -> Row:
    return {
        "certificate_id": number,
        "kind": kind,
        "effective_at": effective_at,
        "recorded_at": recorded_at,
        "actor": ACTOR,
        "reason": None,
        "note": None,
        "details": dict(details),
    }


def _recorded(at: datetime, *, plan: Plan, random: Random) -> datetime:
    """Somebody enters it within a day and a half, and before the plan's day begins."""
    latest = datetime.combine(plan.today, time(0), VIETNAM)
    return max(at, min(at + timedelta(minutes=random.randint(5, 2160)), latest))


class _Serials:
    """Serial numbers as each generation has them: three octets that count up, and eight octets by chance."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._last = 0x1A_0000
        self._used: set[int] = set()

    def next(self, generation: Generation) -> int:
        """A serial number that the generation's CA has not given yet."""
        if generation is Generation.G1:
            self._last += self._random.randint(1, 900)
            return self._last
        while True:
            serial = self._random.getrandbits(62) | 1 << 61
            if serial not in self._used:
                self._used.add(serial)
                return serial
