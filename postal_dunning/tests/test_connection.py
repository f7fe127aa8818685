import hashlib
import hmac
import json
from unittest.mock import patch

from odoo.exceptions import AccessDenied
from odoo.tests import tagged

from odoo.addons.connection_base.exceptions import ProviderError
from odoo.addons.postal_dunning.clients import pingen

from .common import DunningCommon
from .pdf import build_pdf

CREDENTIALS = {"client_id": "id", "client_secret": "secret-of-a-test"}


@tagged("post_install", "-at_install")
class TestConnection(DunningCommon):
    def _create_disconnected(self):
        return self._create_connection(
            "pingen", state="disconnected", company_id=self.company.id
        )

    def test_connecting_switches_letters_on(self):
        """Z2: connect, confirmed by a test letter."""
        connection = self._create_disconnected()
        connection._connect_with(CREDENTIALS)
        self.assertEqual(connection.state, "connected")
        self.assertEqual(connection.account_ref, "org-1")
        self.assertEqual(self.company.letter_transport, "pingen")
        categories = {hook["category"] for hook in self.pingen.webhooks}
        self.assertEqual(categories, {"issues", "sent", "undeliverable", "delivered"})
        self.assertEqual(len(connection._get_credentials()["webhook_signing_key"]), 32)

    def test_connecting_again_registers_each_webhook_once(self):
        connection = self._create_disconnected()
        connection._connect_with(CREDENTIALS)
        connection._connect_with(CREDENTIALS)
        self.assertEqual(len(self.pingen.webhooks), 4)

    def test_letter_that_does_not_fit_refuses_the_connection(self):
        """Z3: says exactly what to change."""
        connection = self._create_disconnected()
        model = self.env.registry["ir.actions.report"]
        with (
            patch.object(model, "_render_letter", lambda *args: build_pdf(x=120)),
            self.assertRaisesRegex(ProviderError, "address window"),
        ):
            connection._connect_with(CREDENTIALS)
        self.assertEqual(self.company.letter_transport, "none")

    def test_company_without_address_is_told_so(self):
        self.company.street = False
        with self.assertRaisesRegex(ProviderError, "street"):
            self._create_disconnected()._connect_with(CREDENTIALS)

    def test_one_of_several_organisations_must_be_named(self):
        """Z10: several organisations."""
        self.pingen.organisations.append(pingen.Organisation("org-2", "Second"))
        connection = self._create_disconnected()
        with self.assertRaises(ProviderError):
            connection._connect_with(CREDENTIALS)
        connection._connect_with(CREDENTIALS | {"organisation": "org-2"})
        self.assertEqual(connection.account_ref, "org-2")

    def test_other_company_is_not_switched(self):
        """Z10."""
        other = self.env["res.company"].create({"name": "Second club"})
        self._create_disconnected()._connect_with(CREDENTIALS)
        self.assertEqual(other.letter_transport, "none")

    def test_disconnecting_puts_everything_back(self):
        """Z7 and Z9: what is listed before is what happens; nothing else."""
        connection = self._connect_pingen()
        partner = self._create_partner().with_company(self.company)
        partner.write(
            {"communication_channel": "post", "invoice_sending_method": "snailmail"}
        )
        kind = self.steps[0].type_id.with_company(self.company)
        kind.channel = "post"
        self._create_invoice(partner, 45)
        self._run_dunning()
        message = partner.dunning_case_ids.sent_message_ids
        effects = "\n".join(connection._get_disconnect_effects())
        for words in (partner.name, kind.name, self.steps[1].name):
            self.assertIn(words, effects)
        connection._disconnect()
        self.assertEqual(self.company.letter_transport, "none")
        self.assertEqual(message.letter_id.state, "canceled")
        self.assertEqual(message.state, "cancelled")
        self.assertEqual(kind.channel, "email")
        self.assertEqual(self.steps[1].channel, "manual")
        self.assertFalse(partner.communication_channel)
        self.assertFalse(partner.invoice_sending_method)
        self.assertFalse(self.pingen.webhooks)
        self.assertTrue(message.attachment_id.raw)

    def test_other_company_keeps_its_settings(self):
        """Z10 with Z7."""
        connection = self._connect_pingen()
        other = self.env["res.company"].create({"name": "Second club"})
        partner = self._create_partner()
        partner.with_company(other).communication_channel = "post"
        connection._disconnect()
        self.assertEqual(partner.with_company(other).communication_channel, "post")

    def test_connecting_again_restores_nothing(self):
        """Z8: the snapshot is kept to be read, not put back."""
        connection = self._connect_pingen()
        partner = self._create_partner().with_company(self.company)
        partner.communication_channel = "post"
        connection._disconnect()
        kept = self.env["letter.snapshot"].search(
            [("connection_id", "=", connection.id), ("kind", "=", "partner")]
        )
        self.assertEqual((kept.name, kept.value_before), (partner.name, "Post"))
        self.assertEqual(kept.action_open_record()["res_id"], partner.id)
        connection._connect_with(CREDENTIALS)
        self.assertFalse(partner.communication_channel)

    # === WEBHOOKS === #

    def _build_event(self, letter="letter-1", name="deliverable"):
        return json.dumps(
            {
                "data": {
                    "id": "event-1",
                    "type": "webhook_sent",
                    "attributes": {"created_at": "2026-11-20T10:00:00+0100"},
                    "relationships": {
                        name: {"data": {"type": "letters", "id": letter}}
                    },
                }
            }
        ).encode()

    def _sign(self, body, key="k" * 32):
        return hmac.new(key.encode(), body, hashlib.sha256).hexdigest()

    def test_signed_webhook_is_let_in(self):
        connection = self._connect_pingen()
        body = self._build_event()
        headers = {"Signature": self._sign(body)}
        self.assertEqual(connection._verify_webhook(headers, body, {}), "event-1")

    def test_forged_webhook_is_refused(self):
        connection = self._connect_pingen()
        body = self._build_event()
        signature = self._sign(body)
        table = (
            ({}, body),
            ({"Signature": ""}, body),
            ({"Signature": "0" * 64}, body),
            ({"Signature": self._sign(body, "x" * 32)}, body),
            ({"Signature": signature}, body.replace(b"letter-1", b"letter-2")),
        )
        for headers, content in table:
            with self.subTest(headers=headers), self.assertRaises(AccessDenied):
                connection._verify_webhook(headers, content, {})

    def test_webhook_without_a_key_is_refused(self):
        """Fail closed."""
        connection = self._connect_pingen()
        connection._set_credentials(CREDENTIALS)
        body = self._build_event()
        with self.assertRaises(AccessDenied):
            connection._verify_webhook({"Signature": self._sign(body, "")}, body, {})

    def test_webhook_is_a_hint_and_the_letter_is_read_again(self):
        connection = self._connect_pingen()
        partner = self._create_partner()
        self._create_invoice(partner, 45)
        self._run_dunning()
        self._run_hand_over()
        letter = partner.dunning_case_ids.sent_message_ids.letter_id
        for name in ("deliverable", "letter"):
            body = self._build_event(letter.pingen_ref, name)
            event = self.env["service.webhook.event"].new({"body": body.decode()})
            connection._handle_webhook_event(event)
            self.assertEqual(
                letter.state, "pingen_submitted", "the body is not believed"
            )
        self.pingen.letters[letter.pingen_ref]["status"] = "sent"
        connection._handle_webhook_event(event)
        self.assertEqual(letter.state, "sent")
