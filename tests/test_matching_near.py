"""A few receipts load what is near to them: the proposals are those of everything."""

import random
import time

from odoo.tests import TransactionCase, tagged
from odoo.tools import SQL

from odoo.addons.moneybird_reconcile.engine.matcher import Matcher, OpenItemIndex
from odoo.addons.moneybird_reconcile.engine.near import Near

from setup.lib.pytest_plugin import is_long, record
from tests.labelled_receipts import Labeller
from tests.labelled_world import World


@tagged("post_install", "-at_install")
class TestMatchingNear(TransactionCase):
    """The labelled world in a table, asked for as the database of Odoo is."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.world = World(13, 6000 if is_long() else 500)
        cls.items = list(cls.world.items.values())
        cls.env.cr.execute(
            "CREATE TEMP TABLE near_world (id int, amount numeric, currency varchar, "
            "numbers varchar[], wholes varchar[], partner_key varchar, "
            "partner_name varchar, ibans varchar[]) ON COMMIT DROP"
        )
        cls.env.cr.execute_values(
            "INSERT INTO near_world VALUES %s",
            [
                (
                    place,
                    item.amount_open,
                    item.currency,
                    list(item.numbers),
                    [*item.structured, *item.order_refs, *item.transaction_refs],
                    item.partner_key or str(-place),
                    item.partner_name,
                    list(item.ibans),
                )
                for place, item in enumerate(cls.items)
            ],
        )

    def _near_items(self, receipt):
        """Open items that a search for one receipt brings, in their usual order."""
        near = Near.of([receipt])
        source = SQL(
            """
            SELECT id, amount, currency, numbers, wholes, partner_key, partner_name,
                   ibans && %(ibans)s::varchar[] AS is_payer,
                   ROW_NUMBER() OVER (
                       PARTITION BY currency, abs(amount) ORDER BY id
                   ) AS place
              FROM near_world
            """,
            ibans=list(near.ibans),
        )
        places = self.env["matching.receipt"]._find_near(near, source)
        return [self.items[place] for place in sorted(places)]

    def test_what_is_near_gives_the_proposals_of_all_open_items(self):
        """C7: one webhook does not read the whole ledger, and misses nothing."""
        whole = Matcher(OpenItemIndex(self.items))
        rows = Labeller(self.world).receipts(4000 if is_long() else 400)
        rows = random.Random(13).sample(rows, 1500 if is_long() else 250)  # noqa: S311
        loaded = proposed = 0
        spent = 0.0
        for row in rows:
            start = time.perf_counter()
            items = self._near_items(row.receipt)
            spent += time.perf_counter() - start
            loaded += len(items)
            expected = whole.propose(row.receipt)
            found = Matcher(OpenItemIndex(items)).propose(row.receipt)
            self.assertEqual(found, expected, row.kind)
            proposed += bool(expected)
        self.assertGreater(proposed, len(rows) * 0.7)
        self.assertLess(loaded, len(rows) * len(self.items) * 0.5)
        record("near items", "receipts", len(rows))
        record(
            "near items", "loaded each", f"{loaded // len(rows)} of {len(self.items)}"
        )
        record("near items", "search each", f"{spent / len(rows) * 1000:.0f} ms")
