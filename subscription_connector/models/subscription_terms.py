from odoo import fields, models

from .. import const

#: What a subscription keeps of its plan from the day it was agreed.
TERMS = (
    "billing_time",
    "alignment",
    "trial_count",
    "trial_unit",
    "trial_price",
    "intro_discount",
    "intro_count",
    "minimum_count",
    "notice_count",
    "notice_unit",
    "cancel_mode",
    "pause_settlement",
    "debit_notice_days",
    "charge_time",
    "is_shipped",
)


class SubscriptionTerms(models.AbstractModel):
    """When, how and for how long is billed: on the plan, and as it was agreed."""

    _name = "subscription.terms"
    _description = "Terms of Billing"

    currency_id = fields.Many2one("res.currency")
    billing_time = fields.Selection(
        [("advance", "In advance"), ("arrears", "In arrears")],
        string="Billed",
        default="advance",
        required=True,
        help="In advance: on the first day of a period. In arrears: the day after "
        "its last day.",
    )
    alignment = fields.Selection(
        [("anniversary", "Day of the start"), ("calendar", "Calendar")],
        string="Periods Follow",
        default="anniversary",
        required=True,
        help="Calendar: periods begin with the month, quarter, year or week; the "
        "first one is shorter and costs its share of days.",
    )
    trial_count = fields.Integer(
        string="Trial", help="0: no trial. The first regular period follows it."
    )
    trial_unit = fields.Selection(
        [
            ("day", "Days"),
            ("week", "Weeks"),
            ("month", "Months"),
            ("period", "Periods"),
        ],
        string="Unit of the Trial",
        default="day",
        required=True,
    )
    trial_price = fields.Monetary(
        string="Price of the Trial", help="For the whole trial; 0: it is free."
    )
    intro_discount = fields.Float(
        string="Discount at the Start (%)",
        digits="Discount",
        help="On the first regular periods; one-time fees are not reduced.",
    )
    intro_count = fields.Integer(string="Periods with Discount")
    minimum_count = fields.Integer(
        string="Minimum Term",
        help="Number of regular periods before the customer may leave; 0: none.",
    )
    notice_count = fields.Integer(string="Notice Period", help="0: none.")
    notice_unit = fields.Selection(
        [("day", "Days"), ("week", "Weeks"), ("month", "Months")],
        string="Unit of the Notice Period",
        default="month",
        required=True,
    )
    cancel_mode = fields.Selection(
        const.CANCEL_MODES,
        string="It Ends",
        default="period",
        required=True,
        help="Consumers in the Netherlands and Germany may leave on any day with a "
        "month's notice once the first term is over (art. 6:236 j BW, § 309 Nr. 9 "
        "BGB).",
    )
    pause_settlement = fields.Selection(
        const.SETTLEMENTS,
        string="Billed Days of a Pause",
        default="shift",
        required=True,
        help="What happens to days that were billed already when a pause begins.",
    )
    debit_notice_days = fields.Integer(
        string="Direct Debit Notice",
        default=14,
        help="Days between the invoice and its direct debit, as agreed in the mandate "
        "(SEPA: 14 unless a shorter term was agreed). Cards are charged at once.",
    )
    charge_time = fields.Selection(
        [
            ("after", "After the invoice is posted"),
            ("before", "Before: no invoice unless it is paid"),
        ],
        string="Charged",
        default="after",
        required=True,
        help="Before: the draft is posted, and the goods are ordered, when the "
        "payment succeeds. A direct debit is always announced by a posted invoice.",
    )
    is_shipped = fields.Boolean(
        string="Delivered Each Period",
        help="Each billed period makes a confirmed sales order, which is delivered "
        "like any other.",
    )

    _terms_sensible = models.Constraint(
        "CHECK (trial_count >= 0 AND trial_price >= 0 AND intro_count >= 0 "
        "AND intro_discount >= 0 AND intro_discount <= 100 AND minimum_count >= 0 "
        "AND notice_count >= 0 AND debit_notice_days >= 0)",
        "A term cannot be negative, and a discount is at most 100 %.",
    )
