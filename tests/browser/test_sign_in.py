"""Signing in with the code from the mail, on a phone, in a real browser."""

import re

import pytest

pytestmark = pytest.mark.browser


def _is_wider_than_the_screen(page):
    return page.evaluate(
        "document.documentElement.scrollWidth > document.documentElement.clientWidth"
    )


def _enter(page):
    page.click("form.o_sign_in_code button[type=submit]")
    page.wait_for_url(re.compile(r"/my(/home)?$"))


def test_member_signs_in_on_a_phone_with_the_link_of_the_mail(ask):
    """B3, B6: the link fills the code in and leaves the decision to the member."""
    page, link, code = ask("nl-NL")
    assert page.evaluate("document.documentElement.lang") == "nl-NL"
    assert not _is_wider_than_the_screen(page)
    page.wait_for_selector("form.o_sign_in_resend button:disabled")
    assert page.locator(".o_sign_in_wait").is_visible()
    page.goto(f"{link}#code={code}")
    page.wait_for_function("document.querySelector('#sign_in_code').value.length == 9")
    assert page.input_value("#sign_in_code") == f"{code[:4]} {code[4:]}"
    assert "#" not in page.url
    _enter(page)
    assert page.locator('a[href$="/my/account"]').count()
    assert not _is_wider_than_the_screen(page)


def test_typed_code_is_grouped_and_german_is_spoken(ask):
    page, _link, code = ask("de-DE")
    assert page.evaluate("document.documentElement.lang") == "de-DE"
    page.locator("#sign_in_code").press_sequentially(code)
    page.wait_for_function("document.querySelector('#sign_in_code').value.length == 9")
    assert page.input_value("#sign_in_code") == f"{code[:4]} {code[4:]}"
    _enter(page)


def test_member_signs_in_without_scripts(ask):
    page, _link, code = ask("nl-NL", java_script_enabled=False)
    page.fill("#sign_in_code", f"{code[:4]}-{code[4:]}")
    page.click("form.o_sign_in_code button[type=submit]")
    assert re.search(r"/my(/home)?$", page.url), page.url
