"""Fonts that are embedded into the documents that the register makes."""

from pathlib import Path
from typing import Final

FONTS: Final = Path(__file__).parent
"""Where the files are: `Tinos-Regular.ttf`, `Tinos-Bold.ttf`, `Tinos-Italic.ttf`."""
