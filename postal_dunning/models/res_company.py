from odoo import api, fields, models

from .. import const


class ResCompany(models.Model):
    _inherit = "res.company"

    letter_transport = fields.Selection(
        [
            ("none", "No letters"),
            ("odoo", "Odoo's letter service"),
            ("pingen", "Pingen, own account"),
        ],
        string="Letters Leave Through",
        default="none",
        required=True,
    )
    letter_position = fields.Selection(
        [
            ("country", "As usual in the recipient's country"),
            ("left", "Left"),
            ("right", "Right"),
        ],
        string="Address Window",
        default="country",
        required=True,
    )
    letter_invoice_form = fields.Selection(
        [
            ("letter", "Our letter with address window"),
            ("cover", "A cover page, then your own document"),
            ("plain", "Your own document as it is"),
        ],
        string="Invoices by Post",
        default="letter",
        required=True,
        help="Our letter holds all of the invoice, with a code and an address to pay. "
        "Your own document goes by post as it is only where its address stands in the "
        "window; a cover page costs one page and fits every document.",
    )
    letter_product = fields.Selection(
        const.PRODUCTS,
        string="Postal Product",
        default="cheap",
        required=True,
    )
    letter_budget = fields.Monetary(
        "Budget for Letters",
        help="Most that letters of one month may cost; 0 is no limit. "
        "Letters beyond it wait for the next month or a higher budget.",
    )
    letter_budget_spent = fields.Monetary(
        "Spent This Month", compute="_compute_letter_budget_spent"
    )
    dunning_run = fields.Integer(
        readonly=True, help="Number of the collection run that works or worked last."
    )
    dunning_run_is_open = fields.Boolean(
        readonly=True, help="The run was not finished; the next job goes on with it."
    )

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        companies._create_dunning_policy()
        return companies

    def write(self, vals):
        """Override to stop letters that would leave another way than wanted."""
        moved = self.browse()
        if "letter_transport" in vals:
            moved = self.filtered(
                lambda company: company.letter_transport != vals["letter_transport"]
            )
        result = super().write(vals)
        moved._cancel_waiting_letters()
        if "letter_budget" in vals:
            self._wake_over_budget()
        return result

    def _cancel_waiting_letters(self):
        """Letters made for the old transport never leave through the new one."""
        for company in self:
            letters = (
                self.env["snailmail.letter"]
                .sudo()
                .search(
                    [
                        ("company_id", "=", company.id),
                        ("transport", "!=", company.letter_transport),
                    ]
                )
            )
            letters._cancel_unsent(self.env._("Letters were switched off."))

    def _create_dunning_policy(self):
        """Give each company the standard steps; they do nothing until switched on."""
        for company in self:
            existing = (
                self.env["dunning.policy"]
                .sudo()
                .search_count([("company_id", "=", company.id)], limit=1)
            )
            if not existing:
                self.env["dunning.policy"].sudo()._create_standard(company)
