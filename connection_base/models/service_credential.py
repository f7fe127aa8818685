import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..engine.redaction import hint
from ..engine.vault import VaultError

_logger = logging.getLogger(__name__)


class ServiceCredential(models.Model):
    """The credentials of one connection, readable with the server's key only.

    The row holds one encrypted text. Nobody may write it but the connection's own
    methods; administrators see which values are there, not the values.
    """

    _name = "service.credential"
    _description = "Credentials of a Connection"
    _rec_name = "connection_id"

    connection_id = fields.Many2one(
        "service.connection", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="connection_id.company_id", store=True, index=True
    )
    payload = fields.Text(
        "Encrypted Values",
        required=True,
        copy=False,
        exportable=False,
        groups="base.group_system",
    )
    key_fingerprint = fields.Char(
        "Key",
        readonly=True,
        groups="base.group_system",
        help="Tells which encryption key was used, without giving the key away.",
    )
    summary = fields.Char(compute="_compute_summary", groups="base.group_system")

    _connection_uniq = models.UniqueIndex("(connection_id)")

    @api.depends("payload")
    def _compute_summary(self):
        """Show which values are stored and how the secrets end."""
        for credential in self:
            connection = credential.connection_id
            try:
                values = connection._unlock(credential.payload)
            except UserError as err:
                credential.summary = str(err)
                continue
            asked = connection._get_spec().fields_for(connection.auth_kind or "")
            credential.summary = ", ".join(
                f"{item.label} {self._shown(item, values[item.key])}"
                for item in asked
                if values.get(item.key)
            )

    @api.model
    def _shown(self, item, value) -> str:
        return hint(str(value)) if item.secret else str(value)

    @api.model
    def _rotate(self) -> int:
        """Lock all credentials again with the first key of the server.

        All or nothing: one that cannot be unlocked leaves every one as it was.

        :returns: how many were locked again
        :raises UserError: with the names of the connections that cannot be unlocked
        """
        connections = self.env["service.connection"]
        vault = connections._get_vault()
        credentials = self.sudo().search(Domain.TRUE)
        credentials.lock_for_update()
        unreadable = []
        for credential in credentials:
            owner = str(credential.connection_id.id)
            try:
                values = vault.unlock(credential.payload, owner=owner)
            except VaultError:
                unreadable.append(credential.connection_id.name)
                continue
            credential.write(
                {
                    "payload": vault.lock(values, owner=owner),
                    "key_fingerprint": vault.fingerprint,
                }
            )
        if unreadable:
            raise UserError(
                self.env._(
                    "The credentials of %(names)s are locked with a key that this "
                    "server does not have. Nothing was changed.",
                    names=", ".join(unreadable),
                )
            )
        _logger.info("%s credentials locked with the present key", len(credentials))
        return len(credentials)
