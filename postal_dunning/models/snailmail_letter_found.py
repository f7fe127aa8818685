from odoo import api, models

from odoo.addons.connection_base.exceptions import ProviderError, TemporaryError

from .. import const


class SnailmailLetter(models.Model):
    """No letter twice after a restored backup: letters wait until somebody looked."""

    _inherit = "snailmail.letter"

    def _find_why_held(self):
        """Ask the printer for letters of ours that this database does not know.

        :return: for each company whose letters wait, why
        :rtype: dict[res.company, ProviderError]
        """
        held = {}
        for company in self.company_id:
            connection = (
                self.env["service.connection"]
                .sudo()
                ._get_connections("pingen", company)[:1]
            )
            if not connection:
                continue  # each letter says so by itself
            found = self.env["letter.found"].sudo()
            try:
                found._find(connection, connection._get_client())
            except ProviderError as error:
                held[company] = error
                continue
            if found._is_any_open(connection):
                held[company] = TemporaryError(
                    self.env._(
                        "The printer has letters that this database does not know. "
                        "Look at them under Letters Found; then letters go on."
                    )
                )
        return held

    def _hand_over_or_wait(self, held):
        """Hand the letter over; one that is called back does not wait.

        :param dict held: as :meth:`_find_why_held` gives it
        """
        self.ensure_one()
        if self.company_id in held and self.state in const.QUEUE_STATES:
            self._postpone(held[self.company_id])
        else:
            self._pingen_hand_over()

    @api.model
    def _get_waiting_domain(self):
        return [
            ("transport", "=", "pingen"),
            ("state", "in", const.QUEUE_STATES),
        ]
