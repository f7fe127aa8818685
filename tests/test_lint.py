"""The checks of style, one test each, so that a failure names the tool."""

import ast
import os
import shutil
import subprocess
import sys

import pytest
from lxml import etree

from setup.lib import stamps
from setup.lib.paths import REQUIREMENTS, ROOT, VENV, all_addons

TOOLS = VENV / "bin"
LINES_ALLOWED = 500
README_PARTS = ("DESCRIPTION", "USAGE", "CONFIGURE", "DEVELOP", "CONTRIBUTORS")


def _tracked(*patterns: str) -> list[str]:
    """Return the files of the project that git knows or would add."""
    if not (shutil.which("git") and (ROOT / ".git").exists()):
        return _on_disk(patterns)
    command = ["git", "ls-files", "-co", "--exclude-standard", *patterns]
    output = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = output.stdout.split("\n")
    return sorted({name for name in names if name and (ROOT / name).is_file()})


def _on_disk(patterns) -> list[str]:
    """The same without git: an unpacked archive of the project."""
    folders = [path for path in ROOT.iterdir() if not path.name.startswith(".")]
    found = {
        path
        for folder in folders
        for pattern in patterns
        for path in folder.rglob(pattern)
    }
    return sorted(str(path.relative_to(ROOT)) for path in found if path.is_file())


def _run(*command: str):
    environment = {**os.environ, "PYLINTHOME": str(ROOT / ".runtime" / "pylint")}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}{done.stderr}"


def test_python_follows_the_rules_of_ruff():
    _run(f"{TOOLS}/ruff", "check", "--no-fix", "--no-cache", ".")


def test_python_is_formatted():
    _run(f"{TOOLS}/ruff", "format", "--check", "--no-cache", ".")


@pytest.mark.parametrize("addon", all_addons())
def test_addon_follows_the_rules_of_pylint_odoo(addon):
    # A minute of work over all addons: what passed is not judged again unchanged.
    tree = sorted((ROOT / addon).rglob("*"))
    files = [path for path in tree if path.is_file() and path.suffix != ".pyc"]
    names = [str(path.relative_to(ROOT)) for path in files]
    key = stamps.key_of(*names, *files, ROOT / ".pylintrc", REQUIREMENTS)
    if stamps.is_current(f"pylint_{addon}", key):
        return
    _run(sys.executable, "-m", "pylint", "--rcfile=.pylintrc", addon)
    stamps.write(f"pylint_{addon}", key)


def test_engines_and_clients_have_types_that_hold():
    folders = [
        f"{addon}/{room}"
        for addon in all_addons()
        for room in ("clients", "engine")
        if (ROOT / addon / room).is_dir()
    ]
    _run(sys.executable, "-m", "mypy", *folders)


def test_javascript_follows_the_rules_of_oxlint():
    files = _tracked("*.js")
    if files:
        _run(f"{TOOLS}/oxlint", "-c", ".oxlintrc.json", "--deny-warnings", *files)


def test_xml_is_well_formed():
    broken = []
    for name in _tracked("*.xml"):
        try:
            etree.parse(ROOT / name)
        except etree.XMLSyntaxError as error:
            broken.append(f"{name}: {error}")
    assert broken == []


def test_data_files_follow_the_schema_of_odoo(odoo_packages):
    schema = etree.RelaxNG(file=odoo_packages / "odoo" / "import_xml.rng")
    broken = []
    for addon in all_addons():
        for name in _data_files(addon):
            tree = etree.parse(ROOT / addon / name)
            if not schema.validate(tree):
                broken.append(f"{addon}/{name}: {schema.error_log.last_error}")
    assert broken == []


@pytest.fixture
def odoo_packages():
    from setup.lib import odoo

    return odoo.packages()


def _manifest(addon: str) -> dict:
    return ast.literal_eval((ROOT / addon / "__manifest__.py").read_text())


def _data_files(addon: str) -> list[str]:
    names = _manifest(addon).get("data", []) + _manifest(addon).get("demo", [])
    return [name for name in names if name.endswith(".xml")]


@pytest.mark.parametrize("addon", all_addons())
def test_every_data_file_is_named_in_the_manifest(addon):
    named = set(_manifest(addon).get("data", []) + _manifest(addon).get("demo", []))
    neutral = {"data/neutralize.sql"}
    folders = ("data", "security", "views", "wizards", "reports")
    there = {
        str(path.relative_to(ROOT / addon))
        for folder in folders
        for path in (ROOT / addon / folder).glob("*.*")
        if path.suffix in {".xml", ".csv"}
    }
    assert there - named - neutral == set()


def test_no_file_is_too_long():
    long = []
    for name in _tracked("*.py", "*.xml", "*.js", "*.scss", "*.css"):
        lines = len((ROOT / name).read_text(errors="replace").splitlines())
        if lines > LINES_ALLOWED:
            long.append(f"{name}: {lines} lines")
    assert long == []


@pytest.mark.parametrize("addon", all_addons())
def test_addon_has_its_papers_and_its_picture(addon):
    folder = ROOT / addon
    wanted = [f"readme/{part}.md" for part in README_PARTS]
    wanted += ["static/description/icon.png", "pyproject.toml", "i18n"]
    assert [name for name in wanted if not (folder / name).exists()] == []
    assert any((folder / "readme" / "newsfragments").iterdir())


@pytest.mark.parametrize("addon", all_addons())
def test_manifest_says_what_all_addons_say(addon):
    manifest = _manifest(addon)
    assert manifest["version"].startswith("19.0.")
    assert manifest["license"] == "LGPL-3"
    assert manifest["author"] == "Recurring Income Suite contributors"
    assert manifest["website"] == "https://recurring-income.example"
    assert manifest["category"] and manifest["summary"]
