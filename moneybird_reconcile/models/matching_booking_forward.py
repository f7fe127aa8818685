import logging
from datetime import timedelta
from decimal import Decimal

from psycopg2.errors import SerializationFailure

from odoo import fields, models

from odoo.addons.connection_base.exceptions import (
    AuthError,
    ProviderError,
    RejectedError,
    TemporaryError,
    UnknownResultError,
)

from ..clients.moneybird import MoneybirdPayment
from ..const import UNKNOWN_ALONE_DAYS, UNKNOWN_WAIT_SECONDS
from ..engine.facts import FactError
from ..engine.redact import redact
from ..exceptions import PeriodLockedError, PlanLimitError, ScopeError

_logger = logging.getLogger(__name__)

REFUSALS = (
    (ScopeError, "scope_missing"),
    (PeriodLockedError, "period_locked"),
    (PlanLimitError, "plan_limit"),
)


class MatchingBooking(models.Model):
    """Forwarding to Moneybird: intent on disk, then the call, then the result.

    Moneybird knows no idempotency key. So a payment is looked for by our identifier
    before every post, also before the first: a lost answer, a killed worker or a second
    worker finds what is there and adopts it.
    """

    _inherit = "matching.booking"

    def _cron_forward(self, batch_size=500):
        """Carry out the intents that are due, each on disk before it goes."""
        domain = [
            ("kind", "=", "moneybird"),
            ("state", "in", ("todo", "sending", "unknown")),
            ("date_next_try", "<=", fields.Datetime.now()),
        ]
        cron = self.env["ir.cron"]
        due = self.search(domain, limit=batch_size, order="date_next_try, id")
        cron._commit_progress(remaining=len(due))
        for booking in due:
            locked = booking.try_lock_for_update().filtered_domain(domain)
            if locked and locked._begin_forward():
                try:
                    locked._forward()
                    cron._commit_progress()
                except SerializationFailure:
                    # A sync changed the item or the receipt at the same moment. What
                    # was posted is looked up in a minute, not posted again.
                    self.env.cr.rollback()
                    self.env.invalidate_all()
                    locked.date_next_try = fields.Datetime.now()
                    self.env.ref("moneybird_reconcile.ir_cron_forward")._trigger()
                except Exception:
                    self.env.cr.rollback()
                    _logger.exception("booking %s could not be forwarded", booking.id)
                    locked._lost()
            if not cron._commit_progress(1):
                break

    def _begin_forward(self):
        """Put the intent on disk; return whether it may go on."""
        self.ensure_one()
        connection = self.open_item_id.connection_id
        if connection.state not in ("connected", "error"):
            self._wait(timedelta(hours=1), "disconnected")
            return False
        now = fields.Datetime.now()
        self.write(
            {
                # A process that dies from here on leaves a row that is looked up later.
                "state": "unknown" if self.state != "todo" else "sending",
                "attempts": self.attempts + 1,
                "date_first_try": self.date_first_try or now,
                "date_next_try": now + timedelta(seconds=UNKNOWN_WAIT_SECONDS),
            }
        )
        self.env["ir.cron"]._commit_progress()
        return bool(self.try_lock_for_update())

    def _forward(self):
        """Look for the payment, post it when it is not there, write down the result."""
        self.ensure_one()
        item = self.open_item_id
        connection = item.connection_id
        try:
            client = connection._get_client()
            payment = self._find_or_post(client, item)
        except RejectedError as error:
            self._refuse_as(error)
        except UnknownResultError:
            self._lost()
        except TemporaryError as error:
            pause = timedelta(seconds=min(error.retry_after or 300, 3600))
            self._wait(pause, "waits", message=str(error))
        except AuthError as error:
            connection._mark_error(error)
            self._wait(timedelta(hours=1), "waits", message=str(error))
        except (ProviderError, FactError) as error:
            self._wait(timedelta(hours=1), "waits", message=str(error))
        else:
            if payment:
                self._succeed(payment)

    def _find_or_post(self, client, item):
        """Return the payment at Moneybird; None when it was not posted, with words.

        What stayed lost for a week is still looked for each day, but posted again only
        when a person says so: that it is not there yet proves less and less.
        """
        current = client.get_item(item.kind, item.external_id)
        for known in current.payments:
            if known.get("transaction_identifier") == self.identifier:
                item._upsert(item.connection_id, [current])
                return known
        if self._is_lost_for_long():
            self._wait(timedelta(days=1), "result_unknown_long")
            return None
        payment = self._to_payment()
        is_return = bool(self.return_of_id)  # it opens the item again
        if not is_return and abs(current.amount_open) < abs(payment.amount):
            item._upsert(item.connection_id, [current])
            self._refuse("item_paid", item=item.number, open=str(current.amount_open))
            return None
        self.exchange = redact(payment.to_body())
        answer = client.create_payment(item.kind, item.external_id, payment)
        left = current.amount_open - payment.amount
        item.write({"amount_open": float(left), "is_open": bool(left)})
        return answer

    def _to_payment(self):
        """The payment as Moneybird wants it (C11)."""
        self.ensure_one()
        receipt = self.receipt_id
        clearing = receipt.connection_id._get_clearing(receipt.method)
        account = self.ledger_account_id or clearing.ledger_account_id
        amount = self._get_amount_there()
        return MoneybirdPayment(
            date=receipt.date,
            amount=Decimal(f"{amount:.{self.currency_id.decimal_places}f}"),
            identifier=self.identifier,
            ledger_account=account.external_id or "",
        )

    # --- Results ------------------------------------------------------------------

    def _succeed(self, payment):
        self.write(
            {
                "state": "done",
                "remote_ref": str(payment.get("id") or ""),
                "exchange": {"sent": self.exchange, "received": redact(payment)},
                "date_done": fields.Datetime.now(),
                "date_next_try": False,
                "reason_code": False,
            }
        )
        self.receipt_id._after_booking_change()

    def _refuse_as(self, error):
        """Tell a refusal of Moneybird in our words."""
        code = next(
            (code for kind, code in REFUSALS if isinstance(error, kind)), "rejected"
        )
        message = error.code if code != "rejected" else str(error)
        self._refuse(code, message=message, date=str(self.receipt_id.date))

    def _refuse(self, code, **values):
        self.write(
            {
                "state": "failed",
                "reason_code": code,
                "reason_values": values,
                "date_next_try": False,
            }
        )
        self.receipt_id._after_booking_change()

    def _lost(self):
        """The payment may be there: look for it for as long as it takes."""
        self.state = "unknown"
        pauses = (1, 5, 60, 360)
        minutes = pauses[self.attempts - 1] if self.attempts <= len(pauses) else 1440
        is_long = self._is_lost_for_long()
        code = "result_unknown_long" if is_long else "result_unknown"
        self._wait(timedelta(minutes=minutes), code)

    def _is_lost_for_long(self):
        """Tell whether an answer has been missing so long that a person is needed."""
        self.ensure_one()
        since = self.date_first_try or fields.Datetime.now()
        age = fields.Datetime.now() - since
        return self.state == "unknown" and age > timedelta(days=UNKNOWN_ALONE_DAYS)

    def _retry_lost(self):
        """A person had a look: it may be posted again, after one more look-up."""
        now = fields.Datetime.now()
        self.write({"date_first_try": now, "date_next_try": now, "attempts": 0})
        self.env.ref("moneybird_reconcile.ir_cron_forward")._trigger()

    def _wait(self, pause, code, **values):
        moment = fields.Datetime.now() + pause
        if self.state == "sending":
            # Nothing left the house: the clock of a lost answer does not run.
            self.write({"state": "todo", "date_first_try": False})
        self.write(
            {
                "date_next_try": moment,
                "reason_code": code,
                "reason_values": {"time": f"{moment:%Y-%m-%d %H:%M} UTC", **values},
            }
        )
        self.receipt_id._after_booking_change()
