from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessDenied
from odoo.tools import SQL

from ..const import OAUTH_STATE_MINUTES
from ..engine.oauth import digest, new_secret


class ServiceOauthState(models.Model):
    """A sign-in on its way: used once, within ten minutes, by who started it.

    The state itself is nowhere: the row has its hash. The PKCE verifier is locked
    like the credentials.
    """

    _name = "service.oauth.state"
    _description = "Sign-in on its Way"
    _rec_name = "connection_id"

    connection_id = fields.Many2one(
        "service.connection", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(
        related="connection_id.company_id", store=True, index=True
    )
    user_id = fields.Many2one("res.users", required=True, ondelete="cascade")
    state_hash = fields.Char(required=True)
    session_hash = fields.Char(required=True)
    verifier = fields.Text(required=True)
    date_expires = fields.Datetime(required=True)

    _state_hash_uniq = models.UniqueIndex("(state_hash)")

    @api.model
    def _open(self, connection, nonce: str) -> tuple[str, str]:
        """Start a sign-in.

        :param nonce: the value that only the session of this user has
        :returns: the state and the PKCE verifier
        """
        state, verifier = new_secret(), new_secret()
        self.sudo().search([("connection_id", "=", connection.id)]).unlink()
        locked = connection._get_vault().lock({"v": verifier}, owner=digest(state))
        self.sudo().create(
            {
                "connection_id": connection.id,
                "user_id": self.env.uid,
                "state_hash": digest(state),
                "session_hash": digest(nonce),
                "verifier": locked,
                "date_expires": fields.Datetime.now()
                + timedelta(minutes=OAUTH_STATE_MINUTES),
            }
        )
        return state, verifier

    @api.model
    def _consume(self, state: str, user_id: int, nonce: str) -> tuple[int, str]:
        """Use a state up.

        :returns: the connection's id and the PKCE verifier
        :raises AccessDenied: unknown, used, too old, of another user or session
        """
        # SQL: one statement finds and removes the row, so that of two callbacks with
        # the same state one finds nothing.
        self.env.cr.execute(
            SQL(
                """
                DELETE FROM service_oauth_state
                      WHERE state_hash = %s AND user_id = %s
                        AND session_hash = %s AND date_expires > %s
                  RETURNING connection_id, verifier
                """,
                digest(state or ""),
                user_id,
                digest(nonce or ""),
                fields.Datetime.now(),
            ),
            log_exceptions=False,
        )
        row = self.env.cr.fetchone()
        if not row:
            raise AccessDenied()
        vault = self.env["service.connection"]._get_vault()
        return row[0], str(vault.unlock(row[1], owner=digest(state))["v"])

    @api.autovacuum
    def _gc_expired(self):
        self.sudo().search([("date_expires", "<", fields.Datetime.now())]).unlink()
