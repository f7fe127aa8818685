"""A restored backup charges nobody twice: Mollie's book is the judge."""

from unittest.mock import patch

from freezegun import freeze_time

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.payment.models import payment_provider as core
from odoo.addons.subscription_mollie.models import payment_provider as own

from tests.mollie_common import MollieCommon

PROVIDER = "odoo.addons.subscription_connector.models.payment_provider"


@tagged("post_install", "-at_install")
@freeze_time("2026-02-01 10:00:00")
class TestMollieRestore(MollieCommon):
    def _forget(self, charge):
        """Let the database know as little of the charge as its backup did."""
        transaction = charge.transaction_id.sudo()
        charge.sudo().write(
            {
                "state": "waiting",
                "transaction_id": False,
                "date_next_try": "2026-02-01",
            }
        )
        transaction.write(
            {
                "reference": f"forgotten {charge.id}",
                "provider_reference": False,
                "subscription_charge_id": False,
                "invoice_ids": False,
            }
        )

    def _charge_and_forget(self, *references):
        charges = self.env["subscription.charge"]
        for reference in references or ("first",):
            charges |= self._create_billed(reference)
        # The clock of the database is not frozen: the payments come after it.
        self.env.cr.execute(
            "UPDATE subscription_subscription SET create_date = '2020-01-01'"
        )
        self._charge()
        for charge in charges:
            self._forget(charge)
        return charges

    def _find(self):
        """Ask Mollie, as the cron does before it charges."""
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            self.mollie.with_env(env)._find_charges_made()
        self.env.invalidate_all()

    def _found(self):
        return self.env["subscription.charge.found"].search([])

    def _take(self):
        with mute_logger(PROVIDER):
            self._charge()

    def test_a_forgotten_charge_is_taken_not_made_again(self):
        """No member is charged twice, whatever the database forgot."""
        charge = self._charge_and_forget()
        self._take()
        (payment,) = self._payments(sequenceType="recurring")
        self.assertEqual(charge.state, "pending")
        transaction = charge.transaction_id.sudo()
        self.assertEqual(transaction.provider_reference, payment["id"])
        found = self._found()
        self.assertEqual((found.state, found.charge_id), ("taken", charge))
        self.sandbox.scene("mollie", status=[{"id": payment["id"], "status": "paid"}])
        self._read_again(transaction)
        transaction._post_process()
        self.assertEqual(charge.state, "done")
        self.assertIn(charge.move_id.payment_state, ("paid", "in_payment"))

    def test_managers_are_told_once(self):
        self._charge_and_forget("first", "second")
        managers = self.env["subscription.billing.run"]._get_managers(self.company)
        self._find()
        activities = self._found().activity_ids
        self._find()
        self.assertTrue(managers)
        self.assertEqual(activities.user_id, managers)
        self.assertEqual(len(self._found().activity_ids), len(managers))
        self.assertIn("2", activities[0].summary)

    def test_another_amount_waits_for_a_person(self):
        """What was charged is not what is asked now: nothing is guessed."""
        charge = self._charge_and_forget()
        self._find()
        found = self._found()
        found.sudo().amount = 14.0
        self._take()
        self.assertEqual(charge.state, "stopped")
        self.assertIn(found.provider_reference, charge.last_error)
        self.assertEqual(len(self._payments(sequenceType="recurring")), 1)
        charge.action_retry()
        self._take()
        self.assertEqual(charge.state, "stopped")
        found.action_settle()
        charge.action_retry()
        self._take()
        self.assertEqual(charge.state, "pending")
        self.assertEqual(len(self._payments(sequenceType="recurring")), 2)

    def test_money_given_back_is_not_taken_for_paid(self):
        charge = self._charge_and_forget()
        self._find()
        self._found().sudo().is_given_back = True
        self._take()
        self.assertEqual(charge.state, "stopped")

    def test_a_refused_charge_is_no_charge(self):
        self.sandbox.scene("mollie", outcomes=[{"status": "failed", "reason": "AM04"}])
        charge = self._charge_and_forget()
        self._take()
        self.assertFalse(self._found())
        self.assertEqual(charge.state, "pending")

    def test_a_subscription_made_after_the_restore_is_another_one(self):
        """Its number was given again; the payment is not its own."""
        charge = self._charge_and_forget()
        self.env.cr.execute(
            "UPDATE subscription_subscription SET create_date = now() + '1 day'"
        )
        self.env.invalidate_all()
        self._take()
        self.assertFalse(self._found().subscription_id)
        self.assertEqual(charge.state, "pending")
        self.assertEqual(len(self._payments(sequenceType="recurring")), 2)

    def test_a_copy_with_a_name_of_its_own_is_not_ours(self):
        charge = self._charge_and_forget()
        self.env["ir.config_parameter"].sudo().set_param("database.uuid", "a-copy")
        self._take()
        self.assertFalse(self._found())
        self.assertEqual(charge.state, "pending")

    def test_nothing_is_charged_while_mollie_does_not_tell(self):
        """In doubt it stops, says so, and goes on when the provider answers."""
        charge = self._create_billed()
        for kind in ("status", "timeout_after", "garbage"):
            self.sandbox.fault("mollie", kind, method="GET", path="^/v2/payments$")
            with mute_logger(PROVIDER):
                self._charge()
        self.assertEqual(charge.state, "waiting")
        self.assertEqual(self._payments(sequenceType="recurring"), [])
        failure = self.env["subscription.billing.failure"].search(
            [("company_id", "=", self.company.id), ("stage", "=", "charge")]
        )
        self.assertIn("Mollie", failure.message)
        self._charge()
        self.assertEqual(charge.state, "pending")

    def test_the_pages_of_a_list_stay_out_of_the_log(self):
        """Names and accounts of members are not copied into a log file."""
        self._pay_first()
        with patch.object(core, "_logger") as log, patch.object(own, "_logger") as page:
            self._find()
        self.assertIn("a page of", str(page.info.call_args))
        self.assertIn("Sending", str(log.info.call_args_list))
        self.assertNotIn("consumer", str(log.info.call_args_list))
