"""Debian packages, fetched and unpacked for this project alone.

apt runs with lists and a cache of its own below ``.runtime/apt``: the machine's
sources, lists and packages stay as they are, and no special rights are needed. apt
checks the archive's signatures as always.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

from . import errors, stamps
from .errors import SetupError
from .paths import LOG, RUNTIME
from .progress import step

APT = RUNTIME / "apt"
ODOO_PACKAGE = "odoo-19"
# The links inside Odoo's package point at these; without them pages are broken.
WITH_ODOO_UNSTABLE = (
    "libjs-jquery",
    "libjs-underscore",
    "libjs-jquery-form",
    "fonts-roboto-unhinted",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-glyphicons-halflings",
)
# Version 4.7 of Font Awesome: the newer one has other class names, every icon breaks.
WITH_ODOO_STABLE = ("fonts-inconsolata", "fonts-font-awesome")
KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def require_apt() -> None:
    """Refuse a machine that has no apt.

    :raise SetupError: when apt-get or dpkg-deb is missing
    """
    if not (shutil.which("apt-get") and shutil.which("dpkg-deb")):
        raise SetupError(
            "This machine has no apt",
            "Name an Odoo 19 tree in ODOO_SOURCE and a PostgreSQL server in PGHOST, "
            "PGPORT and PGUSER.",
        )


def prepare_odoo(target: Path) -> None:
    """Unpack Odoo 19 from Debian unstable into `target`.

    :raise SetupError: no network, no apt, disk full
    """
    key = stamps.key_of(ODOO_PACKAGE, WITH_ODOO_UNSTABLE, WITH_ODOO_STABLE)
    if stamps.is_current("odoo", key):
        return
    require_apt()
    with step("Fetching Odoo 19 (120 MB)", LOG / "apt.log"):
        unstable = _Archive("unstable", _unstable_source())
        stable = _Archive("stable")
        files = unstable.download([ODOO_PACKAGE, *WITH_ODOO_UNSTABLE])
        files += stable.download(list(WITH_ODOO_STABLE))
    with step("Unpacking Odoo 19"):
        _unpack(files, target)
    stamps.write("odoo", key)


def prepare_missing(packages: tuple[str, ...], target: Path) -> None:
    """Unpack `packages`, with what they need and this machine lacks, into `target`.

    :raise SetupError: no network, no apt, disk full
    """
    require_apt()
    name = target.name
    with step(f"Fetching {', '.join(packages)}", LOG / "apt.log"):
        stable = _Archive("stable")
        files = stable.download(stable.lacking(packages))
    with step(f"Unpacking {name}"):
        _unpack(files, target)


def _unstable_source() -> str:
    site = _debian_site()
    signed = f"[signed-by={KEYRING}] " if KEYRING.exists() else ""
    return f"deb {signed}{site} unstable main\n"


def _debian_site() -> str:
    """Return the address of the Debian archive this machine uses."""
    output = _run(
        ["apt-get", "indextargets", "--format", "$(SITE) $(RELEASE) $(COMPONENT)"],
        "Reading the machine's package sources",
    )
    sources = {tuple(line.split()) for line in output.splitlines()}
    plain = sorted(
        source[0]
        for source in sources
        if len(source) == 3 and source[2] == "main" and re.fullmatch(r"\w+", source[1])
    )
    if not plain:
        raise SetupError(
            "This machine's apt knows no Debian archive",
            "Add one to its sources, or name an Odoo 19 tree in ODOO_SOURCE.",
        )
    return plain[0]


class _Archive:
    """A Debian archive seen through lists and a cache of our own."""

    def __init__(self, name: str, source: str | None = None):
        folder = APT / name
        for part in ("lists/partial", "cache/archives/partial", "etc"):
            (folder / part).mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self._options = [
            f"-oDir::State::lists={folder}/lists",
            f"-oDir::Cache={folder}/cache",
            "-oAPT::Sandbox::User=",
            "-oAcquire::Retries=2",
            "-oAPT::Get::List-Cleanup=0",
        ]
        if source:
            source_list = folder / "etc" / "sources.list"
            source_list.write_text(source)
            self._options += [
                f"-oDir::Etc::sourcelist={source_list}",
                "-oDir::Etc::sourceparts=/dev/null",
            ]
        self._update()

    def _update(self) -> None:
        output = self._apt("update", "-oAPT::Update::Error-Mode=any")
        if not any((self._folder / "lists").glob("*Packages*")):
            raise errors.from_output("Reading the package lists", output)

    def lacking(self, packages: tuple[str, ...]) -> list[str]:
        """Return `packages` and whatever they need that is not installed here."""
        output = self._apt("install", "-s", "--no-install-recommends", *packages)
        found = re.findall(r"^Inst (\S+)", output, re.MULTILINE)
        return sorted({*found, *packages})

    def download(self, packages: list[str]) -> list[Path]:
        """Download `packages`; one that is already here is not fetched again."""
        folder = self._folder / "debs"
        folder.mkdir(exist_ok=True)
        self._apt("download", *packages, folder=folder)
        return [_newest(folder, package) for package in packages]

    def _apt(self, *arguments: str, folder: Path = RUNTIME) -> str:
        command = ["apt-get", "-q", *self._options, *arguments]
        return _run(command, "Fetching Debian packages", folder)


def _newest(folder: Path, package: str) -> Path:
    plain = package.split(":", maxsplit=1)[0]
    files = sorted(folder.glob(f"{plain}_*.deb"), key=lambda path: path.stat().st_mtime)
    return files[-1]


def _run(command: list[str], doing: str, folder: Path = RUNTIME) -> str:
    """Run a program and return its output, which also goes to the log."""
    LOG.mkdir(parents=True, exist_ok=True)
    environment = {**os.environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
    process = subprocess.run(
        command,
        check=False,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    with (LOG / "apt.log").open("a") as log:
        log.write(process.stdout)
    if process.returncode:
        raise errors.from_output(doing, process.stdout, LOG / "apt.log")
    return process.stdout


def _unpack(files: list[Path], target: Path) -> None:
    """Unpack beside `target`, then put the whole in its place."""
    building = target.with_name(f"{target.name}.new")
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir(parents=True)
    for file in files:
        _run(["dpkg-deb", "-x", str(file), str(building)], f"Unpacking {file.name}")
    shutil.rmtree(target, ignore_errors=True)
    building.rename(target)
    for file in files:
        file.unlink()
