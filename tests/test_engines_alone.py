"""The engines are plain Python: they load and keep their examples without Odoo."""

import subprocess
import sys

import pytest

from setup.lib.paths import ROOT, present_addons

ENGINES = [name for name in present_addons() if (ROOT / name / "engine").is_dir()]

# Odoo and HTTP are made impossible to import, then each module of the engine is
# imported as part of a bare package and its doctests run.
_SCRIPT = """
import doctest, importlib, pathlib, sys, types
addon, root = sys.argv[1:]
for name in ("odoo", "requests", "urllib3", "psycopg2"):
    sys.modules[name] = None
bare = types.ModuleType(addon)
bare.__path__ = [f"{root}/{addon}"]
sys.modules[addon] = bare
examples = 0
for path in sorted(pathlib.Path(root, addon, "engine").rglob("*.py")):
    parts = path.relative_to(root).with_suffix("").parts
    name = ".".join(part for part in parts if part != "__init__")
    result = doctest.testmod(importlib.import_module(name))
    examples += result.attempted
    if result.failed:
        sys.exit(f"{name}: {result.failed} examples fail")
print(examples)
"""


@pytest.mark.parametrize("addon", ENGINES)
def test_engine_needs_no_odoo_and_keeps_its_examples(addon):
    done = subprocess.run(
        [sys.executable, "-c", _SCRIPT, addon, str(ROOT)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert int(done.stdout.split()[-1]) > 0, "no example in the engine"
