"""Charges by Odoo's own Stripe and Adyen over HTTP, in a database of their own."""

import pytest

from tests.own_database import database_with, run_odoo_tests

ADDON = "subscription_connector"


@pytest.fixture(scope="module")
def cards():
    """Return a copy of the addons' database with both providers."""
    with database_with("cards", "payment_stripe", "payment_adyen") as name:
        yield name


def test_lost_answers_of_card_providers_are_asked_for(cards, figure):
    """No member is charged twice; core's own code takes a lost answer for a failure."""
    number = run_odoo_tests(cards, ADDON, f"/{ADDON}:TestStripe,/{ADDON}:TestAdyen")
    assert number >= 13
    figure("charges by card providers over HTTP", number)
