import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessDenied, UserError, ValidationError

from ..engine.hosts import HostError, check_base_url
from ..engine.provider_spec import ProviderSpec

SWITCHING = object()
"""Opens state and environment for writing: no remote call can send this object."""


class ServiceConnection(models.Model):
    """A company's connection to one outside service.

    Each addon adds its own service: a value of ``provider``, its
    :class:`ProviderSpec` in :meth:`_provider_specs`, and the hooks of this file. The
    concerns have files of their own: credentials (``_auth``), sign-in (``_oauth``),
    state and errors (``_state``), sync (``_sync``), webhooks (``_webhook``), buttons
    and card (``_actions``).
    """

    _name = "service.connection"
    _description = "Connection to a Service"
    _inherit = ["mail.thread", "mail.activity.mixin"]  # noqa: RUF012
    _order = "company_id, provider, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(default=True)
    provider = fields.Selection([], required=True, readonly=True, index=True)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        index=True,
        default=lambda self: self.env.company,
    )
    environment = fields.Selection(
        [("live", "Live"), ("test", "Test")], required=True, default="live"
    )
    auth_kind = fields.Selection(
        [
            ("api_key", "API key"),
            ("oauth_code", "Sign in at the service"),
            ("oauth_client", "Client ID and secret"),
        ],
        string="Sign-in",
    )
    state = fields.Selection(
        [
            ("disconnected", "Not connected"),
            ("connecting", "Connecting"),
            ("choosing", "Choose the account"),
            ("connected", "Connected"),
            ("error", "Error"),
        ],
        required=True,
        readonly=True,
        default="disconnected",
        copy=False,
        index=True,
        tracking=True,
    )
    date_last_success = fields.Datetime("Last Success", readonly=True, copy=False)
    date_last_sync = fields.Datetime("Last Sync", readonly=True, copy=False)
    date_next_sync = fields.Datetime("Next Sync", readonly=True, copy=False, index=True)
    last_error = fields.Char(readonly=True, copy=False)
    failure_count = fields.Integer(readonly=True, copy=False)
    responsible_id = fields.Many2one(
        "res.users",
        default=lambda self: self.env.user,
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Gets the mails about finished runs and is asked to look at errors.",
    )
    sync_minutes = fields.Integer(
        "Sync Every (minutes)", help="0 switches the automatic sync off."
    )
    test_base_url = fields.Char(
        "Test Address",
        copy=False,
        groups="base.group_system",
        help="Address of a test server. Used only while the environment is Test.",
    )
    account_ref = fields.Char("Account ID", readonly=True, copy=False)
    account_label = fields.Char("Account", readonly=True, copy=False)
    webhook_token = fields.Char(
        copy=False,
        readonly=True,
        groups="base.group_system",
        default=lambda self: secrets.token_urlsafe(24),
    )
    webhook_url = fields.Char(
        "Webhook Address", compute="_compute_webhook_url", groups="base.group_system"
    )
    credential_ids = fields.One2many(
        "service.credential", "connection_id", groups="base.group_system"
    )
    run_ids = fields.One2many("service.sync.run", "connection_id")
    webhook_event_ids = fields.One2many(
        "service.webhook.event", "connection_id", groups="base.group_system"
    )

    _webhook_token_uniq = models.UniqueIndex("(webhook_token)")

    # --- Constraints ------------------------------------------------------------

    @api.constrains("test_base_url")
    def _check_test_base_url(self):
        for url in self.sudo().mapped("test_base_url"):
            if not url:
                continue
            try:
                check_base_url(url, allow_loopback=True)
            except HostError as err:
                raise ValidationError(
                    self.env._(
                        "The test address must start with https:// "
                        "(http:// only for this machine) and hold no password."
                    )
                ) from err

    @api.constrains("sync_minutes")
    def _check_sync_minutes(self):
        if any(connection.sync_minutes < 0 for connection in self):
            raise ValidationError(
                self.env._("The minutes between two syncs cannot be negative.")
            )

    @api.constrains("provider", "company_id", "active")
    def _check_multiple(self):
        for connection in self:
            spec = self._provider_specs().get(connection.provider)
            if spec and not spec.multiple and connection.active:
                if (
                    len(
                        self._get_connections(
                            connection.provider, connection.company_id, False
                        )
                    )
                    > 1
                ):
                    raise ValidationError(
                        self.env._(
                            "%(company)s already has a connection to %(service)s.",
                            company=connection.company_id.name,
                            service=spec.name,
                        )
                    )

    # --- CRUD -------------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        specs = self._provider_specs()
        for vals in vals_list:
            if spec := specs.get(vals.get("provider")):
                vals.setdefault("name", spec.name)
                vals.setdefault("auth_kind", spec.auth[0])
                vals.setdefault("sync_minutes", spec.sync_minutes)
        return super().create(vals_list)

    def write(self, vals):
        """Override of `write` to refuse another environment while connected."""
        switched = {"environment", "auth_kind", "test_base_url"} & vals.keys()
        is_ours = self.env.context.get("connection_switching") is SWITCHING
        if "state" in vals and not (is_ours or self.env.su):
            # Else the address could be changed in between, credentials and all.
            raise UserError(self.env._("Connect %(name)s first.", name=self[:1].name))
        if switched and not is_ours:
            for connection in self.sudo():
                changed = any(
                    connection[name] != (vals[name] or False) for name in switched
                )
                if connection.state in ("connected", "error") and changed:
                    raise UserError(
                        self.env._("Disconnect %(name)s first.", name=connection.name)
                    )
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_connected(self):
        for connection in self:
            if connection.state != "disconnected":
                raise UserError(
                    self.env._("Disconnect %(name)s first.", name=connection.name)
                )

    # --- What the addons tell us --------------------------------------------------

    @api.model
    def _provider_specs(self) -> dict[str, ProviderSpec]:
        """Return the services by code; each addon adds its own to ``super()``."""
        return {}

    def _get_spec(self) -> ProviderSpec:
        """Return the spec of this connection's service.

        :raises UserError: the addon of the service is not installed
        """
        self.ensure_one()
        spec = self._provider_specs().get(self.provider)
        if not spec:
            raise UserError(
                self.env._("The addon for %(name)s is not installed.", name=self.name)
            )
        return spec

    @api.model
    def _get_connections(self, provider, company, connected=True):
        """Return a company's connections to a service.

        :param provider: code of the service
        :param connected: leave out those that are not connected
        """
        domain = [("provider", "=", provider), ("company_id", "=", company.id)]
        if connected:
            domain.append(("state", "in", ("connected", "error")))
        return self.search(domain)

    def _get_base_url(self, role: str = "api") -> str:
        """Return the address of the service without the service's own path.

        The hosts are fixed by the spec; a test address replaces them only where an
        administrator set one and the environment is Test.
        """
        self.ensure_one()
        connection_sudo = self.sudo()  # the test address is for administrators
        if self.environment == "test" and connection_sudo.test_base_url:
            return check_base_url(connection_sudo.test_base_url, allow_loopback=True)
        return self._get_spec().base_url(self.environment, role)

    # --- Hooks of the services ----------------------------------------------------

    def _get_client(self):
        """Return the client of this service, built from `_get_client_options()`.

        :rtype: HttpClient
        """
        self.ensure_one()
        raise NotImplementedError(self.provider)

    def _test_connection(self) -> dict:
        """Call something cheap that proves the credentials.

        :returns: optionally ``account_ref`` and ``account_label``
        :raises ProviderError: it does not work; the text says why
        """
        self.ensure_one()
        raise NotImplementedError(self.provider)

    def _on_connected(self):
        """Do what follows from being connected, e.g. register webhooks."""
        self.ensure_one()

    def _on_disconnected(self):
        """Do what follows from disconnecting, while the credentials still work.

        :raises ProviderError: noted in the chatter; disconnecting goes on
        """
        self.ensure_one()

    def _sync(self, run):
        """Bring over what is new, in bites.

        Call ``run._progress(...)`` after each bite; when it returns 0 stop at once and
        return: the run goes on later at ``run.cursor``.

        :param run: the ``service.sync.run`` to work on; ``run.kind`` says what
        :raises ProviderError: the run waits and is tried again
        """
        self.ensure_one()

    def _get_disconnect_effects(self) -> list[str]:
        """Return sentences on what disconnecting does; extend ``super()``'s list."""
        self.ensure_one()
        effects = [
            self.env._("The stored credentials are erased."),
            self.env._("The automatic sync stops. What was brought over stays."),
        ]
        if self._get_spec().webhook:
            effects.append(
                self.env._("Messages that the service sends from now on are refused.")
            )
        return effects

    def _verify_webhook(self, headers: dict, body: bytes, params: dict) -> str:
        """Check that a message is really from the service.

        :param headers: header names in lower case
        :param body: the bytes as received
        :param params: query and form values
        :returns: the service's own id of the event, for telling repeats
        :raises AccessDenied: it is not, or there is no secret to check it with
        """
        self.ensure_one()
        raise AccessDenied()

    def _handle_webhook_event(self, event):
        """Act on one stored event: read the object again at the service.

        :raises ProviderError: the event is tried again later
        """
        self.ensure_one()
