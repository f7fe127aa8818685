"""Translation templates of our addons: export them, merge them, check them.

    python -m setup.lib.i18n export ADDON [ADDON…] -d DATABASE
    python -m setup.lib.i18n check ADDON [ADDON…] -d DATABASE

Odoo's own export puts the moment of the export in the file and orders references by
database id; here both are taken out, so that the same texts give the same bytes.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LANGUAGES = ("nl", "de", "fr")
_PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[sdrif]|\{\{.*?\}\}")
_FIELD = re.compile(r"model:ir\.model\.fields,.*\.field_(?P<model>\w+?)__(?P<name>\w+)")
_TAG = re.compile(r"</?[a-zA-Z][\w:-]*")


def export_pot(env, addon: str):
    """Return the template of `addon` as Odoo sees its texts now (polib.POFile)."""
    import polib

    from odoo.tools.translate import trans_export

    buffer = io.BytesIO()
    trans_export(None, [addon], buffer, "po", env)
    template = polib.pofile(buffer.getvalue().decode())
    template.header = f"Texts of {addon}."
    template.metadata = _metadata(addon)
    for entry in template:
        entry.occurrences = sorted(set(entry.occurrences))
        first, *rest = entry.comment.split("\n")
        entry.comment = "\n".join([first, *sorted(rest)])
    template.sort(key=lambda entry: entry.msgid)
    return template


def _metadata(addon: str, language: str | None = None) -> dict[str, str]:
    metadata = {
        "Project-Id-Version": f"{addon} 19.0",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    if language:
        metadata["Language"] = language
    return metadata


def write(env, addon: str) -> list[str]:
    """Write the template and bring the three languages up to date with it.

    New texts get an empty translation, texts that are gone are dropped.
    Returns one line per language that still lacks translations.
    """
    import polib

    template = export_pot(env, addon)
    folder = ROOT / addon / "i18n"
    folder.mkdir(exist_ok=True)
    template.save(str(folder / f"{addon}.pot"))
    lacking = []
    for language in LANGUAGES:
        path = folder / f"{language}.po"
        old = polib.pofile(str(path)) if path.exists() else polib.POFile()
        known = {entry.msgid: entry for entry in old if not entry.obsolete}
        new = polib.POFile()
        new.header = f"Texts of {addon}."
        new.metadata = _metadata(addon, language)
        for entry in template:
            known_entry = known.get(entry.msgid)
            new.append(
                polib.POEntry(
                    msgid=entry.msgid,
                    msgstr=known_entry.msgstr if known_entry else "",
                    flags=known_entry.flags if known_entry else [],
                    comment=entry.comment,
                    occurrences=entry.occurrences,
                )
            )
        new.save(str(path))
        empty = sum(not entry.msgstr for entry in new)
        if empty:
            lacking.append(f"{addon}/i18n/{language}.po: {empty} texts to translate")
    return lacking


def template_problems(env, addon: str) -> list[str]:
    """Say in which way the template file differs from the texts Odoo sees.

    Texts of fields that other modules put on our models (portal, sms, rating) do not
    count: whether Odoo lists them as ours depends on the order of installing.
    """
    import polib

    path = ROOT / addon / "i18n" / f"{addon}.pot"
    if not path.exists():
        return [f"{path.relative_to(ROOT)} does not exist"]
    current, written = (
        {entry.msgid for entry in template if not _is_foreign(env, addon, entry)}
        for template in (export_pot(env, addon), polib.pofile(str(path)))
    )
    return [f"not in the template: {text!r}" for text in sorted(current - written)] + [
        f"no longer in the addon: {text!r}" for text in sorted(written - current)
    ]


def _is_foreign(env, addon: str, entry) -> bool:
    """Tell whether a text stands only on fields that other modules define."""
    fields = [_FIELD.fullmatch(name) for name, _line in entry.occurrences]
    if not fields or not all(fields):
        return False
    models = {model.replace(".", "_"): env[model] for model in env.registry}
    return all(
        match["model"] in models
        and (field := models[match["model"]]._fields.get(match["name"])) is not None
        and addon not in field._modules
        for match in fields
    )


def language_problems(addon: str, language: str) -> list[str]:
    """Say what is missing, doubtful or malformed in one language of `addon`.

    Needs the files only, no database.
    """
    import polib

    folder = ROOT / addon / "i18n"
    path, template = folder / f"{language}.po", folder / f"{addon}.pot"
    if not path.exists():
        return [f"{path.relative_to(ROOT)} does not exist"]
    entries = {e.msgid: e for e in polib.pofile(str(path)) if not e.obsolete}
    wanted = {entry.msgid for entry in polib.pofile(str(template))}
    problems = [f"missing: {text!r}" for text in sorted(wanted - set(entries))]
    problems += [f"left over: {text!r}" for text in sorted(set(entries) - wanted)]
    for text, entry in entries.items():
        problems += _entry_problems(text, entry)
    return problems


def _entry_problems(text: str, entry) -> list[str]:
    problems = []
    if not entry.msgstr.strip():
        problems.append(f"no translation: {text!r}")
    elif _marks(text) != _marks(entry.msgstr):
        problems.append(f"placeholders or tags differ: {text!r} → {entry.msgstr!r}")
    if entry.fuzzy:
        problems.append(f"fuzzy: {text!r}")
    return problems


def _marks(text: str) -> Counter:
    return Counter(_PLACEHOLDER.findall(text)) + Counter(_TAG.findall(text))


def _run(arguments) -> int:
    from odoo.api import SUPERUSER_ID, Environment
    from odoo.modules.registry import Registry
    from odoo.tools import config

    config.parse_config(
        ["--no-http", "--log-level=error", "-d", arguments.database], setup_logging=True
    )
    problems = []
    with Registry(arguments.database).cursor() as cr:
        env = Environment(cr, SUPERUSER_ID, {})
        for addon in arguments.addons:
            if arguments.what == "export":
                problems += write(env, addon)
                continue
            problems += [f"{addon}: {line}" for line in template_problems(env, addon)]
            for language in LANGUAGES:
                problems += [
                    f"{addon} {language}: {line}"
                    for line in language_problems(addon, language)
                ]
    print("\n".join(problems) or "complete")
    return int(bool(problems) and arguments.what == "check")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Translation templates of our addons")
    parser.add_argument("what", choices=("export", "check"))
    parser.add_argument("addons", nargs="+")
    parser.add_argument("-d", "--database", required=True)
    sys.exit(_run(parser.parse_args()))
