"""Checks a rendered letter before it costs paper.

``check_letter`` reads the PDF as the printer will see it and returns findings:
a code, the page, the zone it is about and, where useful, the figures. It knows
nothing of the template that made the PDF, so it holds for every template.

How it works: pypdf reads page sizes and fonts; pdfium gives the place of each
character (is the recipient inside the window?) and a grey picture of the page
(is anything at all printed in a zone that must stay empty?).
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pypdf
import pypdfium2
from pypdf.errors import PyPdfError

from . import geometry
from .geometry import POINTS_PER_MM, Zone

NOT_READABLE = "NOT-READABLE"
TOO_LARGE = "TOO-LARGE"
TOO_MANY_PAGES = "TOO-MANY-PAGES"
NOT_A4 = "NOT-A4-PORTRAIT"
FONT_MISSING = "FONT-NOT-EMBEDDED"
ADDRESS_MISSING = "ADDRESS-NOT-IN-WINDOW"
ADDRESS_CUT = "ADDRESS-OUTSIDE-WINDOW"
ADDRESS_OTHER = "ADDRESS-OTHER-TEXT"
POSTAGE = "POSTAGE-ZONE"
BORDER = "BORDER"

#: what a cover page with the address repairs
FIRST_PAGE_CODES = frozenset({ADDRESS_MISSING, ADDRESS_CUT, ADDRESS_OTHER, POSTAGE})

#: dots per millimetre of the grey picture: 4 = about 100 dpi
DOTS_PER_MM = 4
#: darkest grey that still counts as empty paper
WHITE = 245
#: how far ink may stick out of the window, in millimetres
SLACK = 0.3
_HEADER = b"%PDF-"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a letter.

    :param page: counted from 1, 0 for the whole document
    :param detail: figures or words of the document itself, for the sentence
    """

    code: str
    page: int = 0
    zone: Zone | None = None
    detail: str = ""

    def as_list(self) -> list[Any]:
        """Plain values, to be kept as JSON.

        >>> Finding.from_list(Finding("X", 1, Zone(1, 2, 3, 4)).as_list()).zone.right
        4
        """
        zone = self.zone
        sides = [zone.x, zone.y, zone.width, zone.height] if zone else None
        return [self.code, self.page, self.detail, sides]

    @classmethod
    def from_list(cls, values: Sequence[Any]) -> Finding:
        """The finding that :meth:`as_list` wrote; older ones have no zone."""
        code, page, detail, *rest = values
        sides = rest[0] if rest else None
        return cls(code, page, Zone(*sides) if sides else None, detail)


@dataclass(frozen=True)
class Glyphs:
    """Text of one page with the place of every character."""

    text: str
    zones: tuple[Zone | None, ...]


def check_letter(
    pdf: bytes,
    layout: geometry.Layout,
    recipient: Sequence[str],
    country: str,
) -> list[Finding]:
    """Everything that would make the printer refuse or misdirect a letter.

    :param recipient: the lines that must stand in the window, top to bottom
    :param country: of destination, ISO 3166-1 alpha-2
    :return: findings, empty when the letter may go
    """
    if len(pdf) > layout.max_bytes:
        size = f"{len(pdf) / 2**20:.1f}"
        return [Finding(TOO_LARGE, detail=size)]
    if not pdf.startswith(_HEADER):
        return [Finding(NOT_READABLE)]
    try:
        findings = _check_structure(pdf, layout, country)
        if any(finding.code == TOO_MANY_PAGES for finding in findings):
            return findings
        return findings + _check_pages(pdf, layout, recipient)
    except (PyPdfError, pypdfium2.PdfiumError, KeyError, ValueError, TypeError):
        return [Finding(NOT_READABLE)]


def count_pages(pdf: bytes) -> int:
    """Number of pages, 0 when the file cannot be read.

    >>> count_pages(b"no pdf")
    0
    """
    if not pdf.startswith(_HEADER):
        return 0
    try:
        return len(pypdf.PdfReader(io.BytesIO(pdf)).pages)
    except (PyPdfError, KeyError, ValueError, TypeError):
        return 0


def _check_structure(
    pdf: bytes, layout: geometry.Layout, country: str
) -> list[Finding]:
    reader = pypdf.PdfReader(io.BytesIO(pdf))
    if reader.is_encrypted or not reader.pages:
        return [Finding(NOT_READABLE)]
    findings = []
    limit = layout.get_page_limit(country)
    if len(reader.pages) > limit:
        detail = f"{len(reader.pages)}/{limit}"
        findings.append(Finding(TOO_MANY_PAGES, detail=detail))
    for number, page in enumerate(reader.pages, start=1):
        if not _is_a4_portrait(page):
            findings.append(Finding(NOT_A4, number))
        findings += [
            Finding(FONT_MISSING, number, detail=name)
            for name in sorted(_find_missing_fonts(page))
        ]
    return findings


def _is_a4_portrait(page: pypdf.PageObject) -> bool:
    width = float(page.mediabox.width) / POINTS_PER_MM
    height = float(page.mediabox.height) / POINTS_PER_MM
    if (page.rotation or 0) % 180:
        width, height = height, width
    return (
        abs(width - geometry.PAGE_WIDTH) <= geometry.PAGE_TOLERANCE
        and abs(height - geometry.PAGE_HEIGHT) <= geometry.PAGE_TOLERANCE
    )


def _is_embedded(font: Any) -> bool:
    font = font.get_object()
    if font.get("/Subtype") == "/Type3":
        return True
    descendants = font.get("/DescendantFonts")
    base = descendants.get_object()[0].get_object() if descendants else font
    descriptor = base.get("/FontDescriptor")
    files = descriptor.get_object() if descriptor else {}
    return any(key in files for key in ("/FontFile", "/FontFile2", "/FontFile3"))


def _find_missing_fonts(page: pypdf.PageObject) -> set[str]:
    """Names of fonts that are used for text and not inside the file.

    Some programs name a font on each page without using it: only when one is
    missing is the text read to see which are really used.
    """
    resources = page.get("/Resources")
    fonts = resources.get_object().get("/Font") if resources else None
    missing = {
        str(font.get_object().get("/BaseFont", "?"))
        for font in (fonts.get_object() if fonts else {}).values()
        if not _is_embedded(font)
    }
    if not missing:
        return set()
    used: set[str] = set()

    def note_font(
        text: str, _matrix: Any, _text_matrix: Any, font: Any, _size: float
    ) -> None:
        if text.strip() and font:
            used.add(str(font.get("/BaseFont", "?")))

    page.extract_text(visitor_text=note_font)
    return {name.lstrip("/") for name in missing & used}


def _check_pages(
    pdf: bytes, layout: geometry.Layout, recipient: Sequence[str]
) -> list[Finding]:
    document = pypdfium2.PdfDocument(pdf)
    try:
        findings: list[Finding] = []
        for index in range(len(document)):
            page = document[index]
            ink = _Ink(page)
            findings += _check_border(ink, layout, index + 1)
            if index == 0:
                findings += _check_postage(ink, layout)
                findings += check_window(read_glyphs(page), layout, recipient)
        return findings
    finally:
        document.close()


class _Ink:
    """A grey picture of a page that can be asked what is printed where."""

    def __init__(self, page: pypdfium2.PdfPage) -> None:
        bitmap = page.render(
            scale=DOTS_PER_MM / POINTS_PER_MM, grayscale=True, may_draw_forms=False
        )
        self._image = bitmap.to_pil().convert("L")

    def find(self, zone: Zone) -> Zone | None:
        """The box of the ink inside ``zone``, ``None`` when it is empty."""
        box = tuple(
            round(value * DOTS_PER_MM)
            for value in (zone.x, zone.y, zone.right, zone.bottom)
        )
        part = self._image.crop(box).point(lambda grey: 255 if grey < WHITE else 0)
        found = part.getbbox()
        if not found:
            return None
        left, top, right, bottom = (value / DOTS_PER_MM for value in found)
        return Zone(zone.x + left, zone.y + top, right - left, bottom - top)


def _check_border(ink: _Ink, layout: geometry.Layout, number: int) -> list[Finding]:
    return [
        Finding(BORDER, number, strip)
        for strip in layout.get_border_zones()
        if ink.find(strip)
    ]


def _check_postage(ink: _Ink, layout: geometry.Layout) -> list[Finding]:
    return [Finding(POSTAGE, 1, layout.postage)] if ink.find(layout.postage) else []


def read_glyphs(page: pypdfium2.PdfPage) -> Glyphs:
    """Text and character boxes of a pdfium page."""
    height = page.get_height()
    textpage = page.get_textpage()
    text = textpage.get_text_range()
    zones: list[Zone | None] = []
    for index in range(min(len(text), textpage.count_chars())):
        left, bottom, right, top = textpage.get_charbox(index)
        empty = right <= left or top <= bottom
        zones.append(
            None
            if empty
            else Zone(
                left / POINTS_PER_MM,
                (height - top) / POINTS_PER_MM,
                (right - left) / POINTS_PER_MM,
                (top - bottom) / POINTS_PER_MM,
            )
        )
    return Glyphs(text[: len(zones)], tuple(zones))


def _squeeze(text: str) -> str:
    return "".join(text.split()).casefold()


def check_window(
    glyphs: Glyphs, layout: geometry.Layout, recipient: Sequence[str]
) -> list[Finding]:
    """The recipient, all of it and nothing else, stands in the window."""
    window = layout.window
    inside = cut = ""
    for char, zone in zip(glyphs.text, glyphs.zones, strict=True):
        if zone is None or not zone.overlaps(window):
            continue
        if window.contains(zone, slack=SLACK):
            inside += char
        else:
            cut += char
    if cut.strip():
        return [Finding(ADDRESS_CUT, 1, window, cut.strip()[:40])]
    rest = _squeeze(inside)
    missing = []
    for line in recipient:
        wanted = _squeeze(line)
        if wanted in rest:
            rest = rest.replace(wanted, "", 1)
        else:
            missing.append(line)
    if missing:
        return [Finding(ADDRESS_MISSING, 1, window, missing[0])]
    if rest:
        return [Finding(ADDRESS_OTHER, 1, window, rest[:40])]
    return []
