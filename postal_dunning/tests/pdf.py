"""Letters drawn with reportlab, in and out of shape."""

import io

from reportlab.lib.units import mm
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

RECIPIENT = ("J. Bos", "Dam 1", "1012 JS  AMSTERDAM")


def get_font():
    """A font that is put into the file (reportlab ships it)."""
    if "Vera" not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(TTFont("Vera", "Vera.ttf"))
    return "Vera"


def build_pdf(
    x=24.0, y=66.0, lines=RECIPIENT, pages=1, size=(210, 297), font=None, boxes=()
):
    """A letter as PDF bytes; positions in millimetres from the top left."""
    target = io.BytesIO()
    canvas = Canvas(target, pagesize=(size[0] * mm, size[1] * mm))
    for number in range(pages):
        canvas.setFont(font or get_font(), 10)
        if not number:
            for index, line in enumerate(lines):
                canvas.drawString(x * mm, (size[1] - y - 4 * index) * mm, line)
        canvas.drawString(24 * mm, 150 * mm, f"Page {number + 1}")
        for left, top, width, height in boxes:
            bottom = size[1] - top - height
            canvas.rect(left * mm, bottom * mm, width * mm, height * mm, 0, 1)
        canvas.showPage()
    canvas.save()
    return target.getvalue()
