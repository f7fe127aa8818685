import base64
from time import perf_counter

from odoo.tests import tagged

from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

from setup.lib.pytest_plugin import is_long, record

#: Questions to the database for one more subscription, and milliseconds.
MOST_QUERIES = 5
MOST_MILLISECONDS = 25


@tagged("post_install", "-at_install")
class TestStartScale(SubscriptionCommon):
    """Many subscriptions begin at once: 2,000 with ``--long``, else 100."""

    def _read(self, first, count):
        """Return a checked import of new customers, with the given numbers."""
        rows = ["Name;Email;Street;Zip;City;Country;Plan"]
        rows += [
            f"Member {number};member{number}@example.com;Kade {number};1011 AA;"
            f"Amsterdam;NL;{self.plan.name}"
            for number in range(first, first + count)
        ]
        wizard = self.env["subscription.import"].create(
            {
                "file": base64.b64encode("\n".join(rows).encode()),
                "filename": "members.csv",
                "company_id": self.company.id,
            }
        )
        wizard.action_check()
        self.assertFalse(wizard.error_count)
        self.env.flush_all()
        return wizard

    def _import(self, first, count):
        """Import; return the subscriptions, the questions and the milliseconds."""
        wizard = self._read(first, count)
        self.env.invalidate_all()
        queries, start = self.env.cr.sql_log_count, perf_counter()
        action = wizard.action_import()
        self.env.flush_all()
        spent = 1000 * (perf_counter() - start)
        queries = self.env.cr.sql_log_count - queries
        made = self.env["subscription.subscription"].search(action["domain"])
        return made, queries, spent

    def test_many_that_begin_ask_the_database_little(self):
        """Also where the plan makes each of them a member, with a price list (L3)."""
        pricelist = self.env["product.pricelist"].create({"name": "For members"})
        self.plan.customer_type_id = self.env["subscription.customer.type"].create(
            {
                "name": "Member",
                "company_id": self.company.id,
                "category_id": self.env["res.partner.category"]
                .create({"name": "Member"})
                .id,
                "pricelist_id": pricelist.id,
            }
        )
        few, queries_few, _spent = self._import(0, 20)
        count = 2_000 if is_long() else 100
        made, queries, spent = self._import(100, count)
        self.assertEqual((len(few), len(made)), (20, count))
        self.assertEqual(set(made.mapped("state")), {"active"})
        kinds = made.mapped("event_ids.kind")
        self.assertEqual(kinds.count("started"), count)
        self.assertEqual(kinds.count("type_given"), count)
        tag = self.plan.customer_type_id.category_id
        self.assertTrue(all(tag in one.category_id for one in made.partner_id))
        members = made.partner_id.with_company(self.company)
        self.assertEqual(members.specific_property_product_pricelist, pricelist)
        self.assertEqual(set(made.mapped("event_ids.mrr_after")), {12.40})
        self.assertEqual(set(made.mapped("amount_total")), {15.00})
        each = (queries - queries_few) / (count - 20)
        self.assertLess(each, MOST_QUERIES)
        record(
            f"import of {count:,}", "one subscription", round(spent / count, 1), "ms"
        )
        if is_long():
            self.assertLess(spent / count, MOST_MILLISECONDS)
