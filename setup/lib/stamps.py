"""What has been prepared, and from what.

A stamp is written last, when the work behind it is complete, and holds the hash of
everything the work was made from. An interrupted preparation has no stamp, so it is
done again; a change of what it was made from has another hash, so it is done again.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from .paths import STAMPS

_SKIPPED = {"__pycache__", "tests", "readme", "docs"}


def key_of(*parts: object) -> str:
    """Return a short hash of strings, bytes and file contents (for paths)."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, Path):
            part = part.read_bytes()
        if not isinstance(part, bytes):
            part = str(part).encode()
        digest.update(len(part).to_bytes(8, "big") + part)
    return digest.hexdigest()[:12]


def key_of_tree(*folders: Path) -> str:
    """Return a short hash of the files in `folders`, tests and papers left out."""
    parts: list[object] = []
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            inside = path.relative_to(folder).parts
            if path.is_file() and not _SKIPPED & set(inside) and path.suffix != ".pyc":
                parts += [f"{folder.name}/{'/'.join(inside)}", path]
    return key_of(*parts)


def is_current(name: str, key: str) -> bool:
    """Tell whether `name` was completed from exactly what `key` stands for."""
    try:
        return (STAMPS / name).read_text() == key
    except OSError:
        return False


def is_present(name: str) -> bool:
    """Tell whether `name` was completed once, from whatever."""
    return (STAMPS / name).exists()


def write(name: str, key: str) -> None:
    """Remember that `name` is complete."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    temporary = STAMPS / f".{name}.tmp"
    temporary.write_text(key)
    temporary.replace(STAMPS / name)


def remove(name: str) -> None:
    """Forget that `name` was complete."""
    (STAMPS / name).unlink(missing_ok=True)
