"""The demo club's front page: it leads to the plans and asks nobody else."""

from urllib.parse import urlsplit

import pytest

TITLES = {
    "nl": "Samen sporten in De Bilt",
    "en": "Sport together in De Bilt",
    "de": "Gemeinsam Sport treiben in De Bilt",
    "fr": "Du sport ensemble à De Bilt",
}


@pytest.mark.browser
@pytest.mark.parametrize("language", TITLES)
def test_it_speaks_four_languages_and_leads_to_the_plans(phone, language):
    page = phone(language).new_page()
    page.goto(f"/{language}")
    assert page.locator("h1").inner_text() == TITLES[language]
    page.locator(".card a.btn").first.click()
    page.wait_for_load_state("networkidle")
    assert "/shop/" in page.url
    assert page.locator("#add_to_cart, .o_wsale_product_page").first.is_visible()


@pytest.mark.browser
def test_nothing_is_loaded_from_elsewhere(phone, running_product):
    page = phone().new_page()
    asked = set()
    page.on("request", lambda request: asked.add(urlsplit(request.url).hostname))
    page.goto("/", wait_until="networkidle")
    assert asked - {None} == {urlsplit(running_product[0]).hostname}
