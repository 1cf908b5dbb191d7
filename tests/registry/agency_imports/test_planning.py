"""What would become of each row: recognised, compared, placed in the tree, or refused with the reason."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.agencies.tables import AgencyEventKind, AgencyLevel
from registry.agency_imports.histories import AgencyState, History, Stretch, place, state_at
from registry.agency_imports.planning import plan_import
from registry.agency_imports.plans import Options, Plan, Register
from registry.agency_imports.values import ListedAgency
from registry.clock import FOREVER, VIETNAM
from registry.imports.tables import ItemOutcome

EMPTY = Register({})


def day(year: int, month: int = 1, number: int = 1) -> datetime:
    return datetime(year, month, number, tzinfo=VIETNAM)


OPTIONS = Options(since=day(2020), effective_at=day(2026), legal_document="12/QĐ")


def row(code: str | None, name: str | None = None, **more: Any) -> ListedAgency:
    more.setdefault("has_parent_column", True)
    return ListedAgency(place=f"a.xlsx › {code}", code=code, name=name or f"Sở {code}", **more)


def held(name: str = "Sở Y tế", parent: str | None = None, since: datetime | None = None, **more: Any) -> History:
    state = AgencyState(name=name, level=AgencyLevel.PROVINCE, parent=parent, **more)
    return (Stretch(since or day(2000), FOREVER, state),)


def outcomes(plan: Plan) -> dict[str | None, ItemOutcome]:
    return {each.code: each.outcome for each in plan.rows}


def reasons(plan: Plan) -> dict[str | None, str]:
    return {each.code: each.reasons[0].code for each in plan.rows if each.outcome is ItemOutcome.REFUSED}


def test_rows_may_come_before_their_superior_and_name_it_by_code_or_name() -> None:
    rows = [
        row("C", "Trạm Y tế", parent="Bệnh viện"),
        row("B", "Bệnh viện", parent="A"),
        row("A", "Sở Y tế"),
    ]
    plan = plan_import(rows, EMPTY, OPTIONS)
    assert set(outcomes(plan).values()) == {ItemOutcome.NEW}
    assert [each.ancestors for each in place(plan.histories, "C")] == [("A", "B")]
    assert state_at(plan.histories["B"], day(2021)) is not None
    assert [event.kind for event in plan.events] == [AgencyEventKind.ESTABLISHED] * 3
    assert {event.document for event in plan.events} == {"12/QĐ"}


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        ([row("A", parent="Z")], {"A": "agency_imports.unknown_superior"}),
        (
            [row("A", parent="B"), row("B", parent="A")],
            {"A": "agency_imports.loop", "B": "agency_imports.loop"},
        ),
        ([row("A", parent="A")], {"A": "agency_imports.loop"}),
        ([row("A"), row("A", "Sở khác")], {"A": "agency_imports.code_twice"}),
        ([row("A", since=day(2021), until=day(2021))], {"A": "agency_imports.backwards"}),
        (
            [row("A", "Phòng Một"), row("B", "Đội Hai", parent="A"), row("C", "Tổ Ba", parent="B")],
            {
                "A": "agency_imports.no_level",
                "B": "agency_imports.superior_refused",
                "C": "agency_imports.superior_absent",
            },
        ),
        (
            [row("A", "Sở Y tế"), row("B", "Trạm", parent="A"), row("C", "TRẠM", parent="A")],
            {"B": "agency_imports.name_twice", "C": "agency_imports.name_twice"},
        ),
        (
            [row("A", "Sở Một"), row("B", "Sở một"), row("C", "Trạm", parent="Sở Một")],
            {
                "A": "agency_imports.name_twice",
                "B": "agency_imports.name_twice",
                "C": "agency_imports.several_superiors",
            },
        ),
        ([row("A", unreadable=("since",))], {"A": "agency_imports.unreadable"}),
        ([row(None, "Sở Y tế")], {None: "agency_imports.no_code"}),
        ([row("A", successors=({"code": "Z"},), until=day(2025))], {"A": "agency_imports.unknown_successor"}),
    ],
)
def test_what_cannot_be_is_refused_with_the_reason(rows: list[ListedAgency], expected: dict[str, str]) -> None:
    plan = plan_import(rows, EMPTY, OPTIONS)
    found = reasons(plan)
    # What hangs on a refused row is refused too; which of the two reasons it names does not matter.
    for code, reason in expected.items():
        assert found[code] == reason or {found[code], reason} <= _HANGING, (code, found)
    assert set(found) == set(expected)
    assert not set(expected) & set(plan.histories)


_HANGING = {"agency_imports.superior_refused", "agency_imports.superior_absent"}


def test_a_known_agency_is_compared_and_its_changes_named() -> None:
    register = Register({"A": held(email="a@b.vn"), "B": held("Sở Nội vụ"), "C": held("Trung tâm", parent="A")})
    rows = [
        row("A", "SỞ Y TẾ"),
        row("B", "Sở Nội vụ và Lao động", email="new@b.vn", since=day(2025, 3)),
        row("C", "Trung tâm", parent="Sở Nội vụ và Lao động"),
    ]
    plan = plan_import(rows, register, OPTIONS)
    assert outcomes(plan) == {"A": ItemOutcome.KNOWN, "B": ItemOutcome.DIFFERS, "C": ItemOutcome.DIFFERS}
    changes = {each.code: [(one.field, one.new, one.at) for one in each.differences] for each in plan.rows}
    assert changes["B"] == [("name", "Sở Nội vụ và Lao động", day(2025, 3)), ("email", "new@b.vn", day(2025, 3))]
    assert changes["C"] == [("parent", "B", day(2026))]
    assert sorted(event.kind for event in plan.events) == ["contact_changed", "moved", "renamed"]
    assert state_at(plan.histories["B"], day(2025, 2)) == register.histories["B"][0].state
    assert plan_import(rows, register, OPTIONS, only_new=True).histories == {}


def test_an_agency_ends_only_when_nothing_is_left_below_it() -> None:
    register = Register({"A": held(), "B": held("Sở Nội vụ"), "C": held("Trung tâm", parent="A")})
    ending = row("A", until=day(2025), successors=({"code": "B"},), name="Sở Y tế")
    plan = plan_import([ending], register, OPTIONS)
    assert reasons(plan) == {"A": "agency_imports.has_units"}
    moved = row("C", "Trung tâm", parent="B", since=day(2025))
    plan = plan_import([ending, moved], register, OPTIONS)
    assert reasons(plan) == {}
    assert plan.successions == (("A", "B", day(2025)),)
    assert [event.kind for event in plan.events if event.code == "A"] == [AgencyEventKind.MERGED]


def test_a_known_agency_without_a_code_is_found_by_its_number_or_name() -> None:
    register = Register({"A": held(tax_code="2400"), "B": held("Sở Nội vụ")})
    rows = [row(None, "Tên khác", tax_code="2400"), row(None, "so noi vu"), row(None, "Sở Mới", tax_code="77")]
    plan = plan_import(rows, register, OPTIONS)
    assert [each.code for each in plan.rows] == ["A", "B", "77"]


def test_a_unit_older_than_its_superior_stands_at_the_top_until_then() -> None:
    rows = [row("X", "UBND xã Mới", since=day(2025, 7)), row("S", "Trường Tiểu học", parent="X", since=day(1990))]
    plan = plan_import(rows, EMPTY, OPTIONS)
    assert reasons(plan) == {}
    assert [each.ancestors for each in place(plan.histories, "S")] == [(), ("X",)]


def test_a_unit_that_ended_before_its_superior_began_is_known_afterwards() -> None:
    rows = [
        row("X", "UBND xã Mới", since=day(2025, 7)),
        row("S", "Trường Tiểu học", parent="X", since=day(1990), until=day(2025, 7)),
    ]
    plan = plan_import(rows, EMPTY, OPTIONS)
    later = plan_import(rows, Register(dict(plan.histories)), OPTIONS)
    assert [each.outcome for each in later.rows] == [ItemOutcome.KNOWN, ItemOutcome.KNOWN]


KNOWN = Register({"A": held("Sở Một", since=day(2020)), "B": held("Đội", parent="A", since=day(2020))})
CODES = ("A", "B", "C", "D", "E")


@st.composite
def lists(draw: st.DrawFn) -> list[ListedAgency]:
    rows = []
    for code in draw(st.lists(st.sampled_from(CODES), min_size=1, max_size=7)):
        since = draw(st.none() | st.integers(0, 3))
        until = draw(st.none() | st.integers(2, 5))
        rows.append(
            row(
                code,
                draw(st.sampled_from(("Sở Một", "Sở Hai", "Sở Ba"))),
                parent=draw(st.none() | st.sampled_from((*CODES, "Sở Ba"))),
                since=None if since is None else day(2020) + timedelta(days=since),
                until=None if until is None else day(2020) + timedelta(days=until),
            )
        )
    return rows


@given(rows=lists(), shuffled=st.randoms(use_true_random=False), register=st.sampled_from((EMPTY, KNOWN)))
@settings(deadline=None, max_examples=150)
def test_whatever_is_applied_is_a_tree_and_the_order_of_rows_does_not_matter(
    rows: list[ListedAgency], shuffled: Any, register: Register
) -> None:
    plan = plan_import(rows, register, OPTIONS)
    world = {**register.histories, **plan.histories}
    for code in world:
        pieces = place(world, code)
        assert all(code not in piece.ancestors for piece in pieces)
        assert pieces[0].since == world[code][0].since
        assert pieces[-1].until == world[code][-1].until
    refused = {each.code for each in plan.rows if each.outcome is ItemOutcome.REFUSED}
    assert not refused & set(plan.histories)
    other = list(rows)
    shuffled.shuffle(other)
    again = plan_import(other, register, OPTIONS)
    assert again.histories == plan.histories
    # What was applied is known afterwards.
    later = plan_import(rows, Register(world), OPTIONS)
    accepted = [each for each in later.rows if each.code not in refused]
    assert all(each.outcome is ItemOutcome.KNOWN for each in accepted if register is EMPTY)
