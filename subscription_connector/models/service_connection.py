from odoo import api, fields, models
from odoo.tools.translate import LazyTranslate

from odoo.addons.connection_base.engine.provider_spec import (
    CredentialField,
    OAuthSpec,
    ProviderSpec,
)

# A constant is translated when it is shown.
# pylint: disable=prefer-env-translation
_lt = LazyTranslate(__name__)

PLUGANDPAY = ProviderSpec(
    code="plugandpay",
    name="Plug&Pay",
    hosts={
        "live": {
            "api": "https://api.plugandpay.com",
            "auth": "https://admin.plugandpay.com",
        },
    },
    auth=("oauth_code", "api_key"),
    credentials={
        "oauth_code": (
            CredentialField("client_id", _lt("Client ID"), secret=False),
            CredentialField("client_secret", _lt("Client secret")),
        ),
        "api_key": (CredentialField("api_key", _lt("API token")),),
    },
    oauth=OAuthSpec(
        authorize_path="/oauth/authorize",
        token_path="/oauth/token",  # noqa: S106
        pkce=True,
        token_format="json",  # noqa: S106
        token_role="api",  # noqa: S106
        extra_authorize={"step": "select_tenant"},
        callback_params=("tenant_id",),
        revoke_path="/v2/auth/oauth/revoke",
    ),
    icon="/subscription_connector/static/description/plugandpay.png",
    multiple=False,
    sync_minutes=60,
    webhook=True,
    description=_lt("Shows the subscriptions and invoices that Plug&Pay bills."),
)


class ServiceConnection(models.Model):
    """Plug&Pay as a provider: what it is called, its settings."""

    _inherit = "service.connection"

    provider = fields.Selection(
        selection_add=[("plugandpay", "Plug&Pay")],
        ondelete={"plugandpay": "cascade"},
    )
    plugandpay_date_activated = fields.Datetime(
        string="Invoices From",
        readonly=True,
        copy=False,
        help="Orders placed before this moment are not brought over.",
    )
    plugandpay_self_cancel = fields.Boolean(
        string="Members May Cancel Themselves",
        default=True,
        help="On: cancelled here and at Plug&Pay. Off: the wish is mailed to the "
        "responsible, who follows up.",
    )
    plugandpay_cancel_mail = fields.Boolean(
        string="Mail Me on Cancellation",
        default=True,
        help="Also when the cancellation is handled automatically.",
    )
    plugandpay_portal_url = fields.Char(
        string="Plug&Pay Customer Portal",
        help="Members are sent there to change what Plug&Pay keeps.",
    )
    plugandpay_rule_ref = fields.Char(readonly=True, copy=False)
    plugandpay_book = fields.Boolean(
        string="Book Its Invoices in Odoo",
        help="Off: they are shown and not booked, because revenue and tax are counted "
        "where they were made. On: each final invoice becomes a customer invoice with "
        "its own number. Leave it off where they reach the books in another way.",
    )
    plugandpay_book_from = fields.Date(
        string="Book From",
        default=lambda self: self.env.company._get_billing_day(),
        help="Invoices of earlier days are left alone.",
    )
    plugandpay_journal_id = fields.Many2one(
        "account.journal",
        string="Journal of Its Invoices",
        domain="[('type', '=', 'sale'), ('company_id', '=', company_id)]",
        ondelete="restrict",
        help="Of its own, because its numbers are Plug&Pay's. Empty: one is made.",
    )
    plugandpay_tax_ids = fields.One2many(
        "subscription.outside.tax",
        "connection_id",
        string="Rates",
        groups="subscription_connector.group_subscription_user,base.group_system",
    )

    plugandpay_missing = fields.Char(
        string="What Members Miss", compute="_compute_plugandpay_missing"
    )

    @api.depends("state", "plugandpay_portal_url", "provider")
    @api.depends_context("lang")
    def _compute_plugandpay_missing(self):
        for connection in self:
            connection.plugandpay_missing = connection._get_missing_for_members()

    def _get_missing_for_members(self):
        """Name what is missing before members can change something there (H12).

        :return: a sentence, empty when both portal and connection are there
        :rtype: str
        """
        missing = []
        if self.provider != "plugandpay":
            return ""
        if self.state not in ("connected", "error"):
            missing.append(self.env._("the connection with Plug&Pay"))
        if not self.plugandpay_portal_url:
            missing.append(self.env._("the address of the Plug&Pay customer portal"))
        if not missing:
            return ""
        return self.env._(
            "Members cannot change anything at Plug&Pay yet. Missing: %(missing)s.",
            missing=" / ".join(missing),
        )

    def _provider_specs(self):
        """Override of `connection_base` to add Plug&Pay."""
        return super()._provider_specs() | {"plugandpay": PLUGANDPAY}

    def _get_plugandpay_journal(self):
        """Return the journal of its invoices, made where it is missing."""
        self.ensure_one()
        if not self.plugandpay_journal_id:
            journals = self.env["account.journal"].sudo()
            sale = journals.search(
                [("type", "=", "sale"), ("company_id", "=", self.company_id.id)],
                limit=1,
            )
            self.plugandpay_journal_id = journals.create(
                {
                    "name": "Plug&Pay",
                    "code": "PNP",
                    "type": "sale",
                    "company_id": self.company_id.id,
                    "default_account_id": sale.default_account_id.id,
                }
            )
        return self.plugandpay_journal_id
