from collections import defaultdict

from odoo import fields, models

from odoo.addons.connection_base.exceptions import ProviderError


class ServiceConnection(models.Model):
    """The print service as people meet it: two steps to connect, a page to leave."""

    _inherit = "service.connection"

    letter_count = fields.Integer(
        compute="_compute_letter_count", groups="postal_dunning.group_dunning_user"
    )
    snapshot_count = fields.Integer(
        compute="_compute_snapshot_count", groups="base.group_system"
    )

    letter_price_ids = fields.One2many(
        "letter.price",
        "connection_id",
        groups="postal_dunning.group_dunning_user,base.group_system",
    )

    def _compute_letter_count(self):
        groups = self.env["snailmail.letter"]._read_group(
            [("transport", "=", "pingen")], ["company_id"], ["__count"]
        )
        counts = {company.id: count for company, count in groups}
        for connection in self:
            is_ours = connection.provider == "pingen"
            count = counts.get(connection.company_id.id, 0)
            connection.letter_count = count if is_ours else 0

    def _compute_snapshot_count(self):
        groups = self.env["letter.snapshot"]._read_group(
            [("connection_id", "in", self.ids)], ["connection_id"], ["__count"]
        )
        counts = {connection.id: count for connection, count in groups}
        for connection in self:
            connection.snapshot_count = counts.get(connection.id, 0)

    def action_connect(self):
        """Override of `connection_base`: first show whether the letters fit."""
        self.ensure_one()
        if self.provider != "pingen" or self.state == "error":
            return super().action_connect()
        self._check_administrator()
        return self.env["letter.check"]._open(self.company_id, self)

    def _open_credentials(self):
        """The form that asks for the credentials, once the letters fit."""
        self._check_administrator()
        return super().action_connect()

    def action_disconnect(self):
        """Override of `connection_base`: the page of letters needs more room."""
        action = super().action_disconnect()
        if self.provider == "pingen":
            action["context"] = action["context"] | {"dialog_size": "extra-large"}
        return action

    def action_view_letters(self):
        """Open the letters of this account's company; they stay after leaving."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "postal_dunning.letter_action"
        )
        action["domain"] = [
            ("company_id", "=", self.company_id.id),
            ("transport", "=", "pingen"),
        ]
        return action

    def action_view_snapshot(self):
        """Open what was set to post before letters were switched off (row Z8)."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "postal_dunning.letter_snapshot_action"
        )
        action["domain"] = [("connection_id", "=", self.id)]
        return action

    # === MONEY === #

    def _ask_first_prices(self):
        """Fill the list of prices; without them connecting works all the same."""
        self.ensure_one()
        try:
            self.env["letter.price"].sudo()._ask_first(self._get_client(), self)
        except ProviderError as error:
            self.message_post(body=self._words(error))

    def _ask_for_budget(self):
        self._ask_once(self._in_language().env._("Letters wait for a higher budget"))

    def _ask_once(self, summary):
        """One task for the responsible person, not one per letter."""
        self.ensure_one()
        known = self.activity_ids.filtered(lambda one: one.summary == summary)
        if self.responsible_id and not known:
            self.activity_schedule(
                "mail.mail_activity_data_todo",
                summary=summary,
                user_id=self.responsible_id.id,
            )

    # === LETTERS THAT THE DATABASE DOES NOT KNOW === #

    def _get_unknown_letters_task(self):
        """The words of the task, in the language of whom it is for."""
        return self._in_language().env._(
            "Look at the letters that this database does not know: was a backup "
            "restored?"
        )

    def _let_letters_go_on(self):
        """Nothing unknown is left: what waits for that is tried at once."""
        self.ensure_one()
        letters = self.env["snailmail.letter"]
        waiting = letters.search(
            [*letters._get_waiting_domain(), ("company_id", "=", self.company_id.id)]
        )
        waiting.write({"date_next_try": False, "info_msg": False})
        summary = self._get_unknown_letters_task()
        done = self.activity_ids.filtered(lambda one: one.summary == summary)
        done.action_feedback()
        letters._wake_hand_over()

    # === SWITCHING OFF === #

    def _switch_off_post(self):
        """Put everything that is set to post back, keeping a snapshot (Z7 and Z8)."""
        self.ensure_one()
        found = self._find_on_post()
        changes = self._get_changes(found)
        self.env["letter.snapshot"].sudo()._keep(self, changes)
        # This cancels what waits, too.
        self.company_id.sudo().letter_transport = "none"
        found["letters"]._cancel_unsent(self.env._("Pingen was disconnected."))
        grouped = defaultdict(list)
        for kind, record, name, value in changes:
            if kind != "letter":
                grouped[record._name, name, value].append(record.id)
        env = found["partners"].env
        for (model, name, value), ids in grouped.items():
            env[model].browse(ids).write({name: value})

    def _get_changes(self, found):
        """Each setting that switching off changes.

        :return: (kind, record, field name, new value)
        """
        changes = [("type", kind, "channel", "email") for kind in found["types"]]
        changes += [("step", step, "channel", "manual") for step in found["steps"]]
        changes += [
            ("letter", letter, "state", "canceled") for letter in found["letters"]
        ]
        for partner in found["partners"]:
            if partner.communication_channel == "post":
                changes.append(("partner", partner, "communication_channel", False))
            if partner.invoice_sending_method == "snailmail":
                changes.append(("partner", partner, "invoice_sending_method", False))
        return changes
