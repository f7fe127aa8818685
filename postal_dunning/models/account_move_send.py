from odoo import api, models

from ..engine import channels
from .communication_type import INVOICE
from .res_partner_channel import INVOICE_METHODS

#: most customers named when they get another channel than wanted
MAX_ALERTS = 20


class AccountMoveSend(models.AbstractModel):
    """Letters are offered where the company has a transport for them."""

    _inherit = "account.move.send"

    @api.model
    def _has_letters(self, company):
        return company.letter_transport != "none"

    @api.model
    def _get_default_sending_methods(self, move):
        """Override of `account`: the channel that is wanted and possible.

        The customer's choice, else the organisation's default for invoices; what
        cannot be used falls back (acceptance rows Z4, Z5 and Z7).
        """
        methods = super()._get_default_sending_methods(move)
        choice = self._choose_channel(move)
        method = INVOICE_METHODS.get(choice.channel)
        partner = move.commercial_partner_id.with_company(move.company_id)
        methods = methods - {partner.invoice_sending_method or "email"}
        if choice.channel == channels.MANUAL and choice.problem:
            # Nothing works: core says so on its own channel.
            method = "email"
        return methods | {method}

    @api.model
    def _choose_channel(self, move):
        """:rtype: engine.channels.Choice"""
        kind = self.env["communication.type"].sudo()
        kind = kind.with_company(move.company_id)._get_type(INVOICE)
        return move.partner_id._choose_channel_for(
            kind, move.company_id, addressee=move.partner_id
        )

    @api.model
    def _get_alerts(self, moves, moves_data):
        """Override of `account` to say why another channel than wanted is taken."""
        alerts = super()._get_alerts(moves, moves_data)
        lines = []
        for move in moves[:MAX_ALERTS]:
            choice = self._choose_channel(move)
            if choice.problem:
                words = move.partner_id._get_choice_words(choice)
                label = move.partner_id._get_channel_label(choice.channel)
                lines.append(f"{move.partner_id.display_name}: {label}, {words}")
        if price := self._get_price_words(moves, moves_data):
            alerts["postal_dunning_price"] = {"level": "info", "message": price}
        if lines:
            alerts["postal_dunning_channel"] = {
                "level": "info",
                "message": "\n".join(lines),
            }
        return alerts

    @api.model
    def _is_applicable_to_company(self, method, company):
        """Override of `account` to follow the transport of the company."""
        if method == "snailmail" and not self._has_letters(company):
            return False
        return super()._is_applicable_to_company(method, company)

    @api.model
    def _is_applicable_to_move(self, method, move, **move_data):
        """Override of `snailmail_account`: a letter of ours needs its address.

        With letters switched off the method is not offered; who asks for it all the
        same gets a letter that says so, instead of nothing.
        """
        if method == "snailmail":
            if move.company_id.letter_transport == "pingen":
                addressee = move.partner_id
                return not addressee._get_reach(move.company_id).post_problem
        return super()._is_applicable_to_move(method, move, **move_data)

    @api.model
    def _prepare_snailmail_letter_values(self, move):
        """Override of `snailmail_account`: a Pingen letter has its PDF ready."""
        values = super()._prepare_snailmail_letter_values(move)
        if move.company_id.letter_transport == "pingen":
            values |= {
                "report_template": False,
                "attachment_id": move._make_letter_attachment().id,
                "cover": False,
            }
        return values
