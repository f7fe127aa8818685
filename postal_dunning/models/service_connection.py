import secrets

from odoo import api, fields, models
from odoo.exceptions import AccessDenied

from odoo.addons.connection_base.exceptions import ProviderError, RejectedError

from .. import const
from ..clients import pingen


class ServiceConnection(models.Model):
    """The print service as a connection of the organisation's own account."""

    _inherit = "service.connection"

    provider = fields.Selection(
        selection_add=[("pingen", "Pingen")], ondelete={"pingen": "cascade"}
    )

    @api.model
    def _provider_specs(self):
        return super()._provider_specs() | {"pingen": const.PINGEN}

    def _get_client(self):
        """Override of `connection_base`: a client of this account's organisation."""
        if self.provider != "pingen":
            return super()._get_client()
        self.ensure_one()
        return pingen.PingenClient(
            organisation=self.account_ref or "", **self._get_client_options()
        )

    # === CONNECT === #

    def _test_connection(self):
        """Override of `connection_base`: find the organisation, check our letter.

        Acceptance row Z3: nothing is connected while a letter would be refused.
        """
        if self.provider != "pingen":
            return super()._test_connection()
        self.ensure_one()
        organisation = self._find_organisation()
        self._check_test_letter()
        return {"account_ref": organisation.id, "account_label": organisation.name}

    def _find_organisation(self):
        """The organisation these credentials act for.

        :rtype: clients.pingen.Organisation
        """
        found = self._get_client().list_organisations()
        wanted = self._get_credentials().get("organisation") or self.account_ref
        if wanted:
            found = [one for one in found if one.id == wanted]
        if len(found) == 1:
            return found[0]
        if found:
            raise ProviderError(
                self.env._("There are several organisations: fill in the ID of yours.")
            )
        raise ProviderError(self.env._("These credentials know no organisation."))

    def _check_test_letter(self):
        """Measure what goes by post.

        :raises ProviderError: a document does not fit; the text says what to change
        """
        documents = self.company_id.sudo()._check_letter_documents()
        findings = [one for document in documents for one in document.findings]
        if findings:
            words = self.env["snailmail.letter"]._get_finding_words(findings)
            raise ProviderError(
                self.env._("The letter does not fit: %(problems)s", problems=words)
            )

    def _on_connected(self):
        """Override of `connection_base`: letters leave here, webhooks come in."""
        result = super()._on_connected()
        for connection in self.filtered(lambda one: one.provider == "pingen"):
            connection.company_id.sudo().letter_transport = "pingen"
            connection._register_webhooks()
            connection._ask_first_prices()
        return result

    def _register_webhooks(self):
        """Ask for a call per category; without them the sweep does the same."""
        self.ensure_one()
        credentials = self._get_credentials()
        key = credentials.get(const.SIGNING_KEY) or secrets.token_hex(16)
        self._set_credentials(credentials | {const.SIGNING_KEY: key})
        client = self._get_client()
        url = self.sudo().webhook_url
        try:
            self._forget_webhooks(client, url)
            for category in const.WEBHOOK_CATEGORIES:
                client.create_webhook(category, url, key)
        except RejectedError as error:
            self.message_post(
                body=self.env._(
                    "No webhooks: %(error)s The hourly sync does without.", error=error
                )
            )

    def _forget_webhooks(self, client, url):
        for webhook in client.list_webhooks():
            if webhook["url"] == url:
                client.delete_webhook(webhook["id"])

    # === DISCONNECT === #

    def _get_disconnect_effects(self):
        """Override of `connection_base`: what and who is affected (row Z9)."""
        effects = super()._get_disconnect_effects()
        if self.provider != "pingen":
            return effects
        found = self._find_on_post()
        counts = (
            (found["letters"], self.env._("Waiting letters that are cancelled")),
            (found["steps"], self.env._("Collection steps that become by hand")),
            (found["types"], self.env._("Kinds of message that go back to e-mail")),
            (found["partners"], self.env._("Customers who lose their choice for post")),
        )
        for records, words in counts:
            if records:
                names = ", ".join(records[:5].mapped("display_name"))
                more = ", …" if len(records) > 5 else ""
                effects.append(f"{words}: {len(records)} ({names}{more})")
        effects.append(self.env._("Letters and messages of the past stay readable."))
        return effects

    def _find_on_post(self):
        """All that uses letters in this company, as recordsets by kind."""
        self.ensure_one()
        company = self.company_id
        env = self.with_company(company).sudo().with_context(active_test=False).env
        letters = env["snailmail.letter"].search(
            [
                ("company_id", "=", company.id),
                ("transport", "=", "pingen"),
                ("state", "in", (*const.QUEUE_STATES, "error")),
            ]
        )
        steps = env["dunning.step"].search(
            [("company_id", "=", company.id), ("channel", "=", "post")]
        )
        types = env["communication.type"].search([("channel", "=", "post")])
        partners = env["res.partner"].search(
            [
                "|",
                ("communication_channel", "=", "post"),
                ("invoice_sending_method", "=", "snailmail"),
            ]
        )
        return {
            "letters": letters,
            "steps": steps,
            "types": types,
            "partners": partners,
        }

    def _on_disconnected(self):
        """Override of `connection_base`: exactly what row Z7 says, at once."""
        for connection in self.filtered(lambda one: one.provider == "pingen"):
            connection._switch_off_post()
        result = super()._on_disconnected()
        for connection in self.filtered(lambda one: one.provider == "pingen"):
            connection._forget_webhooks(
                connection._get_client(), connection.sudo().webhook_url
            )
        return result

    # === SYNC AND WEBHOOKS === #

    def _sync(self, run):
        """Override of `connection_base`: read the state of letters under way."""
        if self.provider != "pingen":
            return super()._sync(run)
        self.env["letter.price"].sudo()._refresh(self._get_client(), self)
        return self.env["snailmail.letter"].sudo()._pingen_sweep(self, run)

    def _verify_webhook(self, headers, body, params):
        """Override of `connection_base`: the signature decides, without a key none."""
        if self.provider != "pingen":
            return super()._verify_webhook(headers, body, params)
        self.ensure_one()
        key = self._get_credentials().get(const.SIGNING_KEY) or ""
        signature = next(
            (value for name, value in headers.items() if name.lower() == "signature"),
            "",
        )
        if not pingen.check_signature(body, signature, key):
            raise AccessDenied()
        return pingen.parse_webhook(body).id

    def _handle_webhook_event(self, event):
        """Override of `connection_base`: a hint to read the letter again."""
        if self.provider != "pingen":
            return super()._handle_webhook_event(event)
        hint = pingen.parse_webhook(event.body.encode())
        letters = self.env["snailmail.letter"].sudo()
        letter = letters.search(
            [
                ("pingen_ref", "=", hint.letter_id),
                ("company_id", "=", self.company_id.id),
            ]
        )
        if letter:
            letter._pingen_read_status(self._get_client())
            if hint.corrected_address:
                letter._note_corrected_address(hint.corrected_address)
        return None
