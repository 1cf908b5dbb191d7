"""Queries of the alerts."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import starmap
from typing import NamedTuple

from sqlalchemy import ColumnElement, and_, func, or_
from sqlalchemy import select as select_columns
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from registry.accounts.viewer import Viewer
from registry.agencies.tables import AgencyPeriodRow, AgencySuccessionRow
from registry.alerts.tables import (
    AcknowledgementRow,
    AgencyStepsRow,
    ExpiryNoticeRow,
    ExpiryScanRow,
    RecipientRole,
)
from registry.batches import batches
from registry.certificates.tables import (
    CertificateEventKind,
    CertificateEventRow,
    CertificatePeriodRow,
    CertificateRow,
    CertificateStatus,
    Medium,
    SubscriberKind,
)
from registry.clock import end_of_day, start_of_day
from registry.mail.tables import MailRow

BATCH = 1000
"""Certificates that are looked at together."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A certificate whose expiry may have to be told."""

    certificate_id: int
    not_after: datetime
    agency_id: int
    kind: str
    holder: str
    email: str | None


@dataclass(frozen=True, slots=True)
class NoticeFacts:
    """What a scan has to know of one notice."""

    certificate_id: int
    recipient: str
    step_days: int
    is_mailed: bool
    recorded_at: datetime


class CertificateDetails(NamedTuple):
    """What a mail says of a certificate, as the register has it."""

    certificate_id: int
    kind: SubscriberKind
    holder: str
    position: str | None
    serial: str
    medium: Medium
    iccid: str | None
    device_number: str | None
    not_after: datetime
    agency: str | None
    """The name of the agency responsible for it."""


@dataclass(frozen=True, slots=True)
class AgencyContact:
    """How an agency is reached on some day."""

    agency_id: int
    name: str
    email: str | None
    parent_id: int | None


class AlertRepository:
    """Rows of one session."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def iter_candidates(
        self, first: date, last: date, *, at: datetime, agency_id: int | None = None
    ) -> Iterator[Sequence[Candidate]]:
        """Certificates that expire from `first` to `last` (days in Viet Nam) and still matter at `at`, in batches.

        Left out are those revoked and those replaced. Each batch continues after the last row of the one before, on
        the periods' index over (not_after, certificate_id), so memory does not grow and no row is missed when others
        change meanwhile.
        """
        after = (start_of_day(first) - timedelta(microseconds=1), 0)
        while True:
            query = (
                select_columns(
                    col(CertificateRow.id),
                    col(CertificateRow.not_after),
                    col(CertificatePeriodRow.agency_id),
                    col(CertificateRow.kind),
                    col(CertificateRow.holder),
                    col(CertificateRow.email),
                )
                .join(CertificatePeriodRow, col(CertificatePeriodRow.certificate_id) == col(CertificateRow.id))
                .where(
                    or_(
                        col(CertificatePeriodRow.not_after) > after[0],
                        and_(
                            col(CertificatePeriodRow.not_after) == after[0],
                            col(CertificatePeriodRow.certificate_id) > after[1],
                        ),
                    ),
                    col(CertificatePeriodRow.not_after) >= after[0],
                    col(CertificatePeriodRow.not_after) <= end_of_day(last),
                    *_matters(at),
                )
                .order_by(col(CertificatePeriodRow.not_after), col(CertificatePeriodRow.certificate_id))
                .limit(BATCH)
            )
            if agency_id is not None:
                query = query.where(col(CertificatePeriodRow.agency_id) == agency_id)
            batch = [Candidate(*row) for row in self._session.execute(query)]
            if not batch:
                return
            yield batch
            after = (batch[-1].not_after, batch[-1].certificate_id)

    def find_notices(self, certificate_ids: Collection[int]) -> Sequence[NoticeFacts]:
        """What is on record for each certificate and recipient."""
        query = select_columns(
            col(ExpiryNoticeRow.certificate_id),
            col(ExpiryNoticeRow.recipient),
            col(ExpiryNoticeRow.step_days),
            col(ExpiryNoticeRow.mail_id).is_not(None),
            col(ExpiryNoticeRow.recorded_at),
        ).where(col(ExpiryNoticeRow.certificate_id).in_(certificate_ids))
        return [NoticeFacts(*row) for row in self._session.execute(query)]

    def find_latest_events(self, certificate_ids: Collection[int]) -> dict[int, datetime]:
        """When the register last learned something of each certificate."""
        query = (
            select(CertificateEventRow.certificate_id, func.max(CertificateEventRow.recorded_at))
            .where(col(CertificateEventRow.certificate_id).in_(certificate_ids))
            .group_by(col(CertificateEventRow.certificate_id))
        )
        return dict(self._session.exec(query).all())

    def find_agency_steps(self) -> dict[int, list[int]]:
        """The steps of every agency that has its own."""
        rows = self._session.exec(select(AgencyStepsRow).order_by(col(AgencyStepsRow.id)))
        latest = {row.agency_id: row.steps for row in rows}
        return {agency_id: steps for agency_id, steps in latest.items() if steps is not None}

    def find_contacts(self, agency_ids: Collection[int], *, at: datetime) -> dict[int, AgencyContact]:
        """How the agencies are reached at `at`; an agency that has ended is not among them."""
        query = select(AgencyPeriodRow).where(
            col(AgencyPeriodRow.agency_id).in_(agency_ids),
            col(AgencyPeriodRow.effective_from) <= at,
            col(AgencyPeriodRow.effective_until) > at,
        )
        return {
            row.agency_id: AgencyContact(row.agency_id, row.name, row.email, row.parent_id)
            for row in self._session.exec(query)
        }

    def find_successors(self, agency_ids: Collection[int], *, at: datetime) -> dict[int, int]:
        """Which agency took over from each, as of `at`: the latest, and of several the one recorded first."""
        query = (
            select(AgencySuccessionRow)
            .where(col(AgencySuccessionRow.predecessor_id).in_(agency_ids), col(AgencySuccessionRow.effective_at) <= at)
            .order_by(col(AgencySuccessionRow.effective_at), col(AgencySuccessionRow.id).desc())
        )
        return {row.predecessor_id: row.successor_id for row in self._session.exec(query)}

    def add_scan(self, row: ExpiryScanRow) -> None:
        """Record that a scan begins."""
        self._session.add(row)
        self._session.flush()

    def get_scan(self, scan_id: int) -> ExpiryScanRow:
        """The scan that `add_scan` recorded."""
        return self._session.get_one(ExpiryScanRow, scan_id)

    def find_recent_scans(self, *, limit: int) -> Sequence[ExpiryScanRow]:
        """The latest scans, newest first."""
        return self._session.exec(select(ExpiryScanRow).order_by(col(ExpiryScanRow.id).desc()).limit(limit)).all()

    def find_last_finished_scan(self) -> ExpiryScanRow | None:
        """The latest scan that came to its end without a failure."""
        query = (
            select(ExpiryScanRow)
            .where(col(ExpiryScanRow.finished_at).is_not(None), col(ExpiryScanRow.failure).is_(None))
            .order_by(col(ExpiryScanRow.id).desc())
        )
        return self._session.exec(query).first()

    def find_details(self, certificate_ids: Sequence[int], *, at: datetime) -> dict[int, CertificateDetails]:
        """What mails say of the certificates, with the agencies responsible for them at `at`."""
        query = (
            select_columns(
                col(CertificateRow.id),
                col(CertificateRow.kind),
                col(CertificateRow.holder),
                col(CertificateRow.position),
                col(CertificateRow.serial),
                col(CertificateRow.medium),
                col(CertificateRow.iccid),
                col(CertificateRow.device_number),
                col(CertificateRow.not_after),
                col(AgencyPeriodRow.name),
            )
            .join(CertificatePeriodRow, col(CertificatePeriodRow.certificate_id) == col(CertificateRow.id))
            .outerjoin(
                AgencyPeriodRow,
                and_(
                    col(AgencyPeriodRow.agency_id) == col(CertificatePeriodRow.agency_id),
                    col(AgencyPeriodRow.effective_from) <= at,
                    col(AgencyPeriodRow.effective_until) > at,
                ),
            )
            .where(
                col(CertificateRow.id).in_(certificate_ids),
                col(CertificatePeriodRow.effective_from) <= at,
                col(CertificatePeriodRow.effective_until) > at,
            )
        )
        return {found.certificate_id: found for found in starmap(CertificateDetails, self._session.execute(query))}

    def find_mail_certificates(self, mail_ids: Collection[int], *, at: datetime) -> dict[int, dict[int, RecipientRole]]:
        """For each mail the certificates that it is to tell of and that still matter at `at`, the most urgent first.

        With each the reason why it is told to this recipient.
        """
        query = (
            select(ExpiryNoticeRow.mail_id, ExpiryNoticeRow.certificate_id, ExpiryNoticeRow.role)
            .join(CertificateRow, col(CertificateRow.id) == col(ExpiryNoticeRow.certificate_id))
            .join(CertificatePeriodRow, col(CertificatePeriodRow.certificate_id) == col(ExpiryNoticeRow.certificate_id))
            .where(col(ExpiryNoticeRow.mail_id).in_(mail_ids), *_matters(at))
            .order_by(col(CertificateRow.not_after), col(CertificateRow.id))
        )
        found: dict[int, dict[int, RecipientRole]] = {mail_id: {} for mail_id in mail_ids}
        for mail_id, certificate_id, role in self._session.exec(query):
            found[mail_id or 0][certificate_id] = RecipientRole(role)
        return found

    def find_extended(self, certificate_ids: Collection[int]) -> set[int]:
        """Those of the certificates that were themselves issued to prolong another."""
        query = select(CertificateEventRow.certificate_id).where(
            col(CertificateEventRow.certificate_id).in_(certificate_ids),
            col(CertificateEventRow.kind) == CertificateEventKind.EXTENDED,
        )
        return set(self._session.exec(query))

    def find_replaced_by(self, certificate_ids: Collection[int]) -> dict[int, int]:
        """For each of the certificates that took another's place: that other."""
        query = select(CertificateRow.id, CertificateRow.replaces_id).where(
            col(CertificateRow.id).in_(certificate_ids), col(CertificateRow.replaces_id).is_not(None)
        )
        return {key: replaced for key, replaced in self._session.exec(query) if key and replaced}

    def find_certificate_notices(self, certificate_id: int) -> Sequence[tuple[ExpiryNoticeRow, MailRow | None]]:
        """What was told about a certificate, newest first."""
        query = (
            select(ExpiryNoticeRow, MailRow)
            .outerjoin(MailRow, col(MailRow.id) == col(ExpiryNoticeRow.mail_id))
            .where(ExpiryNoticeRow.certificate_id == certificate_id)
            .order_by(col(ExpiryNoticeRow.id).desc())
        )
        return [(notice, mail) for notice, mail in self._session.exec(query)]

    def find_latest_acknowledgements(self, certificate_ids: Sequence[int]) -> dict[int, AcknowledgementRow]:
        """For each certificate what was said about it last; those nobody answered for are not among them."""
        latest: dict[int, AcknowledgementRow] = {}
        for batch in batches(certificate_ids):
            query = (
                select(AcknowledgementRow)
                .where(col(AcknowledgementRow.certificate_id).in_(batch))
                .order_by(col(AcknowledgementRow.id))
            )
            latest |= {row.certificate_id: row for row in self._session.exec(query)}
        return latest

    def find_acknowledgements(self, certificate_id: int) -> Sequence[AcknowledgementRow]:
        """All that was said about one certificate, newest first."""
        query = (
            select(AcknowledgementRow)
            .where(AcknowledgementRow.certificate_id == certificate_id)
            .order_by(col(AcknowledgementRow.id).desc())
        )
        return self._session.exec(query).all()

    def find_recent_acknowledgements(
        self, viewer: Viewer, *, limit: int, at: datetime
    ) -> Sequence[tuple[AcknowledgementRow, str]]:
        """The latest with the names of the holders; an officer sees those about certificates in the subtree."""
        query = (
            select(AcknowledgementRow, CertificateRow.holder)
            .join(CertificateRow, col(CertificateRow.id) == col(AcknowledgementRow.certificate_id))
            .order_by(col(AcknowledgementRow.id).desc())
            .limit(limit)
        )
        if viewer.agency_path is not None:
            query = query.where(col(AcknowledgementRow.certificate_id).in_(certificates_below(viewer.agency_path, at)))
        return [(row, holder) for row, holder in self._session.exec(query)]


def certificates_below(path: str, at: datetime) -> SelectOfScalar[int]:
    """The certificates that agencies of a subtree are responsible for at `at`."""
    return (
        select(CertificatePeriodRow.certificate_id)
        .join(AgencyPeriodRow, col(AgencyPeriodRow.agency_id) == col(CertificatePeriodRow.agency_id))
        .where(
            col(CertificatePeriodRow.effective_from) <= at,
            col(CertificatePeriodRow.effective_until) > at,
            col(AgencyPeriodRow.effective_from) <= at,
            col(AgencyPeriodRow.effective_until) > at,
            col(AgencyPeriodRow.path).startswith(path, autoescape=True),
        )
    )


def _matters(at: datetime) -> tuple[ColumnElement[bool], ...]:
    """Conditions on `CertificatePeriodRow`: of its periods the one at `at`, and neither revoked nor replaced."""
    return (
        col(CertificatePeriodRow.effective_from) <= at,
        col(CertificatePeriodRow.effective_until) > at,
        col(CertificatePeriodRow.status) != CertificateStatus.REVOKED,
        col(CertificatePeriodRow.is_replaced).is_(False),
    )
