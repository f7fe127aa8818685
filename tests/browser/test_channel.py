"""A member chooses on a phone how messages reach him: by post or by e-mail."""

import re

import pytest

from tests.browser.conftest import PHONE

pytestmark = pytest.mark.browser

CHANNEL = "#communication_channel"
MEMBER = "M029"  # asks for no code elsewhere: an address gets only some an hour


@pytest.fixture
def member(admin):
    """Return name and e-mail address of a member of this test alone."""
    domain = [("ref", "=", MEMBER)]
    return admin.search_read("res.partner", domain, ["name", "email"], limit=1)[0]


@pytest.fixture
def with_post(admin, member):
    """Letters are on for the time of the test; the member's choice is taken back."""
    fields = ["letter_transport"]
    [company] = admin.search_read("res.company", [], fields, order="id", limit=1)
    if company["letter_transport"] != "pingen":
        admin.write("res.company", company["id"], {"letter_transport": "pingen"})
    # Odoo's form asks for a telephone number before it keeps anything.
    admin.write("res.partner", member["id"], {"phone": "+31 30 123 4567"})
    yield
    values = {"communication_channel": False, "phone": False}
    admin.write("res.partner", member["id"], values)
    if company["letter_transport"] != "pingen":
        values = {"letter_transport": company["letter_transport"]}
        admin.write("res.company", company["id"], values)


def _choose(page, channel):
    """Choose on the page with the details and save it; return what is shown then."""
    page.goto("/my/account")
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    page.select_option(CHANNEL, channel)
    page.locator("#save_address").tap()
    page.wait_for_url(re.compile(r"/my(/home)?$"))
    page.goto("/my/account")
    return page.input_value(CHANNEL)


def _get_channel(admin, member):
    domain = [("id", "=", member["id"])]
    [partner] = admin.search_read("res.partner", domain, ["communication_channel"])
    return partner["communication_channel"]


@pytest.mark.usefixtures("with_post")
def test_the_member_chooses_post_then_mail_on_a_phone(signed_in, admin, member):
    """Z4: kept as chosen, for the member and for the office."""
    page = signed_in("nl-NL")
    for channel in ("post", "email"):
        assert _get_channel(admin, member) != channel
        assert _choose(page, channel) == channel
        assert _get_channel(admin, member) == channel
    assert _choose(page, "") == ""
    assert not _get_channel(admin, member)
