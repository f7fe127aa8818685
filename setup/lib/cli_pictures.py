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
OFFICE, ADMIN, MEMBER, NOBODY = "staff", "admin", "member", ""
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
    :param who: OFFICE, ADMIN, MEMBER or NOBODY
    :param height: of the window, in pixels
    :param clicks: what is clicked one after the other before it is taken
    """

    name: str
    path: str
    who: str = OFFICE
    height: int = 780
    clicks: tuple[str, ...] = ()

    @property
    def width(self) -> int:
        """Of the window, in pixels: the office has a desktop, members a phone."""
        return _DESKTOP if self.who in (OFFICE, ADMIN) else _PHONE


_ACTION = "/odoo/action-subscription_connector.subscription"
_SUBSCRIPTIONS = f"{_ACTION}_subscription_action"
_PLUGANDPAY = ".o_kanban_record:has-text('Plug')"
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
    # The walks; subscriptions have these numbers in a club that was just made.
    Picture("walk_ls_plan", f"{_ACTION}_plan_action/1"),
    Picture("walk_ls_new", f"{_SUBSCRIPTIONS}/new"),
    Picture(
        "walk_ls_invite",
        f"{_SUBSCRIPTIONS}/6",
        clicks=("button[name=action_invite]",),
    ),
    Picture("walk_ls_list", _SUBSCRIPTIONS),
    Picture(
        "walk_ls_cancel",
        f"{_SUBSCRIPTIONS}/3",
        clicks=(".o_statusbar_buttons button:has-text('Cancel')",),
    ),
    Picture("walk_ls_detail", f"{_SUBSCRIPTIONS}/2"),
    Picture(
        "walk_ls_payments",
        f"{_SUBSCRIPTIONS}/2",
        clicks=(".nav-link[name=transactions]",),
    ),
    Picture(
        "walk_ls_refund",
        f"{_SUBSCRIPTIONS}/2",
        clicks=(
            ".nav-link[name=transactions]",
            "button[name=action_subscription_refund]",
        ),
    ),
    Picture(
        "walk_ls_taken_back",
        f"{_SUBSCRIPTIONS}/2",
        clicks=(
            ".nav-link[name=transactions]",
            "button[name=action_subscription_take_back]",
        ),
    ),
    Picture("walk_ls_charges", f"{_ACTION}_charge_action", height=460),
    Picture("walk_pp_cards", "/odoo/integrations", ADMIN, 560),
    Picture(
        "walk_pp_connection", "/odoo/integrations", ADMIN, 1000, clicks=(_PLUGANDPAY,)
    ),
    Picture(
        "walk_pp_runs",
        "/odoo/integrations",
        ADMIN,
        clicks=(_PLUGANDPAY, ".o_notebook .nav-link:has-text('Runs')"),
    ),
    Picture(
        "walk_pp_disconnect",
        "/odoo/integrations",
        ADMIN,
        clicks=(_PLUGANDPAY, ".o_statusbar_buttons button:has-text('Disconnect')"),
    ),
    Picture("walk_pp_subscription", f"{_SUBSCRIPTIONS}/12"),
    Picture(
        "walk_pp_change",
        f"{_SUBSCRIPTIONS}/12",
        clicks=("button[name=action_change_outside]",),
    ),
    Picture("walk_pp_invoices", f"{_ACTION}_external_invoice_action", height=460),
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

    if who in (OFFICE, ADMIN):
        page.goto("/web/login?login_by=password")
        page.fill("input[name=login]", who)
        page.fill("input[name=password]", who)
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
    for click in picture.clicks:
        page.locator(click).first.click()
        page.wait_for_timeout(_SETTLE)
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
