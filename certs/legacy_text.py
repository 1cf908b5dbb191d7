"""Vietnamese text from before Unicode: recognised, and converted as a proposal that a person confirms.

Lists from before 2018 or so hold text typed in 8-bit fonts (TCVN3, called ABC after its fonts `.VnTime`; VNI), text
whose bytes were read with the wrong code page, and letters split from their marks. A spreadsheet program hands all of
it over as ordinary characters of Windows-1252, and only the words tell: a converted word is believed when it is a
possible Vietnamese syllable and the original was not.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class LegacyEncoding(StrEnum):
    """How the text was written."""

    TCVN3 = "tcvn3"
    """TCVN 5712:1993 VN3, the fonts .VnTime (capitals: .VnTimeH): `Hµ Néi`."""
    VNI = "vni"
    """VNI for Windows, a letter followed by its marks: `Haø Noäi`."""
    CP1258 = "cp1258"
    """Windows-1258 bytes read as Windows-1252: `HaÌ Nôòi`."""
    UTF8 = "utf8"
    """UTF-8 bytes read as Windows-1252: `HÃ\xa0 Ná»™i`."""
    DECOMPOSED = "decomposed"
    """Unicode already, with marks apart from their letters."""


@dataclass(frozen=True, slots=True)
class LegacyText:
    """A proposal: this is how the text was probably written, and what it then says."""

    encoding: LegacyEncoding
    original: str
    converted: str


def recognise_legacy(text: str) -> LegacyText | None:
    """Recognise legacy text and propose its conversion; `None` for text that needs none or that cannot be told.

    A single short word can be right in two encodings (`Bé` is a word, and TCVN3 for `Bộ`): such text is left alone.
    Give a column of a list joined by line ends to recognise it as a whole, then `convert_legacy` each cell.
    """
    if text.isascii():
        return None
    composed = unicodedata.normalize("NFC", text)
    implausible = _implausible_words(composed)
    best: LegacyText | None = None
    for encoding in (LegacyEncoding.UTF8, LegacyEncoding.TCVN3, LegacyEncoding.VNI, LegacyEncoding.CP1258):
        try:
            converted = convert_legacy(composed, encoding)
        except ValueError:
            continue
        left = _implausible_words(converted)
        # Half of the words may be names of another language; but each word that is wrong now must have had a reason.
        if left < implausible and left * 2 <= implausible:
            implausible = left
            best = LegacyText(encoding, text, converted)
    if best is None and composed != text:
        return LegacyText(LegacyEncoding.DECOMPOSED, text, composed)
    return best


def is_eight_bit(text: str) -> bool:
    """Whether all letters of the text exist in an 8-bit font; what has others was typed in Unicode."""
    try:
        _windows_bytes(text)
    except UnicodeEncodeError:
        return False
    return True


def is_plausible(text: str) -> bool:
    """Whether every word with letters beyond ASCII is a possible Vietnamese syllable."""
    return _implausible_words(text) == 0


def convert_legacy(text: str, encoding: LegacyEncoding) -> str:
    """Convert text that is known to be of this encoding to NFC; raises `ValueError` when it cannot be."""
    match encoding:
        case LegacyEncoding.TCVN3:
            converted = _in_capitals_like(text, text.translate(_TCVN3))
        case LegacyEncoding.VNI:
            converted = _VNI_PATTERN.sub(lambda found: _VNI[found.group()], text)
        case LegacyEncoding.CP1258:
            converted = _windows_bytes(text).decode("cp1258")
        case LegacyEncoding.UTF8:
            converted = _windows_bytes(text).decode("utf-8")
        case LegacyEncoding.DECOMPOSED:
            converted = text
    return unicodedata.normalize("NFC", converted)


def _windows_bytes(text: str) -> bytes:
    """The bytes behind text read as Windows-1252, where its five holes are filled as browsers do (C1 controls)."""
    return b"".join(bytes([ord(c)]) if "\x80" <= c <= "\x9f" else c.encode("cp1252") for c in text)


# 0xA1 to 0xFF of TCVN 5712:1993. The capitals with tones belong to VN2; VN3 fonts leave their places empty.
_TCVN3: Final = dict(
    zip(
        range(0xA1, 0x100),
        "ĂÂÊÔƠƯĐăâêôơưđẰ\u0300\u0309\u0303\u0301\u0323àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ",
        strict=True,
    )
)


def _in_capitals_like(original: str, converted: str) -> str:
    """Put whole words in capitals where the typist did: the capital fonts have no codes of their own for `Ỉ` or `Ắ`."""
    words = []
    for before, after in zip(original.split(" "), converted.split(" "), strict=True):
        ascii_letters = [c for c in before if c.isascii() and c.isalpha()]
        typed_capital = bool(ascii_letters) and all(c.isupper() for c in ascii_letters)
        initial_only = len(ascii_letters) == 1 and before[:1].isupper() and len(after) > 1
        words.append(after.upper() if typed_capital and not initial_only else after)
    return " ".join(words)


def _vni_table() -> dict[str, str]:
    tones = {"ù": "\u0301", "ø": "\u0300", "û": "\u0309", "õ": "\u0303", "ï": "\u0323"}
    circumflex = {"â": "", "á": "\u0301", "à": "\u0300", "å": "\u0309", "ã": "\u0303", "ä": "\u0323"}
    breve = {"ê": "", "é": "\u0301", "è": "\u0300", "ú": "\u0309", "ü": "\u0303", "ë": "\u0323"}
    table = {"ô": "ơ", "ö": "ư", "ñ": "đ", "í": "í", "ì": "ì", "æ": "ỉ", "ó": "ĩ", "ò": "ị", "î": "ỵ"}
    table |= {vowel + mark: vowel + tone for vowel in "aeouy" for mark, tone in tones.items()}
    table |= {typed + mark: horned + tone for typed, horned in (("ô", "ơ"), ("ö", "ư")) for mark, tone in tones.items()}
    table |= {vowel + mark: vowel + "\u0302" + tone for vowel in "aeo" for mark, tone in circumflex.items()}
    table |= {"a" + mark: "a\u0306" + tone for mark, tone in breve.items()}
    composed = {typed: unicodedata.normalize("NFC", meant) for typed, meant in table.items()}
    capitals = {typed.upper(): meant.upper() for typed, meant in composed.items()}
    initials = {typed.capitalize(): meant.upper() for typed, meant in composed.items() if len(typed) > 1}
    return composed | initials | capitals


_VNI: Final = _vni_table()
_VNI_PATTERN: Final = re.compile("|".join(sorted(_VNI, key=len, reverse=True)))

# Every rime of Vietnamese without its tone; `ng`, `gi` and `qu` count as onsets.
_RIMES: Final = (
    "a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt â âc âm ân âng âp ât âu ây "
    "e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu "
    "o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oc oe oen oeo oet oi om on ong oong ooc "
    "op ot ô ôc ôi ôm ôn ông ôông ôp ôt ơ ơi ơm ơn ơp ơt u ua uân uâng uât uây uc uê uêch uên uênh uêt ui um un ung "
    "uôc uôi uôm uôn uông uôt uơ up ut uy uya uych uyên uyêt uynh uyp uyt uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn "
    "ương ươp ươt ươu ưt ưu y yêm yên yêng yêt yêu ych ynh yt"
).replace(" ", "|")
_SYLLABLE: Final = re.compile(f"(?:ngh|ng|nh|gh|gi|kh|ph|qu|th|tr|ch|[bcdđghklmnpqrstvx])?(?:{_RIMES})")
_TONE_MARKS: Final = re.compile("[\u0300\u0301\u0303\u0309\u0323]")
_WORDS: Final = re.compile(r"[^\s,.;:()\[\]/\\\"'“”‘’–—-]+")


def _implausible_words(text: str) -> int:
    """How many words with letters beyond ASCII are no possible Vietnamese syllable."""
    return sum(1 for word in _WORDS.findall(text) if not word.isascii() and not _is_syllable(word))


def _is_syllable(word: str) -> bool:
    if not (word.islower() or word.isupper() or word[1:].islower()):
        return False  # `TØnh` typed for `Tỉnh` shows itself by a capital inside the word
    spread = unicodedata.normalize("NFD", word.lower())
    toneless, tones = _TONE_MARKS.subn("", spread)
    return tones <= 1 and _SYLLABLE.fullmatch(unicodedata.normalize("NFC", toneless)) is not None
