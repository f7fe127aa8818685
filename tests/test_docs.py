"""The guides hold together: no link into nothing, no picture that no page shows."""

import ast
import re
from pathlib import Path

import pytest

from setup.lib import cli_pictures
from setup.lib.errors import SetupError
from setup.lib.paths import ROOT, all_addons

LINK = re.compile(r"\]\((?!https?:|mailto:|#)([^)#\s]+)[^)]*\)")
LARGEST = 150_000
IMAGES = ROOT / "docs" / "images"
PAGES = sorted(
    [
        ROOT / "README.md",
        *(ROOT / "docs").glob("*.md"),
        *(ROOT / "tests" / "sandbox").glob("*.md"),
        *(page for addon in all_addons() for page in (ROOT / addon).rglob("*.md")),
    ]
)


def _links(page: Path) -> list[Path]:
    return [(page.parent / link).resolve() for link in LINK.findall(page.read_text())]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_leads_somewhere(page):
    assert [str(link) for link in _links(page) if not link.exists()] == []


def test_every_picture_is_shown_and_small_enough_to_load():
    shown = {link for page in PAGES for link in _links(page)}
    pictures = sorted(IMAGES.rglob("*.png"))
    assert [str(picture) for picture in pictures if picture not in shown] == []
    large = [str(path) for path in pictures if path.stat().st_size > LARGEST]
    assert large == []


@pytest.mark.parametrize("addon", all_addons())
def test_addon_is_in_the_overviews_and_its_packages_in_the_instructions(addon):
    for page in ("README.md", "docs/architecture.md"):
        assert re.search(rf"\b{addon}\b", (ROOT / page).read_text()), page
    manifest = ast.literal_eval((ROOT / addon / "__manifest__.py").read_text())
    told = (ROOT / "docs" / "administrators.md").read_text()
    needed = manifest.get("external_dependencies", {}).get("python", [])
    assert [name for name in needed if f"`{name}`" not in told] == []


def test_the_pictures_of_the_command_are_those_of_the_guides():
    names = {picture.name for picture in cli_pictures.PICTURES}
    assert names <= {path.stem for path in IMAGES.glob("*.png")}


def test_an_unknown_picture_is_refused_with_the_names_there_are():
    with pytest.raises(SetupError) as refused:
        cli_pictures.chosen(["no_such_picture"])
    assert "integrations" in refused.value.remedy
