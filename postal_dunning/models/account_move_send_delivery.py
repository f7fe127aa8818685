from odoo import api, models

from ..engine import channels
from .communication_type import INVOICE


class AccountMoveSend(models.AbstractModel):
    """What was sent is known by its mail; what could not be sent is said so."""

    _inherit = "account.move.send"

    @api.model
    def _send_mail(self, move, mail_template, **kwargs):
        """Override of `account` to keep which mail brought the invoice."""
        result = super()._send_mail(move, mail_template, **kwargs)
        newest = self.env["mail.message"].search(
            [("model", "=", move._name), ("res_id", "=", move.id)],
            order="id desc",
            limit=1,
        )
        move.sudo().delivery_mail_id = newest
        return result

    @api.model
    def _hook_if_success(self, moves_data, from_cron=False):
        """Override of `account`: an asked channel that is left out is no success.

        Core leaves out, without a word, mails without an address and letters to an
        incomplete one.
        """
        result = super()._hook_if_success(moves_data, from_cron)
        # Whoever sends an invoice has no rights on what became of it.
        failures_sudo = self.env["invoice.delivery.failure"].sudo()
        sent = self.env["account.move"]
        for move, move_data in moves_data.items():
            methods = set(move_data["sending_methods"])
            left_out = self._find_left_out(move, move_data)
            if {"email", "snailmail"} & methods - set(left_out):
                sent |= move
            elif left_out and methods == set(left_out):
                notes = self.env["dunning.message"]._get_channel_notes()
                for channel, code in left_out.values():
                    failures_sudo._note(move.sudo(), channel, code, notes[code])
        failures_sudo.search([("move_id", "in", sent.ids)])._settle()
        return result

    @api.model
    def _find_left_out(self, move, move_data):
        """Ways that were asked for and cannot be used.

        :return: {sending method: (channel, code of why)}
        """
        methods = move_data["sending_methods"]
        left_out = {}
        if not move.is_sale_document():
            return left_out
        if "email" in methods and not (
            self._is_applicable_to_move("email", move, **move_data)
            and (move.partner_id.email or move_data.get("mail_partner_ids"))
        ):
            left_out["email"] = (channels.EMAIL, channels.NO_EMAIL)
        if "snailmail" in methods:
            kind = self.env["communication.type"].sudo()
            kind = kind.with_company(move.company_id)._get_type(INVOICE)
            reach = move.partner_id._get_reach_for(kind, move.company_id)
            if reach.post_problem:
                left_out["snailmail"] = (channels.POST, reach.post_problem)
        return left_out
