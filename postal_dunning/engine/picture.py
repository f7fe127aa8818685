"""Pictures of a letter's page with zones drawn over it."""

from __future__ import annotations

import io
from collections.abc import Iterable

import pypdfium2
from PIL import Image, ImageDraw

from .geometry import POINTS_PER_MM, Layout, Zone

DOTS_PER_MM = 4
GOOD = (24, 140, 82)
BAD = (200, 30, 40)
QUIET = (120, 120, 130)


def _get_box(zone: Zone) -> tuple[float, float, float, float]:
    left, top = zone.x * DOTS_PER_MM, zone.y * DOTS_PER_MM
    return left, top, zone.right * DOTS_PER_MM, zone.bottom * DOTS_PER_MM


def _draw(
    image: Image.Image, zone: Zone, colour: tuple[int, int, int], fill_alpha: int
) -> Image.Image:
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    ImageDraw.Draw(layer).rectangle(
        _get_box(zone), fill=(*colour, fill_alpha), outline=(*colour, 255), width=3
    )
    return Image.alpha_composite(image, layer)


def draw_page(
    pdf: bytes, layout: Layout, number: int = 1, bad_zones: Iterable[Zone] = ()
) -> bytes:
    """A page as PNG, with window and postage zone, offending zones in red.

    :param number: page, counted from 1
    :raises pypdfium2.PdfiumError: when the file cannot be read
    :raises IndexError: when there is no such page
    """
    document = pypdfium2.PdfDocument(pdf)
    try:
        if not 1 <= number <= len(document):
            raise IndexError(number)
        bitmap = document[number - 1].render(scale=DOTS_PER_MM / POINTS_PER_MM)
        image = bitmap.to_pil().convert("RGBA")
    finally:
        document.close()
    bad = set(bad_zones)
    if number == 1:
        if layout.window not in bad:
            image = _draw(image, layout.window, GOOD, 0)
        if layout.postage not in bad:
            image = _draw(image, layout.postage, QUIET, 0)
    for zone in bad:
        image = _draw(image, zone, BAD, 60)
    target = io.BytesIO()
    image.convert("RGB").save(target, format="PNG", optimize=True)
    return target.getvalue()
