import logging
import os
from datetime import timedelta

from psycopg2 import errors

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL, config

from ..const import (
    CHOICE_MINUTES,
    CODE_MINUTES,
    CONFIRM,
    MAX_TRIES,
    NEW_EMAIL,
    RESEND_SECONDS,
    SIGN_IN,
)
from ..engine import ask as words
from ..engine.code import make_code, normalise_code
from ..engine.key_source import KeyMissingError, read_key
from ..engine.keyed import KeyedSecrets, new_token

_logger = logging.getLogger(__name__)

# A row is written at most MAX_TRIES times by checks, and once each by the mail
# lane, the proof and its use: whoever loses more often than that has met
# another fault.
MAX_REPEATS = 20
CONFLICTS = (errors.SerializationFailure, errors.DeadlockDetected)


class PortalSignInChallenge(models.Model):
    """One code on its way from a mailbox to the browser that asked for it.

    Life: *open* → *proven* (the right code came) → deleted (used to sign in);
    or *closed* (five wrong tries, or a newer code was asked for). All writing
    happens in short transactions of their own (``_apart``): a try counts even
    if the request around it fails, a row is locked for milliseconds, and two
    checks that meet are put in a row by the database.

    Nothing in a row opens a door to somebody who reads the database: the code
    and the browser's token are keyed hashes, and the sealed code (needed by
    the mail lane, wiped when the mail has left) is encrypted.
    """

    _name = "portal.sign.in.challenge"
    _description = "Sign-in Code"
    _order = "id desc"

    email = fields.Char(required=True, index=True)
    company_id = fields.Many2one("res.company", required=True, ondelete="cascade")
    purpose = fields.Selection(
        [
            (SIGN_IN, "Sign in"),
            (CONFIRM, "Confirm who one is"),
            (NEW_EMAIL, "Confirm a new e-mail address"),
        ],
        required=True,
        default=SIGN_IN,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Signed-in User",
        ondelete="cascade",
        help="Who asked for the code while signed in; nobody else can use it.",
    )
    lang = fields.Char()
    redirect = fields.Char()
    base_url = fields.Char()
    device = fields.Char()
    ip = fields.Char(string="IP Address")
    state = fields.Selection(
        [("open", "Open"), ("proven", "Proven"), ("closed", "Closed")],
        required=True,
        default="open",
    )
    mail_state = fields.Selection(
        [
            ("waiting", "Waiting"),
            ("code", "Code sent"),
            ("unknown", "Address unknown"),
            ("failed", "Failed"),
        ],
        required=True,
        default="waiting",
        index=True,
    )
    mail_tries = fields.Integer(default=0)
    attempts = fields.Integer(default=0)
    date_expires = fields.Datetime(required=True)
    nonce = fields.Char(required=True, groups=fields.NO_ACCESS)
    code_hash = fields.Char(required=True, groups=fields.NO_ACCESS)
    browser_hash = fields.Char(required=True, groups=fields.NO_ACCESS)
    sealed_code = fields.Char(groups=fields.NO_ACCESS)

    _browser_unique = models.Constraint(
        "UNIQUE (browser_hash)", "A browser token belongs to one code."
    )

    # === SECRETS AND TRANSACTIONS === #

    @api.model
    def _get_keyed(self):
        """Return the :class:`KeyedSecrets` of this database.

        :raises UserError: there is no usable key; sign-in by code is off then.
        """
        try:
            key = read_key(os.environ, config["data_dir"])
        except KeyMissingError as err:
            raise UserError(
                self.env._("Sign-in by code has no key: %(reason)s.", reason=err)
            ) from err
        uuid = self.env["ir.config_parameter"].sudo().get_param("database.uuid")
        return KeyedSecrets(key, uuid or "")

    @api.model
    def _apart(self, work):
        """Run ``work(env)`` in a transaction of its own and return its answer.

        A transaction that meets a newer version of a row is repeated: what it
        then sees is final, because each repeat means that another one ended.
        """
        for _repeat in range(MAX_REPEATS):
            is_done, answer = self._try_apart(work)
            if is_done:
                return answer
        raise UserError(self.env._("The server is busy. Please try again."))

    @api.model
    def _try_apart(self, work):
        """Return (True, answer), or (False, None) after a conflict."""
        try:
            with self.env.registry.cursor() as cr:
                return True, work(api.Environment(cr, SUPERUSER_ID, {}))
        except CONFLICTS:
            _logger.debug("Sign-in code: repeated after a conflict")
            return False, None

    @api.model
    def _execute(self, env, query):
        """Run one statement whose conflicts are expected (and not logged)."""
        env.cr.execute(query, log_exceptions=False)
        return env.cr.fetchall() if env.cr.description else []

    # === ASKING === #

    @api.model
    def _ask(self, ask):
        """Make a code and put it in the mail lane.

        Does the same work for every address: whether somebody is known there
        is looked up later, in the mail lane.

        :param Ask ask: who asks
        :rtype: Asked
        :raises UserError: no usable key
        """
        keyed = self._get_keyed()
        asked = self._apart(lambda env: env[self._name]._do_ask(ask, keyed))
        if asked.reason == "database":
            self._raise_alarm("database", ask.company_id)
        if not asked.reason and ask.old_token:
            old_hash = keyed.hash("browser", ask.old_token)
            self._apart(lambda env: env[self._name]._do_close(old_hash))
        return asked

    @api.model
    def _do_ask(self, ask, keyed):
        requests = self.env["portal.sign.in.request"]
        requests._lock_counting()
        verdict = requests._count_ask(ask, keyed)
        if not verdict.is_allowed:
            return words.Asked(reason=verdict.reason, wait_minutes=verdict.wait_minutes)
        token = new_token()
        self.create(self._prepare_challenge_vals(ask, keyed, token))
        self.env.ref("customer_portal_otp.ir_cron_sign_in_mail")._trigger()
        return words.Asked(token=token)

    @api.model
    def _prepare_challenge_vals(self, ask, keyed, token):
        code, nonce = make_code(), new_token()
        now = self.env.cr.now()
        return {
            "email": ask.email,
            "company_id": ask.company_id,
            "purpose": ask.purpose,
            "user_id": ask.user_id or False,
            "lang": ask.lang,
            "redirect": ask.redirect,
            "base_url": ask.base_url,
            "device": ask.device,
            "ip": ask.ip,
            "date_expires": fields.Datetime.add(now, minutes=CODE_MINUTES),
            "nonce": nonce,
            "code_hash": keyed.hash("code", nonce, ask.email, code),
            "browser_hash": keyed.hash("browser", token),
            "sealed_code": keyed.seal(code),
        }

    @api.model
    def _do_close(self, browser_hash):
        # One statement, because a check of the same code may run right now.
        self._execute(
            self.env,
            SQL(
                """UPDATE portal_sign_in_challenge
                      SET state = 'closed', sealed_code = NULL
                    WHERE browser_hash = %s AND state IN ('open', 'proven')""",
                browser_hash,
            ),
        )

    @api.model
    def _raise_alarm(self, reason, company_id):
        """Tell an administrator, in a transaction that outlives this request."""
        self._apart(
            lambda env: env["portal.sign.in.request"]._raise_alarm(
                reason,
                env["res.company"].browse(company_id) or env.ref("base.main_company"),
            )
        )

    # === CHECKING === #

    @api.model
    def _prove(self, token, code, is_trusted=False):
        """Check a code for the browser that holds ``token``.

        :param str token: the browser's cookie
        :param str code: as typed
        :param bool is_trusted: a known device, or a passed captcha: goes on
            while the brake on wrong codes holds others
        :rtype: Proof
        """
        keyed = self._get_keyed()
        digits = normalise_code(code) or ""
        proof = self._apart(
            lambda env: env[self._name]._do_prove(keyed, token, digits, is_trusted)
        )
        if proof.outcome == words.PAUSED:
            self._raise_alarm("wrong", self._find(token).company_id.id)
        return proof

    @api.model
    def _do_prove(self, keyed, token, digits, is_trusted):
        requests = self.env["portal.sign.in.request"]
        requests._lock_writing()
        if not is_trusted and requests._is_brake_on():
            return words.Proof(words.PAUSED)
        # The try is counted first and under the row lock it takes: of any
        # number of parallel checks at most MAX_TRIES get to compare anything.
        rows = self._execute(
            self.env,
            SQL(
                """UPDATE portal_sign_in_challenge
                      SET attempts = attempts + 1
                    WHERE browser_hash = %s AND state = 'open' AND attempts < %s
                      AND date_expires > (clock_timestamp() AT TIME ZONE 'UTC')
                RETURNING id, email, nonce, code_hash, attempts, mail_state""",
                keyed.hash("browser", token or ""),
                MAX_TRIES,
            ),
        )
        if not rows:
            return words.Proof(words.CLOSED)
        row_id, email, nonce, code_hash, attempts, mail_state = rows[0]
        if keyed.matches("code", code_hash, nonce, email, digits):
            return self._do_mark(row_id, "proven", words.Proof(words.PROVEN, email))
        if mail_state != "unknown":
            requests._count_wrong()
        left = MAX_TRIES - attempts
        if left <= 0:
            return self._do_mark(row_id, "closed", words.Proof(words.CLOSED))
        return words.Proof(words.WRONG, tries_left=left)

    @api.model
    def _do_mark(self, row_id, state, proof):
        # Still under the row lock of the counted try. Who gave the right code in
        # the last minute still has time to choose as whom to continue.
        self._execute(
            self.env,
            SQL(
                """UPDATE portal_sign_in_challenge
                      SET state = %s, sealed_code = NULL,
                          date_expires = GREATEST(
                              date_expires,
                              (clock_timestamp() AT TIME ZONE 'UTC') + %s)
                    WHERE id = %s""",
                state,
                timedelta(minutes=CHOICE_MINUTES),
                row_id,
            ),
        )
        return proof

    # === USING === #

    @api.model
    def _find(self, token):
        """Return the challenge of a browser (empty when there is none)."""
        if not token:
            return self.browse()
        browser_hash = self._get_keyed().hash("browser", token)
        return self.sudo().search([("browser_hash", "=", browser_hash)])

    def _is_open(self):
        return self.state == "open" and not self._is_expired()

    def _is_proven(self, purpose=SIGN_IN, user=None):
        """Whether the right code came and the ten minutes are not over.

        :param str purpose: what it is to be used for
        :param user: ``res.users`` who asked for it while signed in, if any
        """
        return (
            bool(self)
            and self.state == "proven"
            and self.purpose == purpose
            and self.user_id == (user or self.user_id.browse())
            and not self._is_expired()
        )

    def _is_expired(self):
        return self.date_expires <= fields.Datetime.now()

    def _get_wait_seconds(self):
        """Seconds until this browser may ask for a new code."""
        if not self:
            return 0
        age = (fields.Datetime.now() - self.create_date).total_seconds()
        return min(RESEND_SECONDS, max(0, int(RESEND_SECONDS - age)))

    def _consume(self):
        """Use up a proven code: True exactly once.

        Deletes in the transaction that signs in. Both become true together, or
        neither; of two that try, the second one finds nothing.
        """
        self.env.cr.execute(
            SQL(
                """DELETE FROM portal_sign_in_challenge
                    WHERE id = %s AND state = 'proven'
                      AND date_expires > (clock_timestamp() AT TIME ZONE 'UTC')""",
                self.id,
            )
        )
        is_used = self.env.cr.rowcount == 1
        self.invalidate_recordset()
        return is_used

    @api.autovacuum
    def _gc_challenges(self):
        limit = fields.Datetime.subtract(fields.Datetime.now(), days=1)
        self.search([("create_date", "<", limit)]).unlink()
