"""An agency is chosen by its code or by words of a name that it, or what it took over from, has or had."""

from datetime import UTC, datetime

import pytest

from registry.accounts.tables import Role
from registry.accounts.viewer import Viewer
from registry.agencies.choosing import MOST_CHOICES, find_choices, find_meant, read_agency
from registry.agencies.schemas import AgencySubmission
from registry.agencies.service import rename_agency
from registry.agencies.succession import merge_agencies
from registry.agencies.tables import AgencyLevel
from registry.db.unit_of_work import Database
from registry.forms import FormReader
from tests.factories.agencies import agency_change, make_agency

EVERYTHING = Viewer.everything()
IN_2025 = datetime(2025, 7, 1, tzinfo=UTC)


@pytest.fixture
def agencies(database: Database) -> dict[str, int]:
    with database.write() as uow:
        county = make_agency(uow, "UBND huyện Lục Ngạn", code="H77.50")
        found = {
            "county": county,
            "health": make_agency(uow, "Sở Y tế", code="H77.14"),
            "hospital": make_agency(uow, "Bệnh viện Đa khoa", code="H77.14.1"),
            "culture": make_agency(uow, "Sở Văn hóa, Thể thao và Du lịch", code="H77.15"),
            "a": make_agency(uow, "UBND xã Hồng Giang", code="H77.50.1", parent_id=county),
            "b": make_agency(uow, "UBND xã Giáp Sơn", code="H77.50.2", parent_id=county),
        }
        rename_agency(uow, EVERYTHING, found["culture"], "Sở Văn hóa và Du lịch", agency_change(IN_2025))
        successor = AgencySubmission(code="H77.51", name="UBND xã Lục Ngạn", level=AgencyLevel.COMMUNE)
        found["merged"] = merge_agencies(uow, EVERYTHING, (found["a"], found["b"]), successor, agency_change(IN_2025))
    return found


def meant(database: Database, text: str, *, with_ended: bool = False) -> list[int]:
    with database.read() as uow:
        return [each.id for each in find_meant(uow, EVERYTHING, text, with_ended=with_ended)]


def test_a_text_means_an_agency_by_code_name_former_name_or_predecessor(
    database: Database, agencies: dict[str, int]
) -> None:
    expected = {
        "H77.14": "health",
        "H77.14 Sở Y tế": "health",
        "so y te": "health",
        "y tế": "health",
        "da khoa": "hospital",
        "thể thao": "culture",
        "hong giang": "merged",
        "UBND xã Lục Ngạn": "merged",
        "ubnd huyen luc ngan": "county",
        "H77.50.2": "b",
    }
    assert {text: meant(database, text) for text in expected} == {
        text: [agencies[name]] for text, name in expected.items()
    }
    assert sorted(meant(database, "luc ngan")) == sorted([agencies["county"], agencies["merged"]])
    assert meant(database, "khong co") == []
    assert meant(database, "  ") == []
    assert meant(database, "giap son", with_ended=True) == [agencies["b"]]


def test_a_choice_says_why_it_is_one(database: Database, agencies: dict[str, int]) -> None:
    with database.read() as uow:
        [culture] = find_choices(uow, EVERYTHING, "thể thao")
        [merged] = find_choices(uow, EVERYTHING, "giap son")
        [ended] = find_choices(uow, EVERYTHING, "giap son", with_ended=True)
    assert culture.because == "Sở Văn hóa, Thể thao và Du lịch"
    assert (merged.code, merged.because) == ("H77.51", "UBND xã Giáp Sơn")
    assert (ended.is_ended, ended.above) == (True, "UBND huyện Lục Ngạn")


def test_only_so_many_are_proposed_and_only_what_the_viewer_may_see(
    database: Database, agencies: dict[str, int]
) -> None:
    with database.write() as uow:
        for number in range(MOST_CHOICES + 3):
            make_agency(uow, f"Trường Tiểu học số {number}", parent_id=agencies["health"])
    officer = Viewer(user_id=1, role=Role.OFFICER, agency_path=f"/{agencies['health']}/")
    with database.read() as uow:
        assert len(find_choices(uow, EVERYTHING, "truong")) == MOST_CHOICES
        assert find_choices(uow, officer, "luc ngan") == ()
        assert [each.code for each in find_choices(uow, officer, "y te")] == ["H77.14"]


def test_a_field_that_is_not_clear_becomes_choices(database: Database, agencies: dict[str, int]) -> None:
    with database.read() as uow:
        reader = FormReader({"parent_id": "luc ngan"})
        assert read_agency(uow, EVERYTHING, reader, "parent_id") is None
        assert reader.problems["parent_id"].code == "agencies.choice_several"
        assert {each.code for each in reader.choices["parent_id"]} == {"H77.50", "H77.51"}
        chosen = FormReader({"parent_id": "luc ngan", "parent_id_choice": "H77.51 UBND xã Lục Ngạn"})
        assert read_agency(uow, EVERYTHING, chosen, "parent_id") == agencies["merged"]
        assert chosen.typed["parent_id"] == "H77.51 UBND xã Lục Ngạn"
        unknown = FormReader({"parent_id": "H99"})
        assert read_agency(uow, EVERYTHING, unknown, "parent_id") is None
        assert unknown.problems["parent_id"].code == "agencies.choice_unknown"
        assert read_agency(uow, EVERYTHING, FormReader({}), "parent_id") is None
        empty = FormReader({"parent_id": ""})
        assert read_agency(uow, EVERYTHING, empty, "parent_id", is_required=True) is None
        assert empty.problems["parent_id"].code == "forms.required"
