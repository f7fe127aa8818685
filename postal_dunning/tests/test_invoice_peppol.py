import unittest
from unittest.mock import patch

from odoo.tests import tagged

from ..engine import channels
from .test_invoice_delivery import DeliveryCommon

REFUSED = {"code": 207, "message": "Document type not accepted"}


@tagged("post_install", "-at_install")
class TestInvoicePeppol(DeliveryCommon):
    """A transmission that fails on its way goes by the next channel, with its reason.

    Core's own asking of the network is run; only the network's answer is ours.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if "peppol_move_state" not in cls.invoice._fields:
            raise unittest.SkipTest("account_peppol is not installed")
        cls.access = cls.env["account_edi_proxy_client.user"].create(
            {
                "company_id": cls.company.id,
                "proxy_type": "peppol",
                "edi_mode": "test",
                "id_client": "client of a test",
                "edi_identification": "9915:test",
                "private_key_id": cls.env["certificate.key"]
                ._generate_rsa_private_key(cls.company, name="of a test")
                .id,
            }
        )

    def _transmit(self, invoice):
        invoice.write(
            {
                "peppol_message_uuid": f"uuid {invoice.id}",
                "peppol_move_state": "processing",
            }
        )

    def _ask_network(self, **answers):
        """Core's job, with the answer of the network for each invoice."""

        def answer(access, endpoint, params=None):
            return {} if endpoint.endswith("ack") else answers

        with patch.object(
            self.env.registry["account_edi_proxy_client.user"],
            "_call_peppol_proxy",
            answer,
        ):
            self.access._peppol_get_message_status()

    def _lose(self, error=None):
        self._transmit(self.invoice)
        uuid = self.invoice.peppol_message_uuid
        self._ask_network(**{uuid: {"error": error or REFUSED}})

    def test_lost_transmission_goes_by_mail_with_its_reason(self):
        self._lose()
        self.assertEqual(self.invoice.peppol_move_state, "error")
        failure = self._get_failures()
        self.assertEqual(
            (failure.state, failure.channel, failure.code),
            ("open", "peppol", channels.PEPPOL_FAILED),
        )
        self.assertEqual(
            failure.problem,
            "Peppol Error [code=207]: "
            "The Peppol Participant cannot receive this document type.",
        )
        failure = self._fall_back()
        self.assertEqual((failure.state, failure.channel_next), ("sent", "email"))
        self.assertTrue(self.invoice.delivery_mail_id)
        self.assertIn(failure.problem, self.invoice.message_ids[0].body)

    def test_without_an_address_for_mail_it_goes_by_post(self):
        self.partner.email = False
        self._lose()
        self.assertEqual(self._fall_back().channel_next, "post")
        self.assertTrue(self._get_letters())

    def test_nothing_left_is_a_task_for_a_person(self):
        self.partner.write({"email": False, "zip": False})
        self._lose()
        self.assertEqual(self._fall_back().state, "person")
        self.assertTrue(self.invoice.activity_ids)

    def test_network_that_is_not_ready_is_no_failure(self):
        self._lose({"code": 702, "message": "not ready"})
        self.assertEqual(self.invoice.peppol_move_state, "processing")
        self.assertFalse(self._get_failures())

    def test_delivered_invoice_is_no_failure(self):
        self._transmit(self.invoice)
        self._ask_network(**{self.invoice.peppol_message_uuid: {"state": "done"}})
        self.assertEqual(self.invoice.peppol_move_state, "done")
        self.assertFalse(self._get_failures())

    def test_refused_access_keeps_the_channel_of_all(self):
        """One repair helps all of them: nobody gets a second invoice by mail."""
        other = self._create_invoice(self.partner, 0)
        for invoice in (self.invoice, other):
            self._transmit(invoice)
        self._ask_network(error={"message": "no such participant"})
        self.assertEqual(other.peppol_move_state, "error")
        failures = self.failures.search([("move_id", "in", (self.invoice | other).ids)])
        self.assertFalse(failures)

    def test_what_never_left_is_no_failure_of_the_way(self):
        """Core says at once what it could not hand over."""
        self.invoice.peppol_move_state = "to_send"
        self.invoice.peppol_move_state = "error"
        self.assertFalse(self._get_failures())

    def test_invoice_that_was_mailed_as_well_is_settled(self):
        self._send("email")
        self._lose()
        self.assertEqual(self._fall_back().state, "done")

    def test_sending_it_by_peppol_again_settles_the_task(self):
        self.partner.write({"email": False, "zip": False})
        self._lose()
        failure = self._fall_back()
        self.assertEqual(failure.state, "person")
        self._transmit(self.invoice)
        self.assertEqual(failure.state, "done")
        self.assertFalse(self.invoice.activity_ids)

    def test_failure_a_second_time_waits_for_no_channel_that_brought_it(self):
        self._lose()
        self._fall_back()
        self._lose()
        newest = self.failures.search([("move_id", "=", self.invoice.id)], limit=1)
        self._run_cron("postal_dunning.ir_cron_invoice_fall_back")
        self.assertEqual(newest.state, "done", "the mail brought it")
