"""Pictures of a hand and of a seal, with transparency. Both are invented, and the seal says DEMO."""

from math import cos, pi, sin
from random import Random
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from registry.fonts import FONTS

_BLUE: Final = (24, 54, 150, 255)
_RED: Final = (205, 24, 30, 235)
_CLEAR: Final = (255, 255, 255, 0)
_SUPERSAMPLING: Final = 3

Point = tuple[float, float]


def draw_hand(random: Random, *, width: int = 560, height: int = 260) -> Image.Image:
    """A handwritten signature in blue ink: a rising scrawl with loops and a closing stroke."""
    scale = _SUPERSAMPLING
    image = Image.new("RGBA", (width * scale, height * scale), _CLEAR)
    pen = ImageDraw.Draw(image)
    loops = random.randint(5, 7)
    points: list[Point] = []
    for step in range(600):
        share = step / 599
        angle = share * loops * 2 * pi
        swing = (0.30 - 0.17 * share) * height * (0.7 + 0.3 * sin(share * 9 + loops))
        x = (0.08 + 0.72 * share) * width + cos(angle) * 0.055 * width
        y = (0.60 - 0.12 * share) * height - sin(angle) * swing
        points.append((x * scale, y * scale))
    _stroke(pen, points, scale)
    closing = [
        ((0.12 + 0.83 * t / 99) * width * scale, (0.80 - 0.16 * (t / 99) + 0.05 * sin(t / 16)) * height * scale)
        for t in range(100)
    ]
    _stroke(pen, closing, scale)
    return image.resize((width, height), Image.Resampling.LANCZOS)


def _stroke(pen: ImageDraw.ImageDraw, points: list[Point], scale: int) -> None:
    for number, (x, y) in enumerate(points):
        # Pressure: thick in the middle of a stroke, thin at its ends and on the way up.
        share = number / len(points)
        radius = scale * (1.1 + 1.5 * sin(pi * share) + 0.5 * sin(number / 9))
        pen.ellipse((x - radius, y - radius, x + radius, y + radius), fill=_BLUE)


def draw_seal(rim: str, middle: str, *, size: int = 460) -> Image.Image:
    """A round red seal: two rings, `rim` along the edge, a star, `middle` below it in up to three lines."""
    scale = _SUPERSAMPLING
    side = size * scale
    centre = side / 2
    image = Image.new("RGBA", (side, side), _CLEAR)
    pen = ImageDraw.Draw(image)
    for radius, line in ((0.485, 0.016), (0.455, 0.006), (0.335, 0.006)):
        pen.ellipse(_circle(centre, radius * side), outline=_RED, width=int(line * side))
    font = ImageFont.truetype(str(FONTS / "Tinos-Bold.ttf"), int(0.070 * side))
    _write_round(image, rim, font, radius=0.395 * side)
    pen.polygon(_star((centre, centre - 0.13 * side), 0.105 * side), fill=_RED)
    font = ImageFont.truetype(str(FONTS / "Tinos-Bold.ttf"), int(0.066 * side))
    for line, text in enumerate(_lines(middle)):
        pen.text((centre, centre + (0.045 + 0.078 * line) * side), text, fill=_RED, font=font, anchor="mm")
    return image.resize((size, size), Image.Resampling.LANCZOS)


def _circle(centre: float, radius: float) -> tuple[float, float, float, float]:
    return centre - radius, centre - radius, centre + radius, centre + radius


def _write_round(image: Image.Image, text: str, font: ImageFont.FreeTypeFont, *, radius: float) -> None:
    centre = image.width / 2
    step = 2 * pi / len(text)
    for number, letter in enumerate(text):
        angle = number * step - (len(text) - 1) * step / 2
        tile = Image.new("RGBA", (int(font.size * 2),) * 2, _CLEAR)
        ImageDraw.Draw(tile).text((tile.width / 2, tile.height / 2), letter, fill=_RED, font=font, anchor="mm")
        turned = tile.rotate(-angle * 180 / pi, Image.Resampling.BICUBIC)
        x, y = centre + radius * sin(angle), centre - radius * cos(angle)
        image.alpha_composite(turned, (int(x - tile.width / 2), int(y - tile.height / 2)))


def _star(centre: Point, radius: float) -> list[Point]:
    return [
        (
            centre[0] + (radius if point % 2 == 0 else radius * 0.42) * sin(point * pi / 5),
            centre[1] - (radius if point % 2 == 0 else radius * 0.42) * cos(point * pi / 5),
        )
        for point in range(10)
    ]


def _lines(text: str) -> list[str]:
    words = text.upper().split()
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + len(word) < 12:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines[:3]
