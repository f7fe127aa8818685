"""``./setup/pictures [NAME …]``: the pictures of the guides, taken from the demo club.

The club is the one of ``./setup/run`` after its day; who changes a screen runs this and
looks at what came out.
"""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path

from . import checks, prepare, product, tools
from .cli_run import MEMBER as _MEMBER
from .command import main
from .errors import SetupError
from .paths import ROOT
from .processes import Processes
from .progress import say

FOLDER = ROOT / "docs" / "images"
USAGE = """usage: ./setup/pictures [NAME …]

Takes the pictures of docs/ anew: all, or those whose names start with NAME.
"""
OFFICE, MEMBER, NOBODY = "staff", "member", ""
_ARGUMENTS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking")
_COLOURS = 128
_DESKTOP, _PHONE = 1366, 390
_READY = ".o_action_manager .o_view_controller, #wrapwrap"
_FIRST = ".o_data_row .o_data_cell, #wrap a.card"
_SETTLE = 1500  # milliseconds for pictures and fonts to come in


@dataclass(frozen=True)
class Picture:
    """One picture.

    :param name: of the file in docs/images, without ``.png``
    :param path: where it is taken; ``>`` after it: open the first record of the list
    :param who: OFFICE, MEMBER or NOBODY
    :param height: of the window, in pixels
    """

    name: str
    path: str
    who: str = OFFICE
    height: int = 780

    @property
    def width(self) -> int:
        """Of the window, in pixels: the office has a desktop, members a phone."""
        return _DESKTOP if self.who == OFFICE else _PHONE


PICTURES = (
    Picture("integrations", "/odoo/integrations", height=560),
    Picture(
        "app_subscriptions",
        "/odoo/action-subscription_connector.subscription_subscription_action",
    ),
    Picture(
        "app_payments",
        "/odoo/action-moneybird_reconcile.matching_receipt_action_report>",
        height=820,
    ),
    Picture("app_collections", "/odoo/collections-today", height=460),
    Picture("front_page_phone", "/nl", NOBODY, 844),
    Picture("shop_phone", "/nl/shop", NOBODY, 844),
    Picture("portal_phone_sign_in", "/my", NOBODY, 844),
    Picture("portal_phone_home", "/my", MEMBER, 844),
    Picture("portal_phone_subscription", "/my/subscriptions>", MEMBER, 844),
)


def chosen(names: list[str]) -> list[Picture]:
    """Return the pictures whose names start with one of `names`; all without names.

    :raise SetupError: with the names there are, when none fits
    """
    found = [
        picture
        for picture in PICTURES
        if not names or picture.name.startswith(tuple(names))
    ]
    if not found:
        known = ", ".join(picture.name for picture in PICTURES)
        raise SetupError(f"No picture is called {' '.join(names)}", f"Known: {known}.")
    return found


def run(arguments: list[str]) -> int:
    """Run the command; return its exit status."""
    pictures = chosen(arguments)
    prepare.environment()
    checks.check_disk()
    with prepare.server(), Processes() as processes:
        with prepare.databases():
            place = product.start(processes, None)
        from tests.scenarios.day import play

        play(place.odoo_url, place.database, place.sandbox_url)
        for picture, path in _take(place, pictures):
            say(f"{picture.name}: {_store(picture, path) // 1000} kB")
    return 0


def _take(place: product.Product, pictures: list[Picture]):
    """Take the pictures; yield each with its raw file."""
    from playwright.sync_api import sync_playwright

    browser, extra = tools.chromium()
    environment = {**os.environ, **extra}
    with (
        tempfile.TemporaryDirectory() as folder,
        sync_playwright() as playwright,
        playwright.chromium.launch(
            executable_path=str(browser), args=list(_ARGUMENTS), env=environment
        ) as chromium,
    ):
        for who in dict.fromkeys(picture.who for picture in pictures):
            page = chromium.new_context(base_url=place.odoo_url, locale="nl-NL")
            page = page.new_page()
            page.set_default_timeout(60_000)
            _sign_in(page, who, place.sandbox_url)
            for picture in pictures:
                if picture.who == who:
                    path = Path(folder, f"{picture.name}.png")
                    _open(page, picture)
                    page.screenshot(path=path)
                    yield picture, path


def _sign_in(page, who: str, sandbox_url: str) -> None:
    from tests.sandbox.client import SandboxClient

    if who == OFFICE:
        page.goto("/web/login?login_by=password")
        page.fill("input[name=login]", OFFICE)
        page.fill("input[name=password]", OFFICE)
        page.press("input[name=password]", "Enter")
        page.wait_for_url("**/odoo**")
    elif who == MEMBER:
        sandbox = SandboxClient(sandbox_url)
        before = max((mail["id"] for mail in sandbox.mails(_MEMBER)), default=0)
        page.goto("/my")
        page.fill("#sign_in_email", _MEMBER)
        page.press("#sign_in_email", "Enter")
        page.wait_for_selector("#sign_in_code")
        page.fill("#sign_in_code", sandbox.latest_code(_MEMBER, before, 60))
        page.press("#sign_in_code", "Enter")
        page.wait_for_url("**/my*")


def _open(page, picture: Picture) -> None:
    page.set_viewport_size({"width": picture.width, "height": picture.height})
    path, first, _rest = picture.path.partition(">")
    page.goto(path)
    page.wait_for_selector(_READY)
    if first:
        page.locator(_FIRST).first.click()
        page.wait_for_selector(".o_form_view, #wrapwrap")
    page.wait_for_timeout(_SETTLE)


def _store(picture: Picture, raw: Path) -> int:
    """Write the picture in few colours; return its size in bytes."""
    from PIL import Image

    target = FOLDER / f"{picture.name}.png"
    with Image.open(raw) as image:
        image.convert("RGB").quantize(_COLOURS).save(target, optimize=True)
    return target.stat().st_size


if __name__ == "__main__":
    main(run, usage=USAGE)
