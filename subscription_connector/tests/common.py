"""Builders for tests of subscriptions."""

from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.exceptions import ValidationError
from odoo.fields import Command
from odoo.tests import new_test_user

from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.addons.account_payment.tests.common import AccountPaymentCommon
from odoo.addons.connection_base.tests.common import ConnectionMixin

SEND = (
    "odoo.addons.payment.models.payment_transaction."
    "PaymentTransaction._send_payment_request"
)
LOOK_UP = (
    "odoo.addons.subscription_connector.models.payment_transaction_ask."
    "PaymentTransaction._look_up_subscription_charge"
)


class SubscriptionCommon(ConnectionMixin, AccountPaymentCommon):
    """A company with 21 % tax, a plan of 15.00 a month, a customer with a method."""

    @classmethod
    @AccountTestInvoicingCommon.setup_country("nl")
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_connections()
        cls.tax = cls.env["account.tax"].create(
            {
                "name": "21 % included",
                "amount": 21.0,
                "price_include_override": "tax_included",
                "country_id": cls.company.account_fiscal_country_id.id,
            }
        )
        cls.product = cls._create_product_for_plan("Membership", 15.0)
        cls.plan = cls._create_plan()
        cls.customer = cls.env["res.partner"].create(
            {
                "name": "Mieke Jansen",
                "email": "mieke.jansen@example.com",
                "street": "Kade 1",
                "zip": "1011 AA",
                "city": "Amsterdam",
                "country_id": cls.env.ref("base.nl").id,
            }
        )
        cls.token = cls._create_saved_method(cls.customer)
        cls.office = new_test_user(
            cls.env,
            "subscription_office",
            "subscription_connector.group_subscription_user",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    @classmethod
    def get_default_groups(cls):
        """The tests act as a subscription manager with accounting rights."""
        return super().get_default_groups() | cls.quick_ref(
            "subscription_connector.group_subscription_manager"
        )

    # === BUILDERS === #

    @classmethod
    def _create_product_for_plan(cls, name, price, **values):
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "list_price": price,
                "invoice_policy": "order",
                "taxes_id": [Command.set(cls.tax.ids)],
                **values,
            }
        )

    @classmethod
    def _open_shop(cls):
        """Sell the plan of the company on the website."""
        cls.website = cls.env["website"].sudo().search([], limit=1)
        cls.website.company_id = cls.company
        cls.website.user_id.sudo().write(
            {"company_ids": [(4, cls.company.id)], "company_id": cls.company.id}
        )
        cls.product.product_tmpl_id.is_published = True
        cls.plan.is_sold_online = True

    @classmethod
    def _create_plan(cls, **values):
        product = values.pop("product", None) or cls.product
        return cls.env["subscription.plan"].create(
            {
                "name": "Member per month",
                "company_id": cls.company.id,
                "line_ids": [Command.create({"product_id": product.id})],
                **values,
            }
        )

    @classmethod
    def _create_saved_method(cls, partner, details="1234", **values):
        return cls.env["payment.token"].create(
            {
                "provider_id": cls.provider.id,
                "payment_method_id": cls.payment_method_id,
                "payment_details": details,
                "partner_id": partner.id,
                "provider_ref": f"ref-{partner.id}-{details}",
                **values,
            }
        )

    @classmethod
    def _create_subscription(cls, start="2026-01-31", **values):
        """Return a subscription that was started on ``start``."""
        partner = values.setdefault("partner_id", cls.customer.id)
        collection = values.setdefault("collection", "token")
        if collection == "token" and "payment_token_id" not in values:
            values["payment_token_id"] = (
                cls.token.id
                if partner == cls.customer.id
                else cls._create_saved_method(cls.env["res.partner"].browse(partner)).id
            )
        subscription = cls.env["subscription.subscription"].create(
            {
                "plan_id": cls.plan.id,
                "company_id": cls.company.id,
                "date_start": date.fromisoformat(start),
                **values,
            }
        )
        subscription.action_start()
        return subscription

    @staticmethod
    def _agree(subscription, **values):
        """Let the lines of a subscription have been agreed otherwise."""
        subscription._write_by_method(
            {
                "line_ids": [
                    Command.update(line.id, values) for line in subscription.line_ids
                ]
            }
        )

    @classmethod
    def _create_customer(cls, name):
        mail = name.lower().replace(" ", ".")
        return cls.env["res.partner"].create(
            {"name": name, "email": f"{mail}@example.com"}
        )

    @classmethod
    def _create_plugandpay(cls, **values):
        return cls._create_connection("plugandpay", company_id=cls.company.id, **values)

    # === RUNNING === #

    def _run_cron(self, name):
        """Run a scheduled action the way the scheduler does, commits included."""
        with self.enter_registry_test_mode():
            self.env.ref(f"subscription_connector.{name}").method_direct_trigger()

    @contextmanager
    def _scheduler(self, model):
        """Give a model in a transaction of its own, the way the scheduler has it.

        To let a worker die, suppress what it raises: ``assertRaises`` would undo
        what it had committed before.
        """
        with self.enter_registry_test_mode(), self.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {})[model]

    def _run_billing(self, *stages):
        """Run the stages, by default drafting and posting, charging by ``_charge``."""
        for name in stages or ("ir_cron_draft", "ir_cron_post"):
            self._run_cron(name)

    @staticmethod
    def _give_answer(transaction, answer):
        """Let a transaction end as ``_provider_answers`` says."""
        if isinstance(answer, BaseException):
            raise answer
        if answer == "lost":
            raise ValidationError(None) from ConnectionError("reset")
        if answer == "done":
            transaction._set_done()
        elif answer == "pending":
            transaction._set_pending()
        elif answer == "fail":
            transaction._set_error("Insufficient funds")
        else:
            raise ValidationError(answer)

    @contextmanager
    def _provider_answers(self, *answers):
        """Let the provider give these answers, one per charge, the last for ever.

        An answer is ``done``, ``pending``, ``fail`` (or its message), ``lost`` or an
        exception.

        :return: the list of references that were sent
        """
        sent = []
        remaining = list(answers)

        def send(transaction):
            answer = remaining.pop(0) if len(remaining) > 1 else remaining[0]
            sent.append(transaction.reference)
            self._give_answer(transaction, answer)

        with patch(SEND, send):
            yield sent
