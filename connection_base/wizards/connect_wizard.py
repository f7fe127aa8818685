from odoo import api, fields, models
from odoo.exceptions import UserError

from ..const import FORM_SLOTS
from ..exceptions import ProviderError
from ..models.service_connection import SWITCHING

SLOTS = range(1, FORM_SLOTS + 1)
VALUES = [f"value_{number}" for number in SLOTS]


class ServiceConnectWizard(models.TransientModel):
    """The form behind Connect.

    Each service asks for its own values; the form has four places for them, labelled
    by the spec. What is typed is never in the wizard's table in plain text: the
    inverse locks it the way credentials are.
    """

    _name = "service.connect.wizard"
    _description = "Connect a Service"

    connection_id = fields.Many2one(
        "service.connection", required=True, readonly=True, ondelete="cascade"
    )
    icon_url = fields.Char(related="connection_id.icon_url")
    description = fields.Char(related="connection_id.description")
    environment = fields.Selection(
        [("live", "Live"), ("test", "Test")],
        required=True,
        compute="_compute_from_connection",
        store=True,
        precompute=True,
        readonly=False,
    )
    auth_kind = fields.Selection(
        selection="_selection_auth_kind",
        string="Sign-in",
        required=True,
        compute="_compute_from_connection",
        store=True,
        precompute=True,
        readonly=False,
    )
    has_choice = fields.Boolean(compute="_compute_slots")
    where = fields.Char(compute="_compute_slots")
    test_base_url = fields.Char(
        "Test Address",
        compute="_compute_from_connection",
        store=True,
        precompute=True,
        readonly=False,
        help="Leave empty unless you run a test server of your own.",
    )
    redirect_uri = fields.Char("Redirect Address", compute="_compute_slots")
    payload = fields.Text(copy=False, exportable=False)

    label_1 = fields.Char(compute="_compute_slots")
    label_2 = fields.Char(compute="_compute_slots")
    label_3 = fields.Char(compute="_compute_slots")
    label_4 = fields.Char(compute="_compute_slots")
    secret_1 = fields.Boolean(compute="_compute_slots")
    secret_2 = fields.Boolean(compute="_compute_slots")
    secret_3 = fields.Boolean(compute="_compute_slots")
    secret_4 = fields.Boolean(compute="_compute_slots")
    value_1 = fields.Char(compute="_compute_values", inverse="_inverse_values")
    value_2 = fields.Char(compute="_compute_values", inverse="_inverse_values")
    value_3 = fields.Char(compute="_compute_values", inverse="_inverse_values")
    value_4 = fields.Char(compute="_compute_values", inverse="_inverse_values")

    @api.model
    def _selection_auth_kind(self):
        kinds = self.env["service.connection"]._fields["auth_kind"]
        return kinds._description_selection(self.env)

    @api.depends("connection_id")
    def _compute_from_connection(self):
        for wizard in self:
            connection = wizard.connection_id
            wizard.environment = connection.environment
            wizard.auth_kind = connection.auth_kind
            wizard.test_base_url = connection.test_base_url

    @api.depends("connection_id", "auth_kind")
    @api.depends_context("lang")
    def _compute_slots(self):
        for wizard in self:
            asked = wizard._asked()
            for number in SLOTS:
                item = asked[number - 1] if number <= len(asked) else None
                wizard[f"label_{number}"] = str(item.label) if item else False
                wizard[f"secret_{number}"] = bool(item and item.secret)
            spec = wizard.connection_id and wizard.connection_id._get_spec()
            wizard.has_choice = bool(spec and len(spec.auth) > 1)
            wizard.where = spec and str(spec.where.get(wizard.auth_kind) or "")
            wizard.redirect_uri = (
                wizard.connection_id._get_redirect_uri()
                if wizard.auth_kind == "oauth_code"
                else False
            )

    def _asked(self):
        if not self.connection_id:
            return ()
        return self.connection_id._get_spec().fields_for(self.auth_kind or "")

    def _compute_values(self):
        """What was typed is not shown again."""
        for wizard in self:
            wizard.update(dict.fromkeys(VALUES, False))

    def _inverse_values(self):
        for wizard in self:
            typed = [wizard[name] or "" for name in VALUES]
            if any(typed):
                vault = wizard.connection_id._get_vault()
                wizard.payload = vault.lock({"typed": typed}, owner=wizard._owner())

    def _owner(self) -> str:
        return f"wizard:{self.connection_id.id}"

    def _typed_values(self) -> dict:
        """Return what was typed, by key of the spec.

        :raises UserError: a required value is missing
        """
        typed = [""] * FORM_SLOTS
        if self.payload:
            vault = self.connection_id._get_vault()
            typed = list(vault.unlock(self.payload, owner=self._owner())["typed"])
        values = {}
        for item, text in zip(self._asked(), typed, strict=False):
            values[item.key] = text.strip()
            if item.required and not values[item.key]:
                raise UserError(self.env._("%(field)s is missing.", field=item.label))
        return values

    def action_connect(self):
        """Test the values and connect, or send the person to the service.

        :raises UserError: the service refuses; the text says why
        """
        self.ensure_one()
        connection = self.connection_id
        connection._check_administrator()
        if self.auth_kind not in connection._get_spec().auth:
            raise UserError(
                self.env._("This service does not offer that way to sign in.")
            )
        values = self._typed_values()
        self.payload = False
        connection.with_context(connection_switching=SWITCHING).write(
            {
                "environment": self.environment,
                "auth_kind": self.auth_kind,
                "test_base_url": self.environment == "test" and self.test_base_url,
                "responsible_id": connection.responsible_id.id or self.env.uid,
            }
        )
        if self.auth_kind == "oauth_code":
            return {
                "type": "ir.actions.act_url",
                "target": "self",
                "url": connection._start_oauth(values),
            }
        try:
            connection._connect_with(values)
        except ProviderError as err:
            raise UserError(connection._words(err)) from err
        if connection.state == "choosing":
            return connection.action_choose_account()
        return connection._notify(
            self.env._("%(name)s is connected.", name=connection.name)
        )
