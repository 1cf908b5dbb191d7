"""The filters of the list of certificates: typed as people write, and none of them lost when another is added."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from registry.agencies.tables import AgencyLevel
from registry.runtime import Runtime
from tests.factories.agencies import make_agency
from tests.registry.web.browsing import Browser
from tests.registry.web.conftest import SmallRegister

SignIn = Callable[[str], Browser]


def test_days_are_typed_as_they_are_written_here(signed_in: SignIn) -> None:
    browser = signed_in("quantri")
    for written in (
        "31/12/2016",
        "2016-12-31",
        "31-12-2016",
        "31.12.16",
        "31 / 12 / 2016",
        "ngày 31 tháng 12 năm 2016",
    ):
        shown = browser.get(f"/certificates?as_of={written}").text
        assert "Bạn đang xem sổ đăng ký tại ngày 31/12/2016" in shown
        assert 'id="as_of" name="as_of" value="31/12/2016"' in shown
    assert 'type="date"' not in shown, "its order of day and month is that of the machine's language"
    assert browser.get("/agencies?as_of=31/12/2016").status_code == 200


def test_what_cannot_be_read_stays_as_it_was_typed_beside_the_other_filters(signed_in: SignIn) -> None:
    browser = signed_in("quantri")
    sent = browser.get("/certificates?expires_from=31/02/2027&as_of=thang+9&expiring=90+ngay&medium=sim")
    assert sent.status_code == 422
    for name, typed in (("expires_from", "31/02/2027"), ("as_of", "thang 9"), ("expiring", "90 ngay")):
        assert f'name="{name}" value="{typed}"' in sent.text
        assert f'id="{name}-error"' in sent.text
    assert "“31/02/2027” không phải là ngày" in sent.text
    assert 'name="medium" value="sim" checked' in sent.text
    for address in ("/agencies?as_of=Thang+9", "/agencies?as_of=Thang+9&level=commune"):
        asked = browser.get(address)
        assert asked.status_code == 422
        assert 'name="as_of" value="Thang 9"' in asked.text
        assert "“Thang 9” không phải là ngày" in asked.text
        assert 'id="as_of-error"' in asked.text


def test_an_agency_is_chosen_in_words_and_stands_in_the_address_by_its_number(
    signed_in: SignIn, register: SmallRegister
) -> None:
    browser = signed_in("quantri")
    sent = browser.get("/certificates?of=so+y+te&subtree=0&status=active&expires_until=01/02/2030&generation=demo-G1")
    assert sent.status_code == 303
    assert parse_qs(urlsplit(sent.headers["location"]).query) == {
        "agency": [str(register.health)],
        "subtree": ["0"],
        "status": ["active"],
        "expires_until": ["2030-02-01"],
        "generation": ["demo-G1"],
    }
    shown = browser.get(sent.headers["location"]).text
    assert 'Sở Y tế"' in shown
    assert 'name="generation" value="demo-G1" checked' in shown

    without = browser.get(f"/certificates?of=&agency={register.health}&subtree=0&status=active")
    assert without.headers["location"] == "/certificates?status=active"


def test_an_agency_that_is_not_clear_comes_back_to_choose_from(signed_in: SignIn, runtime: Runtime) -> None:
    with runtime.database.write() as uow:
        make_agency(uow, "Trạm Y tế xã Một", level=AgencyLevel.COMMUNE, code="H02.16.1")
        second = make_agency(uow, "Trạm Y tế xã Hai", level=AgencyLevel.COMMUNE, code="H02.16.2")
    browser = signed_in("quantri")
    asked = browser.get("/certificates?of=tram+y+te&medium=sim")
    assert asked.status_code == 422
    assert "Có 2 cơ quan phù hợp" in asked.text
    assert 'value="H02.16.2 Trạm Y tế xã Hai"' in asked.text
    assert 'name="medium" value="sim" checked' in asked.text
    chosen = browser.get("/certificates?of=tram+y+te&of_choice=H02.16.2+Trạm&medium=sim")
    assert chosen.headers["location"] == f"/certificates?agency={second}&medium=sim"


def test_what_the_form_has_no_field_for_is_kept(signed_in: SignIn) -> None:
    browser = signed_in("quantri")
    shown = browser.get("/certificates?event=revoked&event_from=2016-01-01&sort=-not_after&q=an").text
    form = shown[shown.index('class="filter-form"') :]
    for name, value in (("event", "revoked"), ("event_from", "2016-01-01"), ("sort", "-not_after"), ("q", "an")):
        assert f'<input type="hidden" name="{name}" value="{value}">' in form
