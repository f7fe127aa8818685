"""Each addon is a wheel that puts itself where Odoo looks."""

import subprocess
import sys
import zipfile
from email.parser import HeaderParser

import pytest

from setup.lib.paths import ROOT, all_addons

FIRST, *OTHERS = all_addons()


def _build(addon: str, folder) -> zipfile.ZipFile:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps"]
    command += ["--no-build-isolation", "--disable-pip-version-check"]
    command += ["--no-index", "--wheel-dir", str(folder), str(ROOT / addon)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("*.whl")
    return zipfile.ZipFile(wheel)


def _check(addon: str, folder) -> None:
    with _build(addon, folder) as wheel:
        names = wheel.namelist()
        inside = f"odoo/addons/{addon}"
        assert f"{inside}/__manifest__.py" in names
        assert f"{inside}/i18n/nl.po" in names
        assert f"{inside}/static/description/icon.png" in names
        assert all(name.startswith((inside, "odoo_addon_")) for name in names)
        (path,) = [name for name in names if name.endswith(".dist-info/METADATA")]
        metadata = HeaderParser().parsestr(wheel.read(path).decode())
    assert metadata["Name"].replace("-", "_") == f"odoo_addon_{addon}"
    assert metadata["Version"].startswith("19.0.1.0.")
    assert metadata["License"] == "LGPL-3"
    needed = metadata.get_all("Requires-Dist") or []
    assert any(line.startswith("odoo") and "19.0" in line for line in needed)


def test_addon_is_a_wheel_below_odoo_addons(tmp_path):
    _check(FIRST, tmp_path)


@pytest.mark.long
@pytest.mark.parametrize("addon", OTHERS)
def test_every_addon_is_a_wheel_below_odoo_addons(addon, tmp_path):
    _check(addon, tmp_path)
