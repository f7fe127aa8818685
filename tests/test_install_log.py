"""Odoo's log stays free of warnings and errors while our addons come and go on."""

import re

import pytest

from setup.lib.paths import LOG

LINE = re.compile(
    r"^\S+ \S+ \d+ (WARNING|ERROR|CRITICAL) (\S+) (?P<logger>[\w.]+): (?P<text>.*)"
)
# Of the machine, not of an addon: Odoo says so at every start as root, and Python
# passes on what libraries say about themselves.
NOT_OURS = (
    re.compile(r"Running as user 'root' is a security risk"),
    re.compile(r"site-packages/(?!odoo/addons)\S+: \w*Warning"),
)


def complaints(text: str) -> list[str]:
    """Return the lines of a log that warn, with the first line of what they quote.

    >>> complaints("2026-01-01 10:00:00,1 7 WARNING test odoo.x: odd thing")
    ['odoo.x: odd thing']
    >>> complaints("2026-01-01 10:00:00,1 7 INFO test odoo.x: fine")
    []
    """
    found = []
    for line in text.splitlines():
        match = LINE.match(line)
        if match and not any(pattern.search(line) for pattern in NOT_OURS):
            found.append(f"{match['logger']}: {match['text']}")
    return found


@pytest.mark.parametrize("name", ["install", "update"])
def test_log_has_no_warning(name):
    text = (LOG / f"{name}.log").read_text(errors="replace")
    assert "Modules loaded." in text, "the log does not show a complete run"
    assert complaints(text) == []


def test_a_warning_of_ours_is_seen():
    line = "2026-11-22 02:31:42,544 11671 {} db odoo.addons.postal_dunning.models.x: hm"
    assert complaints(line.format("WARNING")) and complaints(line.format("ERROR"))
    assert complaints(line.format("INFO")) == []
