"""The part of the letters' rig that runs inside Odoo: the world, workers, the judge."""

import os
import random
import signal
import tempfile
import time
import traceback
from collections import Counter
from datetime import timedelta
from pathlib import Path
from unittest.mock import patch

import odoo
from odoo import api, fields
from odoo.modules.registry import Registry

from odoo.addons.postal_dunning.clients.pingen import PingenClient
from odoo.addons.postal_dunning.const import (
    CANCELLING,
    HANDING_OVER,
    OPEN_STATES,
    SUBMITTED,
    WAITING,
)
from odoo.addons.postal_dunning.tests.pdf import build_pdf

from tests.sandbox.client import SandboxClient

#: where a worker dies: right before the call, or when its answer is there
CALLS = ("upload", "create_letter", "find_letter", "get_letter", "send_letter",
         "delete_letter", "cancel_letter")  # fmt: skip
PLACES = [(call, moment) for call in CALLS for moment in ("before", "after")]
QUIET = ("validating", "valid", "invalid", "action_required", "cancelled")
#: most letters that a worker takes which is to die
BATCH = 3
#: workers sent to one place to die: on the way there answers get lost, too
MAX_TRIES = 12
#: jobs until a letter that is paid meanwhile came to its end
LOOKS = 4
#: workers after the last death, until no letter is open
MAX_ROUNDS = 400
OPEN = OPEN_STATES
#: calls of one hand-over, after each of which another transaction books the payment
PAID_AFTER = ("upload", "create_letter", "get_letter")
#: places that are off the way of a letter that goes well
LED_TO = ("find_letter", "delete_letter", "cancel_letter")


class Rig:
    """One run.

    :param env: of the shell; its transactions end before workers are forked
    """

    def __init__(self, env):
        self.env = env
        self.count = int(os.environ["RIG_LETTERS"])
        self.passes = int(os.environ["RIG_PASSES"])
        # Few letters for a worker that dies, so that some are left for the last one.
        self.batch = min(BATCH, max(1, self.count // 50))
        self.sandbox = SandboxClient(os.environ["RIG_SANDBOX"])
        self.notes = Path(tempfile.mkstemp(prefix="letters-")[1])
        self.random = random.Random(19)  # noqa: S311  the same run each time
        self.paid, self.called = set(), set()
        self.rounds, self.missed, self.raced = 0, [], []

    # === WORLD === #

    def build(self):
        """A connected company and one letter waiting for each debtor."""
        self.sandbox.scene(
            "pingen",
            organisation={"billing_balance": 100000.0},
            settings={"validation_delay": 0.2},
        )
        self.company = self.env.ref("base.main_company")
        self.company.write(
            {
                "street": "Lindelaan 12",
                "zip": "3581 AB",
                "city": "Utrecht",
                "country_id": self.env.ref("base.nl").id,
                "letter_position": "left",
            }
        )
        self.env.cr.commit()
        self._connect()
        # Reminders that are no part of this run.
        self.env["dunning.policy"].search([]).active = False
        policy = self.env["dunning.policy"]._create_standard(self.company)
        policy.write({"max_data_hours": 0, "is_automatic": True})
        self.letters = self.env["snailmail.letter"]
        with self._draw():
            for number in range(self.count):
                self.letters += self._make_letter(number)
                if not number % 50:
                    self.env.cr.commit()
        self.env.cr.commit()

    def _connect(self):
        connections = self.env["service.connection"]
        connections.search([]).active = False
        connection = connections.create(
            {"provider": "pingen", "company_id": self.company.id, "sync_minutes": 0}
        )
        connection.write(
            {
                "environment": "test",
                "auth_kind": "oauth_client",
                "test_base_url": f"{os.environ['RIG_SANDBOX']}/pingen",
            }
        )
        self.env.cr.commit()
        connection._connect_with(
            {"client_id": "sandbox-client", "client_secret": "sandbox-secret"}
        )
        self.env.cr.commit()

    def _draw(self):
        """Pages drawn at once: how they are rendered is measured elsewhere."""
        return patch.object(
            self.env.registry["ir.actions.report"],
            "_render_letter",
            lambda report, template, values: build_pdf(lines=values["address_lines"]),
        )

    def _make_letter(self, number):
        partner = self.env["res.partner"].create(
            {
                "name": f"Debtor {number}",
                "street": f"Dam {number + 1}",
                "zip": "1012 JS",
                "city": "Amsterdam",
                "country_id": self.env.ref("base.nl").id,
                "email": f"debtor{number}@example.org",
            }
        )
        today = fields.Date.context_today(self.company)
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": partner.id,
                "company_id": self.company.id,
                "invoice_date": today - timedelta(days=60),
                "invoice_date_due": today - timedelta(days=45),
                "invoice_line_ids": [
                    fields.Command.create(
                        {"name": "Fee", "price_unit": 100.0, "tax_ids": []}
                    )
                ],
            }
        )
        invoice.action_post()
        case = self.env["dunning.case"].create(
            {"partner_id": partner.id, "company_id": self.company.id}
        )
        letter = case._take_step().letter_id
        assert letter, "the step makes a letter"
        return letter

    def pay(self, share):
        """Pay some invoices whose letter was not handed over yet."""
        printed = self._read_book()
        open_letters = [
            letter for letter in self.letters.exists()
            if not printed[letter.id] and letter.id not in self.paid
        ]  # fmt: skip
        chosen = self.random.sample(
            open_letters, min(len(open_letters), max(1, int(self.count * share)))
        )
        for letter in chosen:
            self._pay(letter)

    def _pay(self, letter):
        moves = letter.dunning_message_id.line_ids.move_id
        wizard = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=moves.ids
        )
        wizard.create({})._create_payments()
        self.paid.add(letter.id)
        self.env.cr.commit()

    def pay_while_handed_over(self, call):
        """Book the payment of a letter in the middle of its hand-over.

        The worker holds the letter in its own transaction; the payment is committed in
        another one, right after the answer to `call`.
        """
        letter = self._find(("state", "=", WAITING), ("id", "not in", list(self.paid)))
        status = self._fork(
            lambda database: self._hand_over_and_pay(database, letter.id, call)
        )
        assert status == 0, f"no payment after {call}"
        self.paid.add(letter.id)
        self.raced.append(letter.id)

    def _hand_over_and_pay(self, database, letter_id, call):
        original = getattr(PingenClient, call)
        paid = []

        def call_and_pay(client, *args, **kwargs):
            answer = original(client, *args, **kwargs)
            # The first look at a new letter finds it being checked.
            is_early = call == "get_letter" and answer.status == "validating"
            if not paid and not is_early:
                paid.append(letter_id)
                with Registry(database).cursor() as cr:
                    self.env = api.Environment(cr, odoo.SUPERUSER_ID, {})
                    self._pay(self.env["snailmail.letter"].browse(letter_id))
            return answer

        setattr(PingenClient, call, call_and_pay)
        for _look in range(LOOKS):
            self._do_the_job(database, [letter_id], is_trapped=False)
            time.sleep(0.2)
        assert paid, f"{call} was never answered"

    # === WORKERS === #

    def play(self):
        """Let workers die at each place, then let them come to an end."""
        for call in PAID_AFTER:
            self.pay_while_handed_over(call)
        self.pay(0.1)
        self._break()
        for turn in range(self.passes):
            for call, moment in PLACES:
                self._die_at(call, moment)
                if turn == 0 and call == "create_letter":
                    self.pay(0.1)
        self.sandbox.clear_faults("pingen")
        rounds = self.rounds + MAX_ROUNDS
        while self.rounds < rounds and self._count_open():
            self._work()

    def _die_at(self, call, moment):
        """Send workers to a place until one died there."""
        for _try in range(MAX_TRIES):
            self._lead_to(call)
            nth = 1 if call in LED_TO else self.random.randint(1, self.batch)
            if self._work(call, moment, nth):
                return
        self.missed.append(f"{call}:{moment}")

    def _lead_to(self, call):
        """Bring about what makes a worker come to a place that is off the way."""
        if call == "find_letter" and not self._find(("pingen_call", "=", "create")):
            self._work("create_letter", "after")
        elif call == "delete_letter":
            ordered = self._find(
                ("state", "=", HANDING_OVER),
                ("pingen_ref", "!=", False),
                ("pingen_call", "=", False),
                ("id", "not in", [*self.paid, *self.called]),
            )
            if ordered:
                self._pay(ordered)
            else:
                self._work("get_letter", "after")
        elif call == "cancel_letter" and not self._find(("state", "=", CANCELLING)):
            printing = self._find(
                ("state", "=", SUBMITTED), ("id", "not in", list(self.paid))
            )
            if printing:
                printing.cancel()
                self.called.add(printing.id)
                self.env.cr.commit()
            else:
                self._work()

    def _find(self, *domain):
        """One letter of the run, empty for none."""
        self.env.invalidate_all()
        domain = [("id", "in", self.letters.ids), *domain]
        return self.letters.search(domain, order="id", limit=1)

    def _break(self):
        """Answers that get lost, all through the run."""
        table = (
            ("timeout_after", 0.06), ("timeout_before", 0.04), ("half_body", 0.03),
            ("status", 0.03),
        )  # fmt: skip
        for seed, (kind, probability) in enumerate(table):
            self.sandbox.fault(
                "pingen",
                kind,
                path="letters|file",
                times=None,
                probability=probability,
                seed=seed,
            )

    def _count_open(self):
        domain = [("id", "in", self.letters.ids), ("state", "in", OPEN)]
        return self.env["snailmail.letter"].search_count(domain)

    def _work(self, call=None, moment=None, nth=1):
        """One worker, killed at the nth time it comes to the place.

        Without a place it works on without being killed.

        :return: whether it was killed
        """
        self.rounds += 1
        ids = self.letters.ids

        def work(database):
            if call:
                self._lay_trap(call, moment, nth)
            self._do_the_job(database, ids, bool(call))

        return os.WIFSIGNALED(self._fork(work))

    def _fork(self, work):
        """Do a work in a process of its own.

        :return: how the process ended, as ``os.waitpid`` says it
        """
        database, ids = self.env.cr.dbname, self.letters.ids
        self._let_go()
        child = os.fork()
        if child:
            _pid, status = os.waitpid(child, 0)
            self._take_up(database, ids)
            return status
        code = 1
        try:
            work(database)
            code = 0
        except Exception:  # noqa: BLE001  the parent is told, the log says why
            traceback.print_exc()
        finally:
            os._exit(code)

    def _let_go(self):
        """Close every connection: a worker inherits none."""
        self.env.cr.commit()
        self.env.cr.close()
        odoo.sql_db.close_db(self.env.cr.dbname)

    def _take_up(self, database, ids):
        """Look at the books again with a connection of our own."""
        cr = Registry(database).cursor()
        self.env = api.Environment(cr, self.env.uid, self.env.context)
        self.letters = self.env["snailmail.letter"].browse(ids)

    def _do_the_job(self, database, ids, is_trapped):
        """What the cron does, in a process and with transactions of its own."""
        with Registry(database).cursor() as cr:
            env = api.Environment(cr, odoo.SUPERUSER_ID, {})
            # Time passes between two jobs.
            letters = env["snailmail.letter"].browse(ids)
            letters.filtered("date_next_try").date_next_try = False
            cr.commit()
            size = self.batch if is_trapped else len(ids)
            env["snailmail.letter"]._cron_pingen_hand_over(batch_size=size)

    def _lay_trap(self, call, moment, nth):
        """Have this process killed, as if the power went."""
        original = getattr(PingenClient, call)
        seen = Counter()
        note = f"{call}:{moment}\n".encode()

        def die():
            target = os.open(self.notes, os.O_WRONLY | os.O_APPEND)
            os.write(target, note)
            os.close(target)
            os.kill(os.getpid(), signal.SIGKILL)

        def call_and_die(client, *args, **kwargs):
            seen[call] += 1
            if moment == "before" and seen[call] == nth:
                die()
            answer = original(client, *args, **kwargs)
            if seen[call] == nth:
                die()
            return answer

        setattr(PingenClient, call, call_and_die)

    # === JUDGE === #

    def _read_book(self):
        """How often each letter was sent off, by our id in its file name."""
        printed = Counter()
        for letter in self.sandbox.objects("pingen", "letters"):
            name = letter["file_original_name"]
            if letter["status"] not in QUIET and name.startswith("letter-"):
                printed[int(name.split("-")[1])] += 1
        return printed

    def _describe_open(self):
        """Letters that neither left nor were cancelled."""
        left = self.letters.filtered(lambda letter: letter.state in (*OPEN, "error"))
        return [
            f"{letter.id}: {letter.state} {letter.pingen_status} {letter.info_msg}"
            for letter in left
        ]

    def judge(self):
        """Compare the book with what should have been printed."""
        self.env.invalidate_all()
        printed = self._read_book()
        ids = set(self.letters.ids)
        called = self.letters.browse(self.called)
        back = set(called.filtered(lambda letter: letter.state == "canceled").ids)
        return {
            "letters": len(ids),
            "printed": sum(printed[one] for one in ids),
            "rounds": self.rounds,
            "stuck": self._describe_open(),
            "killed": Counter(self.notes.read_text().split()),
            "missed": self.missed,
            "twice": sorted(one for one in ids if printed[one] > 1),
            "lost": sorted(ids - self.paid - back - set(printed)),
            "paid": sorted(self.paid & set(printed)),
            "raced": len(set(self.raced) - set(printed)),
            "called": len(back),
            "called_printed": sorted(back & set(printed)),
        }
