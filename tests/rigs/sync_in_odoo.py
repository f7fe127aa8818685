"""The part of the import's rig that runs inside Odoo: workers and what they leave."""

import os
import signal
import tempfile
from pathlib import Path

import odoo
from odoo import api
from odoo.modules.registry import Registry

from odoo.addons.subscription_connector.clients.plugandpay import PlugAndPayClient

from tests.rigs.played import KilledWorkers
from tests.sandbox.client import SandboxClient

PRODUCT = "Magazine"
#: where a worker dies, and at which turn it comes there
PLACES = (("fetched", 1), ("applied", 1), ("kept", 1), ("fetched", 2), ("ended", 1))


class Rig(KilledWorkers):
    """One run.

    :param env: of the shell; its transactions end before workers are forked
    """

    def __init__(self, env):
        self.env = env
        self.sandbox = SandboxClient(os.environ["RIG_SANDBOX"])
        self.notes = Path(tempfile.mkstemp(prefix="sync-")[1])

    def build(self):
        """A service with subscriptions, connected; the import waits for the cron."""
        count = int(os.environ["RIG_COUNT"])
        self.sandbox.scene(
            "plugandpay",
            products=[
                {"title": PRODUCT, "amount_with_tax": "12.10", "interval": "monthly"}
            ],
        )
        people = [
            {
                "email": f"member{number}@example.org",
                "firstname": "Kim",
                "lastname": f"Member {number}",
                "country": "NL",
            }
            for number in range(count)
        ]
        self.sandbox.scene(
            "plugandpay",
            subscriptions=[{"contact": each, "product": PRODUCT} for each in people],
        )
        connections = self.env["service.connection"]
        connections.search([]).active = False
        connection = connections.create(
            {"provider": "plugandpay", "company_id": self.env.company.id}
        )
        connection.responsible_id.email = "office@example.org"
        connection.write(
            {
                "environment": "test",
                "auth_kind": "api_key",
                "test_base_url": f"{os.environ['RIG_SANDBOX']}/plugandpay",
            }
        )
        self.env.cr.commit()
        connection._connect_with({"api_key": "pnp-sandbox-token"})
        self.connection_id = connection.id
        self.env.cr.commit()

    def play(self):
        """Let a worker die at each place, then let one come to the end."""
        for place, nth in PLACES:
            assert self._work(place, nth), f"a worker dies at {place}"
        assert not self._work(), "the last worker ends by itself"

    def _do_the_job(self, name, place, nth):
        """What the cron does; never returns."""
        code = 1
        try:
            registry = Registry(name)
            self._lay_traps(registry, place, nth)
            with registry.cursor() as cr:
                api.Environment(cr, odoo.SUPERUSER_ID, {})[
                    "service.connection"
                ]._cron_sync()
            code = 0
        finally:
            os._exit(code)

    def _lay_traps(self, registry, place, nth):
        turns = {"fetched": 0, "applied": 0, "kept": 0, "ended": 0}

        def come_to(here):
            turns[here] += 1
            if here == place and turns[here] == nth:
                self._note(f"killed {here}")
                os.kill(os.getpid(), signal.SIGKILL)

        fetch = PlugAndPayClient.list_subscriptions

        def list_subscriptions(client, page, status):
            answer = fetch(client, page, status)
            if status == "active":  # the import; the sync after it asks for all
                self._note(f"page {page}")
                come_to("fetched")
            return answer

        run = registry["service.sync.run"]
        progress, finish = run._progress, run._finish

        def keep(record, *args, **kwargs):
            if record.kind != "import":
                return progress(record, *args, **kwargs)
            come_to("applied")
            left = progress(record, *args, **kwargs)
            come_to("kept")
            return left

        def end(record, *args, **kwargs):
            if record.kind == "import":
                come_to("ended")
            return finish(record, *args, **kwargs)

        PlugAndPayClient.list_subscriptions = list_subscriptions
        run._progress, run._finish = keep, end

    def _note(self, words):
        with self.notes.open("a") as notes:
            notes.write(f"{words}\n")

    def judge(self):
        """Tell what is there."""
        lines = [line.split() for line in self.notes.read_text().splitlines()]
        found = self.env["subscription.subscription"].search(
            [("connection_id", "=", self.connection_id)]
        )
        runs = self.env["service.sync.run"].search([("kind", "=", "import")])
        book = self.sandbox.objects("plugandpay", "subscriptions")
        return {
            "killed": [word for kind, word in lines if kind == "killed"],
            "pages": [int(word) for kind, word in lines if kind == "page"],
            "here": sorted(found.mapped("outside_ref")),
            "there": sorted(str(one["id"]) for one in book),
            "runs": runs.read(["state", "done", "total", "counts"], load=""),
            "mails": self.env["mail.mail"].search_count(
                [("model", "=", "service.sync.run"), ("res_id", "in", runs.ids)]
            ),
        }
