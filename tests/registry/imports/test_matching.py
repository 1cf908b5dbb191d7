"""Which agency is meant: the signals in the order of trust, and doubt where two of them contradict each other."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.clock import FOREVER
from registry.imports.matching import CERTAIN, AgencyIndex, AgencyName, Clues

FOUNDED = datetime(1997, 1, 1, tzinfo=UTC)
MERGED = datetime(2025, 3, 1, tzinfo=UTC)


def name(agency_id: int, text: str, parent: int | None = None, **more: object) -> AgencyName:
    values: dict[str, object] = {"effective_from": FOUNDED, "effective_until": FOREVER, **more}
    return AgencyName(agency_id=agency_id, code=f"H02.{agency_id}", name=text, parent_id=parent, **values)


NAMES = (
    name(1, "Sở Y tế", email="syt@bacgiang.example", tax_code="0100109106", budget_code="1034567"),
    name(2, "Sở Tài nguyên và Môi trường", effective_until=MERGED),
    name(2, "Sở Nông nghiệp và Môi trường", effective_from=MERGED),
    name(3, "Ủy ban nhân dân huyện Tân Yên"),
    name(4, "Ủy ban nhân dân huyện Yên Thế"),
    name(5, "Trường Tiểu học Tân Tiến", 3),
    name(6, "Trường Tiểu học Tân Tiến", 4),
    name(7, "Phòng Công chứng số 1", email="pcc1@tuphap.example"),
    name(8, "Phòng Công chứng số 2"),
    name(9, "Thanh tra tỉnh", effective_until=MERGED, address="Thành phố Bắc Giang, tỉnh Bắc Giang"),
    name(9, "Thanh tra tỉnh", effective_from=MERGED, address="Thành phố Bắc Giang, tỉnh Bắc Ninh"),
)
INDEX = AgencyIndex(NAMES, {"phong cu ky la": 7})


@pytest.mark.parametrize(
    ("clues", "agency", "is_certain"),
    [
        (Clues(bodies=("SỞ Y TẾ",)), 1, True),
        (Clues(bodies=("So Y te",)), 1, True),
        (Clues(bodies=("UBND HUYỆN TÂN YÊN",)), 3, True),
        (Clues(bodies=("Uỷ ban nhân dân huyện Tân Yên",)), 3, True),
        (Clues(bodies=("Tên bất kỳ",), tax_code="0100109106"), 1, True),
        (Clues(tax_code="100109106"), 1, True),
        (Clues(budget_code="1034567"), 1, True),
        (Clues(code="h02.4"), 4, True),
        (Clues(email="SYT@bacgiang.example"), 1, True),
        (Clues(email="nva@tuphap.example"), 7, False),
        (Clues(bodies=("Trường TH Tân Tiến", "UBND huyện Yên Thế")), 6, True),
        (Clues(bodies=("Trường Tiểu học Tân Tiến",)), 5, False),
        (Clues(bodies=("Phòng Văn thư", "Sở Y tế")), 1, False),
        (Clues(bodies=("Thanh tra tỉnh", "Ủy ban nhân dân tỉnh Bắc Giang")), 9, True),
        (Clues(bodies=("THANH TRA TỈNH", "UBND TỈNH BẮC NINH")), 9, True),
        (Clues(bodies=("Thanh tra tỉnh", "UBND tỉnh")), 9, True),
        (Clues(bodies=("Thanh tra tỉnh", "UBND tỉnh Lạng Sơn")), 9, False),
        (Clues(bodies=("Sở Y tế", "UBND tỉnh Bắc Giang")), 1, False),
        (Clues(bodies=("Sở Tài nguyên Môi trường",)), 2, False),
        (Clues(bodies=("Phòng cũ, kỳ lạ",)), 7, True),
        (Clues(bodies=("Phòng Công chứng số 3",)), None, False),
        (Clues(bodies=("Công ty Xa Lạ",)), None, False),
        (Clues(), None, False),
    ],
)
def test_proposals(*, clues: Clues, agency: int | None, is_certain: bool) -> None:
    proposal = INDEX.propose(clues)
    assert (proposal.agency_id, proposal.is_certain) == (agency, is_certain), proposal
    assert proposal.reason.text("vi")


def test_a_former_name_counts_as_long_as_it_held() -> None:
    then = INDEX.propose(Clues(bodies=("Sở Tài nguyên và Môi trường",), at=datetime(2016, 5, 1, tzinfo=UTC)))
    assert (then.agency_id, then.is_certain, then.reason.code) == (2, True, "imports.agency.former_name")
    now = INDEX.propose(Clues(bodies=("Sở Nông nghiệp và Môi trường",), at=datetime(2025, 5, 1, tzinfo=UTC)))
    assert (now.agency_id, now.reason.code) == (2, "imports.agency.name")


@pytest.mark.parametrize("at", [None, datetime(2016, 5, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)])
def test_a_name_that_is_kept_is_no_former_name(at: datetime | None) -> None:
    assert INDEX.propose(Clues(bodies=("Thanh tra tỉnh",), at=at)).reason.code == "imports.agency.name"


def test_a_name_below_another_body_says_why_it_is_doubtful() -> None:
    reason = INDEX.propose(Clues(bodies=("Thanh tra tỉnh", "UBND tỉnh Lạng Sơn"))).reason
    assert "UBND tỉnh Lạng Sơn" in reason.text("vi")


def test_evidence_for_two_agencies_is_doubtful() -> None:
    proposal = INDEX.propose(Clues(bodies=("Ủy ban nhân dân huyện Tân Yên",), tax_code="0100109106"))
    assert proposal.agency_id is not None
    assert proposal.score < CERTAIN


@settings(max_examples=100, deadline=None)
@given(bodies=st.lists(st.text(max_size=40), max_size=4), email=st.none() | st.text(max_size=40))
def test_any_clues_have_an_answer(bodies: list[str], email: str | None) -> None:
    clues = Clues(bodies=tuple(bodies), email=email)
    proposal = INDEX.propose(clues)
    assert proposal == INDEX.propose(clues)
    assert 0 <= proposal.score <= 100
    assert proposal.agency_id is None or proposal.agency_id in INDEX.agency_ids
