from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from .matching_receipt_hand import MAX_FOUND

MONEYBIRD = "moneybird"
REMOTE_ACCOUNT = "moneybird_account"
#: Accounts at Moneybird whose money has an item or a bank of its own.
REMOTE_NO_WRITE_OFF = (
    *("current_assets", "current_liabilities", "non_current_assets"),
    *("non_current_liabilities", "temporary"),
)
WRITE_OFF_MARK = "write-off"


class MatchingReceipt(models.Model):
    """Matching by hand with invoices at Moneybird, and writing off there.

    A shortage is written off with a second payment against a ledger account; Moneybird
    takes nothing without an invoice, so money left over waits for one.
    """

    _inherit = "matching.receipt"

    def _prepare_hand_lines(self, lines):
        """Override of `_prepare_hand_lines`: a write-off has its invoice before it."""
        vals_list = super()._prepare_hand_lines(lines)
        items = [vals for vals in vals_list if vals.get("open_item_id")]
        others = {"move_line_id", "account_id"}
        if items and any(others & vals.keys() for vals in vals_list):
            raise UserError(
                self.env._(
                    "One match cannot be in two ledgers. An invoice at Moneybird is "
                    "written off on an account of Moneybird."
                )
            )
        item_vals = None
        written_off = set()
        for vals in vals_list:
            if vals.get("open_item_id"):
                item_vals = vals
            elif vals.get("ledger_account_id"):
                self._check_remote_write_off(vals, item_vals, written_off)
                vals["open_item_id"] = item_vals["open_item_id"]
                written_off.add(item_vals["open_item_id"])
        return vals_list

    def _check_remote_write_off(self, vals, item_vals, written_off):
        if not item_vals:
            raise UserError(
                self.env._(
                    "Choose the invoice at Moneybird first, then what is written off "
                    "of it."
                )
            )
        if item_vals["open_item_id"] in written_off:
            raise UserError(self.env._("One write-off for each invoice at Moneybird."))
        item = self.env["matching.open.item"].browse(item_vals["open_item_id"])
        account = self.env["matching.ledger.account"].browse(vals["ledger_account_id"])
        if account.connection_id != item.connection_id:
            raise UserError(
                self.env._("This account is of another administration at Moneybird.")
            )
        amount, paid = vals["amount"], item_vals["amount"]
        if amount * paid > 0:
            raise UserError(
                self.env._(
                    "Moneybird books no money without an invoice. Leave what is over "
                    "unmatched: it stays in the list Open until there is an invoice "
                    "for it or it is paid back."
                )
            )
        if self.currency_id.compare_amounts(abs(amount), abs(paid)) >= 0:
            raise UserError(
                self.env._(
                    "Nothing would be paid. Make a credit invoice at Moneybird instead."
                )
            )

    def _prepare_hand_part(self, ledger, key, amount, label):
        """Override of `_prepare_hand_part` for what is at Moneybird."""
        if ledger == MONEYBIRD:
            return self._prepare_hand_remote(key, amount)
        if ledger == REMOTE_ACCOUNT:
            return self._prepare_remote_write_off(key, label)
        return super()._prepare_hand_part(ledger, key, amount, label)

    def _prepare_hand_remote(self, key, amount):
        if MONEYBIRD not in self._get_ledgers():
            raise UserError(
                self.env._("The payments of this source are booked in Odoo.")
            )
        item = self.env["matching.open.item"].search(
            [
                ("id", "=", key),
                ("is_open", "=", True),
                ("company_id", "=", self.company_id.id),
            ]
        )
        if not item:
            raise UserError(self.env._("This item is not open any more."))
        self._check_part(item.number, amount, item.amount_open)
        return {"open_item_id": key, "amount_open": item.amount_open}

    def _prepare_remote_write_off(self, key, label):
        domain = Domain("id", "=", key) & self._get_remote_account_domain()
        if not self.env["matching.ledger.account"].search(domain):
            raise UserError(self.env._("Choose an account of profit, loss or costs."))
        if not label.strip():
            raise UserError(self.env._("A write-off needs a reason."))
        return {"ledger_account_id": key, "label": label.strip()[:200]}

    def _get_remote_account_domain(self):
        return Domain(
            [
                ("company_id", "=", self.company_id.id),
                ("account_type", "not in", REMOTE_NO_WRITE_OFF),
            ]
        )

    # --- Finding ----------------------------------------------------------------------

    def _get_hand_ledgers(self, chosen):
        """Override of `_get_hand_ledgers`: all parts of a match are in one ledger."""
        ledgers = super()._get_hand_ledgers(chosen)
        if not chosen:
            return ledgers
        remote = chosen in (MONEYBIRD, REMOTE_ACCOUNT)
        return tuple(name for name in ledgers if (name == MONEYBIRD) == remote)

    def _find_accounts(self, text, ledgers):
        """Override of `_find_accounts`: Moneybird's own beside an invoice there."""
        if ledgers != (MONEYBIRD,):
            return super()._find_accounts(text, ledgers)
        if not text:
            return []
        accounts = self.env["matching.ledger.account"].search(
            self._get_remote_account_domain() & Domain("name", "ilike", text),
            limit=MAX_FOUND,
        )
        return [
            {
                "ledger": REMOTE_ACCOUNT,
                "id": account.id,
                "name": account.name,
                "partner": "Moneybird",
                "date_due": False,
                "amount_open": 0.0,
            }
            for account in accounts
        ]

    def _find_at_moneybird(self, text):
        domain = Domain(
            [
                ("company_id", "=", self.company_id.id),
                ("is_open", "=", True),
                ("currency_id", "=", self.currency_id.id),
                ("amount_open", ">" if self.amount > 0 else "<", 0),
            ]
        )
        if text:
            found = (
                Domain("number", "ilike", text)
                | Domain("reference", "ilike", text)
                | Domain("partner_name", "ilike", text)
            )
            amount = self._amount_of(text)
            if amount is not None:
                found |= Domain("amount_open", "in", [amount, -amount])
            domain &= found
        return [
            {
                "ledger": "moneybird",
                "id": item.id,
                "name": item.number or item.external_id,
                "partner": item.partner_name or "",
                "date_due": item.date_due and fields.Date.to_string(item.date_due),
                "amount_open": item.amount_open,
            }
            for item in self.env["matching.open.item"].search(domain, limit=MAX_FOUND)
        ]

    # --- Planning ---------------------------------------------------------------------

    def _plan_at_moneybird(self, proposal, is_automatic):
        """Override of `_plan_at_moneybird`: less is paid where some is written off."""
        write_offs = proposal.line_ids.filtered("ledger_account_id")
        bookings = super()._plan_at_moneybird(proposal, is_automatic)
        for line in write_offs:
            rows = bookings.filtered(
                lambda row, line=line: row.open_item_id == line.open_item_id
            )
            payment = rows.filtered(lambda row: not row.ledger_account_id)
            write_off = rows - payment
            payment.amount += line.amount
            write_off.write(
                {
                    "amount": 0.0,
                    "amount_written_off": -line.amount,
                    "label": line.label,
                    "identifier": f"{write_off.identifier}:{WRITE_OFF_MARK}",
                }
            )
        return bookings
