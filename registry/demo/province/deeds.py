"""What can be done to a certificate of the demonstration province: issue, revoke, lose, lock, reassign."""

from datetime import date, datetime, time, timedelta
from random import Random
from typing import Final

from registry.certificates.tables import CertificateEventKind, CertificateStatus, Custody, Medium, SubscriberKind
from registry.clock import VIETNAM, local_day
from registry.demo.province.agencies import Agency
from registry.demo.province.drafts import Change, Draft, Subscriber

_FIVE_YEARS: Final = timedelta(days=1825)
_TEN_YEARS: Final = timedelta(days=3650)
_EXTENSION: Final = timedelta(days=1095)
"""What Nghị định 68/2024/NĐ-CP allows: three years."""


class Deeds:
    """Does things to certificates until the horizon and collects the certificates. What lies beyond it does not happen."""

    def __init__(self, horizon: datetime) -> None:
        self.horizon = horizon
        self.drafts: list[Draft] = []

    def issue(
        self,
        subscriber: Subscriber,
        day: date,
        random: Random,
        *,
        origin: CertificateEventKind = CertificateEventKind.ISSUED,
        replaces: Draft | None = None,
    ) -> Draft | None:
        """Issue a certificate on `day`, or None beyond the horizon or the end of the agency."""
        issued_at = at_work(day, random)
        day = local_day(issued_at)
        medium = _medium(subscriber.kind, day, random)
        handover = at_work(day + timedelta(days=random.randint(1, 12)), random)
        locked = day + timedelta(days=random.randint(60, 1500)) if random.random() < 0.03 else None
        ended = subscriber.agency.ended
        if issued_at >= self.horizon or (ended is not None and day >= ended):
            return None
        life = _TEN_YEARS if day.year == 2016 else _FIVE_YEARS
        if origin is CertificateEventKind.EXTENDED:
            life = _EXTENSION
        draft = Draft(subscriber, medium, issued_at, issued_at + life, origin, replaces)
        self.drafts.append(draft)
        note = "Biên bản bàn giao (mẫu 07)"
        self._note(draft, Change(handover, CertificateEventKind.HANDED_OVER, custody=Custody.HANDED_OVER, note=note))
        if locked is not None and medium is Medium.TOKEN:
            self._lock(draft, locked, random)
        if replaces is not None:
            self._note(replaces, Change(issued_at, CertificateEventKind.REPLACED, is_replaced=True))
        return draft

    def issue_to_organisation(
        self,
        agency: Agency,
        day: date,
        random: Random,
        *,
        origin: CertificateEventKind = CertificateEventKind.ISSUED,
        replaces: Draft | None = None,
    ) -> Draft | None:
        """Issue an agency its own certificate with the data of `day`."""
        state = agency.state_on(day)
        subscriber = Subscriber(agency, SubscriberKind.ORGANISATION, state.name, None, state.email)
        return self.issue(subscriber, day, random, origin=origin, replaces=replaces)

    def succeed(self, draft: Draft, day: date, random: Random, origin: CertificateEventKind) -> Draft | None:
        """Issue the certificate that takes the place of `draft`, to the same subscriber."""
        if draft.subscriber.kind is SubscriberKind.ORGANISATION:
            return self.issue_to_organisation(draft.agency, day, random, origin=origin, replaces=draft)
        return self.issue(draft.subscriber, day, random, origin=origin, replaces=draft)

    def change_content(self, draft: Draft, subscriber: Subscriber, day: date, random: Random) -> Draft | None:
        """Issue a certificate with other data in the place of `draft`, which is revoked soon after."""
        origin = CertificateEventKind.CONTENT_CHANGED
        changed = self.issue(subscriber, day, random, origin=origin, replaces=draft)
        if changed is not None:
            self.revoke(draft, day + timedelta(days=random.randint(1, 5)), random, "superseded", "Đã đổi nội dung")
        return changed

    def revoke(self, draft: Draft, day: date, random: Random, reason: str, note: str) -> None:
        """Revoke for a reason of RFC 5280, 5.3.1; the device mostly comes back."""
        at = at_work(day, random)
        revoked = CertificateStatus.REVOKED
        self._note(draft, Change(at, CertificateEventKind.REVOKED, status=revoked, reason=reason, note=note))
        if reason != "keyCompromise" and random.random() < 0.7:
            returned = at_work(day + timedelta(days=random.randint(1, 20)), random)
            self._note(draft, Change(returned, CertificateEventKind.RETURNED, custody=Custody.RETURNED))

    def lose(self, draft: Draft, day: date, random: Random) -> Draft | None:
        """Lose the device: the certificate is revoked, and another one issued within days."""
        note = "Báo mất thiết bị lưu khóa"
        lost = Change(at_work(day, random), CertificateEventKind.LOST, custody=Custody.LOST, note=note)
        self._note(draft, lost)
        revoked = day + timedelta(days=random.randint(1, 2))
        self.revoke(draft, revoked, random, "keyCompromise", "Mất thiết bị lưu khóa")
        again = day + timedelta(days=random.randint(4, 12))
        return self.succeed(draft, again, random, CertificateEventKind.ISSUED)

    def reassign(self, draft: Draft, day: date, successor: Agency) -> None:
        """Make the successor of a merged agency responsible from the first minutes of `day` on."""
        self._note(
            draft,
            Change(
                datetime.combine(day, time(0, 5), VIETNAM),
                CertificateEventKind.REASSIGNED,
                agency=successor.id,
                note=f"Cơ quan sáp nhập vào {successor.state_on(day).name}",
                details={"from": draft.agency.id, "to": successor.id},
            ),
        )

    def _lock(self, draft: Draft, day: date, random: Random) -> None:
        locked = at_work(day, random)
        recovered = at_work(day + timedelta(days=random.randint(2, 6)), random)
        note = "Nhập sai mã PIN quá số lần"
        self._note(draft, Change(locked, CertificateEventKind.LOCKED, custody=Custody.LOCKED, note=note))
        note = "Khôi phục thiết bị (mẫu 06)"
        self._note(draft, Change(recovered, CertificateEventKind.RECOVERED, custody=Custody.HANDED_OVER, note=note))

    def _note(self, draft: Draft, change: Change) -> None:
        if change.at < self.horizon:
            draft.changes.append(change)


def at_work(day: date, random: Random) -> datetime:
    """A moment in office hours of `day`, or of the Monday after it."""
    if day.weekday() > 4:
        day += timedelta(days=7 - day.weekday())
    hour = random.choice((7, 8, 8, 9, 9, 10, 10, 13, 14, 14, 15, 15, 16))
    return datetime.combine(day, time(hour, random.randint(0, 59), random.randint(0, 59)), VIETNAM)


def _medium(kind: SubscriberKind, day: date, random: Random) -> Medium:
    share = random.random()
    if kind is SubscriberKind.PERSON and day.year >= 2016 and share < 0.07:
        return Medium.SIM
    if kind is SubscriberKind.ORGANISATION and day.year >= 2023 and share < 0.08:
        return Medium.CENTRAL
    return Medium.TOKEN
