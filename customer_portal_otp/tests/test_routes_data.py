"""One's own data: taken along, erased on request."""

import csv
import io
import json
import time
import zipfile

from odoo import fields
from odoo.http import root
from odoo.tests import tagged

from ..const import IDENTITY_CHECK
from ..controllers.data import _as_text
from .http_common import PortalOtpHttpCommon


@tagged("post_install", "-at_install")
class TestRoutesData(PortalOtpHttpCommon):
    def setUp(self):
        super().setUp()
        self._ask_and_enter()
        self.env.invalidate_all()

    def _become_stale(self):
        session = root.session_store.get(self.browser.cookies["session_id"])
        session.update({IDENTITY_CHECK: time.time() - 601})
        root.session_store.save(session)

    def test_archive_holds_everything_as_json_and_csv(self):
        """GDPR 15 and 20: machine-readable, at once."""
        answer = self.browser.get("/my/data/download")
        archive = zipfile.ZipFile(io.BytesIO(answer.content))
        data = json.loads(archive.read("data.json"))
        self.assertEqual(data["contact"][0]["email"], "mia@member.example")
        self.assertEqual(data["activity"][0]["what"], "Signed in by code")
        rows = list(csv.DictReader(io.StringIO(archive.read("contact.csv").decode())))
        self.assertEqual(rows[0]["name"], "Mia Member")
        self.env.invalidate_all()
        self.assertEqual(self.member.member_event_ids[:1].kind, "download")

    def test_archive_needs_a_fresh_code(self):
        self._become_stale()
        for path in ("/my/data/download", "/my/data/erase"):
            answer = self.browser.post(path, {})
            self.assertIn("/my/confirm", answer.url)
        self.assertFalse(self.member.activity_ids)

    def test_erasure_says_what_stays_and_becomes_a_task_once(self):
        """GDPR 17: what must be kept and until when; a month to answer."""
        page = self.browser.get("/my/data").text
        self.assertIn("What you did in the member", page)
        for _turn in range(2):
            answer = self.browser.post("/my/data/erase", {}, page=page)
            self.assertIn("asked=1", answer.url)
        self.env.invalidate_all()
        [activity] = self.member.activity_ids
        month = fields.Date.add(fields.Date.today(), months=1)
        self.assertEqual(activity.date_deadline, month)
        kinds = self.member.member_event_ids.mapped("kind")
        self.assertEqual(kinds.count("erasure"), 1)

    def test_cells_are_no_formulas(self):
        self.assertEqual(_as_text("=1+1"), "'=1+1")
        self.assertEqual(_as_text("Mia"), "Mia")

    def test_sign_ins_are_forgotten_after_a_year(self):
        event = self.member.member_event_ids.filtered(lambda e: e.kind == "sign_in")
        event.date = fields.Datetime.subtract(fields.Datetime.now(), months=13)
        self.env["portal.member.event"]._gc_sign_ins()
        self.assertFalse(event.exists())
