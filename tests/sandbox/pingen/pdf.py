"""A real look at an uploaded PDF, the way a print shop would take it.

Text is read with its position (the address must be real text inside the window),
emptiness is judged on the rendered page, so that anything visible counts: text,
lines, logos. pdfium is not thread safe, hence one lock around every use.
"""

import contextlib
import io
import threading
from dataclasses import dataclass, field
from itertools import pairwise

import pypdfium2 as pdfium
from PIL import ImageDraw
from pypdf import PdfReader
from pypdf.errors import PyPdfError

from . import layout

_LOCK = threading.RLock()
_INK = 235  # a pixel darker than this is print, not paper
_CHECK_SCALE = 1.0  # one pixel per point


@dataclass(frozen=True)
class Problem:
    """Why a file cannot go out: status it leads to, event code, words."""

    status: str
    code: str
    reason: str


@dataclass
class Inspection:
    """Result of looking at a file; ``problems`` is empty for a good letter."""

    pages: int = 0
    address: str = ""
    country: str = ""
    fonts: list = field(default_factory=list)
    problems: list = field(default_factory=list)

    @property
    def status(self):
        """``valid`` or the gravest status among the problems."""
        found = {problem.status for problem in self.problems}
        for status in ("invalid", "unprintable", "action_required"):
            if status in found:
                return status
        return "valid"

    def add(self, status, code, reason):
        self.problems.append(Problem(status, code, reason))


def inspect(content, position="left", default_country="NL"):
    """Look at a PDF and say whether it can be printed and posted.

    :param bytes content: the file as uploaded
    :param str position: ``left`` or ``right`` window
    :param str default_country: used when the address names no country
    :rtype: Inspection
    """
    result = Inspection(country=default_country)
    if len(content) > layout.MAX_BYTES:
        result.add("invalid", "file_size_over_limit", "The file is over 8 MB.")
        return result
    reader = _open(content, result)
    if reader is None:
        return result
    result.pages = len(reader.pages)
    result.fonts = _fonts(reader)
    with _LOCK, contextlib.closing(pdfium.PdfDocument(content)) as document:
        _check_sizes(document, result)
        _read_address(document[0], position, result)
        result.country = layout.country_of(result.address, default_country)
        if result.status != "unprintable":
            _check_zones(document, position, result)
    limit = layout.page_limit(result.country)
    if result.pages > limit:
        result.add(
            "invalid",
            "file_too_many_pages",
            f"{result.pages} pages, at most {limit} to {result.country}.",
        )
    return result


def _open(content, result):
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            result.add("unprintable", "file_not_readable", "The file is encrypted.")
            return None
        if not reader.pages:
            result.add("invalid", "invalid_pdf_binary_content", "No pages.")
            return None
        with _LOCK:
            pdfium.PdfDocument(content).close()
    except (PyPdfError, pdfium.PdfiumError, ValueError, KeyError, TypeError):
        result.add(
            "invalid", "invalid_pdf_binary_content", "The file is not a readable PDF."
        )
        return None
    return reader


def _fonts(reader):
    found = {}
    for page in reader.pages:
        resources = page.get("/Resources") or {}
        fonts = resources.get("/Font") if hasattr(resources, "get") else None
        for reference in (fonts.get_object() if fonts else {}).values():
            font = reference.get_object()
            name = str(font.get("/BaseFont", "")).lstrip("/")
            found[name] = _is_embedded(font)
    return [{"name": name, "is_embedded": found[name]} for name in sorted(found)]


def _is_embedded(font):
    parents = [item.get_object() for item in font.get("/DescendantFonts", [])]
    for owner in [font, *parents]:
        descriptor = owner.get("/FontDescriptor")
        if descriptor and any(
            key in descriptor.get_object()
            for key in ("/FontFile", "/FontFile2", "/FontFile3")
        ):
            return True
    return False


def _check_sizes(document, result):
    for number in range(len(document)):
        width, height = document.get_page_size(number)
        wrong_width = abs(width / layout.POINTS_PER_MM - layout.A4_WIDTH)
        wrong_height = abs(height / layout.POINTS_PER_MM - layout.A4_HEIGHT)
        if max(wrong_width, wrong_height) > layout.A4_TOLERANCE:
            result.add(
                "unprintable",
                "file_not_a4_portrait",
                f"Page {number + 1} is not A4 portrait.",
            )
            return


def _characters(page):
    """Printed characters with the centre of their box, in millimetres."""
    height = page.get_height()
    textpage = page.get_textpage()
    try:
        text = textpage.get_text_range()
        if len(text) != textpage.count_chars():
            text = "".join(
                textpage.get_text_range(index, 1) or " "
                for index in range(textpage.count_chars())
            )
        for index, character in enumerate(text):
            left, bottom, right, top = textpage.get_charbox(index)
            yield (
                character,
                (left + right) / 2 / layout.POINTS_PER_MM,
                (height - (bottom + top) / 2) / layout.POINTS_PER_MM,
            )
    finally:
        textpage.close()


def _read_address(page, position, result):
    window = layout.ADDRESS[position]
    inside, cut = [], False
    lines = [[]]
    for character, x, y in _characters(page):
        if character in "\r\n":
            lines.append([])
        else:
            lines[-1].append((character, x, y))
    for line in lines:
        visible = [item for item in line if item[0].strip()]
        kept = [item for item in visible if window.contains(item[1], item[2])]
        if not kept:
            continue
        cut = cut or _runs_out(visible, window)
        inside.append(_text_inside(line, window))
    result.address = "\n".join(inside)
    if len(inside) < 3:
        result.add(
            "action_required",
            "content_failed_inspection",
            "The address could not be read in the address window.",
        )
    elif cut:
        result.add(
            "action_required",
            "content_failed_inspection",
            "Part of the address lies outside the address window.",
        )


def _text_inside(line, window):
    first = min(i for i, item in enumerate(line) if _is_in(item, window))
    last = max(i for i, item in enumerate(line) if _is_in(item, window))
    return " ".join("".join(item[0] for item in line[first : last + 1]).split())


def _is_in(item, window):
    return bool(item[0].strip()) and window.contains(item[1], item[2])


def _runs_out(visible, window):
    """Whether a line that has letters in the window goes on outside without a gap."""
    for before, after in pairwise(visible):
        crosses = _is_in(before, window) != _is_in(after, window)
        if crosses and abs(after[1] - before[1]) < 8:
            return True
    return False


def _check_zones(document, position, result):
    image = _render(document[0], _CHECK_SCALE).convert("L")
    if _has_ink(image, layout.POSTAGE[position]):
        result.add(
            "action_required",
            "content_failed_inspection",
            "There is content in the postage area.",
        )
    for number in range(min(len(document), 4)):
        if number:
            image = _render(document[number], _CHECK_SCALE).convert("L")
        if any(_has_ink(image, zone) for zone in _border_zones()):
            result.add(
                "action_required",
                "content_failed_inspection",
                f"There is content in the border of page {number + 1}.",
            )
            return


def _border_zones():
    width, height, border = layout.A4_WIDTH, layout.A4_HEIGHT, layout.BORDER
    return (
        layout.Zone(0, 0, width, border),
        layout.Zone(0, height - border, width, border),
        layout.Zone(0, 0, border, height),
        layout.Zone(width - border, 0, border, height),
    )


def _pixels(zone, scale):
    ratio = layout.POINTS_PER_MM * scale
    return tuple(
        round(value * ratio) for value in (zone.x, zone.y, zone.right, zone.bottom)
    )


def _has_ink(image, zone):
    darkest, _lightest = image.crop(_pixels(zone, _CHECK_SCALE)).getextrema()
    return darkest < _INK


def _render(page, scale):
    return page.render(scale=scale).to_pil()


def picture(content, position="left", scale=1.3):
    """PNG of page 1 with the address window and the postage area drawn over it.

    :rtype: bytes
    """
    with _LOCK, contextlib.closing(pdfium.PdfDocument(content)) as document:
        image = _render(document[0], scale).convert("RGB")
    draw = ImageDraw.Draw(image, "RGBA")
    for zone, colour in (
        (layout.ADDRESS[position], (20, 110, 220)),
        (layout.POSTAGE[position], (220, 120, 20)),
    ):
        draw.rectangle(
            _pixels(zone, scale), outline=colour, fill=(*colour, 28), width=2
        )
    target = io.BytesIO()
    image.save(target, "PNG", optimize=True)
    return target.getvalue()
