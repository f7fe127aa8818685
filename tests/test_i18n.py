"""Every text of ours exists in Dutch, German and French."""

import pytest

from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tests.common import get_db_name

from setup.lib import i18n
from setup.lib.paths import present_addons


@pytest.fixture(scope="module")
def env():
    with Registry(get_db_name()).cursor() as cr:
        yield Environment(cr, SUPERUSER_ID, {})


@pytest.mark.parametrize("addon", present_addons())
def test_template_holds_the_texts_of_the_addon(env, addon):
    assert i18n.template_problems(env, addon) == []


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("addon", present_addons())
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
