import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.text import LegacyEncoding, convert_legacy, first_word_of_key, fold, normalise, recognise_legacy, sort_key

PLACES = [
    "Bắc Giang",
    "Hà Nội",
    "Ủy ban nhân dân huyện Lạng Giang",
    "Nguyễn Thị Tuyết Nhung",
    "Đặng Trần Đức",
    "Trường Trung học cơ sở Quỳnh Sơn",
    "SỞ LAO ĐỘNG - THƯƠNG BINH VÀ XÃ HỘI",
    "thị trấn Vôi",
    "xã Đồng Kỳ",
    "Phường Thọ Xương",
    "Phó Chủ tịch Hội đồng",
    "Lục Ngạn",
    "Yên Dũng",
]

vietnamese = st.text(alphabet=st.sampled_from("aàảãáạăằắẳẵặâầẩẫấậđĐêếIÍyỳơỡưựxX -09"), max_size=30)
anything = st.text(max_size=40)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("bac giang", "Bắc Giang"),
        ("dinh", "Đinh"),
        ("dinh", "\u00d0inh"),  # eth, which some keyboards give for Đ
        ("uy ban", "Uỷ  ban"),
        ("hoa", "HÒA"),
        ("quan 1", "ＱＵẬＮ １"),
        ("ban", "b\u200ba\u00adn"),
        ("a b", "\ta\u00a0b\n"),
    ],
)
def test_search_key_ignores_case_marks_and_invisible_characters(typed, stored):
    assert fold(stored) == fold(typed) == typed


@settings(deadline=None)
@given(anything)
def test_search_key_is_one_key_for_every_unicode_form(text):
    assert fold(unicodedata.normalize("NFC", text)) == fold(unicodedata.normalize("NFD", text)) == fold(text)


@settings(deadline=None)
@given(anything)
def test_search_key_is_stable_and_holds_nothing_a_database_refuses(text):
    key = fold(text)
    assert fold(key) == key
    assert key == " ".join(key.split())
    assert "\x00" not in key


@settings(deadline=None)
@given(st.text(st.characters(max_codepoint=0x1EFF), max_size=20))
def test_one_strange_character_does_not_change_the_key_of_the_rest(text):
    assert fold(f"{text} 北") == f"{fold(text)} 北".strip()


def test_code_page_1258_text_finds_the_same_row():
    stored = "Nguyễn Đức Huệ"
    assert fold(unicodedata.normalize("NFD", stored).replace("e\u0302", "ê")) == fold(stored)


def test_order_is_vietnamese():
    words = list("aAàảãáạăằặâậbdđeêoôơuưyz")
    shuffled = words[::-1]
    assert sorted(shuffled, key=sort_key) == words


def test_tones_count_only_when_letters_are_equal():
    names = ["Bà Rịa", "Ba Vì", "Bá Thước"]
    assert sorted(names, key=sort_key) == ["Bà Rịa", "Bá Thước", "Ba Vì"]


def test_order_puts_numbers_before_letters_and_short_before_long():
    names = ["Xã 2", "Xã", "Xã An", "Xã - Phường"]
    assert sorted(names, key=sort_key) == ["Xã", "Xã - Phường", "Xã 2", "Xã An"]


@settings(deadline=None)
@given(vietnamese, vietnamese)
def test_order_agrees_with_equality_and_unicode_form(left, right):
    assert sort_key(left) == sort_key(unicodedata.normalize("NFD", left))
    if sort_key(left) == sort_key(right):
        assert fold(left) == fold(right)


@settings(deadline=None)
@given(anything)
def test_normalised_text_is_a_fixed_point(text):
    once = normalise(text)
    assert normalise(once) == once
    assert fold(once) == fold(text)


def _as_tcvn3(text):
    pairs = {chr(code): convert_legacy(chr(code), LegacyEncoding.TCVN3) for code in range(0xA1, 0x100)}
    typed = {meant: code for code, meant in pairs.items()}
    return "".join(typed.get(c, c) for c in text)


@pytest.mark.parametrize("text", PLACES)
def test_right_text_is_left_alone(text):
    assert recognise_legacy(text) is None


@pytest.mark.parametrize("text", [place for place in PLACES if not place.isupper()])
def test_tcvn3_is_recognised_and_converted(text):
    found = recognise_legacy(_as_tcvn3(text))
    assert found is not None
    assert (found.encoding, found.converted, found.original) == (LegacyEncoding.TCVN3, text, _as_tcvn3(text))


@pytest.mark.parametrize("text", PLACES)
def test_utf8_read_as_windows_text_is_recognised(text):
    broken = "".join(bytes([b]).decode("cp1252", errors="replace") for b in text.encode())
    broken = "".join(chr(b) if c == "\ufffd" else c for b, c in zip(text.encode(), broken, strict=True))
    found = recognise_legacy(broken)
    assert found is not None
    assert (found.encoding, found.converted) == (LegacyEncoding.UTF8, text)


@pytest.mark.parametrize(
    ("typed", "encoding", "meant"),
    [
        ("UBND TØNH B¾C GIANG", LegacyEncoding.TCVN3, "UBND TỈNH BẮC GIANG"),
        ("BÖNH VIÖN §A KHOA HUYÖN LôC NG¹N", LegacyEncoding.TCVN3, "BỆNH VIỆN ĐA KHOA HUYỆN LỤC NGẠN"),
        ("Nguyeãn Vaên Ñöùc", LegacyEncoding.VNI, "Nguyễn Văn Đức"),
        ("UÛY BAN NHAÂN DAÂN HUYEÄN", LegacyEncoding.VNI, "ỦY BAN NHÂN DÂN HUYỆN"),
        ("Sôû Giaùo duïc vaø Ñaøo taïo", LegacyEncoding.VNI, "Sở Giáo dục và Đào tạo"),
        ("NguyêÞn Thiò Hýõng", LegacyEncoding.CP1258, "Nguyễn Thị Hương"),
    ],
)
def test_other_encodings_are_recognised_and_converted(typed, encoding, meant):
    found = recognise_legacy(typed)
    assert found is not None
    assert (found.encoding, found.converted) == (encoding, meant)


def test_decomposed_text_is_proposed_composed():
    found = recognise_legacy(unicodedata.normalize("NFD", "Hiệp Hòa"))
    assert found is not None
    assert (found.encoding, found.converted) == (LegacyEncoding.DECOMPOSED, "Hiệp Hòa")


@pytest.mark.parametrize("text", ["", "UBND", "Café Zürich", "Bé", "José", "北京"])
def test_text_that_cannot_be_told_is_left_alone(text):
    assert recognise_legacy(text) is None


@settings(deadline=None)
@given(anything)
def test_recognition_never_fails_and_proposes_nfc(text):
    found = recognise_legacy(text)
    if found is not None:
        assert found.original == text
        assert found.converted != text
        assert unicodedata.is_normalized("NFC", found.converted)


@given(st.text(st.characters(codec="utf-8"), max_size=12) | st.text("nguyễNĐđ \u200b\u00a0\u0301-.1٣²ﬁ", max_size=8))
def test_the_first_word_that_a_sort_key_tells_is_that_of_the_folded_text(text: str) -> None:
    first_word = first_word_of_key(sort_key(text))
    if first_word is not None:
        folded = fold(text).split()[0]
        assert "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in folded) == first_word


def test_first_words_of_vietnamese_names_are_told() -> None:
    names = ("Nguyễn Văn An", "ĐẶNG", "Ủy ban nhân dân", "Trường THPT số 2", "Ơ", "Ðỗ")
    assert [first_word_of_key(sort_key(name)) for name in names] == ["nguyen", "dang", "uy", "truong", "o", "do"]
    assert first_word_of_key(sort_key("TT-HĐND xã")) is None
    assert first_word_of_key(sort_key("")) is None
