# The labels of a spec are translated when they are shown.
# pylint: disable=prefer-env-translation
import json
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qs

from odoo import api, fields, models
from odoo.exceptions import AccessDenied, UserError

from odoo.addons.connection_base.engine.provider_spec import (
    CredentialField,
    ProviderSpec,
)

from ..clients.ccv import CcvClient, moves_money, parse_transaction
from ..clients.mollie import MollieClient, parse_row
from ..const import FETCH_OVERLAP_DAYS, FIRST_FETCH_DAYS, RECEIPT_PROVIDERS
from ..engine.facts import FactError
from ..words import REASONS, _lt, tell

CCV = ProviderSpec(
    code="ccv",
    name="CCV",
    hosts={"live": {"api": "https://api.psp.ccv.eu"}},
    auth=("api_key",),
    credentials={"api_key": (CredentialField("api_key", _lt("API key")),)},
    icon="/moneybird_reconcile/static/description/ccv.png",
    # at least once an hour, whatever the scheduler's own pause is (C4)
    sync_minutes=30,
    webhook=True,
    description=_lt("Fetches the payments of CCV Online Payments."),
    where={"api_key": _lt("In CCV's dashboard: Configuration, API keys.")},
)
MOLLIE = ProviderSpec(
    code="mollie",
    name="Mollie",
    hosts={"live": {"api": "https://api.mollie.com"}},
    auth=("api_key",),
    credentials={
        "api_key": (
            CredentialField("api_key", _lt("API key")),
            CredentialField(
                "organization_token",
                _lt("Organisation access token (for payouts)"),
                required=False,
            ),
        )
    },
    icon="/moneybird_reconcile/static/description/mollie.png",
    sync_minutes=30,
    webhook=True,
    description=_lt("Fetches the payments of a Mollie profile."),
    where={
        "api_key": _lt(
            "In Mollie's dashboard: Developers, API keys. The organisation access "
            "token is there too."
        )
    },
)


class ServiceConnection(models.Model):
    """CCV and Mollie as sources of receipts."""

    _inherit = "service.connection"

    provider = fields.Selection(
        selection_add=[("ccv", "CCV"), ("mollie", "Mollie")],
        ondelete={"ccv": "cascade", "mollie": "cascade"},
    )
    matching_ledger = fields.Selection(
        [
            ("odoo", "Odoo"),
            ("moneybird", "Moneybird"),
            ("both", "Where the open item is"),
        ],
        "Book in",
        default="both",
        help="Which ledger's open items the payments of this service may pay.",
    )
    matching_date_from = fields.Date(
        "Payments from",
        default=lambda self: fields.Date.today() - timedelta(days=FIRST_FETCH_DAYS),
        help="Older payments are not fetched.",
    )
    clearing_ids = fields.One2many(
        "matching.clearing",
        "connection_id",
        "Clearing accounts",
        groups="base.group_system,moneybird_reconcile.group_matching_user",
    )

    matching_fee_account_id = fields.Many2one(
        "account.account",
        "Account of fees",
        check_company=True,
        help="What the service keeps back from a payout.",
    )
    matching_fee_tax_id = fields.Many2one(
        "account.tax",
        "VAT on fees",
        domain="[('type_tax_use', '=', 'purchase')]",
        check_company=True,
    )
    matching_reserve_account_id = fields.Many2one(
        "account.account",
        "Account of reserves",
        check_company=True,
        help="Money that the service holds back and pays later.",
    )

    @api.model
    def _provider_specs(self):
        return super()._provider_specs() | {"ccv": CCV, "mollie": MOLLIE}

    @api.ondelete(at_uninstall=False)
    def _unlink_except_receipts(self):
        """What came through a connection must stay explainable."""
        # Receipts count also for who may not see them.
        receipts_sudo = self.env["matching.receipt"].sudo()
        if receipts_sudo.search_count([("connection_id", "in", self.ids)], limit=1):
            raise UserError(
                self.env._(
                    "Payments came in through this connection. Archive it instead."
                )
            )

    def _is_receipt_source(self):
        self.ensure_one()
        return self.provider in RECEIPT_PROVIDERS

    def _get_clearing(self, method):
        """The clearing accounts for a payment method, or those for all others."""
        # The posting scheme holds for everybody, also for who may not change it.
        lines = self.sudo().clearing_ids
        wanted = (method or "").lower()
        exact = lines.filtered(lambda line: (line.method or "").lower() == wanted)
        return (exact or lines.filtered(lambda line: not line.method))[:1]

    # --- Hooks of connection_base ---------------------------------------------------

    def _get_client(self):
        """Override of `connection_base` for CCV and Mollie."""
        if not self._is_receipt_source():
            return super()._get_client()
        options = self._get_client_options()
        api_key = self._get_credentials().get("api_key") or ""
        if self.provider == "ccv":
            return CcvClient(api_key=api_key, **options)
        return MollieClient(api_key=api_key, **options)

    def _test_connection(self):
        """Override of `connection_base`: ask something that needs a good key."""
        if not self._is_receipt_source():
            return super()._test_connection()
        client = self._get_client()
        if self.provider == "ccv":
            client.list_methods()
        else:
            client.check_key()
        tail = (self._get_credentials().get("api_key") or "")[-4:]
        return {"account_label": self.env._("key …%(tail)s", tail=tail)}

    def _on_connected(self):
        """Override of `connection_base`: give the source a clearing journal."""
        result = super()._on_connected()
        if self._is_receipt_source():
            self._ensure_clearing()
        return result

    def _ensure_clearing(self):
        """Make the clearing journal that takes what has none of its own."""
        self.ensure_one()
        if self._get_clearing(""):
            return
        # Who connects services is an administrator, not always an accountant.
        journals_sudo = self.env["account.journal"].sudo().with_company(self.company_id)
        journal_sudo = journals_sudo.browse()
        if self.company_id.sudo().chart_template:
            journal_sudo = journals_sudo.create(
                {
                    "name": self.name,
                    "type": "bank",
                    "company_id": self.company_id.id,
                    "show_on_dashboard": True,
                }
            )
        self.env["matching.clearing"].sudo().create(
            {"connection_id": self.id, "method": False, "journal_id": journal_sudo.id}
        )

    def _get_disconnect_effects(self):
        """Override of `connection_base` to name what happens to receipts."""
        effects = super()._get_disconnect_effects()
        if self._is_receipt_source():
            effects.append(
                self.env._(
                    "No payments are fetched any more; those that wait stay as is."
                )
            )
        return effects

    # --- Fetching -------------------------------------------------------------------

    def _sync(self, run):
        """Override of `connection_base`: fetch payments, match and book them (C4)."""
        if not self._is_receipt_source():
            return super()._sync(run)
        started = datetime.now(timezone.utc)
        since = self._get_fetch_start(run)
        for rows in self._iter_rows(self._get_client(), since):
            facts_list = self._parse_rows(run, rows)
            receipts, created = self.env["matching.receipt"]._upsert_facts(
                self, facts_list
            )
            before = self._count_matched(receipts)
            receipts.filtered(lambda receipt: receipt.state == "open")._match()
            matched = self._count_matched(receipts) - before
            counts = {"imported": created, "matched": matched}
            if not run._progress(done=len(rows), counts=counts):
                return False
        run._progress(cursor={"until": started.isoformat()})
        return None

    @staticmethod
    def _count_matched(receipts):
        return len(receipts.filtered(lambda receipt: receipt.state == "matched"))

    def _get_fetch_start(self, run):
        """Where to begin: the end of the last good run, with an overlap."""
        last = self.env["service.sync.run"].search(
            [
                ("connection_id", "=", self.id),
                ("kind", "=", run.kind),
                ("state", "in", ("done", "failures")),
                ("id", "!=", run.id),
            ],
            order="id desc",
            limit=1,
        )
        first_day = self.matching_date_from or fields.Date.today()
        first = datetime.combine(first_day, datetime.min.time(), timezone.utc)
        until = (last.cursor or {}).get("until")
        if not until:
            return first
        overlap = timedelta(days=FETCH_OVERLAP_DAYS)
        return max(first, datetime.fromisoformat(until) - overlap)

    def _iter_rows(self, client, since):
        if self.provider == "ccv":
            return client.iter_transactions(since)
        return client.iter_all(since)

    def _parse_rows(self, run, rows):
        """Read the rows; one that cannot be read is noted on the run, not swallowed."""
        facts_list = []
        for row in rows:
            if self.provider == "ccv" and not moves_money(row):
                continue
            parse = parse_transaction if self.provider == "ccv" else parse_row
            try:
                facts_list.append(parse(row))
            except FactError as error:
                name = str(row.get("reference") or row.get("id") or "?")
                run._fail(name, tell(self.env, REASONS, error.code, error.values))
        return facts_list

    def _read_receipt(self, client, external_id, origin=""):
        """One payment as it is at the service now, or nothing when it is none.

        :param origin: for a refund or chargeback, the id of its payment
        """
        if self.provider == "ccv":
            return client.get_transaction(external_id)
        if origin:
            return client.get_return(origin, external_id)
        return client.get_payment(external_id)

    def _read_with_returns(self, client, payment_id):
        """A payment and, where money was taken back, its refunds and chargebacks."""
        facts = self._read_receipt(client, payment_id)
        if not facts:
            return []
        taken_back = ("amountRefunded", "amountChargedBack")
        has_returns = any(facts.raw.get(name) for name in taken_back)
        returns = client.list_returns(payment_id) if has_returns else []
        return [facts, *returns]

    # --- Webhooks -------------------------------------------------------------------

    def _verify_webhook(self, headers, body, params):
        """Override of `connection_base`.

        CCV and Mollie's classic webhook sign nothing: the secret token in the address
        lets them in, the body only says which payment to read again. The id is counted
        on, because one payment changes more than once.
        """
        if not self._is_receipt_source():
            return super()._verify_webhook(headers, body, params)
        payment_id = self._extract_payment_id(body, params)
        if not payment_id:
            raise AccessDenied()
        events = self.sudo().webhook_event_ids.filtered(
            lambda event: (
                event.external_id.split("#")[0] == payment_id and event.state != "new"
            )
        )
        return f"{payment_id}#{len(events)}"

    def _extract_payment_id(self, body, params):
        try:
            if self.provider == "mollie":
                # A form is read before we see it; then its values are in the params.
                values = parse_qs(body.decode()).get("id", [""])
                payment_id = params.get("id") or values[0]
            else:
                answer = json.loads(body.decode())
                payment_id = answer.get("id") if isinstance(answer, dict) else ""
        except ValueError:
            return ""
        payment_id = str(payment_id or "")
        allowed = payment_id.replace("_", "").replace(".", "").isalnum()
        return payment_id if allowed and len(payment_id) <= 64 else ""

    def _handle_webhook_event(self, event):
        """Override of `connection_base`: read the payment again and match it."""
        if not self._is_receipt_source():
            return super()._handle_webhook_event(event)
        payment_id = event.external_id.split("#")[0]
        try:
            facts_list = self._read_with_returns(self._get_client(), payment_id)
        except FactError as error:
            words = tell(self.env, REASONS, error.code, error.values)
            raise UserError(words) from error
        receipts, _created = self.env["matching.receipt"]._upsert_facts(
            self, facts_list
        )
        receipts.filtered(lambda receipt: receipt.state == "open")._match()
        return None
