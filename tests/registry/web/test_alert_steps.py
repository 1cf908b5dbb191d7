"""An agency's own reminders, set on its page, followed by the units below it, and kept with who set them."""

from collections.abc import Callable
from html import unescape

import pytest

from registry.alerts.steps.service import agency_steps
from registry.runtime import Runtime
from registry.settings import Settings
from tests.factories.agencies import EVERYTHING
from tests.registry.web.browsing import Browser
from tests.registry.web.conftest import SmallRegister

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
WORDS = "trước 90 ngày, trước 60 ngày, trước 45 ngày, trước 30 ngày, trước 14 ngày, trước 7 ngày, trước 1 ngày, "


def text_of(browser: Browser, address: str) -> str:
    answer = browser.get(address)
    assert answer.status_code == 200
    return " ".join(unescape(answer.text).split())


def own(runtime: Runtime, agency_id: int) -> tuple[int, ...] | None:
    with runtime.database.read() as uow:
        return agency_steps(uow, EVERYTHING, runtime.settings, agency_id).own


def test_an_officer_sets_the_reminders_of_the_own_department(
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime
) -> None:
    browser, address = signed_in("yte"), f"/agencies/{register.health}/alert-steps"
    assert f"{WORDS}đúng ngày hết hạn, sau khi hết hạn 7 ngày" in text_of(browser, address)
    assert "Theo lịch nhắc chung của tỉnh." in text_of(browser, address)
    assert f'href="{address}"' in browser.get(f"/agencies/{register.health}").text

    token = browser.token("/verify")
    answer = browser.post(address, {"before": "120; 45 , 0", "after": "3"}, token=token)
    assert (answer.status_code, answer.headers["location"]) == (303, f"{address}?done=1")
    assert own(runtime, register.health) == (120, 45, 0, -3)
    shown = text_of(browser, f"{address}?done=1")
    assert "Đã lưu, áp dụng từ lần rà soát tới." in shown
    assert "trước 120 ngày, trước 45 ngày, trước 30 ngày, đúng ngày hết hạn, sau khi hết hạn 3 ngày" in shown
    assert 'value="120, 45, 0"' in shown

    below = text_of(browser, f"/agencies/{register.hospital}/alert-steps")
    assert "Theo lịch nhắc của cơ quan cấp trên:" in below
    assert f'href="{address}"' in below
    assert "trước 120 ngày" in below

    assert browser.post(address, {"follow": "1", "before": "quên"}, token=token).status_code == 303
    assert own(runtime, register.health) is None
    with runtime.database.read() as uow:
        changes = agency_steps(uow, EVERYTHING, runtime.settings, register.health).changes
    assert [(change.steps, change.actor) for change in changes] == [(None, "yte"), ((120, 45, 0, -3), "yte")]


@ON_SQLITE
@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("", "", "Hãy nhập ít nhất một mốc nhắc"),
        ("90, ba mươi", "", "“ba” không phải là số ngày"),
        ("-5", "", "“-5” không phải là số ngày"),
        ("500", "", "Số ngày 500 nằm ngoài khoảng cho phép: từ 0 đến 400."),
        ("30", "0", "Số ngày 0 nằm ngoài khoảng cho phép: từ 1 đến 60."),
        (", ".join(map(str, range(21))), "", "Có 21 mốc nhắc, nhiều nhất là 20."),
        ("<script>", "", "“<script>” không phải là số ngày"),
    ],
)
def test_what_cannot_be_is_said_beside_the_field_and_stays_typed(  # noqa: PLR0917 (fixtures and cases)
    signed_in: Callable[[str], Browser], register: SmallRegister, runtime: Runtime, before: str, after: str, said: str
) -> None:
    browser, address = signed_in("yte"), f"/agencies/{register.health}/alert-steps"
    answer = browser.post(address, {"before": before, "after": after}, token=browser.token("/verify"))
    assert answer.status_code == 422
    assert said in unescape(answer.text)
    assert f'value="{before}"' in unescape(answer.text)
    assert "<script>" not in answer.text.replace("<script src", "")
    assert own(runtime, register.health) is None


@ON_SQLITE
def test_who_only_reads_sees_no_form(signed_in: Callable[[str], Browser], register: SmallRegister) -> None:
    page = signed_in("kiemtoan").get(f"/agencies/{register.health}/alert-steps").text
    assert "Lưu lịch nhắc" not in page
    assert "Đang áp dụng" in page


@ON_SQLITE
def test_kinds_with_steps_of_their_own_are_told_apart(register: SmallRegister, runtime: Runtime) -> None:
    settings: Settings = runtime.settings.model_copy(update={"alert_steps_days_by_kind": {"device": (10,)}})
    with runtime.database.read() as uow:
        steps = agency_steps(uow, EVERYTHING, settings, register.health)
    assert steps.in_force["device"] == (30, 10)  # type: ignore[index]
    assert steps.in_force["person"][0] == 90  # type: ignore[index]
