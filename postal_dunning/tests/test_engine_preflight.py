"""Engine: what the check of a rendered letter finds. Runs without a database."""

import io
import logging
import unittest

import pypdf
from PIL import Image

from odoo.addons.postal_dunning.engine import geometry, picture, preflight

from .pdf import RECIPIENT, build_pdf

logging.getLogger("pypdf").setLevel(logging.ERROR)


class TestPreflight(unittest.TestCase):
    def _check(self, pdf, position="left", recipient=RECIPIENT, country="NL"):
        layout = geometry.get_layout(position)
        return preflight.check_letter(pdf, layout, recipient, country)

    def _get_codes(self, *args, **kwargs):
        return {finding.code for finding in self._check(*args, **kwargs)}

    def test_good_letter_passes(self):
        """Z3: measured on the rendered page."""
        self.assertEqual(self._check(build_pdf()), [])
        self.assertEqual(self._check(build_pdf(x=120), "right"), [])

    def test_recipient_at_the_wrong_place_is_found(self):
        """Z3: recipient outside the window of this position."""
        table = (
            ({"x": 120}, preflight.ADDRESS_MISSING),
            ({"y": 100}, preflight.ADDRESS_MISSING),
            ({"x": 19}, preflight.ADDRESS_CUT),
            ({"y": 60.5}, preflight.ADDRESS_CUT),
            ({"x": 85}, preflight.ADDRESS_CUT),
            ({"lines": RECIPIENT + ("Owes 15 euro",)}, preflight.ADDRESS_OTHER),
            ({"lines": ("J. Bos", "Dam 1")}, preflight.ADDRESS_MISSING),
            ({"lines": ()}, preflight.ADDRESS_MISSING),
        )
        for values, code in table:
            with self.subTest(values=values):
                findings = self._check(build_pdf(**values))
                window = geometry.get_layout("left").window
                self.assertIn(
                    (code, 1, window),
                    [(found.code, found.page, found.zone) for found in findings],
                )

    def test_ink_in_a_zone_that_stays_empty_is_found(self):
        table = (
            ((30, 45, 5, 5), preflight.POSTAGE, "left"),
            ((150, 45, 5, 5), preflight.POSTAGE, "right"),
            ((0, 100, 4, 1), preflight.BORDER, "left"),
            ((207, 100, 1, 1), preflight.BORDER, "left"),
            ((100, 294, 1, 1), preflight.BORDER, "left"),
            ((100, 2, 1, 1), preflight.BORDER, "left"),
        )
        for box, code, position in table:
            with self.subTest(box=box, position=position):
                x = 24 if position == "left" else 120
                pdf = build_pdf(x=x, boxes=[box])
                self.assertEqual(self._get_codes(pdf, position), {code})

    def test_border_is_checked_on_every_page(self):
        pages = {f.page for f in self._check(build_pdf(pages=3, boxes=[(1, 9, 1, 1)]))}
        self.assertEqual(pages, {1, 2, 3})

    def test_shape_of_the_document_is_checked(self):
        too_large = b"%PDF-" + b"0" * geometry.MAX_BYTES
        table = (
            (build_pdf(pages=15), "NL", {preflight.TOO_MANY_PAGES}),
            (build_pdf(pages=15), "DE", set()),
            (build_pdf(font="Helvetica"), "NL", {preflight.FONT_MISSING}),
            (b"no pdf", "NL", {preflight.NOT_READABLE}),
            (b"%PDF-1.4 broken", "NL", {preflight.NOT_READABLE}),
            (too_large, "NL", {preflight.TOO_LARGE}),
        )
        for pdf, country, codes in table:
            with self.subTest(codes=codes, country=country):
                self.assertEqual(self._get_codes(pdf, country=country), codes)

    def test_other_paper_and_landscape_are_found(self):
        for size in ((216, 279), (297, 210)):
            with self.subTest(size=size):
                self.assertIn(preflight.NOT_A4, self._get_codes(build_pdf(size=size)))

    def test_locked_document_is_refused(self):
        writer = pypdf.PdfWriter(clone_from=io.BytesIO(build_pdf()))
        writer.encrypt("secret")
        target = io.BytesIO()
        writer.write(target)
        self.assertEqual(self._get_codes(target.getvalue()), {preflight.NOT_READABLE})

    def test_picture_marks_the_zone(self):
        """Z3: the banner says exactly what to change."""
        layout = geometry.get_layout("left")
        png = picture.draw_page(build_pdf(), layout, 1, [layout.window])
        image = Image.open(io.BytesIO(png))
        self.assertEqual(image.width, 840)
        corner = image.getpixel((22 * 4 + 1, 60 * 4 + 1))
        self.assertEqual(corner, picture.BAD)
        with self.assertRaises(IndexError):
            picture.draw_page(build_pdf(), layout, 2)
