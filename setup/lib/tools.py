"""Programs the runtime needs: the machine's own, else a private copy.

Each function returns a path and the environment in which the program runs.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from . import apt, stamps
from .errors import SetupError
from .paths import RUNTIME

POSTGRES_MAJOR = 15
_POSTGRES_HOME = f"usr/lib/postgresql/{POSTGRES_MAJOR}/bin"


def postgres_bin() -> tuple[Path, dict[str, str]]:
    """Return the folder with PostgreSQL's programs.

    :raise SetupError: when they are missing here and cannot be fetched
    """
    machine = Path("/") / _POSTGRES_HOME
    if (machine / "initdb").exists():
        return machine, {}
    names = (f"postgresql-{POSTGRES_MAJOR}",)
    folder, environment = _private("postgres", names)
    return folder / _POSTGRES_HOME, environment


def chromium() -> tuple[Path, dict[str, str]]:
    """Return the browser that tests drive.

    :raise SetupError: when it is missing here and cannot be fetched
    """
    found = shutil.which("chromium")
    if found:
        return Path(found), {}
    # libatomic1 is for the program that drives the browser; Liberation has the
    # widths of the fonts that people's own machines show.
    names = ("chromium", "fonts-dejavu-core", "fonts-liberation", "libatomic1")
    folder, environment = _private("chromium", names)
    fonts = _write_fonts_conf(folder)
    environment["FONTCONFIG_FILE"] = str(fonts)
    return folder / "usr/lib/chromium/chromium", environment


def _private(name: str, packages: tuple[str, ...]) -> tuple[Path, dict[str, str]]:
    folder = RUNTIME / "tools" / name
    key = stamps.key_of(*packages)
    if not (folder.exists() and stamps.is_current(f"tool_{name}", key)):
        folder.parent.mkdir(parents=True, exist_ok=True)
        apt.prepare_missing(packages, folder)
        stamps.write(f"tool_{name}", key)
    libraries = {str(path.parent) for path in folder.rglob("*.so*")}
    kept = [path for path in sorted(libraries) if "/postgresql/" not in path]
    inherited = os.environ.get("LD_LIBRARY_PATH")
    kept += [inherited] if inherited else []
    return folder, {"LD_LIBRARY_PATH": ":".join(kept)}


def _write_fonts_conf(folder: Path) -> Path:
    """Write a font configuration that finds the unpacked and the machine's fonts."""
    path = folder / "fonts.conf"
    path.write_text(
        '<?xml version="1.0"?>\n<!DOCTYPE fontconfig SYSTEM "fonts.dtd">\n'
        f"<fontconfig><dir>{folder}/usr/share/fonts</dir>"
        "<dir>/usr/share/fonts</dir>"
        "<alias binding='strong'><family>sans-serif</family>"
        "<prefer><family>Liberation Sans</family></prefer></alias>"
        "<alias binding='strong'><family>system-ui</family>"
        "<prefer><family>Liberation Sans</family></prefer></alias>"
        f"<cachedir>{RUNTIME}/fontcache</cachedir></fontconfig>\n"
    )
    return path


def require(program: str) -> str:
    """Return the full path of a program every Debian has.

    :raise SetupError: when it is missing
    """
    found = shutil.which(program)
    if not found:
        raise SetupError(f"{program} is missing on this machine", f"Install {program}.")
    return found
