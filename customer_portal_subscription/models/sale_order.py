from odoo import fields, models

DRAFT = ("draft", "sent")
EARLY_START = "early_start"
DIGITAL_CONTENT = "digital_content"
# What a consumer may tick: where the moment and the text of it are kept, on the order
# and on the subscription.
CONSENTS = {
    EARLY_START: ("date_start_requested", "start_request_text"),
    DIGITAL_CONTENT: ("date_content_agreed", "content_agreed_text"),
}


class SaleOrder(models.Model):
    """A consumer says at the checkout what changes his right to withdraw.

    *Early start* of a service: without a request, given expressly, nothing is owed for
    the days until a withdrawal (Directive 2011/83/EU articles 7(3), 8(8), 14(3) and
    (4)). *Digital content*: without consent to begin and the acknowledgement that the
    right is lost, both given expressly, and a confirmation on a durable medium, the
    right stays and the content costs nothing (articles 14(4)(b) and 16(m)).

    The text that was shown and the moment are kept, and confirmed by mail with the
    order. Nobody has to tick anything to order.
    """

    _inherit = "sale.order"

    date_start_requested = fields.Datetime(
        string="Early Start Requested", readonly=True, copy=False
    )
    start_request_text = fields.Text(
        string="Early Start: What Was Asked", readonly=True, copy=False
    )
    date_content_agreed = fields.Datetime(
        string="Digital Content Agreed", readonly=True, copy=False
    )
    content_agreed_text = fields.Text(
        string="Digital Content: What Was Agreed", readonly=True, copy=False
    )

    def _get_consent_plans(self, kind):
        """Return the plans of the cart that a consent is about; never goods."""
        plans = self.order_line.subscription_plan_id
        is_digital = kind == DIGITAL_CONTENT
        return plans.filtered(
            lambda plan: not plan.is_shipped and plan.is_digital_content == is_digital
        )

    def _is_consent_asked(self, kind):
        """Whether the buyer is asked: a consumer, in the shop, with such a plan."""
        self.ensure_one()
        return (
            self.state in DRAFT
            and bool(self.website_id and self._get_consent_plans(kind))
            and self.partner_id._is_consumer()
        )

    def _is_withdraw_told(self):
        """Whether the buyer is told where to withdraw, before he orders.

        Article 6(1)(h) of the Directive: that the function is there and where.
        """
        self.ensure_one()
        return (
            bool(self.order_line.subscription_plan_id)
            and self.partner_id._is_consumer()
            and self.company_id._is_declaration_offered("withdraw")
        )

    def _get_consent_text(self, kind):
        """Return what the consumer says, of which plans, in the page's language."""
        names = ", ".join(self._get_consent_plans(kind).mapped("name"))
        if kind == DIGITAL_CONTENT:
            text = self.env._(
                "I agree expressly that you begin to deliver the digital content "
                "before the 14 days are over in which I may withdraw. I know that I "
                "lose my right to withdraw once the delivery has begun."
            )
        else:
            text = self.env._(
                "I ask expressly that you begin at once, before the 14 days are over "
                "in which I may withdraw. I know: if I withdraw, I pay the share of "
                "the price for the days until then; and once everything has been "
                "provided, I can no longer withdraw."
            )
        return f"{names}: {text}"

    def _keep_consent(self, kind, is_given):
        """Keep or forget what the buyer ticked, with its moment and text.

        :param str kind: one of ``CONSENTS``
        :param bool is_given: what the buyer ticked
        :return: whether it is kept
        :rtype: bool
        """
        self.ensure_one()
        moment, text = CONSENTS[kind]
        is_kept = bool(is_given) and self._is_consent_asked(kind)
        if is_kept or self[moment]:
            self.write(
                {
                    moment: is_kept and fields.Datetime.now(),
                    text: is_kept and self._get_consent_text(kind),
                }
            )
        return is_kept

    # === SELLING === #

    def _prepare_subscription_vals(self, plan, lines):
        """Override of `_prepare_subscription_vals` to hand on what was ticked."""
        values = super()._prepare_subscription_vals(plan, lines)
        for kind, (moment, text) in CONSENTS.items():
            if self[moment] and plan in self._get_consent_plans(kind):
                values |= {moment: self[moment], text: self[text]}
        return values

    def _create_subscriptions(self):
        """Override of `_create_subscriptions` to confirm by mail what was ticked."""
        known = self.order_line.subscription_id
        res = super()._create_subscriptions()
        # Sudo: what the order started, whoever confirmed it.
        started_sudo = (self.order_line.subscription_id - known).sudo()
        ticked_sudo = started_sudo.filtered(
            lambda own: own.date_start_requested or own.date_content_agreed
        )
        if ticked_sudo:
            mail_sudo = self._confirm_consents(ticked_sudo)
            agreed_sudo = ticked_sudo.filtered("date_content_agreed")
            agreed_sudo.content_mail_id = mail_sudo
        return res

    def _confirm_consents(self, subscriptions_sudo):
        """Mail what was ticked and when: the confirmation on a durable medium.

        The mail stays with the order.

        :return: the mail (sudo), waiting to be sent
        """
        partner = self.partner_id
        company = self.company_id
        order = self.with_context(lang=partner.lang or self.env.lang)
        values = {
            "order": order,
            "consents": [
                (order[moment], order[text])
                for moment, text in CONSENTS.values()
                if subscriptions_sudo.filtered(moment)
            ],
            "subscriptions": subscriptions_sudo.with_env(order.env),
            "company": company,
            "accent": company._get_portal_accent(),
            "lang": order.env.lang or "en_US",
            "tz": company.partner_id.tz or "Europe/Amsterdam",
            "site_url": self.get_base_url(),
        }
        subject = order.env._(
            "What you ticked with your order %(order)s", order=self.name
        )
        body = order.env["ir.qweb"]._render(
            "customer_portal_subscription.consent_mail", values
        )
        return company._send_portal_mail(
            partner.email, subject, body, model=self._name, res_id=self.id
        )
