from odoo.tests import TransactionCase, new_test_user, tagged


@tagged("post_install", "-at_install")
class TestMailTemplate(TransactionCase):
    """Improved texts reach databases in which nobody changed the old ones."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("nl_NL")
        cls.template = cls.env.ref("connection_base.mail_template_run_finished")
        cls.template._override_translation_term(
            "connection_base",
            [
                "mail_template_run_finished",
                "connection_base.mail_template_run_finished",
            ],
        )
        cls.subject = cls.template.subject
        cls.dutch = cls.template.with_context(lang="nl_NL").body_html
        cls.body = cls.template.body_html
        # As an older version of the addon left it.
        cls.template.write({"subject": "Old words", "body_html": "<p>Old</p>"})

    def _renew(self):
        found = self.env["mail.template"]._renew_untouched("connection_base")
        self.env.invalidate_all()
        return found

    def test_template_that_nobody_changed_gets_the_new_text(self):
        self.assertIn(self.template, self._renew())
        self.assertEqual(self.template.subject, self.subject)
        self.assertEqual(self.template.body_html, self.body)
        dutch = self.template.with_context(lang="nl_NL").body_html
        self.assertNotEqual(dutch, self.body)
        self.assertEqual(dutch, self.dutch)

    def test_template_that_a_person_changed_stays(self):
        editor = new_test_user(self.env, "editor", "base.group_system")
        self.template.with_user(editor).subject = "Our words"
        self.assertNotIn(self.template, self._renew())
        self.assertEqual(self.template.subject, "Our words")

    def test_translation_that_a_person_changed_stays(self):
        editor = new_test_user(self.env, "editor", "base.group_system")
        template = self.template.with_user(editor).with_context(lang="nl_NL")
        template.subject = "Onze woorden"
        self._renew()
        self.assertEqual(template.subject, "Onze woorden")

    def test_template_whose_file_moved_stays(self):
        for name in ("gone", "ir_cron"):
            with self.subTest(name=name):
                self.template.template_fs = f"connection_base/data/{name}.xml"
                self.assertNotIn(self.template, self._renew())
                self.assertEqual(self.template.subject, "Old words")

    def test_other_addons_are_left_alone(self):
        found = self.env["mail.template"]._renew_untouched("base_setup")
        self.assertNotIn(self.template, found)
        self.assertEqual(self.template.subject, "Old words")
