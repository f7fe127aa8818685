from odoo import fields, models

BITE = 200


class MatchingReceipt(models.Model):
    """Bank lines that others made (another addon, staff by hand) become receipts.

    A company says from which day on; without a day nobody's lines are touched. Lines on
    a clearing journal are ours and stay as they are.
    """

    _inherit = "matching.receipt"

    def _cron_adopt(self, batch_size=BITE):
        """Take up what came in since, bite by bite (C4)."""
        companies = self.env["res.company"].search(
            [("matching_lines_from", "!=", False)]
        )
        cron = self.env["ir.cron"]
        for company in companies:
            lines = self._get_lines_of_others(company)
            cron._commit_progress(remaining=len(lines))
            for start in range(0, len(lines), batch_size):
                bite = lines[start : start + batch_size].try_lock_for_update()
                self._adopt_lines(company, bite)
                if not cron._commit_progress(len(bite)):
                    return

    def _adopt_bank_lines(self, company):
        """Take up all bank lines of a company that nobody reconciled, and match them.

        :return: the new receipts
        """
        receipts = self.browse()
        lines = self._get_lines_of_others(company)
        for start in range(0, len(lines), BITE):
            receipts |= self._adopt_lines(company, lines[start : start + BITE])
        return receipts

    def _get_lines_of_others(self, company):
        known = self._search([("statement_line_id", "!=", False)])
        clearing_sudo = self.env["matching.clearing"].sudo()
        own = clearing_sudo.search([("company_id", "=", company.id)]).journal_id
        return self.env["account.bank.statement.line"].search(
            [
                ("company_id", "=", company.id),
                ("journal_id", "not in", own.ids),
                ("move_id.state", "=", "posted"),
                ("date", ">=", company.matching_lines_from),
                ("is_reconciled", "=", False),
                ("amount", "!=", 0),
                ("id", "not in", known.subselect("statement_line_id")),
            ],
            order="date, id",
        )

    def _adopt_lines(self, company, lines):
        receipts = self.with_company(company).create(
            [self._prepare_adopted_vals(line) for line in lines]
        )
        receipts._match()
        return receipts

    def _prepare_adopted_vals(self, line):
        texts = (line.payment_ref, line.ref)
        return {
            "company_id": line.company_id.id,
            "source": "bank",
            "fingerprint": f"line:{line.id}",
            "name": line.payment_ref or line.move_id.name,
            "journal_id": line.journal_id.id,
            "statement_line_id": line.id,
            "date": line.date,
            "amount": line.amount,
            "currency_id": line.currency_id.id,
            "currency_code": line.currency_id.name,
            "payer_name": line.partner_name or line.partner_id.name,
            "payer_iban": line.account_number,
            "description": "\n".join(filter(None, texts)),
            "state": "open",
            "date_checked": fields.Datetime.now(),
        }
