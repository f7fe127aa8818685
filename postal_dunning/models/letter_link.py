import secrets

from odoo import api, fields, models

#: without letters and digits that look alike on paper
ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
LENGTH = 12


class LetterLink(models.Model):
    """A short address that is printed on paper and leads to what is to be paid.

    Twelve of 31 characters are 59 bits: nobody finds another's by trying. It opens no
    more than the page that the invoice's own link opens.
    """

    _name = "letter.link"
    _description = "Address to Pay, Printed on a Letter"

    code = fields.Char(required=True, readonly=True, copy=False)
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    move_id = fields.Many2one(
        "account.move", readonly=True, index="btree_not_null", ondelete="cascade"
    )
    message_id = fields.Many2one(
        "dunning.message", readonly=True, index="btree_not_null", ondelete="cascade"
    )

    date_opened = fields.Datetime(
        readonly=True, copy=False, help="When the debtor first opened it."
    )

    _code_uniq = models.UniqueIndex("(code)")

    @api.model
    def _get_url(self, record):
        """The address for an invoice or a message; the same each time.

        :param record: one ``account.move`` or ``dunning.message``
        """
        name = "move_id" if record._name == "account.move" else "message_id"
        # Links are of no use to people in the office: nobody has rights on them.
        links_sudo = self.sudo()
        link = links_sudo.search([(name, "=", record.id)], limit=1)
        if not link:
            link = links_sudo.create(
                {
                    name: record.id,
                    "company_id": record.company_id.id,
                    "code": "".join(secrets.choice(ALPHABET) for _n in range(LENGTH)),
                }
            )
        moves = link._get_moves()
        return f"{moves[:1].get_base_url()}/l/{link._format_code()}"

    def _format_code(self):
        parts = [self.code[at : at + 4] for at in range(0, LENGTH, 4)]
        return "-".join(parts)

    @api.model
    def _find(self, typed):
        """The link for what was typed, whatever its case and dashes."""
        code = "".join(char for char in typed.upper() if char.isalnum())
        if len(code) != LENGTH:
            return self.browse()
        return self.search([("code", "=", code)], limit=1)

    def _note_opened(self):
        """Whoever opened it got the message: nobody else has the code."""
        unopened = self.filtered(lambda one: not one.date_opened)
        unopened.date_opened = fields.Datetime.now()

    def _get_moves(self):
        return self.move_id or self.message_id.line_ids.move_id

    def _prepare_page_values(self):
        """Values of the page that lists what a reminder asks for, as it is now."""
        self.ensure_one()
        message = self.message_id
        moves = self._get_moves()
        currency = message.currency_id
        total = sum(moves.mapped("amount_residual"))
        values = {
            "moves": moves,
            "company": self.company_id,
            "letter_name": message.name,
            "pay_url": "",
            "currency": currency,
            "total": total,
        }
        if currency.compare_amounts(total, 0) > 0:
            values |= self.env["letter.payment"]._prepare(
                message, message._get_bank(), total, message._get_payment_reference()
            )
        return values
