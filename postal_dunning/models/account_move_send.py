from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    """Letters are offered where the company has a transport for them."""

    _inherit = "account.move.send"

    @api.model
    def _has_letters(self, company):
        return company.letter_transport != "none"

    @api.model
    def _get_default_sending_methods(self, move):
        """Override of `account`: post that is switched off becomes e-mail (Z7)."""
        methods = super()._get_default_sending_methods(move)
        if "snailmail" in methods and not self._has_letters(move.company_id):
            methods = (methods - {"snailmail"}) or {"email"}
        return methods

    @api.model
    def _is_applicable_to_company(self, method, company):
        """Override of `account` to follow the transport of the company."""
        if method == "snailmail" and not self._has_letters(company):
            return False
        return super()._is_applicable_to_company(method, company)

    @api.model
    def _is_applicable_to_move(self, method, move, **move_data):
        """Override of `snailmail_account`: no letter without a transport."""
        if method == "snailmail":
            if not self._has_letters(move.company_id):
                return False
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
