from odoo import fields, models

DRAFT = ("draft", "sent")


class SaleOrder(models.Model):
    """A consumer asks at the checkout to begin before the 14 days are over.

    Without such a request, given expressly, nothing is owed for the days until a
    withdrawal (Directive 2011/83/EU articles 7(3), 8(8) and 14(3) and (4)). The text
    that was shown and the moment are kept, and confirmed by mail with the order.
    """

    _inherit = "sale.order"

    date_start_requested = fields.Datetime(
        string="Early Start Requested", readonly=True, copy=False
    )
    start_request_text = fields.Text(
        string="Early Start: What Was Asked", readonly=True, copy=False
    )

    def _get_start_request_lines(self):
        """Return the lines of plans that can begin early: services, not goods."""
        return self.order_line.filtered(
            lambda line: (
                line.subscription_plan_id and not line.subscription_plan_id.is_shipped
            )
        )

    def _is_start_request_offered(self):
        """Whether the buyer is asked: a consumer, in the shop, with such a plan."""
        self.ensure_one()
        return (
            self.state in DRAFT
            and bool(self.website_id and self._get_start_request_lines())
            and self.partner_id._is_consumer()
        )

    def _get_start_request_text(self):
        """Return what the consumer asks and knows, in the language of the page."""
        return self.env._(
            "I ask expressly that you begin at once, before the 14 days are over in "
            "which I may withdraw. I know: if I withdraw, I pay the share of the price "
            "for the days until then; and once everything has been provided, I can no "
            "longer withdraw."
        )

    def _request_start(self, is_requested):
        """Keep or forget the request, with its moment and text.

        :param bool is_requested: what the buyer ticked
        :return: whether it is kept
        :rtype: bool
        """
        self.ensure_one()
        is_kept = bool(is_requested) and self._is_start_request_offered()
        if is_kept or self.date_start_requested:
            self.write(
                {
                    "date_start_requested": is_kept and fields.Datetime.now(),
                    "start_request_text": is_kept and self._get_start_request_text(),
                }
            )
        return is_kept

    # === SELLING === #

    def _prepare_subscription_vals(self, plan, lines):
        """Override of `_prepare_subscription_vals` to hand the request on."""
        values = super()._prepare_subscription_vals(plan, lines)
        if self.date_start_requested and not plan.is_shipped:
            values |= {
                "date_start_requested": self.date_start_requested,
                "start_request_text": self.start_request_text,
            }
        return values

    def _create_subscriptions(self):
        """Override of `_create_subscriptions` to confirm the request by mail."""
        known = self.order_line.subscription_id
        res = super()._create_subscriptions()
        # Sudo: what the order started, whoever confirmed it.
        started_sudo = (self.order_line.subscription_id - known).sudo()
        if requested_sudo := started_sudo.filtered("date_start_requested"):
            self._confirm_start_request(requested_sudo)
        return res

    def _confirm_start_request(self, subscriptions_sudo):
        """Mail what was asked and when: the confirmation on a durable medium.

        The mail stays with the order.
        """
        partner = self.partner_id
        company = self.company_id
        order = self.with_context(lang=partner.lang or self.env.lang)
        values = {
            "order": order,
            "subscriptions": subscriptions_sudo.with_env(order.env),
            "company": company,
            "accent": company._get_portal_accent(),
            "lang": order.env.lang or "en_US",
            "tz": company.partner_id.tz or "Europe/Amsterdam",
            "site_url": self.get_base_url(),
        }
        # Sudo: visitors and salespeople write no mails of their own.
        self.env["mail.mail"].sudo().create(
            {
                "subject": order.env._(
                    "You asked us to begin at once (%(order)s)", order=self.name
                ),
                "body_html": order.env["ir.qweb"]._render(
                    "customer_portal_subscription.start_request_mail", values
                ),
                "email_to": partner.email,
                "email_from": company.email_formatted or self.env.user.email_formatted,
                "model": self._name,
                "res_id": self.id,
            }
        )
