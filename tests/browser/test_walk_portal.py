"""A member walks through the area the way the help page of the replaced portal says.

Each stop is one paragraph of that page. With ``WALK_PICTURES`` (a folder) each stop
leaves a picture there: ``docs/walk-billwerk.md`` shows them.
"""

import os
import re
from pathlib import Path

import pytest

from tests.browser.conftest import START

pytestmark = pytest.mark.browser

LANGUAGES = {"nl-NL": "nl", "de-DE": "de"}


@pytest.fixture
def payer(running_product):
    """Return a member who has a running subscription and an invoice."""
    from tests.scenarios.day.client import OdooClient

    url, _sandbox, database = running_product
    admin = OdooClient(url, database, "admin", "admin")
    domain = [
        ("state", "=", "active"),
        ("partner_id.email", "!=", False),
        ("period_ids.move_id.state", "=", "posted"),
    ]
    model = "subscription.subscription"
    found = admin.search_read(model, domain, ["partner_id", "name"], order="id desc")
    for subscription in found:
        partner_id = subscription["partner_id"][0]
        partner = admin.search_read(
            "res.partner", [("id", "=", partner_id)], ["name", "email"]
        )[0]
        same = [("email_normalized", "=", partner["email"])]
        if len(admin.search_read("res.partner", same, ["id"])) == 1:
            return partner
    pytest.skip("the demo club has nobody with a billed subscription")
    return None


class Walk:
    """One phone, one language, one picture a stop."""

    def __init__(self, page, locale):
        self.page, self.locale = page, locale
        folder = os.environ.get("WALK_PICTURES")
        self.folder = Path(folder) if folder else None

    def stop(self, name):
        """Look at the page: it fits the phone and speaks the language."""
        page = self.page
        page.wait_for_load_state("load")
        language = page.evaluate("document.documentElement.lang")
        assert language == self.locale, (name, language)
        wide = page.evaluate(
            "document.documentElement.scrollWidth"
            " > document.documentElement.clientWidth"
        )
        assert not wide, f"{name} is wider than the phone"
        if self.folder:
            short = LANGUAGES[self.locale]
            page.screenshot(path=self.folder / f"walk_portal_{short}_{name}.png")


@pytest.mark.parametrize("locale", list(LANGUAGES))
def test_member_walks_through_the_area_on_a_phone(phone, sandbox, payer, locale):
    """B1 to B12, H13: sign in, details, subscriptions, methods, invoices."""
    page = phone(locale).new_page()
    walk = Walk(page, locale)
    sent = max((mail["id"] for mail in sandbox.mails(payer["email"])), default=0)
    page.goto("/my")
    walk.stop("1_address")
    page.fill("#sign_in_email", payer["email"])
    page.click(f"{START} button[type=submit]")
    page.wait_for_selector("#sign_in_code")
    walk.stop("2_code")
    page.fill("#sign_in_code", sandbox.latest_code(payer["email"], sent, 60))
    page.click("form.o_sign_in_code button[type=submit]")
    page.wait_for_url(re.compile(r"/my(/home)?$"))
    page.wait_for_selector(".o_portal_doc_spinner", state="hidden")
    for path in ("/my/account", "/my/subscriptions", "/my/payment_method"):
        assert page.locator(f'a[href*="{path}"]').count(), path
    assert page.locator('a[href*="/my/invoices"]').count()
    walk.stop("3_home")
    page.goto("/my/account")
    assert page.input_value("#o_email") == payer["email"]
    walk.stop("4_details")
    page.goto("/my/subscriptions")
    walk.stop("5_subscriptions")
    page.locator(".o_subscription_cards a.card").first.click()
    walk.stop("6_subscription")
    page.goto("/my/payment_method")
    walk.stop("7_methods")
    page.goto("/my/invoices")
    walk.stop("8_invoices")
    page.locator("table a[href*='/my/invoices/']").first.click()
    walk.stop("9_invoice")
