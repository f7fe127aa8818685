from odoo import models


class SubscriptionPlan(models.Model):
    """The terms of a plan in sentences, for whoever is about to order it."""

    _inherit = "subscription.plan"

    def _get_order_texts(self, amount, currency):
        """Return price, beginning, duration and end, a sentence each.

        :param float amount: per period, taxes included
        :param currency: of the amount
        :rtype: list[str]
        """
        self.ensure_one()
        price = self.env._(
            "%(amount)s %(interval)s.",
            amount=currency.format(amount),
            interval=self.interval_label,
        )
        texts = (
            price,
            self._get_beginning_text(currency),
            self._get_duration_text(),
            self._get_minimum_text(),
            self._get_notice_text(),
        )
        return [text for text in texts if text]

    def _get_beginning_text(self, currency):
        """Say how the first payment differs, if it does."""
        if self.trial_count:
            length = self._get_length(self.trial_count, self.trial_unit)
            if not self.trial_price:
                return self.env._("Free at first: %(length)s.", length=length)
            return self.env._(
                "At first %(price)s for %(length)s.",
                price=self.currency_id.format(self.trial_price),
                length=length,
            )
        if self.intro_count and self.intro_discount:
            return self.env._(
                "%(discount)s %% off at first: %(length)s.",
                discount=f"{self.intro_discount:g}",
                length=self._get_length(self.intro_count, "period"),
            )
        if self.alignment == "calendar":
            return self.env._(
                "The first period is shorter and costs its share of days."
            )
        return ""

    def _get_duration_text(self):
        if not self.period_count:
            return self.env._("It goes on until you cancel it.")
        length = self._get_length(self.period_count, "period")
        if self.after_term == "renew":
            return self.env._(
                "It lasts %(length)s and then goes on until you cancel it.",
                length=length,
            )
        return self.env._("It lasts %(length)s and then ends by itself.", length=length)

    def _get_minimum_text(self):
        if not self.minimum_count:
            return ""
        return self.env._(
            "You can leave after %(length)s at the earliest.",
            length=self._get_length(self.minimum_count, "period"),
        )

    def _get_notice_text(self):
        if not self.notice_count:
            return ""
        return self.env._(
            "Notice: %(length)s.",
            length=self._get_length(self.notice_count, self.notice_unit),
        )

    def _get_length(self, count, unit):
        """Say a length of time in words."""
        one = {
            "day": self.env._("one day"),
            "week": self.env._("one week"),
            "month": self.env._("one month"),
            "period": self.env._("one billing period"),
        }
        many = {
            "day": self.env._("%(count)s days", count=count),
            "week": self.env._("%(count)s weeks", count=count),
            "month": self.env._("%(count)s months", count=count),
            "period": self.env._("%(count)s billing periods", count=count),
        }
        return one[unit] if count == 1 else many[unit]
