from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain

from .matching_receipt_match import OPEN_ACCOUNTS

MAX_FOUND = 20
#: Accounts whose money has an item or a bank of its own: nothing is written off there.
NO_WRITE_OFF = (
    *("asset_receivable", "liability_payable", "asset_cash", "liability_credit_card"),
    "off_balance",
)


class MatchingReceipt(models.Model):
    """Matching by hand: split over items, write off with account and reason."""

    _inherit = "matching.receipt"

    def action_match(self, lines):
        """Book a receipt as a person divides it.

        A write-off is a line like the others: money left over has the sign of the
        receipt, a shortage the other one (15.00 on the item, -0.50 written off).

        :param lines: list of ``{"ledger": "odoo" | "moneybird" | "account", "id": int,
            "amount": float, "label": str}``; the label is the reason of a write-off. At
            Moneybird it is ``"moneybird_account"`` and follows its invoice.
        :raises UserError: it does not add up, or an item is not as open as that
        """
        self.ensure_one()
        self.check_access("write")
        if not lines:
            raise UserError(self.env._("Choose at least one item."))
        vals_list = self._prepare_hand_lines(lines)
        self._check_total(sum(vals["amount"] for vals in vals_list))
        # Who handles receipts decides; proposals are our own records.
        proposal_sudo = (
            self.env["matching.proposal"]
            .sudo()
            .create(
                {
                    "receipt_id": self.id,
                    "sequence": 99,
                    "score": 100,
                    "evidence": [
                        {
                            "code": "by_hand",
                            "group": "hand",
                            "weight": 100,
                            "values": {},
                        }
                    ],
                    "line_ids": [Command.create(vals) for vals in vals_list],
                }
            )
        )
        self._book([(self, proposal_sudo)], is_automatic=False)
        return True

    def _prepare_hand_lines(self, lines):
        """Values of the proposal's lines, each checked by itself."""
        return [self._prepare_hand_line(line) for line in lines]

    def _prepare_hand_line(self, line):
        currency = self.currency_id
        amount = currency.round(float(line.get("amount") or 0.0))
        if currency.is_zero(amount):
            raise UserError(self.env._("An amount is missing."))
        key = int(line.get("id") or 0)
        label = line.get("label") or ""
        vals = self._prepare_hand_part(line.get("ledger"), key, amount, label)
        return {**vals, "amount": amount}

    def _prepare_hand_part(self, ledger, key, amount, label):
        """What one part of the money is for.

        :raises UserError: there is no such item or account
        """
        if ledger == "odoo":
            return self._prepare_hand_item(key, amount)
        if ledger == "account":
            return self._prepare_hand_write_off(key, label)
        raise UserError(self.env._("Choose an item or an account."))

    def _prepare_hand_item(self, key, amount):
        # Readable for whoever sees receipts: the group reads accounting.
        item = self.env["account.move.line"].search(
            Domain("id", "=", key) & self._get_hand_domain()
        )
        if not item:
            raise UserError(self.env._("This item is not open any more."))
        self._check_part(item.move_id.name, amount, item.amount_residual_currency)
        return {"move_line_id": key, "amount_open": item.amount_residual_currency}

    def _prepare_hand_write_off(self, key, label):
        account = self.env["account.account"].search(
            [
                *self.env["account.account"]._check_company_domain(self.company_id),
                ("id", "=", key),
                ("account_type", "not in", NO_WRITE_OFF),
            ]
        )
        if not account:
            raise UserError(self.env._("Choose an account of profit, loss or costs."))
        if not label.strip():
            raise UserError(self.env._("A write-off needs a reason."))
        return {"account_id": key, "label": label.strip()[:200]}

    def _check_part(self, name, amount, left):
        if (
            amount * left <= 0
            or self.currency_id.compare_amounts(abs(amount), abs(left)) > 0
        ):
            raise UserError(
                self.env._(
                    "%(item)s has only %(open)s open.",
                    item=name,
                    open=self.currency_id.format(left),
                )
            )

    def _check_total(self, total):
        """The parts are some of the money, and never more than is left of it."""
        currency = self.currency_id
        if (
            total * self.amount_left <= 0
            or currency.compare_amounts(abs(total), abs(self.amount_left)) > 0
        ):
            raise UserError(
                self.env._(
                    "The parts add up to %(total)s, but %(left)s is left to match.",
                    total=currency.format(total),
                    left=currency.format(self.amount_left),
                )
            )

    def _get_hand_domain(self):
        """Items in Odoo that this receipt may pay, most of all documents."""
        self.ensure_one()
        return Domain(
            [
                ("company_id", "=", self.company_id.id),
                ("parent_state", "=", "posted"),
                ("account_id.account_type", "in", OPEN_ACCOUNTS),
                ("reconciled", "=", False),
                ("currency_id", "=", self.currency_id.id),
                ("amount_residual_currency", ">" if self.amount > 0 else "<", 0),
            ]
        )

    def action_find_items(self, text, chosen=None):
        """Open items whose number, customer or amount a person types, then accounts.

        :param text: what was typed; empty gives the oldest items
        :param chosen: where the parts chosen before are; the others are there too
        :return: list of dicts, at most 20 of each
        """
        self.ensure_one()
        text = (text or "").strip()
        ledgers = self._get_hand_ledgers(chosen)
        rows = []
        if "odoo" in ledgers:
            rows += self._find_in_odoo(text)
        if "moneybird" in ledgers:
            rows += self._find_at_moneybird(text)
        return rows[:MAX_FOUND] + self._find_accounts(text, ledgers)

    def _get_hand_ledgers(self, _chosen):
        """Where items are looked for."""
        return self._get_ledgers()

    def _find_accounts(self, text, _ledgers):
        if not text:
            return []
        accounts = self.env["account.account"].search(
            [
                *self.env["account.account"]._check_company_domain(self.company_id),
                ("account_type", "not in", NO_WRITE_OFF),
                "|",
                ("code", "=ilike", f"{text}%"),
                ("name", "ilike", text),
            ],
            limit=MAX_FOUND,
        )
        return [
            {
                "ledger": "account",
                "id": account.id,
                "name": account.display_name,
                "partner": "",
                "date_due": False,
                "amount_open": 0.0,
            }
            for account in accounts
        ]

    @staticmethod
    def _amount_of(text):
        try:
            return abs(float(text.replace(",", ".")))
        except ValueError:
            return None

    def _find_in_odoo(self, text):
        domain = self._get_hand_domain()
        if text:
            found = (
                Domain("move_id.name", "ilike", text)
                | Domain("move_id.payment_reference", "ilike", text)
                | Domain("partner_id", "ilike", text)
            )
            amount = self._amount_of(text)
            if amount is not None:
                found |= Domain("amount_residual_currency", "in", [amount, -amount])
            domain &= found
        items = self.env["account.move.line"].search(
            domain, limit=MAX_FOUND, order="date_maturity, id"
        )
        # Only the order is told of what else is kept about them.
        first = self._find_first_paid(items.sudo(), self.company_id)
        items = items.sorted(lambda item: item.move_id.id not in first)
        return [
            {
                "ledger": "odoo",
                "id": item.id,
                "name": item.move_id.name,
                "partner": item.partner_id.name or "",
                "date_due": item.date_maturity and str(item.date_maturity),
                "amount_open": item.amount_residual_currency,
            }
            for item in items
        ]
