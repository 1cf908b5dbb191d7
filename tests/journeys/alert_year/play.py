"""The year is lived: the product's own jobs run under the day's weather, and each mail is held against the rules."""

import multiprocessing
import re
import signal
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from urllib.parse import parse_qs, urlsplit

from sqlmodel import col, select

from registry.alerts.acknowledgements import Acknowledgement, find_acknowledgeable, record_acknowledgement
from registry.alerts.scan import scan_expiries
from registry.alerts.tables import ExpiryNoticeRow
from registry.jobs import ScanExpiriesJob, SendOutboxJob
from registry.mail.outbox import LEASE
from registry.mail.tables import MailRow
from registry.runtime import Runtime
from registry.settings import Settings
from tests.fakes.clock import FakeClock
from tests.fakes.queue import RecordingQueue
from tests.journeys.alert_year.expected import ADMINISTRATOR, Envelope, Expectation
from tests.journeys.alert_year.facts import midnight
from tests.journeys.alert_year.post import Arrival, PostOffice
from tests.journeys.alert_year.weather import Weather
from tests.registry.alerts.test_patterns import scan_until
from tests.registry.alerts.told import at_once
from tests.workers.in_process import send_outbox

BATCH = 150
"""Certificates that a scan looks at together."""
LISTED = 50
NOBODY_LISTENS = "smtp://127.0.0.1:1"
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)


def send_in_child(settings: Settings, clock: FakeClock) -> None:
    """One run of the sending job in a process that can be killed."""
    runtime = Runtime.build(settings, clock=clock, queue=RecordingQueue())
    send_outbox(runtime)


@dataclass
class Year:
    """The product and the expectation side by side."""

    runtime: Runtime
    clock: FakeClock
    queue: RecordingQueue
    office: PostOffice
    expectation: Expectation
    random: Random
    today: date = date.min
    weather: Weather = Weather.FINE
    seen: Counter[str] = field(default_factory=Counter)
    """What happened how often; for the report."""
    copies: Counter[str] = field(default_factory=Counter)
    """Message-IDs that the server took."""
    may_be_doubled: set[str] = field(default_factory=set)
    _envelopes: dict[str, Envelope] = field(default_factory=dict)
    _picked: set[str] = field(default_factory=set)

    def live(self, day: date, weather: Weather) -> None:  # noqa: C901, PLR0912 (one case a fate)
        """One day."""
        self.today, self.weather = day, weather
        match weather:
            case Weather.OFF:
                pass
            case Weather.TWICE:
                self._work("07:05")
                self._work("08:05")
            case Weather.TWO_SCHEDULERS:
                self._scan("07:05", at_once_with_another=True)
                self._send("07:10", senders=2)
            case Weather.SERVER_DOWN:
                for hour in ("07", "12"):
                    self._scan(f"{hour}:05")
                    self._send_in_vain(f"{hour}:10")
            case Weather.HUNG_UP | Weather.GREYLISTED | Weather.REFUSED | Weather.NO_SUCH_MAILBOX:
                self._scan("07:05")
                self._send_to_a_moody_server()
            case Weather.KILLED:
                self._scan("07:05")
                self._send_and_die("07:10")
            case Weather.SCAN_INTERRUPTED:
                self._scan("07:05", ends_after=self.random.randrange(3))
                self._work("08:05")
            case Weather.SCAN_LEFT_UNFINISHED:
                self._scan("07:05", ends_after=self.random.randrange(3))
                self._send("07:10")
                self._send("09:10")
            case Weather.CLOCK_BACK:
                late = self.random.choice(("09:05", "00:20"))
                self._work(late)
                self._work(late, after=-58 * MINUTE)
                self._work("10:05")
            case Weather.QUEUE_LOST:
                self._scan("07:05")
                self.queue.take()
                self._send("08:00")
            case Weather.NIGHT:
                self._work("21:00")
            case Weather.EARLY:
                self._scan("05:30")
                self._send("05:35")
                self._send("07:00")
            case Weather.FINE:
                self._work("07:05")
        self.seen[weather.name] += 1
        if weather not in (Weather.OFF, Weather.NIGHT):
            self._answer("15:00")

    def _at(self, clock_time: str) -> datetime:
        at = time.fromisoformat(clock_time)
        return midnight(self.today) + timedelta(hours=at.hour, minutes=at.minute)

    def _told(self, words: str) -> str:
        return f"{self.today} ({self.weather}): {words}"

    # Acts

    def _work(self, clock_time: str, *, after: timedelta = 0 * HOUR) -> None:
        self._scan(clock_time, after=after)
        self._send(clock_time, after=after + 5 * MINUTE)

    def _scan(
        self,
        clock_time: str,
        *,
        ends_after: int | None = None,
        at_once_with_another: bool = False,
        after: timedelta = 0 * HOUR,
    ) -> None:
        self.clock.at = at = self._at(clock_time) + after
        database, settings = self.runtime.database, self.runtime.settings
        scanned: list[int] = []

        def scan() -> None:
            scanned.append(scan_expiries(database, settings).notices)

        if ends_after is not None:
            scan_until(database, settings, ends_after)
            self.queue.take()
        elif at_once_with_another:
            at_once(2, scan)
        else:
            scan()
        expected = self.expectation.scan(at, batch=BATCH, ends_after=ends_after)
        self.seen["notices"] += expected
        if ends_after is None:
            found = sum(scanned)
            assert found == expected, self._told(f"{found} notices instead of {expected}\n{self._difference()}")
            assert (SendOutboxJob() in self.queue.take()) == (found > 0), self._told("the sender was not told")

    def _difference(self) -> str:
        ours, theirs = self.expectation.on_record(), find_record(self.runtime)
        return f"missing: {sorted(ours - theirs, key=str)[:5]}\nunexpected: {sorted(theirs - ours, key=str)[:5]}"

    def _send(self, clock_time: str, *, after: timedelta = 0 * HOUR, senders: int = 1) -> None:
        self.clock.at = at = self._at(clock_time) + after
        self.expectation.withdraw(at)
        self.seen["superseded"] += self.expectation.supersede(at)
        leaving = self.expectation.leaving(at)
        before = len(self.office.arrived)
        hung_up = set(self.office.hang_up_after)
        if senders > 1:
            at_once(senders, lambda: send_outbox(self.runtime))
        else:
            send_outbox(self.runtime)
        expected = {}
        for envelope, certificates in leaving.items():
            answer = self.office.answers.get(envelope[0], "")
            if certificates and answer.startswith("4"):
                self.expectation.defer(envelope, at)
            elif certificates and envelope[0] in hung_up:
                self.expectation.defer(envelope, at, may_have_arrived=True)
                expected[envelope] = certificates
            else:
                self.expectation.settle(envelope)
                if certificates and not answer:
                    expected[envelope] = certificates
        self._compare(expected, self.office.arrived[before:])

    def _compare(self, expected: dict[Envelope, list[int]], arrived: Iterable[Arrival]) -> None:
        """Each expected mail arrived once, and nothing else did."""
        received: dict[Envelope, list[int]] = {}
        for arrival in arrived:
            envelope = self._receive(arrival)
            assert envelope not in received, self._told(f"{envelope} twice")
            received[envelope] = arrival.certificates
            full = expected.get(envelope, [])
            if len(full) > LISTED:
                self.seen["long lists"] += 1
                assert any(str(part.get_filename()).endswith(".xlsx") for part in arrival.message.walk())
        listed = {envelope: keys[:LISTED] for envelope, keys in expected.items()}
        assert received == listed, self._told(
            f"missing { ({e: k for e, k in listed.items() if received.get(e) != k}) },"
            f" unexpected { ({e: k for e, k in received.items() if listed.get(e) != k}) }"
        )

    def _receive(self, arrival: Arrival) -> Envelope:
        message_id = arrival.message_id
        if message_id not in self._envelopes:
            with self.runtime.database.read() as uow:
                mails = uow.session.exec(select(MailRow).where(MailRow.day >= self.today - timedelta(days=40)))
                self._envelopes.update({mail.message_id: (mail.recipient, mail.day) for mail in mails})
        envelope = self._envelopes[message_id]
        assert envelope[0] == arrival.recipient, self._told(f"{envelope} went to {arrival.recipient}")
        self.copies[message_id] += 1
        self.seen["mails"] += 1
        return envelope

    def _send_in_vain(self, clock_time: str) -> None:
        self.clock.at = at = self._at(clock_time)
        self.expectation.withdraw(at)
        before = len(self.office.arrived)
        send_outbox(self.runtime, smtp_url=NOBODY_LISTENS)
        # What may have arrived and has nothing left to tell is given up without a server.
        for envelope, certificates in self.expectation.leaving(at).items():
            if not certificates:
                self.expectation.settle(envelope)
        assert len(self.office.arrived) == before

    def _send_to_a_moody_server(self) -> None:
        leaving = self.expectation.leaving(self._at("07:10"))
        single = {recipient for (recipient, _), count in Counter((r, 0) for r, _ in leaving).items() if count == 1}
        candidates = sorted(single - self._picked - {ADMINISTRATOR} - self.office.answers.keys())
        chosen = self.random.sample(candidates, min(len(candidates), 4))
        match self.weather:
            case Weather.HUNG_UP:
                if self.expectation.is_quiet_between(self._at("07:10"), self._at("07:13")):
                    self.office.hang_up_after = set(chosen)
                    self.may_be_doubled |= set(chosen)
            case Weather.GREYLISTED:
                self.office.answers |= dict.fromkeys(chosen, "451 4.7.1 greylisted, try again later")
            case Weather.REFUSED:
                self._picked |= set(chosen[:1])
                self.office.answers |= dict.fromkeys(chosen[:1], "554 5.7.1 rejected by policy")
            case _:
                self._picked |= set(chosen[:1])
                self.office.answers |= dict.fromkeys(chosen[:1], "550 5.1.1 no such user")
        self._send("07:10")
        if self.weather is Weather.NO_SUCH_MAILBOX:
            if chosen:
                self.expectation.dead.add(chosen[0])
                assert self.queue.take() == [ScanExpiriesJob()], self._told("nobody looks whom to tell instead")
                self._scan("07:10")
                self._send("07:11")
            return
        for recipient in chosen:
            self.office.answers.pop(recipient, None)
        self._send("07:13")

    def _send_and_die(self, clock_time: str) -> None:
        at = self._at(clock_time)
        later = at + LEASE + timedelta(seconds=1)
        leaving = self.expectation.leaving(at)
        if len(leaving) < 8 or not self.expectation.is_quiet_between(at, later):
            self._send(clock_time)
            return
        self.seen["killed"] += 1
        self.expectation.withdraw(at)
        self.seen["superseded"] += self.expectation.supersede(at)
        leaving = self.expectation.leaving(later)
        before = len(self.office.arrived)
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([__name__])
        process = context.Process(target=send_in_child, args=(self.runtime.settings, FakeClock(at)))
        self.office.kill_at, self.office.victim = self.random.randint(1, len(leaving) - 4), process
        process.start()
        process.join(120)
        assert process.exitcode == -signal.SIGKILL
        self.clock.at = later
        self.office.victim = None
        send_outbox(self.runtime)
        received: dict[Envelope, list[list[int]]] = {}
        for arrival in self.office.arrived[before:]:
            received.setdefault(self._receive(arrival), []).append(arrival.certificates)
        assert received.keys() == {envelope for envelope, keys in leaving.items() if keys}
        doubled = [envelope for envelope, copies in received.items() if len(copies) > 1]
        assert 1 <= len(doubled) <= self.runtime.settings.smtp_connections
        self.may_be_doubled |= {recipient for recipient, _ in doubled}
        for envelope, copies in received.items():
            assert all(copy == leaving[envelope][:LISTED] for copy in copies)
            assert len(copies) <= 2
        for envelope in leaving:
            self.expectation.settle(envelope)

    def _answer(self, clock_time: str) -> None:
        """Somebody uses the link of one of the latest mails, if anybody does today."""
        if not self.office.arrived or self.random.random() < 0.6:
            return
        self.clock.at = at = self._at(clock_time)
        text = self.random.choice(self.office.arrived[-60:]).text
        link = next(line.strip() for line in text.splitlines() if re.search(r"/acknowledge\?", line))
        token = parse_qs(urlsplit(link).query)["token"][0]
        with self.runtime.database.write() as uow:
            mail = find_acknowledgeable(uow, token, self.runtime.settings)
            keys = [line.line.certificate_id for line in mail.lines]
            if not keys:
                return
            chosen = tuple(self.random.sample(keys, self.random.randint(1, len(keys))))
            requested_on = self.today if self.random.random() < 0.5 else None
            remind_on = self.today + timedelta(days=self.random.randint(1, 60))
            record_acknowledgement(uow, mail, Acknowledgement(chosen, requested_on, remind_on))
        for key in chosen:
            self.expectation.answer(key, at, remind_on)
        self.seen["answers"] += len(chosen)

    # The end

    def close(self) -> None:
        """What is on record is what the rules say, and nothing arrived twice that need not have."""
        assert self.expectation.on_record() == find_record(self.runtime), self._difference()
        for message_id, count in self.copies.items():
            recipient = self._envelopes[message_id][0]
            assert count == 1 or (count == 2 and recipient in self.may_be_doubled), (recipient, count)


def find_record(runtime: Runtime) -> set[tuple[int, str, int, date | None]]:
    """Certificate, recipient, step and day of the mail of every notice; none is there twice."""
    with runtime.database.read() as uow:
        query = select(ExpiryNoticeRow, MailRow).outerjoin(MailRow, col(MailRow.id) == col(ExpiryNoticeRow.mail_id))
        rows = uow.session.exec(query).all()
    found: set[tuple[int, str, int, date | None]] = {
        (notice.certificate_id, notice.recipient, notice.step_days, mail.day if mail is not None else None)
        for notice, mail in rows
    }
    assert len(found) == len(rows)
    return found
