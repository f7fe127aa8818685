from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from ..const import FAILURES_UNTIL_ERROR, SYNC_BACKOFF_MINUTES
from ..exceptions import AuthError, ProviderError, TemporaryError
from .service_connection import SWITCHING


class ServiceConnection(models.Model):
    """State of a connection: one way in, one way out, errors in words."""

    _inherit = "service.connection"

    def _connect_with(self, values: dict):
        """Store credentials, test them and connect; the form's button does this.

        :param values: the values the spec asks for, by key
        :raises ProviderError: they do not work; nothing is stored if the caller
            lets the exception end the transaction
        """
        self.ensure_one()
        self._set_credentials(values)
        allowed = ("disconnected", "choosing", "error", "connected")
        self._update_state(allowed, "connecting")
        self._complete_connection()

    def _complete_connection(self):
        """Test the credentials and go to the state connected.

        Where they give access to several accounts, somebody has to choose one first.
        """
        self.ensure_one()
        if not self._settle_account():
            self._update_state(("connecting", "connected", "error"), "choosing")
            return
        account = self._test_connection() or {}
        now = fields.Datetime.now()
        self.write(
            {
                "account_ref": account.get("account_ref") or self.account_ref,
                "account_label": account.get("account_label") or self.account_label,
                "last_error": False,
                "failure_count": 0,
                "date_last_success": now,
                "date_next_sync": now if self.sync_minutes else False,
            }
        )
        if not self.sudo().webhook_token:
            self._renew_webhook_token()
        allowed = ("connecting", "choosing", "connected", "error")
        self._update_state(allowed, "connected")
        self._on_connected()
        self._close_error_activities()
        self._toggle_crons()

    def _disconnect(self):
        """Stop everything and erase the credentials."""
        for connection in self:
            if connection.state == "disconnected" and not connection._has_credentials():
                continue
            connection._say_goodbye()
            connection.sudo().credential_ids.unlink()
            connection.run_ids.filtered(lambda run: run.state == "running")._stop()
            waiting = connection.sudo().webhook_event_ids.filtered(
                lambda event: event.state in ("new", "failed")
            )
            waiting._ignore(self.env._("The service was disconnected."))
            connection.write(
                {
                    "last_error": False,
                    "failure_count": 0,
                    "date_next_sync": False,
                    "account_ref": False,
                    "account_label": False,
                }
            )
            allowed = ("connecting", "choosing", "connected", "error")
            connection._update_state(allowed, "disconnected")
            connection._close_error_activities()
            connection._renew_webhook_token()
        self._toggle_crons()

    def _say_goodbye(self):
        """Let the addon and the service know; a failure there does not keep us."""
        self.ensure_one()
        for step in (self._on_disconnected, self._revoke_token):
            self._try_goodbye(step)

    def _try_goodbye(self, step):
        try:
            step()
        except (ProviderError, UserError) as err:
            self.message_post(
                body=self.env._(
                    "While disconnecting: %(error)s", error=self._words(err)
                )
            )

    def _update_state(self, allowed: tuple, target: str):
        """Go to ``target`` from one of ``allowed``; already there is fine."""
        for connection in self:
            if connection.state in allowed and connection.state != target:
                connection.with_context(connection_switching=SWITCHING).state = target

    def _mark_success(self):
        """Note that the service answered well: green light, counters at zero."""
        for connection in self:
            values = {"date_last_success": fields.Datetime.now()}
            if connection.last_error or connection.failure_count:
                values.update(last_error=False, failure_count=0)
            connection.write(values)
            if connection.state == "error":
                connection._update_state(("error",), "connected")
                connection._close_error_activities()

    def _mark_error(self, exc: Exception):
        """Note a failure in words and decide when to try again.

        A credential problem turns the light red at once, other failures after
        some in a row; then the responsible person gets an activity.
        """
        for connection in self:
            count = connection.failure_count + 1
            connection.write(
                {
                    "last_error": connection._in_language()._words(exc),
                    "failure_count": count,
                    "date_next_sync": connection._next_try(exc, count),
                }
            )
            if isinstance(exc, AuthError) or count >= FAILURES_UNTIL_ERROR:
                connection._update_state(("connecting", "connected"), "error")
                connection._ask_to_look()

    def _next_try(self, exc: Exception, count: int):
        if not self.sync_minutes:
            return False
        pauses = SYNC_BACKOFF_MINUTES
        minutes = pauses[min(count, len(pauses)) - 1]
        if isinstance(exc, AuthError):
            minutes = pauses[-1]
        seconds = minutes * 60
        if isinstance(exc, TemporaryError) and exc.retry_after is not None:
            seconds = max(exc.retry_after, 60)
        return fields.Datetime.now() + timedelta(seconds=seconds)

    def _in_language(self):
        """Return the connection in the language of who reads what it writes down."""
        self.ensure_one()
        lang = self.responsible_id.lang or self.company_id.partner_id.lang
        return self.with_context(lang=lang or self.env.lang)

    def _words(self, exc: Exception) -> str:
        """Return what people may read of an exception."""
        if isinstance(exc, UserError):
            return str(exc)
        if not isinstance(exc, ProviderError):
            return self.env._(
                "An unexpected error stopped it. The server's log has more."
            )
        return self._common_trouble(exc.reason) or str(exc)

    def _common_trouble(self, reason: str) -> str | None:
        """Return the sentence for a trouble all services share."""
        service = self._provider_specs()[self.provider].name
        words = {
            "credentials": self.env._(
                "%(service)s does not accept the credentials. Connect again.",
                service=service,
            ),
            "unreachable": self.env._(
                "%(service)s cannot be reached.", service=service
            ),
            "silent": self.env._(
                "%(service)s did not answer in time.", service=service
            ),
            "lost": self.env._(
                "The answer of %(service)s was lost; it is looked up before "
                "anything is repeated.",
                service=service,
            ),
            "busy": self.env._("%(service)s asks us to wait.", service=service),
            "quota": self.env._(
                "The calls agreed with %(service)s are used up for now.",
                service=service,
            ),
            "failing": self.env._("%(service)s has a failure.", service=service),
            "unreadable": self.env._(
                "%(service)s sent an answer that cannot be read.", service=service
            ),
            "redirected": self.env._(
                "%(service)s sends us to another address; we do not follow.",
                service=service,
            ),
        }
        return words.get(reason)

    def _ask_to_look(self):
        """Give the responsible person one activity, not one per failure."""
        self.ensure_one()
        if self.responsible_id and not self._error_activities():
            env = self._in_language().env
            self.activity_schedule(
                "mail.mail_activity_data_warning",
                summary=env._("%(name)s does not work", name=self.name),
                note=self.last_error,
                user_id=self.responsible_id.id,
            )

    def _error_activities(self):
        kind = self.env.ref("mail.mail_activity_data_warning")
        return self.sudo().activity_ids.filtered(
            lambda activity: activity.automated and activity.activity_type_id == kind
        )

    def _close_error_activities(self):
        self._error_activities().action_feedback(feedback=self.env._("It works again."))

    def _toggle_crons(self):
        """Let the crons run only while something is connected."""
        needed = bool(
            self.sudo().search_count([("state", "!=", "disconnected")], limit=1)
        )
        for name in ("ir_cron_sync", "ir_cron_webhook"):
            cron = self.env.ref(f"connection_base.{name}").sudo()
            if needed and not cron.active:
                cron.active = True
            elif cron.active and not needed and cron.try_lock_for_update():
                # A cron at work keeps its row locked: then it stays on, idle.
                cron.active = False
