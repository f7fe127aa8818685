from odoo import api, fields, models
from odoo.exceptions import UserError

from ..engine.provider_spec import ServiceAccount
from ..exceptions import ProviderError

#: From so many accounts on one types a name instead of looking through a list.
LONG_LIST = 12


class ServiceAccountWizard(models.TransientModel):
    """The accounts that a sign-in gives access to; one of them is chosen."""

    _name = "service.account.wizard"
    _description = "Choose the Account of a Service"

    connection_id = fields.Many2one(
        "service.connection", required=True, readonly=True, ondelete="cascade"
    )
    icon_url = fields.Char(related="connection_id.icon_url")
    account_ids = fields.One2many(
        "service.account.option", "wizard_id", "Accounts", readonly=True
    )
    account_id = fields.Many2one(
        "service.account.option", "Account", domain="[('wizard_id', '=', id)]"
    )
    is_long = fields.Boolean(compute="_compute_is_long")

    @api.depends("account_ids")
    def _compute_is_long(self):
        for wizard in self:
            wizard.is_long = len(wizard.account_ids) > LONG_LIST

    def action_choose(self):
        """Connect with the chosen account.

        :raises UserError: nothing is chosen, or the service refuses
        """
        self.ensure_one()
        connection = self.connection_id
        connection._check_administrator()
        chosen = self.account_id
        if not chosen or chosen.wizard_id != self:
            raise UserError(self.env._("Choose one of the list."))
        if connection.state != "choosing":
            raise UserError(self.env._("Connect %(name)s first.", name=connection.name))
        connection._take_account(ServiceAccount(chosen.ref, chosen.name, chosen.note))
        try:
            connection._complete_connection()
        except ProviderError as err:
            raise UserError(connection._words(err)) from err
        return connection._notify(
            self.env._(
                "%(name)s is connected with %(account)s.",
                name=connection.name,
                account=chosen.name,
            )
        )
