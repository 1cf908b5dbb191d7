"""The plan of the province: figures, dates and names, without a certificate being made."""

import itertools
from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest

from registry.agencies.tables import AgencyLevel
from registry.certificates.tables import CertificateEventKind, CertificateStatus, SubscriberKind
from registry.clock import FOREVER, end_of_day, local_day, start_of_day
from registry.demo.province.documents.cast import choose_cast, revocation_of
from registry.demo.province.drafts import Generation
from registry.demo.province.plan import Plan, plan_province
from registry.demo.province.subjects import subject_of
from registry.demo.province.timeline import history_of

END_OF_2016 = date(2016, 12, 31)
TODAYS = [
    date(2026, 1, 1),
    date(2026, 6, 30),
    date(2026, 11, 23),
    date(2027, 3, 1),
    date(2027, 9, 15),
    date(2028, 2, 29),
    date(2029, 7, 15),
    date(2030, 10, 10),
    date(2033, 12, 31),
    date(2041, 5, 5),
]


@pytest.fixture(scope="module")
def plan() -> Plan:
    return plan_province(date(2026, 11, 23))


@pytest.fixture(scope="module", params=TODAYS, ids=str)
def any_plan(request: pytest.FixtureRequest) -> Plan:
    return plan_province(request.param)


def _numbers(plan: Plan, day: date) -> dict[str, int]:
    existing = [agency for agency in plan.agencies if agency.exists_on(day)]
    return dict(Counter(agency.state_on(day).level.value for agency in existing))


def test_the_administration_has_its_real_size_through_the_mergers(plan: Plan):
    assert _numbers(plan, END_OF_2016) == {
        "province": 20,
        "district": 10,
        "subordinate": 121,
        "commune": 230,
        "school": 850,
    }
    communes = [_numbers(plan, day)["commune"] for day in (date(2020, 1, 1), date(2025, 1, 1), date(2025, 7, 1))]
    assert communes == [209, 192, 58]
    assert _numbers(plan, date(2025, 2, 19))["province"] == 16
    assert "district" not in _numbers(plan, date(2025, 7, 1))


def test_communes_of_2016_are_of_three_kinds(plan: Plan):
    communes = [
        agency.state_on(END_OF_2016).name
        for agency in plan.agencies
        if agency.exists_on(END_OF_2016) and agency.state_on(END_OF_2016).level is AgencyLevel.COMMUNE
    ]
    kinds = Counter(
        next(kind for kind in ("phường", "thị trấn", "xã") if name.startswith(f"Ủy ban nhân dân {kind} "))
        for name in communes
    )
    assert kinds == {"xã": 204, "phường": 10, "thị trấn": 16}


def test_the_tree_is_whole_on_every_day(plan: Plan):
    by_id = {agency.id: agency for agency in plan.agencies}
    for agency in plan.agencies:
        for period in agency.periods:
            assert period.until is None or period.since < period.until
            if period.state.parent is not None:
                parent = by_id[period.state.parent]
                assert parent.exists_on(period.since), agency.code
                assert parent.ended is None or (period.until is not None and period.until <= parent.ended), agency.code
                assert all(each.state.parent is None for each in parent.periods)
        for before, after in zip(agency.periods, agency.periods[1:], strict=False):
            assert before.until == after.since
    assert len({agency.code for agency in plan.agencies}) == len(plan.agencies)
    assert all(period.state.email.endswith(".example") for agency in plan.agencies for period in agency.periods)


def test_who_ended_has_a_successor_or_was_dissolved(plan: Plan):
    for agency in plan.agencies:
        if agency.ended is not None:
            assert agency.events[-1].kind.value == ("merged" if agency.successors else "dissolved"), agency.code
            assert all(plan.agencies[number - 1].exists_on(agency.ended) for number in agency.successors)


def test_the_figures_of_the_report_on_2016(any_plan: Plan):
    days = [local_day(draft.issued_at) for draft in any_plan.drafts]
    assert sum(day <= END_OF_2016 for day in days) == 2098
    assert sum(day.year == 2016 for day in days) == 1171


def test_every_agency_of_2016_has_a_valid_certificate_of_its_own(plan: Plan):
    at = end_of_day(END_OF_2016)
    covered = {
        draft.agency.id
        for draft in plan.drafts
        if draft.subscriber.kind is SubscriberKind.ORGANISATION
        and draft.issued_at <= at <= draft.not_after
        and ((revocation := revocation_of(draft)) is None or revocation[0] > at)
    }
    assert covered == {agency.id for agency in plan.agencies if agency.exists_on(END_OF_2016)}


def test_fifty_to_two_hundred_expire_in_the_next_ninety_days_and_some_just_did(any_plan: Plan):
    today, now = any_plan.today, start_of_day(any_plan.today)
    unreplaced = [draft for draft in any_plan.drafts if draft.is_open_at(now)]
    due = sum(now <= draft.not_after < now + timedelta(days=90) for draft in unreplaced)
    expired = sum(today - timedelta(days=60) <= draft.expires < today for draft in unreplaced)
    assert 50 <= due <= 200
    assert expired >= 3


def test_lifetimes_and_generations_follow_the_year(plan: Plan):
    for draft in plan.drafts:
        year, days = local_day(draft.issued_at).year, (draft.not_after - draft.issued_at).days
        if draft.origin is CertificateEventKind.EXTENDED:
            assert days == 3 * 365
        else:
            assert days == (3650 if year == 2016 else 1825)
        assert draft.generation is (Generation.G1 if year <= 2016 else Generation.G2)


def test_nothing_lies_in_the_future_and_no_agency_gets_a_certificate_after_its_end(any_plan: Plan):
    now = start_of_day(any_plan.today)
    for draft in any_plan.drafts:
        day = local_day(draft.issued_at)
        assert draft.issued_at < now
        assert draft.agency.exists_on(day), (draft.agency.code, day)
        assert all(change.at < now for change in draft.changes)


def test_periods_follow_one_another_and_tell_what_the_events_did(plan: Plan):
    for draft in plan.drafts:
        changes, periods = history_of(draft)
        assert periods[0].effective_from == draft.issued_at
        assert periods[-1].effective_until == FOREVER
        assert [period.effective_from for period in periods[1:]] == [change.at for change in changes]
        for before, after in itertools.pairwise(periods):
            assert before.effective_from < before.effective_until == after.effective_from
            assert before.status is not CertificateStatus.REVOKED or after.status is CertificateStatus.REVOKED
        assert (periods[-1].status is CertificateStatus.REVOKED) == (periods[-1].revocation_reason is not None)


def test_what_takes_a_place_comes_later_and_closes_the_old_one(plan: Plan):
    for draft in plan.drafts:
        if draft.replaces is not None:
            assert draft.replaces.issued_at < draft.issued_at
            assert history_of(draft.replaces)[1][-1].is_replaced
        assert draft.origin is CertificateEventKind.ISSUED or draft.replaces is not None


def test_the_mergers_leave_a_few_certificates_that_name_an_agency_that_is_no_more(plan: Plan):
    now = start_of_day(plan.today)
    flagged = [
        draft
        for draft in plan.drafts
        if draft.agency.ended is not None and draft.is_open_at(now) and draft.not_after > now
    ]
    assert 5 <= len(flagged) <= 100


def test_one_certificate_of_several_merged_bodies_is_changed_and_the_others_are_revoked(plan: Plan):
    communes = [agency for agency in plan.agencies if agency.established == date(2025, 7, 1)]
    assert len(communes) == 58
    inherited = 0
    for commune in communes:
        own = [draft for draft in plan.drafts if draft.agency is commune and draft.replaces is not None]
        inherited += any(
            draft.origin is CertificateEventKind.CONTENT_CHANGED
            and draft.replaces is not None
            and draft.replaces.agency.id == commune.heir_of
            and draft.subscriber.kind is SubscriberKind.ORGANISATION
            for draft in own
        )
    assert inherited >= 55


def test_the_same_day_gives_the_same_plan_and_a_later_day_the_same_past(plan: Plan):
    def told(drafts):
        return [(d.issued_at, d.not_after, d.agency.code, d.subscriber.email, d.medium, d.origin) for d in drafts]

    assert told(plan_province(plan.today).drafts) == told(plan.drafts)
    past = datetime(2026, 9, 1, tzinfo=UTC)  # the last weeks hold renewals ahead of time, which depend on the day
    later = plan_province(plan.today + timedelta(days=30))
    assert [row[:3] for row in told(later.drafts) if row[0] < past] == [
        row[:3] for row in told(plan.drafts) if row[0] < past
    ]


def test_subjects_follow_the_generation(plan: Plan):
    first = next(draft for draft in plan.drafts if draft.subscriber.holder.startswith("Trường Tiểu học"))
    assert [name for name, _ in subject_of(first, plan.agencies)] == ["C", "O", "OU", "L", "CN"]
    schools = [d for d in plan.drafts if d.agency is first.agency and d.generation is Generation.G2]
    own = next(draft for draft in schools if draft.subscriber.kind is SubscriberKind.ORGANISATION)
    subject = subject_of(own, plan.agencies)
    assert [name for name, _ in subject] == ["C", "L", "O", "OU", "CN", "UID", "UID"]
    assert all(value == value.upper() for name, value in subject if name in ("O", "OU", "CN"))
    assert subject[-2][1].startswith("MST:24")
    assert subject[-1][1].startswith("MNS:")


def test_a_cast_for_the_documents_is_found_on_any_day(any_plan: Plan):
    cast = choose_cast(any_plan)
    at = cast.at(9, 12)
    assert cast.evidence_at < start_of_day(any_plan.today)
    assert cast.day.weekday() < 5
    for draft in (cast.head, cast.body):
        assert draft.issued_at < at < draft.not_after
        assert draft.generation is Generation.G2
    revoked_at, _ = revocation_of(cast.former) or (None, None)
    assert revoked_at is not None
    assert revoked_at < at < cast.former.not_after
