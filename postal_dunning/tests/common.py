"""Builders for the tests of collections and letters."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import TransactionCase, new_test_user

from odoo.addons.connection_base.tests.common import ConnectionMixin

from .fake_pingen import FakePingen
from .pdf import build_pdf


class DunningCommon(ConnectionMixin, TransactionCase):
    """The main company with the standard policy, letters off, no network."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._set_up_connections()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.company = cls.env.ref("base.main_company")
        cls.company.write(
            {
                "name": "De Linden",
                "street": "Lindelaan 12",
                "zip": "3581 AB",
                "city": "Utrecht",
                "country_id": cls.env.ref("base.nl").id,
                "letter_transport": "none",
                "letter_position": "left",
            }
        )
        cls._set_up_books()
        cls.user = new_test_user(
            cls.env,
            "collector",
            "postal_dunning.group_dunning_user",
            company_id=cls.company.id,
            company_ids=[fields.Command.set(cls.company.ids)],
        )
        cls.env["dunning.policy"].search([]).is_automatic = False
        cls.env["dunning.policy"].search(
            [("company_id", "=", cls.company.id)]
        ).active = False
        policy = cls.env["dunning.policy"]._create_standard(cls.company)
        cls.policy = cls.env["dunning.policy"].browse(policy.id)
        cls.policy.write(
            {"max_data_hours": 0, "is_automatic": True, "responsible_id": cls.user.id}
        )
        cls.steps = cls.policy.step_ids.sorted("days")
        cls.today = fields.Date.context_today(cls.env.user)
        cls.startClassPatcher(
            patch.object(
                cls.env.registry["ir.actions.report"],
                "_render_letter",
                lambda report, template, values: cls._draw_letter(values),
            )
        )
        cls.pingen = FakePingen()
        cls.startClassPatcher(
            patch.object(
                cls.env.registry["service.connection"],
                "_get_client",
                lambda connection: cls.pingen,
            )
        )

    @classmethod
    def _set_up_books(cls):
        """Accounts and journals; a chart is loaded where the database has none."""
        if not cls.company.chart_template:
            cls.company.currency_id = cls.env.ref("base.EUR")
            cls.env["account.chart.template"].try_loading(
                "generic_coa", cls.company, install_demo=False
            )
        # Whoever was behind before these tests is no part of them.
        cls.env["dunning.case"].search([]).state = "done"
        cls.env["account.move.line"].search(
            [("account_type", "=", "asset_receivable"), ("reconciled", "=", False)]
        ).no_followup = True
        cls.env["service.connection"].search([]).active = False
        cls.bank_journal = cls.env["account.journal"].search(
            [("company_id", "=", cls.company.id), ("type", "=", "bank")], limit=1
        )

    def setUp(self):
        super().setUp()
        type(self).pingen = FakePingen()

    @classmethod
    def _draw_letter(cls, values):
        """A letter as our report makes it: the recipient in the window."""
        is_left = values["position"] == "left"
        return build_pdf(x=24 if is_left else 120, lines=values["address_lines"])

    # === BUILDERS === #

    @classmethod
    def _create_partner(cls, **values):
        return cls.env["res.partner"].create(
            {
                "name": "Jan Bos",
                "street": "Dam 1",
                "zip": "1012 JS",
                "city": "Amsterdam",
                "country_id": cls.env.ref("base.nl").id,
                "email": "jan.bos@example.org",
                "lang": "en_US",
                **values,
            }
        )

    @classmethod
    def _create_invoice(cls, partner, *days_overdue, amount=100.0, **values):
        """Posted invoices, one for each number of days."""
        invoices = cls.env["account.move"].create(
            [
                {
                    "move_type": "out_invoice",
                    "partner_id": partner.id,
                    "company_id": cls.company.id,
                    "invoice_date": cls.today - timedelta(days=days + 14),
                    "invoice_date_due": cls.today - timedelta(days=days),
                    "invoice_line_ids": [
                        fields.Command.create(
                            {"name": "Fee", "price_unit": amount, "tax_ids": []}
                        )
                    ],
                    **values,
                }
                for days in days_overdue
            ]
        )
        invoices.action_post()
        return invoices

    @classmethod
    def _get_item(cls, invoice):
        return invoice.line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )

    @classmethod
    def _create_case(cls, partner):
        return cls.env["dunning.case"].create(
            {"partner_id": partner.id, "company_id": cls.company.id}
        )

    @classmethod
    def _pay(cls, invoice, amount=None):
        """Money for an invoice, matched to it."""
        wizard = cls.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )
        values = {"payment_date": cls.today}
        if amount:
            values["amount"] = amount
        wizard.create(values)._create_payments()

    @classmethod
    def _connect_pingen(cls):
        """A connected account, without calling anything."""
        connection = cls._create_connection(
            "pingen",
            {
                "client_id": "id",
                "client_secret": "secret-of-a-test",
                "webhook_signing_key": "k" * 32,
            },
            company_id=cls.company.id,
            account_ref="org-1",
        )
        cls.company.letter_transport = "pingen"
        return connection

    # === JOBS === #

    def _run_dunning(self):
        self._run_cron("postal_dunning.ir_cron_run_dunning")

    def _run_hand_over(self):
        """The job, with every waiting letter due again."""
        letters = (
            self.env["snailmail.letter"].sudo().search([("transport", "=", "pingen")])
        )
        letters.date_next_try = False
        self._run_cron("postal_dunning.ir_cron_pingen_hand_over")

    def _run_cron(self, xmlid):
        with self.enter_registry_test_mode():
            self.env.ref(xmlid).sudo().method_direct_trigger()
        self.env.invalidate_all()
