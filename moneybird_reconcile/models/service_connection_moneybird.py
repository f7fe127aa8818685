# The labels of a spec are translated when they are shown.
# pylint: disable=prefer-env-translation
import hashlib
import hmac
import json
import time
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessDenied, UserError
from odoo.tools import consteq

from odoo.addons.connection_base.engine.provider_spec import (
    CredentialField,
    OAuthSpec,
    ProviderSpec,
    RateLimit,
    ServiceAccount,
)
from odoo.addons.connection_base.exceptions import ProviderError, RejectedError

from ..clients.moneybird import KINDS, MoneybirdClient, parse_item
from ..const import MONEYBIRD_EVENTS, SIGNATURE_TOLERANCE
from ..engine.facts import FactError
from ..exceptions import ScopeError
from ..words import REASONS, _lt, tell

GREETING = "greeting"
MONEYBIRD = ProviderSpec(
    code="moneybird",
    name="Moneybird",
    hosts={"live": {"api": "https://moneybird.com"}},
    auth=("oauth_code", "api_key"),
    credentials={
        "oauth_code": (
            CredentialField("client_id", _lt("Client ID"), secret=False),
            CredentialField("client_secret", _lt("Client secret")),
        ),
        "api_key": (CredentialField("api_key", _lt("Personal API token")),),
    },
    oauth=OAuthSpec(
        authorize_path="/oauth/authorize",
        token_path="/oauth/token",  # noqa: S106 (a path)
        scopes=("sales_invoices", "settings"),
        authorize_role="api",
        token_role="api",  # noqa: S106 (a role)
    ),
    # https://helpcenter.moneybird.nl (208028): 150 calls in five minutes, counted by
    # address, not by administration
    rate_limit=RateLimit(150, 300, shared=True),
    icon="/moneybird_reconcile/static/description/moneybird.png",
    webhook=True,
    description=_lt("Pays the open items of a Moneybird administration."),
    choose_label=_lt("Choose the Administration"),
    where={
        "oauth_code": _lt(
            "At Moneybird: your account, External applications, Register a new "
            "application."
        ),
        "api_key": _lt(
            "At Moneybird: your account, External applications, Create a personal API "
            "token, with the rights to sales invoices and settings."
        ),
    },
)


class ServiceConnection(models.Model):
    """Moneybird as a ledger: its open items in, payments out."""

    _inherit = "service.connection"

    provider = fields.Selection(
        selection_add=[("moneybird", "Moneybird")], ondelete={"moneybird": "cascade"}
    )
    date_webhook_asked = fields.Datetime(copy=False, groups="base.group_system")
    open_item_ids = fields.One2many(
        "matching.open.item",
        "connection_id",
        groups="moneybird_reconcile.group_matching_user",
    )

    @api.model
    def _provider_specs(self):
        return super()._provider_specs() | {"moneybird": MONEYBIRD}

    # --- Connecting -------------------------------------------------------------------

    def _get_client(self):
        """Override of `connection_base` for Moneybird."""
        if self.provider != "moneybird":
            return super()._get_client()
        return self._make_moneybird_client(self.account_ref or "")

    def _make_moneybird_client(self, administration):
        token = None
        if self.auth_kind == "api_key":
            token = self._get_credentials().get("api_key")
        return MoneybirdClient(
            administration=administration, token=token, **self._get_client_options()
        )

    def _list_accounts(self):
        """Override of `connection_base`: the administrations of the sign-in."""
        if self.provider != "moneybird":
            return super()._list_accounts()
        rows = self._make_moneybird_client("").list_administrations()
        if not rows:
            raise UserError(self.env._("This sign-in sees no administration."))
        return [self._prepare_administration(row) for row in rows]

    def _prepare_administration(self, row):
        """One line of the list: what tells administrations of one name apart.

        :param row: as the API gives it
        """
        facts = [row.get("currency"), row.get("country"), row.get("id")]
        if row.get("suspended"):
            facts.append(self.env._("suspended at Moneybird"))
        note = ", ".join(str(fact) for fact in facts if fact)
        reference = str(row.get("id"))
        return ServiceAccount(reference, str(row.get("name") or reference), note)

    def _test_connection(self):
        """Override of `connection_base`: the administration is still ours to see.

        :raises RejectedError: the sign-in does not give access to it (any more)
        """
        if self.provider != "moneybird":
            return super()._test_connection()
        for account in self._list_accounts():
            if account.ref == self.account_ref:
                return {"account_ref": account.ref, "account_label": account.name}
        raise RejectedError(
            self.env._(
                "This sign-in does not give access to %(administration)s at Moneybird.",
                administration=self.account_label or self.account_ref or "?",
            )
        )

    def _on_connected(self):
        """Override of `connection_base`: list of accounts, and ask for webhooks."""
        result = super()._on_connected()
        if self.provider == "moneybird":
            self._sync_ledger_accounts()
        return result

    def _on_disconnected(self):
        """Override of `connection_base`: intents stop, the webhook goes."""
        super()._on_disconnected()
        if self.provider != "moneybird":
            return
        bookings_sudo = self.env["matching.booking"].sudo()
        waiting = bookings_sudo.search(
            [("open_item_id.connection_id", "=", self.id), ("state", "=", "todo")]
        )
        for booking in waiting:
            booking._refuse("disconnected")
        webhook_id = self._get_credentials().get("webhook_id")
        if webhook_id:
            self._get_client().delete_webhook(webhook_id)

    def _get_disconnect_effects(self):
        """Override of `connection_base` to name what happens to open items."""
        effects = super()._get_disconnect_effects()
        if self.provider == "moneybird":
            effects.append(
                self.env._("Payments not sent to Moneybird yet are not sent any more.")
            )
        return effects

    def _sync_ledger_accounts(self):
        rows = self._get_client().list_ledger_accounts()
        # The list belongs to the connection; no user writes it by hand.
        self.env["matching.ledger.account"].sudo()._sync_from(self, rows)

    def _register_moneybird_webhook(self, run):
        """Ask Moneybird to call us; the hourly sync alone reaches the same state."""
        connection_sudo = self.sudo()  # the address holds the token
        values = self._get_credentials()
        url = connection_sudo.webhook_url or ""
        reachable = url.startswith("https://") or self.environment == "test"
        asked = connection_sudo.date_webhook_asked
        now = fields.Datetime.now()
        if not reachable or values.get("webhook_secret"):
            return
        if asked and asked > now - timedelta(days=1):
            return
        connection_sudo.date_webhook_asked = now
        run._progress()  # on disk: Moneybird calls the address before it answers us
        try:
            answer = self._get_client().create_webhook(url, MONEYBIRD_EVENTS)
        except (ScopeError, RejectedError) as error:
            self.message_post(body=str(error))
            return
        secret = answer.get("secret")
        if secret:
            found = {
                "webhook_secret": secret,
                "webhook_id": str(answer.get("id") or ""),
            }
            self._set_credentials({**values, **found})

    # --- Open items -------------------------------------------------------------------

    def _sync(self, run):
        """Override of `connection_base`: bring the open items up to date.

        The list of ids and versions says what is open now and what changed; only that
        is read. What is not in the list any more is read too, to see what became of it.
        """
        if self.provider != "moneybird":
            return super()._sync(run)
        self._register_moneybird_webhook(run)
        client = self._get_client()
        for kind in KINDS:
            versions = client.list_open_versions(kind)
            wanted = self._get_changed_ids(kind, versions)
            run._progress(total=run.done + len(wanted))
            for rows in client.iter_items(kind, wanted):
                created = self._store_items(run, kind, rows)
                counts = {"imported": created, "updated": len(rows) - created}
                if not run._progress(done=len(rows), counts=counts):
                    return False
            self._close_missing(kind, versions, wanted)
            if wanted:
                self._match_waiting_for_items()
        return None

    def _get_changed_ids(self, kind, versions):
        known = self.env["matching.open.item"].search(
            [
                ("connection_id", "=", self.id),
                ("kind", "=", kind),
                ("is_open", "=", True),
            ]
        )
        seen = {item.external_id: item.version for item in known}
        changed = [
            key for key, value in versions.items() if seen.get(key) != str(value)
        ]
        gone = [key for key in seen if key not in versions]
        return changed + gone

    def _store_items(self, run, kind, rows):
        items = [self._parse_item(run, kind, row) for row in rows]
        items = [item for item in items if item]
        return self.env["matching.open.item"].sudo()._upsert(self, items)

    def _parse_item(self, run, kind, row):
        """Read an invoice; one that cannot be read is noted on the run."""
        try:
            return parse_item(kind, row)
        except FactError as error:
            name = str(row.get("invoice_id") or row.get("id") or "?")
            run._fail(name, tell(self.env, REASONS, error.code, error.values))
        return None

    def _close_missing(self, kind, versions, wanted):
        """Items that Moneybird no longer has at all are not open any more."""
        asked = set(wanted) - set(versions)
        items_sudo = self.env["matching.open.item"].sudo()
        items_sudo.search(
            [
                ("connection_id", "=", self.id),
                ("kind", "=", kind),
                ("external_id", "in", list(asked)),
                (
                    "status",
                    "in",
                    ("open", "new", "late", "reminded", "pending_payment"),
                ),
            ]
        ).write({"is_open": False})

    def _match_waiting_for_items(self):
        """New open items may be what receipts have been waiting for."""
        self.env["matching.receipt"].search(
            [
                ("company_id", "=", self.company_id.id),
                ("state", "in", ("open", "error")),
                ("reason_code", "in", (False, "no_open_item", "needs_person")),
                ("connection_id", "!=", False),
            ],
            limit=2000,
        )._match()

    # --- Webhooks ---------------------------------------------------------------------

    def _verify_webhook(self, headers, body, params):
        """Override of `connection_base`: HMAC over time and body, five minutes at most.

        https://developer.moneybird.com: header ``Moneybird-Signature: t=…,v1=…``; any
        of several ``v1`` may fit (rotation).
        """
        if self.provider != "moneybird":
            return super()._verify_webhook(headers, body, params)
        secret = self._get_credentials().get("webhook_secret")
        if not secret and self._is_asking_for_webhook():
            return GREETING
        moment, digests = self._parse_signature(
            headers.get("moneybird-signature") or ""
        )
        if not secret or not digests or abs(time.time() - moment) > SIGNATURE_TOLERANCE:
            raise AccessDenied()
        signed = f"{moment}.".encode() + body
        expected = hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
        if not any(consteq(expected, digest) for digest in digests):
            raise AccessDenied()
        key = headers.get("idempotency-key")
        return key or hashlib.sha256(signed).hexdigest()

    def _is_asking_for_webhook(self):
        """Tell whether Moneybird may try the address now, before we know the secret.

        Such a greeting gets its answer; nothing is done with it.
        """
        asked = self.sudo().date_webhook_asked
        limit = fields.Datetime.now() - timedelta(seconds=SIGNATURE_TOLERANCE)
        return bool(asked and asked > limit)

    @staticmethod
    def _parse_signature(header):
        parts = [part.strip().partition("=") for part in header.split(",")]
        times = [value for key, _sign, value in parts if key == "t" and value.isdigit()]
        digests = [value for key, _sign, value in parts if key == "v1" and value]
        return (int(times[0]) if times else 0), digests

    def _handle_webhook_event(self, event):
        """Override of `connection_base`: read the invoice again."""
        if self.provider != "moneybird":
            return super()._handle_webhook_event(event)
        kind, external_id = self._extract_invoice(event.body)
        if not kind or event.external_id == GREETING:
            return None
        try:
            item = self._get_client().get_item(kind, external_id)
        except RejectedError as error:
            if error.status != 404:
                raise
            self.sudo().open_item_ids.filtered(
                lambda row: row.kind == kind and row.external_id == external_id
            ).write({"is_open": False})
            return None
        except FactError as error:
            raise ProviderError(
                tell(self.env, REASONS, error.code, error.values)
            ) from error
        self.env["matching.open.item"].sudo()._upsert(self, [item])
        return None

    @staticmethod
    def _extract_invoice(body):
        """Kind and id of the invoice an event is about; a payment names its invoice."""
        kinds = {
            "SalesInvoice": "sales_invoice",
            "ExternalSalesInvoice": "external_sales_invoice",
        }
        try:
            event = json.loads(body or "{}")
        except ValueError:
            return None, None
        entity = event.get("entity") or {}
        if event.get("entity_type") in kinds:
            return kinds[event["entity_type"]], str(event.get("entity_id"))
        if (
            event.get("entity_type") == "Payment"
            and entity.get("invoice_type") in kinds
        ):
            return kinds[entity["invoice_type"]], str(entity.get("invoice_id"))
        return None, None
