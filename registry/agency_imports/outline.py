"""What stands below what in a list without a column for it: by numbers (`I`, `1`, `1.1`, `a`) or by indentation."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

_DOTTED: Final = re.compile(r"[0-9A-Za-z]+(?:\.[0-9A-Za-z]+)+")
_STYLES: Final = (
    ("roman", re.compile(r"[IVXL]+")),
    ("letter", re.compile(r"[A-Z]")),
    ("digit", re.compile(r"\d+")),
    ("small", re.compile(r"[a-z]")),
    ("dash", re.compile(r"[-–]+")),
    ("plus", re.compile(r"[+*•]+")),
)


@dataclass(slots=True)
class Outline:
    """The lines above the one that is read, from the top down."""

    stack: list[tuple[str, str, int]] = field(default_factory=list)
    """Style, mark and place of each line that the next one may stand below."""

    def above(self, mark: str, indent: int, place: int) -> int | None:
        """The place of the line that this one stands below, by its number, or by the blanks before its name."""
        text = mark.strip().rstrip(".):/")
        style = self._style(text) or f"indent {indent:04}"
        if style == "dotted":
            prefix = text.rpartition(".")[0]
            while self.stack and self.stack[-1][1] != prefix:
                self.stack.pop()
        else:
            known = [number for number, (each, _, _) in enumerate(self.stack) if each == style]
            if known:
                del self.stack[known[0] :]
            elif style.startswith("indent"):
                while self.stack and self.stack[-1][0].startswith("indent") and self.stack[-1][0] > style:
                    self.stack.pop()
        found = self.stack[-1][2] if self.stack else None
        self.stack.append((style, text, place))
        return found

    def _style(self, text: str) -> str | None:
        if not text:
            return None
        if _DOTTED.fullmatch(text):
            return "dotted"
        fitting = [name for name, pattern in _STYLES if pattern.fullmatch(text)]
        if fitting == ["roman", "letter"]:
            # `I` after `H` is a letter, `C` never follows `II`.
            before = next((mark for style, mark, _ in reversed(self.stack) if style == "letter"), "")
            return "letter" if before and ord(before) + 1 == ord(text) else "roman"
        return fitting[0] if fitting else None


def is_outline(marks: Iterable[tuple[str, int]]) -> bool:
    """Whether numbers or indentation of a list say anything: a plain 1, 2, 3 without indentation does not."""
    styles = set()
    indents = set()
    outline = Outline()
    for place, (mark, indent) in enumerate(marks):
        outline.above(mark, indent, place)
        styles.add(outline.stack[-1][0])
        indents.add(indent)
    numbered = {style for style in styles if not style.startswith("indent")}
    return len(numbered) > 1 or "dotted" in numbered or (not numbered and len(indents) > 1)
