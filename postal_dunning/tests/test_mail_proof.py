"""What proves that a mail was sent: id, the server's answer, and the mail itself."""

import email
import io
import zipfile
from unittest.mock import patch

from odoo.tests import tagged

from .common import DunningCommon


class FakeSession:
    """As much of ``smtplib.SMTP`` as a mail needs; keeps what went over the line."""

    _host = "smtp.example.org"
    from_filter = False
    smtp_from = False

    def __init__(self):
        self.taken = []

    def data(self, content):
        self.taken.append(content)
        return 250, b"2.0.0 Ok: queued as 4F1B2C"

    def send_message(self, message, *_envelope):
        self.data(message.as_bytes())

    def quit(self):
        pass


@tagged("post_install", "-at_install")
class TestMailProof(DunningCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.partner = cls._create_partner()
        cls._create_invoice(cls.partner, 20)
        cls.case = cls._create_case(cls.partner)
        cls.message = cls.case.sudo()._take_step()
        cls.mail = cls.env["mail.mail"].search(
            [("mail_message_id", "=", cls.message.mail_message_id.id)]
        )

    def _send(self):
        """Let core send the mail to a server that is a fake."""
        session = FakeSession()
        servers = self.env.registry["ir.mail_server"]
        with (
            patch.object(servers, "_disable_send", lambda _servers: False),
            patch.object(servers, "_connect__", lambda *_a, **_k: session),
        ):
            self.mail.send()
        return session

    def test_answer_of_the_server_and_the_mail_itself_are_kept(self):
        session = self._send()
        message = self.message
        self.assertEqual(message.state, "sent")
        self.assertTrue(message.date_accepted)
        self.assertEqual(
            message.answer, "smtp.example.org 250 2.0.0 Ok: queued as 4F1B2C"
        )
        self.assertIn("jan.bos@example.org", message.sent_to)
        kept = email.message_from_bytes(message.mail_file_id.raw)
        self.assertEqual(kept["Message-Id"], message.proof)
        sent = email.message_from_bytes(session.taken[0])
        self.assertEqual(kept.as_bytes(), sent.as_bytes())
        (pdf,) = (
            part.get_payload(decode=True)
            for part in kept.walk()
            if part.get_content_type() == "application/pdf"
        )
        self.assertEqual(pdf, message.attachment_id.raw)
        self.assertIs(session.data.__func__, FakeSession.data)

    def test_mail_that_nobody_took_has_no_proof(self):
        """Queued is not sent: without the server's answer nothing is claimed."""
        self.assertFalse(self.message.date_accepted)
        self.assertFalse(self.message.mail_file_id)

    def test_first_acceptance_stays(self):
        self._send()
        first = self.message.mail_file_id
        self.mail.state = "outgoing"
        self._send()
        self.assertEqual(self.message.mail_file_id, first)

    def test_mail_that_is_tried_again_counts_from_then(self):
        self.message._on_mail_failed("mail_smtp", "Connection refused")
        self.assertEqual(self.message.state, "failed")
        self._send()
        self.assertEqual(self.message.state, "sent")
        self.assertFalse(self.message.problem)

    def test_other_mails_are_left_alone(self):
        note = self.message.message_post(body="For you", partner_ids=self.partner.ids)
        self.mail = self.env["mail.mail"].search([("mail_message_id", "=", note.id)])
        self._send()
        self.assertFalse(self.message.date_accepted)

    def test_failing_to_keep_the_proof_does_not_send_twice(self):
        with (
            patch.object(
                self.env.registry["dunning.message"],
                "_keep_acceptance",
                side_effect=ValueError,
            ),
            self.assertLogs("odoo.addons.postal_dunning", "ERROR"),
        ):
            self._send()
        self.assertEqual(self.mail.state, "sent")

    def test_collector_gets_the_proof(self):
        self._send()
        hand_over = self.env["dunning.hand.over"].create(
            {"case_id": self.case.id, "collector_id": self._create_partner().id}
        )
        with zipfile.ZipFile(io.BytesIO(hand_over._build_file())) as archive:
            table = archive.read("messages.csv").decode()
            name = self.message.name.replace("/", "-")
            mail = archive.read(f"messages/{name}.eml")
        self.assertIn("queued as 4F1B2C", table)
        self.assertIn("jan.bos@example.org", table)
        self.assertEqual(mail, self.message.mail_file_id.raw)
