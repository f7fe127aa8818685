"""Coming, going and coming again; going on to a new version with data in place."""

import pytest

from setup.lib import database, odoo
from setup.lib.paths import present_addons
from setup.lib.postgres import name_of, psql
from tests.scenarios.day import play
from tests.test_install_log import complaints

_UNINSTALL = """
module = env["ir.module.module"].search([("name", "=", "{addon}")])
module.button_immediate_uninstall()
print("STATE", env["ir.module.module"].browse(module.id).state)
"""
# Tables that are filled while Odoo updates or serves.
_MOVING = (
    "ir_",
    "orm_signaling_",
    "bus_",
    "mail_presence",
    "res_device",
    "base_",
    "website_visitor",
    # Ours: an update has all figures added up anew.
    "subscription_history_mark",
)


def _states(name: str) -> dict[str, str]:
    ours = ", ".join(f"'{addon}'" for addon in present_addons())
    lines = psql(
        f"SELECT name, state FROM ir_module_module WHERE name IN ({ours})",
        name_of(name),
    )
    return dict(line.split("|") for line in lines.splitlines())


@pytest.mark.long
@pytest.mark.parametrize("addon", present_addons())
def test_addon_is_uninstalled_and_installed_again(addon, tmp_path):
    name = f"cycle_{addon}"
    database.clone(database.with_addons(), name)
    script = tmp_path / "uninstall.py"
    script.write_text(_UNINSTALL.format(addon=addon))
    target = f"--database={name_of(name)}"
    log = odoo.run(name, "shell", target, "--no-http", script=script)
    assert _states(name)[addon] == "uninstalled"
    assert complaints(log.read_text(errors="replace")) == []
    left = psql(
        "SELECT model FROM ir_model m WHERE NOT EXISTS (SELECT 1 FROM ir_model_data d "
        "WHERE d.model = 'ir.model' AND d.res_id = m.id)",
        name_of(name),
    )
    assert left == "", "models without a module are left behind"
    ours = ",".join(present_addons())
    log = odoo.run(name, target, "-i", ours, "--stop-after-init")
    assert set(_states(name).values()) == {"installed"}
    assert complaints(log.read_text(errors="replace")) == []
    database.drop(name)


def _counts(name: str) -> dict[str, str]:
    """Return the number of records of every table that holds work of people."""
    tables = psql(
        "SELECT tablename FROM pg_tables WHERE schemaname = 'public'", name_of(name)
    ).split()
    kept = sorted(table for table in tables if not table.startswith(_MOVING))
    statement = " UNION ALL ".join(
        f"SELECT '{table}', count(*)::text FROM \"{table}\"" for table in kept
    )
    lines = psql(statement, name_of(name)).splitlines()
    return dict(line.split("|") for line in lines)


def test_update_with_the_data_of_a_day_changes_no_record(running_product):
    odoo_url, sandbox_url, product = running_product
    assert play(odoo_url, product, sandbox_url)
    database.copy_live("product", "upgrade")
    before = _counts("upgrade")
    ours, target = ",".join(present_addons()), f"--database={name_of('upgrade')}"
    log = odoo.run("upgrade", target, "-u", ours, "--stop-after-init")
    assert complaints(log.read_text(errors="replace")) == []
    assert _counts("upgrade") == before
    assert int(before["account_move"]) > 0
    database.drop("upgrade")
