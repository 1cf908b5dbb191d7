"""How signatures look against Nghị định 30/2020/NĐ-CP: observations that change no conclusion."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from certs.messages import message
from certs.pdf.model import Appearance
from certs.validation import Evidence, ValidationPolicy, messages, validate_document
from certs.validation.appearance import describe_appearance
from tests.pki.authority import NOW, pki
from tests.pki.cms import signed_data
from tests.pki.documents import signed_pdf

PERSON_BOX, SEAL_BOX = (340.0, 100.0, 520.0, 200.0), (290.0, 90.0, 400.0, 210.0)


def judged(common_name):
    """A real report and signature of somebody with this name."""
    from certs.pdf import analyse_document

    entity = pki().intermediate.issue(common_name, label="appearance")
    data = signed_pdf(lambda content: signed_data(entity, content))
    evidence = Evidence.from_der(trust=[pki().root.der], certificates=[pki().intermediate.der])
    report = validate_document(data, policy=ValidationPolicy(), evidence=evidence, at=NOW)
    return analyse_document(data).signatures[0], report.signatures[0]


def looking(pair, rectangle=PERSON_BOX, *, has_image=True, transparent=True, page=1, text="", is_hidden=False):
    signature, report = pair
    appearance = Appearance(page, rectangle, (595.0, 842.0), has_image, transparent, is_hidden, text)
    return replace(signature, appearance=appearance), report


def codes(*pairs):
    return {m.code for m in describe_appearance(pairs).messages}


PERSON, AGENCY = judged("Nguyễn Văn An"), judged("ỦY BAN NHÂN DÂN XÃ THỬ NGHIỆM")


def test_a_person_and_then_the_agency_with_its_seal_on_the_left_is_complete():
    assert codes(looking(PERSON), looking(AGENCY, SEAL_BOX)) == {messages.LOOKS_COMPLETE}


def test_what_is_missing_is_said():
    assert messages.NO_AGENCY_SIGNATURE in codes(looking(PERSON))
    assert messages.NO_PERSON_SIGNATURE in codes(looking(AGENCY))


def test_the_agency_signs_last():
    assert messages.AGENCY_NOT_LAST in codes(looking(AGENCY, SEAL_BOX), looking(PERSON))


def test_a_seal_somewhere_else_is_noticed():
    for elsewhere in (looking(AGENCY, (20.0, 700.0, 90.0, 760.0)), looking(AGENCY, SEAL_BOX, page=2)):
        assert messages.SEAL_POSITION in codes(looking(PERSON), elsewhere)


def test_an_opaque_picture_and_a_missing_one_are_noticed():
    assert messages.IMAGE_OPAQUE in codes(looking(PERSON, transparent=False))
    assert messages.IMAGE_MISSING in codes(looking(PERSON, has_image=False))
    assert messages.IMAGE_MISSING not in codes(looking(PERSON, has_image=False, text="Ký bởi"))


def test_one_picture_of_an_agency_is_enough():
    number = looking(AGENCY, (100.0, 700.0, 130.0, 712.0), has_image=False)
    assert messages.IMAGE_MISSING not in codes(looking(PERSON), number, looking(AGENCY, SEAL_BOX))


def test_a_shown_time_that_differs_from_the_signed_one_is_noticed():
    from certs.validation.times import VIET_NAM

    signature, report = PERSON
    report = replace(report, claimed_signing_time=NOW)
    right = NOW.astimezone(VIET_NAM).strftime("%d/%m/%Y %H:%M:%S +07:00")
    assert messages.SHOWN_TIME_DIFFERS not in codes(looking((signature, report), text=f"Thời gian ký: {right}"))
    assert messages.SHOWN_TIME_DIFFERS in codes(looking((signature, report), text="Thời gian ký: 01/02/2020 08:00:00"))


@pytest.mark.parametrize(
    "shown",
    [
        "23/11/2026 15:05:09",
        "23-11-2026 15:06",
        "23/11/2026 3:05:09 CH",
        "11/23/2026 3:05:09 PM",
        "23/11/2026 03:05 PM",
    ],
)
def test_the_signed_time_in_the_ways_windows_writes_it_is_the_same_time(shown):
    signature, report = PERSON
    report = replace(report, claimed_signing_time=datetime(2026, 11, 23, 8, 5, 9, tzinfo=UTC))
    assert messages.SHOWN_TIME_DIFFERS not in codes(looking((signature, report), text=f"Ngày ký: {shown}"))


@pytest.mark.parametrize("shown", ["23/11/2026 3:05:09", "11/23/2026 15:05", "31/02/2026 15:05", "23/11/2026 3:05 SA"])
def test_other_times_differ(shown):
    signature, report = PERSON
    report = replace(report, claimed_signing_time=datetime(2026, 11, 23, 8, 5, 9, tzinfo=UTC))
    assert messages.SHOWN_TIME_DIFFERS in codes(looking((signature, report), text=f"Ngày ký: {shown}"))


def test_a_minute_that_ends_an_hour_is_near_the_next():
    signature, report = PERSON
    report = replace(report, claimed_signing_time=datetime(2026, 11, 23, 7, 59, 58, tzinfo=UTC))
    assert messages.SHOWN_TIME_DIFFERS not in codes(looking((signature, report), text="23/11/2026 15:00:00"))


def test_local_time_marked_as_utc_is_shown_as_it_was_meant():
    signature, report = PERSON
    note = message(messages.CLAIMED_TIME_IS_LOCAL, local="23/11/2026 15:05:09 +07:00")
    marked = datetime(2026, 11, 23, 15, 5, 9, tzinfo=UTC)
    report = replace(report, claimed_signing_time=marked, claimed_time_note=note)
    assert messages.SHOWN_TIME_DIFFERS not in codes(looking((signature, report), text="23/11/2026 15:05:09"))


def test_places_are_named_on_the_page():
    described = describe_appearance((looking(PERSON, (500.0, 800.0, 590.0, 840.0)),))
    assert described.signatures[0].position == "top-right"
    assert described.signatures[0].role == "person"
