from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..engine.provider_spec import ServiceAccount
from ..exceptions import ProviderError


class ServiceConnection(models.Model):
    """Which account of the service a connection works in.

    Credentials may give access to several. The one that was chosen stays chosen until
    the connection is ended; never does a connection move to another one by itself.
    """

    _inherit = "service.connection"

    choose_label = fields.Char(compute="_compute_choose_label")
    can_add = fields.Boolean(compute="_compute_can_add")

    @api.depends("provider")
    @api.depends_context("lang")
    def _compute_choose_label(self):
        specs = self._provider_specs()
        for connection in self:
            spec = specs.get(connection.provider)
            label = str(spec.choose_label) if spec else ""
            connection.choose_label = label or self.env._("Choose the Account")

    @api.depends("provider", "state")
    def _compute_can_add(self):
        specs = self._provider_specs()
        for connection in self:
            spec = specs.get(connection.provider)
            connection.can_add = bool(
                spec and spec.multiple and connection.state in ("connected", "error")
            )

    def action_add_another(self):
        """Connect one more account of this service, beside the one that works.

        :raises UserError: the service has one connection for each company
        """
        self.ensure_one()
        self._check_administrator()
        if not self.can_add:
            raise UserError(self.env._("Connect %(name)s first.", name=self.name))
        company = self.company_id
        others = self._get_connections(self.provider, company, connected=False)
        waiting = others.filtered(lambda row: row.state == "disconnected")[:1]
        if not waiting:
            name = f"{self._get_spec().name} {len(others) + 1}"
            waiting = self.create(
                {"provider": self.provider, "company_id": company.id, "name": name}
            )
        return waiting.action_connect()

    def _list_accounts(self) -> list[ServiceAccount]:
        """Return the accounts that the credentials give access to.

        A hook for services whose sign-in does not name one; empty: nothing to choose.

        :raises ProviderError: the service refuses the credentials
        """
        return []

    def _settle_account(self) -> bool:
        """Take the account that was chosen, or the only one; return whether there is.

        :raises UserError: the credentials give access to none
        """
        self.ensure_one()
        if self.state == "choosing":
            return bool(self.account_ref)
        accounts = self._list_accounts()
        if not accounts:
            return True
        chosen = [item for item in accounts if item.ref == self.account_ref]
        if not chosen and not self.account_ref and len(accounts) == 1:
            chosen = accounts
        if chosen:
            self._take_account(chosen[0])
        return bool(chosen)

    def _take_account(self, account: ServiceAccount):
        self.write({"account_ref": account.ref, "account_label": account.name})

    def action_choose_account(self):
        """Show the accounts as the service names them now; one is chosen.

        :raises UserError: the service does not answer, or has none
        """
        self.ensure_one()
        self._check_administrator()
        if self.state != "choosing":
            raise UserError(self.env._("Connect %(name)s first.", name=self.name))
        try:
            accounts = sorted(self._list_accounts(), key=lambda item: item.name)
        except ProviderError as err:
            raise UserError(self._words(err)) from err
        wizard = self.env["service.account.wizard"].create(
            {
                "connection_id": self.id,
                "account_ids": [
                    Command.create(
                        {"ref": item.ref, "name": item.name, "note": item.note}
                    )
                    for item in accounts
                ],
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.choose_label,
            "res_model": "service.account.wizard",
            "res_id": wizard.id,
            "view_mode": "form",
            "target": "new",
            "context": {"dialog_size": "medium"},
        }
