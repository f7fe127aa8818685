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
            page.wait_for_load_state("networkidle")
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
    for path in ("/my/account", "/my/subscriptions", "/my/payment_method"):
        assert page.locator(f'a[href*="{path}"]').count(), path
    assert page.locator('a[href*="/my/invoices"]').count()
    walk.stop("3_home")
    assert [
        link.get_attribute("href").split("/my/")[1].split("?")[0]
        for link in page.locator("a.o_member_place").all()
    ] == ["account", "subscriptions", "payment_method", "invoices"]
    assert not page.locator(".o_portal_index_card").count()
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
