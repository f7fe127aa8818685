"""Lives of payments at Mollie, told by webhooks that repeat, mix up, lie and get lost.

The sandbox's book is the judge, over real HTTP. The same lives are lived twice: once
with webhooks as they come in the world, once with none at all.
"""

import random
from collections import Counter
from contextlib import ExitStack
from datetime import timedelta
from decimal import Decimal
from typing import ClassVar

from odoo import fields
from odoo.exceptions import AccessDenied
from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.moneybird_reconcile.tests.common import MatchingCommon

from setup.lib.pytest_plugin import is_long, record
from tests.sandbox.client import SandboxClient
from tests.sandbox.testing import running_sandbox

#: what becomes of a payment: its steps, and how often out of a hundred
LIVES = {
    ("paid",): 48,
    ("pending", "paid"): 12,
    ("expired",): 8,
    ("failed",): 7,
    ("canceled",): 5,
    ("paid", "refund"): 6,
    ("paid", "part refund"): 5,
    ("paid", "chargeback"): 5,
    ("paid", "paid again"): 4,
}
DELIVERIES = 5  # of each life, repeats and lies included
LOST = 0.10
FORGED = 0.01
FORGED_ALWAYS = 3  # of each wave, so that a short run has lies as well
FAULTS = (
    {"kind": "status", "status": 500},
    {"kind": "half_body"},
    {"kind": "rate_limit", "retry_after": 1},
    {"kind": "timeout_after"},
)
LOGGER = "odoo.addons.connection_base.models.service_webhook_event"


@tagged("post_install", "-at_install")
class TestPaymentLives(MatchingCommon):
    outcomes: ClassVar[list] = []

    @classmethod
    def setUpClass(cls):
        stack = ExitStack()
        sandbox = stack.enter_context(running_sandbox())
        cls.addClassCleanup(stack.close)
        cls.sandbox = SandboxClient(sandbox.url)
        super().setUpClass()
        cls.count = 2000 if is_long() else 20
        first = cls._create_invoice(10)
        cls.invoices = first + cls._create_more(cls.count - 1)

    @classmethod
    def _create_more(cls, count):
        """Invoices of all other amounts, made and posted in bites."""
        quiet = cls.env["account.move"].with_context(tracking_disable=True)
        moves = quiet
        for start in range(1, count + 1, 200):
            made = quiet.create(
                [
                    {
                        "move_type": "out_invoice",
                        "partner_id": cls.jan.id,
                        "invoice_date": "2026-11-10",
                        "invoice_line_ids": [
                            Command.create(
                                {
                                    "name": "Dues",
                                    "price_unit": 10 + number / 100,
                                    "tax_ids": [Command.clear()],
                                }
                            )
                        ],
                    }
                    for number in range(start, min(start + 200, count + 1))
                ]
            )
            made.action_post()
            moves |= made
        return moves.with_env(cls.env)

    @classmethod
    def _create_source(cls, provider, **values):
        """Override of `_create_source` to let Mollie be the sandbox."""
        if provider == "mollie":
            values |= {
                "environment": "test",
                "test_base_url": f"{cls.sandbox.url}/mollie",
                "credentials": {"api_key": "test_key_for_payment_lives_1"},
            }
        return super()._create_source(provider, **values)

    def setUp(self):
        super().setUp()
        self.random = random.Random(20261120)  # noqa: S311 - the same lives each time
        self.sandbox.reset("mollie")
        self.tally = Counter()

    # --- Living -----------------------------------------------------------------------

    def _begin(self):
        """Make the payments; return what is still to happen to each."""
        kinds = [life for life, share in LIVES.items() for _ in range(share)]
        lives = [self.random.choice(kinds) for _invoice in self.invoices]
        rows = [
            {
                "amount": f"{invoice.amount_total:.2f}",
                "description": invoice.name,
                "consumerName": self.jan.name,
                "status": "open",
            }
            for invoice in self.invoices
        ]
        ids = self.sandbox.scene("mollie", payments=rows)["payments"]
        return [
            {"id": payment_id, "row": row, "steps": list(life)}
            for payment_id, row, life in zip(ids, rows, lives, strict=True)
        ]

    def _step(self, life):
        """Let the next thing happen; return the payment that Mollie would tell of."""
        step = life["steps"].pop(0)
        payment_id = life["id"]
        if step == "refund":
            self.sandbox.scene("mollie", refunds=[{"paymentId": payment_id}])
        elif step == "part refund":
            part = {"value": "4.00", "currency": "EUR"}
            refund = {"paymentId": payment_id, "amount": part}
            self.sandbox.scene("mollie", refunds=[refund])
        elif step == "chargeback":
            self.sandbox.scene("mollie", chargebacks=[{"paymentId": payment_id}])
        elif step == "paid again":
            again = {**life["row"], "status": "paid"}
            return self.sandbox.scene("mollie", payments=[again])["payments"][0]
        else:
            move = {"id": payment_id, "status": step}
            self.sandbox.scene("mollie", status=[move])
        return payment_id

    def _live(self, tell):
        """Let all lives happen, in waves.

        :param tell: called after each wave with the payments that changed
        """
        lives = self._begin()
        tell([life["id"] for life in lives])
        while left := [life for life in lives if life["steps"]]:
            tell([self._step(life) for life in left])

    # --- Telling ----------------------------------------------------------------------

    def _deliver(self, changed):
        """Deliver webhooks as the world does, and handle what was let in."""
        hints = [*changed]
        wanted = len(self.invoices) * DELIVERIES // 3
        hints += self.random.choices(changed, k=max(wanted - len(hints), 0))
        self.random.shuffle(hints)
        for place, payment_id in enumerate(hints):
            if self.random.random() < LOST:
                self.tally["lost"] += 1
                continue
            if place == FORGED_ALWAYS or self.random.random() < FORGED:
                self.tally["forged"] += 1
                payment_id = self.random.choice(("tr_forged99", "../etc", "<x>", ""))
            self._post(payment_id)
            self.tally["delivered"] += 1
        for fault in FAULTS:
            self.sandbox.fault(
                "mollie",
                path="^/v2/payments/",
                times=2 + self.count // 100,
                method="GET",
                **fault,
            )
        self._handle()
        self.sandbox.clear_faults("mollie")

    def _post(self, payment_id):
        """What the inbox does with one message."""
        body = f"id={payment_id}".encode()
        try:
            external_id = self.mollie._verify_webhook({}, body, {})
        except AccessDenied:
            self.tally["refused"] += 1
            return
        events = self.env["service.webhook.event"].sudo()
        events._store(self.mollie, external_id, body, {}, {})

    @mute_logger(LOGGER)
    def _handle(self):
        """Run the job that handles messages until it has nothing to do now."""
        cron = self.env.ref("connection_base.ir_cron_webhook")
        events = self.env["service.webhook.event"].sudo()
        for _round in range(20):
            waiting = events.search([("state", "=", "new")])
            if not waiting:
                return
            waiting.date_next_try = fields.Datetime.now()
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()

    def _sweep(self):
        """The hourly fetch."""
        self.mollie._sync_now()
        self.env.invalidate_all()

    def _night(self):
        """The nightly look at all that is not finished."""
        # A day goes by; the job runs as the system.
        receipts = self.env["matching.receipt"].sudo().search([])
        receipts.date_checked = fields.Datetime.now() - timedelta(days=1)
        with self.enter_registry_test_mode():
            self.env.ref("moneybird_reconcile.ir_cron_nightly").method_direct_trigger()
        self.env.invalidate_all()

    # --- Judging ----------------------------------------------------------------------

    def _expected(self):
        """Every euro that the sandbox's book says came or went: id → cents."""
        objects = self.sandbox.book("mollie")["objects"]
        money = {
            row["id"]: _cents(row["amount"])
            for row in objects.get("payment", [])
            if row["status"] == "paid"
        }
        for row in objects.get("refund", []):
            money[row["id"]] = -abs(_cents(row["amount"]))
        for row in objects.get("chargeback", []):
            money[row["id"]] = -abs(_cents(row["amount"]))
        return money

    def _judge(self):
        """The books of Odoo against the book of Mollie; return what to compare."""
        receipts = self.env["matching.receipt"].sudo()
        receipts = receipts.search([("connection_id", "=", self.mollie.id)])
        counted = receipts.filtered(
            lambda row: row.state in ("matched", "open", "error")
        )
        ours = Counter()
        for receipt in counted:
            ours[receipt.external_id] += round(receipt.amount * 100)
        expected = self._expected()
        self.assertEqual(dict(ours), expected, "each euro once, and none forgotten")
        booked = counted.filtered("statement_line_id")
        self.assertEqual(len(booked.statement_line_id), len(booked))
        journal = self.mollie._get_clearing("ideal").journal_id
        lines = self.env["account.bank.statement.line"].search(
            [("journal_id", "=", journal.id)]
        )
        self.assertEqual(
            round(sum(lines.mapped("amount")) * 100),
            round(sum(booked.mapped("amount")) * 100),
        )
        self.assertFalse(receipts.filtered(lambda row: not row.reason))
        self.assertGreater(len(booked), self.count * 0.5)
        return (
            sorted((row.kind, row.amount, row.state) for row in counted),
            self.invoices.mapped("amount_residual"),
            sum(expected.values()),
        )

    def _compare(self, outcome):
        """Both ways of living end in the same books, whichever is run first."""
        type(self).outcomes.append(outcome)
        self.assertEqual(outcome, self.outcomes[0])

    def test_bad_webhooks_end_in_the_books_of_the_service(self):
        """C4, C5, C8: 2,000 lives as 10,000 deliveries, 10 % lost, 1 % forged."""
        self._live(self._deliver)
        self._sweep()
        self._night()
        self._compare(self._judge())
        self.assertGreater(self.tally["delivered"], self.count * 3)
        for what in ("lost", "forged", "refused"):
            self.assertTrue(self.tally[what], what)
        record("payment lives", "lives", self.count)
        record("payment lives", "deliveries", dict(self.tally))
        record("payment lives", "difference to the service's book", 0, "cents")

    def test_without_any_webhook_the_books_are_the_same(self):
        """C4, C5: all webhooks lost; the fetch alone ends in the same books."""
        self._live(lambda changed: None)
        self._sweep()
        self._night()
        self._compare(self._judge())
        record("payment lives, no webhook", "difference to the book", 0, "cents")


def _cents(amount):
    """An amount of the service in cents."""
    return int(Decimal(amount["value"]) * 100)
