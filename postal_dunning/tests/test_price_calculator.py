"""The price of a letter, asked before it is written."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user, tagged

from odoo.addons.connection_base.exceptions import TemporaryError

from .common import DunningCommon


@tagged("post_install", "-at_install")
class TestPriceCalculator(DunningCommon):
    def _calculate(self, **values):
        calculator = self.env["letter.price.calculator"].with_user(self.user)
        calculator = calculator.create(values)
        calculator.action_calculate()
        return calculator.answer

    def test_office_asks_what_a_letter_costs(self):
        """Z11: country, pages, product; no right on the connection is needed."""
        self._connect_pingen()
        belgium = self.env.ref("base.be").id
        self.assertEqual(
            self._calculate(country_id=belgium, pages=4, copies=10),
            "EUR 2.96 for a letter, EUR 29.60 for all",
        )
        self.assertIn("does not send", self._calculate(product="premium"))

    def test_price_asked_here_is_known_everywhere(self):
        connection = self._connect_pingen()
        self._calculate(pages=4)
        self._calculate(pages=4)
        self.assertEqual(self.pingen.calls.count("price"), 1)
        self.assertEqual(connection.letter_price_ids.pages, 4)

    def test_another_letter_has_no_price_yet(self):
        self._connect_pingen()
        form = Form(self.env["letter.price.calculator"].with_user(self.user))
        calculator = form.save()
        calculator.action_calculate()
        self.assertTrue(calculator.answer)
        with Form(calculator) as form:
            form.pages = 2
            self.assertFalse(form.answer)

    def test_what_cannot_be_asked_is_told(self):
        with self.assertRaisesRegex(UserError, "Connect Pingen first"):
            self._calculate()
        self._connect_pingen()
        with self.assertRaisesRegex(UserError, "1 to 50 pages"):
            self._calculate(pages=0)
        self.pingen.faults["price"] = [TemporaryError("busy")]
        with self.assertRaisesRegex(UserError, "busy"):
            self._calculate()

    def test_others_have_no_calculator(self):
        nobody = new_test_user(self.env, "no-prices", "base.group_user")
        with self.assertRaises(AccessError):
            self.env["letter.price.calculator"].with_user(nobody).create({})
