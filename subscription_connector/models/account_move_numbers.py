from collections import Counter, defaultdict

from odoo import models

#: The methods of ``account.move`` that decide on a number, and whose they are.
NUMBERING = {
    "account.move": (
        "_get_last_sequence",
        "_get_last_sequence_domain",
        "_get_next_sequence_format",
        "_get_sequence_cache",
        "_get_sequence_format_param",
        "_get_starting_sequence",
        "_locked_increment",
        "_set_next_sequence",
    )
}
NUMBERED_BY = frozenset(
    (
        "account",
        "moneybird_reconcile",  # of entries alone
        "subscription_connector",
    )
)


class Posting:
    """What the posting of one bite knows; only this module makes one.

    ``formats`` holds the format of the numbers by journal, day and kind, ``ranks`` by
    how much the rank of a customer is to be raised. No remote call can put it in a
    context.
    """

    def __init__(self):
        self.formats = {}
        self.ranks = Counter()

    def raise_ranks(self):
        """Raise the ranks that were noted: those of new customers in one write."""
        grouped = defaultdict(list)
        for (partner, field), number in self.ranks.items():
            grouped[field, number].append(partner)
        self.ranks.clear()
        for (field, number), partners in grouped.items():
            found = partners[0].union(*partners)
            # Sudo: as in the method of `account` that this stands for.
            new = found.sudo().filtered(lambda partner, field=field: not partner[field])
            new.write({field: number})
            (found - new)._increase_rank(field, number)


class AccountMove(models.Model):
    """Many invoices are posted with few questions to the database."""

    _inherit = "account.move"

    def _post_in_bulk(self):
        """Post invoices of one company whose lines are complete.

        As in Odoo's point of sale (``_get_invoice_post_context``): being posted
        changes no line, so there is nothing to bring in line.
        """
        posting = Posting()
        context = {"skip_invoice_sync": True, "subscription_ranks": posting}
        if self._is_made_by(NUMBERED_BY, NUMBERING):
            context["subscription_numbers"] = posting
        (self.line_ids | self.invoice_line_ids).mapped("tax_ids")  # fetched in one go
        posted = self._without_tracking(self.company_id).with_context(**context)._post()
        posting.raise_ranks()
        return posted

    def _get_next_sequence_format(self):
        """Override of `account`: the format is asked for once in a bite.

        Odoo asks for the last number of the journal before each one. Once it holds
        the lock on the sequence it counts on by itself, and of the answer only the
        format matters, which is the same for one journal, day and kind of entry.
        """
        posting = self.env.context.get("subscription_numbers")
        # A journal of self-billing numbers by supplier.
        if not isinstance(posting, Posting) or self.journal_id.is_self_billing:
            return super()._get_next_sequence_format()
        key = (self.journal_id, self.date, self.move_type)
        known = posting.formats.get(key)
        if not known or not self._holds_sequence(*known):
            template, values = super()._get_next_sequence_format()
            known = posting.formats[key] = (template, dict(values))
        return known[0], dict(known[1])

    def _holds_sequence(self, template, values):
        """Whether this transaction counts on in a sequence (``_locked_increment``)."""
        zero = template.format(**values | {"seq": 0})
        return (zero, self.journal_id) in self._get_sequence_cache()
