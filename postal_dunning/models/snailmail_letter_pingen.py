import logging
import uuid
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

from odoo.addons.connection_base.exceptions import (
    AuthError,
    InvalidAnswerError,
    ProviderError,
    RejectedError,
    TemporaryError,
    UnknownResultError,
)

from .. import const
from ..clients import pingen
from ..engine import channels
from ..walk import walk

_logger = logging.getLogger(__name__)


class SnailmailLetter(models.Model):
    """Handing letters over to Pingen, each at most once.

    A letter goes through: check → upload → *order* → checked by Pingen → *send*.
    Before each of the two calls that matter its intent (`pingen_call`) and key are
    committed; after it the result. A call whose answer was lost leaves the intent
    behind, and the next job asks the service what became of it before anything else:
    an order is looked up by our file name, a sending by the letter's status.
    """

    _inherit = "snailmail.letter"

    # === THE JOB === #

    @api.model
    def _cron_pingen_hand_over(self, batch_size=50):
        """Hand waiting letters over, record by record."""
        domain = self._get_hand_over_domain()
        held = self.search(domain, order="id", limit=batch_size)._find_why_held()
        walk(self, domain, lambda letter: letter._hand_over_or_wait(held), batch_size)

    @api.model
    def _get_hand_over_domain(self):
        now = fields.Datetime.now()
        return [
            ("transport", "=", "pingen"),
            ("state", "in", const.OPEN_STATES),
            "|",
            ("date_next_try", "=", False),
            ("date_next_try", "<=", now),
        ]

    def _pingen_hand_over(self):
        """Take one letter as far as it gets now."""
        self.ensure_one()
        try:
            self._pingen_advance()
        except (TemporaryError, InvalidAnswerError, AuthError, UserError) as error:
            # Not the letter's fault: it waits.
            self._postpone(error)
        except ProviderError as error:
            self._pingen_fail(str(error))
        except Exception:
            _logger.exception("letter %s could not be handed over", self.id)
            self.env.cr.rollback()
            self._postpone(None)

    def _get_pingen_connection(self):
        """:raises TemporaryError: while the service is not connected"""
        connection = (
            self.env["service.connection"]
            .sudo()
            ._get_connections("pingen", self.company_id)
        )
        if not connection:
            raise TemporaryError(self.env._("Pingen is not connected."))
        return connection[:1]

    def _get_pingen_client(self):
        return self._get_pingen_connection()._get_client()

    def _pingen_advance(self):
        """One step after the other, until the letter has to wait or is done."""
        client = self._get_pingen_client()
        if self.state == const.CANCELLING:
            return self._pingen_call_back(client)
        if self.pingen_call:
            self._pingen_find_out(client)
        if self.state == const.SUBMITTED:
            return None
        if not self._may_leave(client):
            return None
        if self.state == const.WAITING:
            # Started again after a failure: what was ordered then is not used.
            self._pingen_discard(client)
        if not self.pingen_ref and not self._pingen_order(client):
            return None
        return self._pingen_send_when_valid(client)

    # === GUARDS === #

    def _may_leave(self, client):
        """Ask again whether this letter may leave; cancel it when not."""
        message = self.dunning_message_id
        if not message:
            return True
        words, is_final = message._get_hand_over_refusal()
        if not words:
            return True
        if not is_final:
            raise TemporaryError(words)
        self._pingen_discard(client)
        self._cancel_unsent(words)
        return False

    def _may_still_leave(self, client):
        """Ask once more, on the books of this moment.

        Uploading, ordering and checking took a while; what others booked meanwhile is
        seen by a new transaction only.
        """
        self.env["ir.cron"]._commit_progress()
        if not self.try_lock_for_update():
            raise TemporaryError(self.env._("The letter is being worked on."))
        return self._may_leave(client)

    def _pingen_discard(self, client):
        """Take back an order that was not sent; it would never leave by itself.

        What is deleted at the service cannot be sent any more, whatever was intended.
        """
        if self.pingen_ref:
            client.delete_letter(self.pingen_ref)
            self.write(
                {"pingen_ref": False, "pingen_status": False, "pingen_call": False}
            )

    # === ORDER === #

    def _pingen_order(self, client):
        """Upload the file and order the letter, without sending it."""
        if not self._check_before_hand_over():
            self._pingen_fail(
                self._get_finding_words_of_letter(),
                "sn_format",
                channels.NO_ADDRESS if self._lacks_address() else "",
            )
            return False
        self._estimate(client)
        if not self._fits_budget(self.price_expected):
            return False
        if not self.pingen_key:
            self.pingen_key = uuid.uuid4().hex
        if not self.pingen_upload or not self.pingen_call:
            upload = client.upload(self.attachment_id.raw)
            self.pingen_upload = [upload.url, upload.signature]
            self.pingen_attempt += 1
        self._keep_intent("create")
        letter = client.create_letter(
            pingen.LetterOrder(
                file_name=self._get_file_name(),
                upload=pingen.Upload(*self.pingen_upload),
                position=self._get_layout().position,
                sender_address=self._get_sender_line(),
            ),
            key=self._get_call_key("create"),
        )
        self._keep_order(letter)
        return True

    def _keep_order(self, letter):
        self.write(
            {
                "pingen_ref": letter.id,
                "pingen_status": letter.status,
                "pingen_call": False,
                "failure_count": 0,
            }
        )
        self.env["ir.cron"]._commit_progress()

    def _keep_intent(self, call):
        """Commit what is about to be done, then hold the letter again.

        :raises TemporaryError: somebody else took the letter in between
        """
        self.write({"pingen_call": call, "state": const.HANDING_OVER})
        self.env["ir.cron"]._commit_progress()
        if not self.try_lock_for_update():
            raise TemporaryError(self.env._("The letter is being worked on."))

    def _get_file_name(self):
        """Our own name of the letter at the service: unique per order."""
        mark = self.env["letter.found"]._get_mark()
        return f"letter-{self.id}-{self.pingen_key}-{self.pingen_attempt}-{mark}.pdf"

    def _get_call_key(self, call):
        """Idempotency key: the same for each try of one call of one order."""
        return f"{self.pingen_key}-{call}-{self.pingen_attempt}"

    def _get_sender_line(self):
        partner = self.company_id.partner_id
        town = f"{partner.zip or ''} {partner.city or ''}".strip()
        parts = (self.company_id.name, partner.street, town)
        return " | ".join(part for part in parts if part)

    # === SEND === #

    def _pingen_send_when_valid(self, client):
        """Send once the service found the letter valid; until then look again."""
        letter = client.get_letter(self.pingen_ref)
        self._keep_details(letter)
        if letter.status in const.CHECKING:
            self._look_again()
            return
        if letter.status in const.REFUSED:
            self._pingen_refused(client)
            return
        if letter.status != "valid":
            self._apply_status(letter)
            return
        if not self._fits_budget(self.price or self.price_expected):
            return
        if not self._may_still_leave(client):
            return
        self._keep_intent("send")
        try:
            sent = client.send_letter(
                self.pingen_ref, self._get_delivery(), self._get_call_key("send")
            )
        except RejectedError:
            sent = client.get_letter(self.pingen_ref)
            if sent.status == "valid":
                raise
        self._keep_sending(sent)

    def _keep_sending(self, letter):
        self._keep_details(letter)
        self.pingen_call = False
        self._apply_status(letter)

    def _pingen_refused(self, client):
        """Keep the service's reasons and take the order back."""
        events = client.list_events(self.pingen_ref)
        reasons = [event.name or event.code for event in events if event.code]
        self._pingen_discard(client)
        self._pingen_fail(
            self.env._(
                "Pingen refused the letter: %(reasons)s",
                reasons=", ".join(reasons[-3:]) or self.pingen_status,
            ),
            "sn_format",
            channels.POST_REFUSED,
        )

    # === LOST ANSWERS === #

    def _pingen_find_out(self, client):
        """What became of the call whose answer never came."""
        if self.pingen_call == "create":
            found = client.find_letter(self._get_file_name())
            if found:
                self._keep_order(found)
        elif self.pingen_call == "send":
            letter = client.get_letter(self.pingen_ref)
            if letter.status != "valid":
                self._keep_sending(letter)

    # === CALL BACK === #

    def _pingen_call_back(self, client):
        """Ask the printer for a letter; what comes of it is read from its status."""
        letter = client.get_letter(self.pingen_ref)
        self._keep_details(letter)
        if letter.status in ("valid", *const.REFUSED):
            self._pingen_discard(client)
            self.write({"pingen_call": False, "state": const.WAITING})
            self._cancel_unsent(self.env._("Called back before printing."))
        elif (
            letter.status in ("cancelling", "cancelled") or self.pingen_call == "cancel"
        ):
            self.pingen_call = False
            self._apply_status(letter)
        elif letter.status in const.UNDER_WAY:
            self._ask_back(client)
        else:
            self.pingen_call = False
            self._apply_status(letter)

    def _ask_back(self, client):
        self.pingen_call = "cancel"
        self.env["ir.cron"]._commit_progress()
        try:
            client.cancel_letter(self.pingen_ref, self._get_call_key("cancel"))
        except RejectedError:
            # Too late: it is printed. The sweep follows it on.
            self.write({"pingen_call": False, "state": const.SUBMITTED})
            self.message_id.sudo().body = self.env._("Too late to call it back.")
            return
        self.pingen_call = False
        self._look_again()

    # === STATUS === #

    def _keep_details(self, letter):
        values = {"pingen_status": letter.status}
        if letter.pages:
            values["pages"] = letter.pages
        if letter.tracking_number:
            values["tracking_number"] = letter.tracking_number
        if letter.price:
            values["price"] = float(letter.price.amount)
            values["price_currency"] = letter.price.currency
        self.write(values)

    def _apply_status(self, letter):
        """Translate a status of the service; words we never saw change nothing."""
        now = fields.Datetime.now()
        status = letter.status
        if status in const.UNDER_WAY and self.state != const.CANCELLING:
            self._become_state(
                const.SUBMITTED, date_submitted=self.date_submitted or now
            )
        elif status in const.ON_THE_ROAD:
            submitted = self.date_submitted or now
            self._become_state(
                "sent", date_submitted=submitted, date_sent=self.date_sent or now
            )
        elif status == "undeliverable":
            words = self._in_language().env._("The letter came back: undeliverable.")
            self._become_state(const.UNDELIVERABLE, info_msg=words)
        elif status == "cancelled":
            words = self._in_language().env._("Called back before printing.")
            self._become_state("canceled", info_msg=words)
        elif status in const.REFUSED:
            self._pingen_fail(
                self._in_language().env._(
                    "Pingen refused the letter: %(reasons)s", reasons=status
                ),
                refusal=channels.POST_REFUSED,
            )
        elif self.state in const.OPEN_STATES:
            self._look_again()

    def _in_language(self):
        """:return: the letter in the language of its company; a job has none"""
        lang = self.company_id.partner_id.lang or self.env.lang
        return self.with_context(lang=lang)

    def _become_state(self, state, **values):
        """Move on and tell; the same state again only keeps the details."""
        if self.state == state:
            return
        self.write(
            {"state": state, "date_next_try": False, "error_code": False, **values}
        )
        shown = {"canceled": "canceled", const.UNDELIVERABLE: "bounce"}
        self._notify(shown.get(state, "sent"), words=values.get("info_msg", False))

    def _look_again(self):
        at = fields.Datetime.now() + timedelta(seconds=const.POLL_SECONDS)
        self.date_next_try = at
        self._wake_hand_over(at)

    # === FAILURES === #

    def _postpone(self, error):
        """Try again later: sooner at first, then once a day."""
        count = self.failure_count + 1
        waits = const.RETRY_MINUTES
        wait = timedelta(minutes=waits[min(count, len(waits)) - 1])
        if isinstance(error, TemporaryError) and error.retry_after:
            wait = max(wait, timedelta(seconds=error.retry_after))
        at = fields.Datetime.now() + wait
        words = str(error) if error else self.env._("Unexpected error, see the log.")
        self.write({"failure_count": count, "date_next_try": at, "info_msg": words})
        if isinstance(error, UnknownResultError):
            _logger.info("letter %s: answer lost, asking later", self.id)
        self._wake_hand_over(at)

    def _pingen_fail(self, words, failure_type="sn_error", refusal=""):
        """Stop here and show why; a person decides how it goes on.

        :param refusal: code of why no letter can carry this at all; it then goes by
            the next channel. Without one (a page that does not fit, an account that
            is refused) post can be used once that is put right.
        """
        self.write(
            {
                "state": "error",
                "refusal": refusal,
                # Codes that core's own queue does not try again
                "error_code": "FORMAT_ERROR"
                if failure_type == "sn_format"
                else "UNKNOWN_ERROR",
                "info_msg": words,
                "pingen_call": False,
                "date_next_try": False,
            }
        )
        self._notify("exception", failure_type, words)

    def _get_finding_words_of_letter(self):
        self.invalidate_recordset(["finding_note"])
        return self.finding_note

    def _note_corrected_address(self, address):
        """Where the addressee lives now, according to the post."""
        self.corrected_address = address
        self.env[self.model].browse(self.res_id).message_post(
            body=self.env._("New address according to the post: %(text)s", text=address)
        )

    # === SWEEP === #

    @api.model
    def _pingen_sweep(self, connection, run, batch_size=200):
        """Read the status of all letters under way; the guarantee behind webhooks."""
        after = (run.cursor or {}).get("id", 0)
        letters = self.search(
            self._get_sweep_domain(connection) + [("id", ">", after)],
            order="id",
            limit=batch_size,
        )
        client = connection._get_client()
        for letter in letters:
            try:
                letter._pingen_read_status(client)
            except RejectedError as error:
                run._fail(letter.display_name, str(error), letter)
            if not run._progress(done=1, cursor={"id": letter.id}):
                return False
        return len(letters) < batch_size

    @api.model
    def _get_sweep_domain(self, connection):
        since = fields.Datetime.now() - timedelta(days=const.RETURN_DAYS)
        return [
            ("company_id", "=", connection.company_id.id),
            ("transport", "=", "pingen"),
            ("pingen_ref", "!=", False),
            "|",
            ("state", "in", const.AT_PRINTER),
            "&",
            ("state", "=", "sent"),
            ("date_sent", ">=", since),
        ]

    def _pingen_read_status(self, client):
        """Read one letter again; only a letter that was sent is moved on here."""
        self.ensure_one()
        letter = client.get_letter(self.pingen_ref)
        self._keep_details(letter)
        if self.state in (const.SUBMITTED, const.CANCELLING, "sent"):
            self._apply_status(letter)
        elif self.state in const.OPEN_STATES:
            self.date_next_try = False
            self._wake_hand_over()
