"""Dates of PDF and the claims of signers."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certs.validation.times import parse_pdf_date

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("text", "local", "offset"),
    [
        ("D:20250124171949+07'00'", datetime(2025, 1, 24, 17, 19, 49, tzinfo=UTC), 7 * HOUR),
        ("D:20250124171949+07'00", datetime(2025, 1, 24, 17, 19, 49, tzinfo=UTC), 7 * HOUR),
        ("D:20250124171949-03'30'", datetime(2025, 1, 24, 17, 19, 49, tzinfo=UTC), -3.5 * HOUR),
        ("D:20250124171949Z", datetime(2025, 1, 24, 17, 19, 49, tzinfo=UTC), timedelta(0)),
        ("D:20250124171949", datetime(2025, 1, 24, 17, 19, 49, tzinfo=UTC), None),
        ("20250124", datetime(2025, 1, 24, tzinfo=UTC), None),
        ("D:2025", datetime(2025, 1, 1, tzinfo=UTC), None),
    ],
)
def test_dates_are_read(text, local, offset):
    date = parse_pdf_date(text)
    assert (date.local, date.offset) == (local, offset)
    assert date.time == (None if offset is None else local - offset)


@pytest.mark.parametrize("text", [None, "", "yesterday", "D:20251399", "D:00010101000000+07'00'"])
def test_what_is_no_date_is_none(text):
    assert parse_pdf_date(text) is None


@given(st.text(alphabet="D:0123456789Z+-' ", max_size=30))
def test_any_text_gives_a_date_or_none(text):
    date = parse_pdf_date(text)
    assert date is None or date.local.tzinfo is UTC
