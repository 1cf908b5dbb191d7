from datetime import UTC, date, datetime

import pytest

from registry.clock import FOREVER
from registry.web import formats
from registry.web.charts import ChartBar, ChartSeries, stacked_bars


def test_days_and_times_are_those_of_viet_nam() -> None:
    evening = datetime(2026, 11, 23, 17, 5, tzinfo=UTC)
    assert formats.format_moment(evening) == "24/11/2026 00:05 +07:00"
    assert formats.format_day(evening) == "24/11/2026"
    assert formats.format_day(date(2026, 11, 23)) == "23/11/2026"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (None, "—"),
        (FOREVER, "—"),
        ("2025-01-24T10:00:37Z", "24/01/2025 17:00 +07:00"),
        ("2025-01-24T10:00:37", "24/01/2025 10:00"),  # no zone was given, so none is claimed
        ("yesterday", "yesterday"),
    ],
)
def test_times_of_a_report(value: datetime | str | None, shown: str) -> None:
    assert formats.format_moment(value) == shown


def test_numbers() -> None:
    assert formats.format_count(2098, "vi") == "2.098"
    assert formats.format_count(2098, "en") == "2,098"
    assert formats.format_size(1_500_000, "vi") == "1,4 MB"
    assert formats.format_size(900, "vi") == "900 B"
    assert formats.group_in_fours("abcdef0123") == "abcd ef01 23"


@pytest.mark.parametrize(("share", "shown"), [(1.0, "100 %"), (0.9996, "99,9 %"), (0.5, "50 %"), (0.0, "0 %")])
def test_almost_all_is_not_all(share: float, shown: str) -> None:
    assert formats.format_share(share, "vi") == shown


def test_a_chart_is_links_without_script_or_style() -> None:
    bars = (ChartBar(3, "/certificates?kind=person&status=active", "Tháng 11: 3 <b>"), ChartBar(0, "/never", "none"))
    picture = stacked_bars(["11/26", "12/26"], [ChartSeries("Cá nhân", bars)], marked=0)
    assert 'href="/certificates?kind=person&amp;status=active"' in picture
    assert 'aria-label="Tháng 11: 3 &lt;b&gt;"' in picture
    assert 'class="marked">11/26' in picture
    assert "/never" not in picture
    for forbidden in ("<script", "<style", " style=", "xlink:href", "<!--"):
        assert forbidden not in picture


@pytest.mark.parametrize("highest", [0, 1, 4, 7, 40, 41, 97, 1234])
def test_the_scale_of_a_chart_reaches_its_highest_bar(highest: int) -> None:
    picture = stacked_bars(["11/26"], [ChartSeries("Cá nhân", (ChartBar(highest, "/", "x"),))], marked=0)
    assert 'role="group"' in picture
