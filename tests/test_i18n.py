"""Every text of ours exists in Dutch, German and French."""

import re

import polib
import pytest

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tests.common import get_db_name

from setup.lib import i18n
from setup.lib.paths import ROOT, all_addons, present_addons


@pytest.fixture(scope="module")
def env():
    with Registry(get_db_name()).cursor() as cr:
        yield Environment(cr, SUPERUSER_ID, {})


@pytest.mark.parametrize("addon", present_addons())
def test_template_holds_the_texts_of_the_addon(env, addon):
    assert i18n.template_problems(env, addon) == []


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("addon", all_addons())
def test_language_is_complete_and_keeps_placeholders(addon, language):
    assert i18n.language_problems(addon, language) == []


def test_a_lost_placeholder_is_found(tmp_path, monkeypatch):
    monkeypatch.setattr(i18n, "ROOT", tmp_path)
    folder = tmp_path / "addon" / "i18n"
    folder.mkdir(parents=True)
    (folder / "addon.pot").write_text(
        'msgid ""\nmsgstr ""\n\nmsgid "Hello %(name)s"\nmsgstr ""\n\n'
        'msgid "Bye"\nmsgstr ""\n\nmsgid "New"\nmsgstr ""\n'
    )
    (folder / "nl.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n\n'
        'msgid "Hello %(name)s"\nmsgstr "Hallo %(naam)s"\n\n'
        '#, fuzzy\nmsgid "Bye"\nmsgstr "Dag"\n\nmsgid "Gone"\nmsgstr "Weg"\n'
    )
    problems = "\n".join(i18n.language_problems("addon", "nl"))
    assert "placeholders or tags differ: 'Hello %(name)s'" in problems
    assert "fuzzy: 'Bye'" in problems
    assert "missing: 'New'" in problems
    assert "left over: 'Gone'" in problems


INFORMAL = {
    "nl": re.compile(r"\b(je|jij|jou|jouw|jullie)\b", re.IGNORECASE),
    "de": re.compile(r"\b(du|dich|dir|dein\w*|euch|euer)\b", re.IGNORECASE),
    "fr": re.compile(r"\b(tu|toi|ton|ta|tes)\b", re.IGNORECASE),
}
# Odoo's own words about its own field, as Odoo's translators say them.
OF_ODOO = "If checked, new messages require your attention."


@pytest.mark.parametrize("addon", [a for a in present_addons() if "portal" in a])
@pytest.mark.parametrize("language", list(INFORMAL))
def test_members_are_addressed_formally(addon, language):
    """House language of member pages and mails: u, Sie, vous."""
    folder = ROOT / addon / "i18n"
    found = [
        entry.msgstr
        for entry in polib.pofile(str(folder / f"{language}.po"))
        if entry.msgid != OF_ODOO and INFORMAL[language].search(entry.msgstr)
    ]
    assert found == []
