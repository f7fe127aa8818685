from datetime import timedelta

from odoo.fields import Command
from odoo.tests import HttpCase, tagged

from odoo.addons.subscription_connector.models.subscription_subscription_guard import (
    AGREED,
    RESULTS,
)
from odoo.addons.subscription_connector.tests.common import SubscriptionCommon

MODEL = "subscription.subscription"


@tagged("post_install", "-at_install")
class TestGuard(SubscriptionCommon, HttpCase):
    """Every change goes by a method that logs it, whoever calls from outside."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.subscription = cls._create_subscription(str(cls.company._get_billing_day()))
        cls.env.flush_all()

    def _call(self, model, method, args, **kwargs):
        """Call a method the way any program can that signs in as the office.

        :return: (result, words of the refusal), one of them empty
        """
        self.authenticate(self.office.login, self.office.login)
        answer = self.opener.post(
            f"{self.base_url()}/web/dataset/call_kw/{model}/{method}",
            json={
                "jsonrpc": "2.0",
                "params": {
                    "model": model,
                    "method": method,
                    "args": args,
                    "kwargs": kwargs,
                },
            },
        ).json()
        error = answer.get("error", {}).get("data", {})
        return answer.get("result"), error.get("arguments", [""])[0]

    def _do(self, model, method, args, **kwargs):
        result, refusal = self._call(model, method, args, **kwargs)
        self.assertFalse(refusal)
        return result

    def _any_value(self, name):
        """Return a value that a field of the subscription could be given."""
        field = self.subscription._fields[name]
        if field.type == "selection":
            kinds = field.get_values(self.env)
            return next(k for k in kinds if k not in (self.subscription[name], "draft"))
        return {
            "date": "2030-01-01",
            "datetime": "2030-01-01 00:00:00",
            "boolean": True,
            "char": "Something",
            "json": {"date_next": "2030-01-01"},
            "one2many": [[0, 0, {"name": "More", "price_unit": 1.0}]],
            "many2one": 1,
        }.get(field.type, 3)

    def test_no_result_and_no_term_is_written_over_rpc(self):
        """Least rights: who may run subscriptions writes neither dates nor states."""
        events = len(self.subscription.event_ids)
        for name in sorted(RESULTS | AGREED):
            with self.subTest(field=name):
                label = self.subscription._fields[name]._description_string(self.env)
                before = self.subscription.read([name])
                _result, refusal = self._call(
                    MODEL,
                    "write",
                    [self.subscription.ids, {name: self._any_value(name)}],
                )
                self.assertIn(f"“{label}”", refusal)
                self.assertIn("use the buttons", refusal)
                self.env.invalidate_all()
                self.assertEqual(self.subscription.read([name]), before)
        self.assertEqual(len(self.subscription.event_ids), events)

    def test_no_result_is_given_at_creation_over_rpc(self):
        count = self.env[MODEL].search_count([])
        draft = {"partner_id": self.customer.id, "plan_id": self.plan.id}
        for name in sorted(RESULTS):
            with self.subTest(field=name):
                vals = draft | {name: self._any_value(name)}
                _result, refusal = self._call(MODEL, "create", [[vals]])
                self.assertIn("use the buttons", refusal)
        self.env.invalidate_all()
        self.assertEqual(self.env[MODEL].search_count([]), count)

    def test_a_default_in_the_context_gives_no_result(self):
        """Neither does a default that a user kept for himself."""
        context = {
            f"default_{name}": self._any_value(name)
            for name in ("state", "date_anchor", "date_cancel", "pause_kind")
        }
        self.env["ir.default"].with_user(self.office).set(
            MODEL, "date_end", "2030-01-01", user_id=self.office.id
        )
        vals = {"partner_id": self.customer.id, "plan_id": self.plan.id}
        ids, _refusal = self._call(MODEL, "create", [[vals]], context=context)
        made = self.env[MODEL].browse(ids)
        self.assertEqual(made.state, "draft")
        for name in ("date_anchor", "date_cancel", "pause_kind", "date_end"):
            self.assertFalse(made[name])

    def test_a_forged_context_opens_nothing(self):
        _result, refusal = self._call(
            MODEL,
            "write",
            [self.subscription.ids, {"date_end": "2030-01-01"}],
            context={"subscription_by_method": True},
        )
        self.assertIn("use the buttons", refusal)

    def test_lines_and_pauses_are_not_written_behind_its_back(self):
        line = self.subscription.line_ids
        for method, args in (
            ("write", [line.ids, {"price_unit": 0.0}]),
            ("unlink", [line.ids]),
            ("create", [[{"subscription_id": self.subscription.id, "name": "Free"}]]),
        ):
            with self.subTest(method=method):
                _result, refusal = self._call("subscription.line", method, args)
                self.assertIn("use the buttons", refusal)
        pause = {"subscription_id": self.subscription.id, "kind": "requested"}
        pause |= {"date_from": "2030-01-01"}
        _result, refusal = self._call("subscription.pause", "create", [[pause]])
        self.assertIn("not allowed", refusal)
        self.env.invalidate_all()
        self.assertEqual(self.subscription.line_ids, line)
        self.assertFalse(self.subscription.pause_ids)

    def test_the_buttons_go_on_over_rpc(self):
        """What is refused above is done by its methods, and logged."""
        day = self.company._get_billing_day() + timedelta(days=3)
        wizard = self._do(
            "subscription.pause.wizard",
            "create",
            [{"subscription_id": self.subscription.id, "date_from": str(day)}],
        )
        self._do("subscription.pause.wizard", "action_pause", [[wizard]])
        self._do(MODEL, "action_undo_pause", [self.subscription.ids])
        wizard = self._do(
            "subscription.terms.wizard",
            "create",
            [{"notice_count": 2}],
            context={"default_subscription_id": self.subscription.id},
        )
        self._do("subscription.terms.wizard", "action_change", [[wizard]])
        self.env.invalidate_all()
        kinds = self.subscription.event_ids.mapped("kind")
        for kind in ("started", "pause_set", "pause_undone", "terms"):
            self.assertIn(kind, kinds)
        self.assertEqual(self.subscription.notice_count, 2)
        terms = self.subscription.event_ids.filtered(lambda e: e.kind == "terms")
        self.assertEqual(terms.note, "Notice Period: 0 → 2")
        self.assertEqual(terms.user_id, self.office)

    def test_a_draft_is_filled_in_freely(self):
        draft = self._do(
            MODEL,
            "create",
            [
                {
                    "partner_id": self.customer.id,
                    "plan_id": self.plan.id,
                    "payment_token_id": self.token.id,
                    "notice_count": 2,
                }
            ],
        )
        self._do(MODEL, "write", [[draft], {"notice_count": 3}])
        self._do(MODEL, "action_start", [[draft]])
        self.assertEqual(self.env[MODEL].browse(draft).state, "active")

    def test_another_way_to_pay_is_logged(self):
        other = self._create_saved_method(self.customer, details="9876")
        self.env.flush_all()
        self._do(
            MODEL, "write", [self.subscription.ids, {"payment_token_id": other.id}]
        )
        self.env.invalidate_all()
        event = self.subscription.event_ids.sorted("id")[-1]
        self.assertEqual((event.kind, event.user_id), ("method", self.office))
        self.assertIn("9876", event.note)

    def test_what_was_billed_stays_with_its_customer(self):
        other = self._create_customer("Somebody Else")
        self._run_billing()
        self.env.flush_all()
        _result, refusal = self._call(
            MODEL,
            "write",
            [
                self.subscription.ids,
                {"partner_id": other.id, "payment_token_id": False},
            ],
        )
        self.assertIn("“Customer”", refusal)

    def test_a_copy_is_a_draft_without_results(self):
        copy = self.subscription.with_user(self.office).copy()
        self.assertEqual(copy.state, "draft")
        self.assertFalse(copy.date_anchor)
        self.assertEqual(copy.line_ids.price_unit, 15.0)
        copy.line_ids = [Command.update(copy.line_ids.id, {"quantity": 2.0})]
        self.assertEqual(copy.amount_total, 30.0)
