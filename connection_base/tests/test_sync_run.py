"""Runs: progress, failures, the mail at the end."""

from odoo.exceptions import UserError

from odoo.addons.connection_base.exceptions import RejectedError, TemporaryError
from odoo.addons.mail.tests.common import MailCase

from .fake_common import FakeCommon


class TestSyncRun(MailCase, FakeCommon):
    def setUp(self):
        super().setUp()
        self.user = self._create_office_user()
        self.user.email = "responsible@example.org"
        self.connection = self._create_local(responsible_id=self.user.id)

    def test_a_run_counts_and_remembers_where_it_is(self):
        run = self.connection._start_run("import", total=4)
        self.assertEqual(run._progress(done=1, counts={"imported": 1}), float("inf"))
        run._progress(done=2, counts={"imported": 1, "skipped": 1}, cursor={"page": 2})
        self.assertEqual(run.done, 3)
        self.assertEqual(run.progress, 75.0)
        self.assertEqual(run.counts, {"imported": 2, "skipped": 1})
        self.assertEqual(run.counts_text, "Imported 2, Skipped 1")
        self.assertEqual(run.cursor, {"page": 2})
        self.assertEqual(run.display_name, "Fake: Import")

    def test_an_unfinished_run_of_the_same_kind_goes_on(self):
        run = self.connection._start_run("import", total=4)
        run._progress(done=1, cursor=7)
        again = self.connection._start_run("import", total=5)
        self.assertEqual(again, run)
        self.assertEqual((again.cursor, again.total), (7, 5))
        self.assertNotEqual(self.connection._start_run("sync"), run)
        run._finish()
        self.assertNotEqual(self.connection._start_run("import"), run)

    def test_a_run_without_known_total_shows_no_half_truth(self):
        run = self.connection._start_run("sync")
        run._progress(done=5)
        self.assertEqual(run.progress, 0.0)
        run._progress(total=2)
        self.assertEqual(run.progress, 100.0)

    def test_a_failure_links_to_its_record(self):
        run = self.connection._start_run("import")
        failure = run._fail("Order 12", "no address", self.user.partner_id)
        action = failure.action_open_record()
        self.assertEqual(action["res_model"], "res.partner")
        self.assertEqual(action["res_id"], self.user.partner_id.id)
        self.assertEqual(run.failure_count, 1)
        self.assertEqual(
            run.action_view_failures()["domain"], [("run_id", "=", run.id)]
        )
        with self.assertRaises(UserError):
            run._fail("Order 13", "no address").action_open_record()

    def test_a_finished_run_says_what_it_did(self):
        run = self.connection._start_run("import")
        run._progress(done=2, counts={"imported": 2})
        run._finish()
        self.assertEqual(run.state, "done")
        self.assertEqual(run.summary, "Imported 2")
        self.assertEqual(run.progress, 100.0)
        self.assertTrue(run.date_end)
        empty = self.connection._start_run("sync")
        empty._finish()
        self.assertEqual(empty.summary, "Nothing new.")
        own = self.connection._start_run("sync")
        own._finish("All quiet")
        self.assertEqual(own.summary, "All quiet")

    def test_the_responsible_person_gets_a_mail_when_that_was_asked(self):
        run = self.connection._start_run("import", notify=True)
        run._fail("Order 12", "no address")
        with self.mock_mail_gateway():
            run._finish()
        self.assertEqual(run.state, "failures")
        mail = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.assertEqual(mail.recipient_ids, self.user.partner_id)
        self.assertIn("Order 12", mail.body_html)
        self.assertIn("no address", mail.body_html)
        self.assertIn(f"/odoo/integration-runs/{run.id}", mail.body_html)
        self.assertEqual(mail.subject, "Fake: Import · Done with failures")

    def test_the_mail_is_in_the_language_of_the_responsible_person(self):
        self.user.lang = "nl_NL"
        template = self.env.ref("connection_base.mail_template_run_finished")
        template.with_context(lang="nl_NL").subject = "Klaar: {{ object.kind }}"
        run = self.connection._start_run("import", notify=True)
        with self.mock_mail_gateway():
            run._finish()
        mail = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.assertEqual(mail.subject, "Klaar: import")

    def test_a_regular_sync_mails_only_when_failures_are_new(self):
        mails = self.env["mail.mail"]
        for failing, expected in ((False, 0), (True, 1), (True, 1), (False, 1)):
            run = self.connection._start_run("sync")
            if failing:
                run._fail("Order 12", "no address")
            with self.mock_mail_gateway():
                run._finish()
            sent = mails.search_count(
                [("recipient_ids", "in", self.user.partner_id.ids)]
            )
            self.assertEqual(sent, expected)

    def test_nobody_responsible_means_no_mail_and_no_error(self):
        self.connection.responsible_id = False
        run = self.connection._start_run("import", notify=True)
        with self.mock_mail_gateway():
            run._finish()
        self.assertEqual(run.state, "done")

    def test_a_passing_trouble_leaves_the_run_to_go_on(self):
        run = self.connection._start_run("import", notify=True)
        run._note_error(TemporaryError("x", reason="busy"))
        self.assertEqual(run.state, "running")
        self.assertEqual(run.summary, "Fake asks us to wait.")
        with self.mock_mail_gateway():
            run._note_error(RejectedError("Fake said no", status=422))
        self.assertEqual((run.state, run.summary), ("failed", "Fake said no"))
        mail = self.env["mail.mail"].search([], order="id desc", limit=1)
        self.assertEqual(mail.recipient_ids, self.user.partner_id)

    def test_kinds_and_counts_without_a_word_are_shown_readably(self):
        run = self.connection._start_run("price_list")
        self.assertEqual(run._kind_label(), "Price list")
        self.assertEqual(run._count_label("new_rows"), "New rows")
