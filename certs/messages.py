"""Message codes with their Vietnamese and English sentences.

A `Message` travels through reports as a code and parameters; only the edge turns it into a sentence. Each feature
registers its codes with `define`, so that a code without both sentences cannot exist.
"""

import string
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Template:
    """The two sentences of one code, with `{name}` places for the parameters.

    A parameter at `{name!m}` is the code of another message, and is shown as that one's sentence.
    """

    vi: str
    en: str


_TEMPLATES: dict[str, Template] = {}


@dataclass(frozen=True, slots=True)
class Message:
    """One statement for a person: a stable code, and values for the places in its sentences."""

    code: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Freeze the parameters and refuse a code that nobody defined."""
        if self.code not in _TEMPLATES:
            raise KeyError(f"message code {self.code!r} is not defined")
        object.__setattr__(self, "parameters", MappingProxyType(dict(self.parameters)))

    def __hash__(self) -> int:
        return hash((self.code, tuple(sorted(self.parameters.items()))))

    def __reduce__(self) -> tuple[type["Message"], tuple[str, dict[str, str]]]:
        # A mapping proxy does not pickle, and messages come back from the processes that read strangers' files.
        return Message, (self.code, dict(self.parameters))

    def text(self, language: str = "vi") -> str:
        """The sentence in `vi` (the default for any unknown language) or `en`; missing parameters show as `?`."""
        template = _TEMPLATES[self.code]
        sentence = template.en if language == "en" else template.vi
        return _Lenient(language).vformat(sentence, (), self.parameters)


class _Lenient(string.Formatter):
    def __init__(self, language: str) -> None:
        self._language = language

    def convert_field(self, value: object, conversion: str | None) -> object:
        if conversion != "m":
            return super().convert_field(value, conversion)
        template = _TEMPLATES.get(str(value))
        return value if template is None else template.en if self._language == "en" else template.vi

    def get_value(self, key: int | str, args: object, kwargs: Mapping[str, object]) -> object:
        del args
        return kwargs.get(str(key), "?")


def define(code: str, *, vi: str, en: str) -> str:
    """Register the sentences of `code` and return the code. Raises `ValueError` when it exists already."""
    if code in _TEMPLATES:
        raise ValueError(f"message code {code!r} is defined twice")
    _TEMPLATES[code] = Template(vi=vi, en=en)
    return code


def message(code: str, **parameters: object) -> Message:
    """Build a message; parameters are shown with `str`."""
    return Message(code, {name: str(value) for name, value in parameters.items()})
