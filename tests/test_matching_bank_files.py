"""Damaged, hostile and huge bank files against the parsers of every kind."""

import io
import random
import subprocess
import sys
from collections import Counter
from decimal import Decimal

import pytest

from odoo.addons.moneybird_reconcile.engine.bank_file import BankFile, BankFileError
from odoo.addons.moneybird_reconcile.engine.bank_formats import parse_bank_file
from odoo.addons.moneybird_reconcile.tests.bank_samples import CSV, DIALECTS, IBAN
from odoo.addons.moneybird_reconcile.tests.camt_samples import (
    camt,
    detail,
    entry,
    statement,
)
from odoo.addons.moneybird_reconcile.tests.test_engine_bank_formats import MAPPING
from odoo.addons.moneybird_reconcile.words import REASONS

from setup.lib.paths import ROOT
from setup.lib.pytest_plugin import is_long

BOMB = """<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">%s]>"""
ENTITIES = "".join(
    f'<!ENTITY {name} "{(f"&{before};") * 10}">'
    for before, name in zip("abcdefgh", "bcdefghi", strict=True)
)


def _camt() -> bytes:
    return camt(
        statement(
            entry("15.00", detail("Factuur 42", name="Müller", end_to_end="E-1")),
            entry("29.75", detail("a", "15.00"), detail("b", "15.00"), ref="B2"),
            entry("-3.00", detail("kosten"), ref="B3"),
            closing="41.75",
        )
    )


SAMPLES = [_camt(), CSV, *DIALECTS.values()]


def damage(rand: random.Random, content: bytes) -> bytes:
    """Spoil a file the way the world does: cut, flip, repeat, drop, mix up."""
    for _time in range(rand.randrange(1, 4)):
        at, end = sorted(rand.randrange(len(content) + 1) for _ in range(2))
        content = rand.choice(
            (
                lambda c, a, e: c[:a],
                lambda c, a, e: c[:a] + c[e:],
                lambda c, a, e: c[:e] + c[a:e] + c[e:],
                lambda c, a, e: c[:a] + bytes([rand.randrange(256)]) + c[a + 1 :],
                lambda c, a, e: c[:a] + rand.randbytes(8) + c[a:],
                lambda c, a, e: c.replace(b"15", rand.choice((b"16", b"1e9", b"-15"))),
                lambda c, a, e: c.replace(b"2026", rand.choice((b"20X6", b"9999"))),
                lambda c, a, e: c.decode("utf-8", "replace").encode("utf-16"),
                lambda c, a, e: c.decode("utf-8", "replace").encode(
                    "latin-1", "replace"
                ),
                lambda c, a, e: c.replace(b"CRDT", b"XXXX", 1),
                lambda c, a, e: b"\n".join(reversed(c.split(b"\n"))),
                lambda c, a, e: c + c,
            )
        )(content, at, end)
        if not content:
            return content
    return content


def read(content: bytes) -> BankFile | BankFileError:
    """What the parser makes of a file; anything else than these two is a defect."""
    try:
        return parse_bank_file(io.BytesIO(content), MAPPING, account=IBAN)
    except BankFileError as error:
        return error


def is_whole(parsed: BankFile) -> bool:
    """Opening plus lines is closing in every statement that names both."""
    return all(
        stmt.opening is None
        or stmt.closing is None
        or stmt.opening + sum((line.amount for line in stmt.lines), Decimal(0))
        == stmt.closing
        for stmt in parsed.statements
    )


def test_damaged_files_are_read_whole_or_refused_in_words(figure):
    """C4: 10,000 damaged files, no uncaught error, no half import."""
    rand = random.Random(20261120)  # noqa: S311 - repeatable
    count = 10000 if is_long() else 400
    tally = Counter()
    for _file in range(count):
        result = read(damage(rand, rand.choice(SAMPLES)))
        if isinstance(result, BankFileError):
            assert result.code in REASONS, result.code
            assert REASONS[result.code]._source % Values(result.values)
            tally["refused"] += 1
        else:
            assert is_whole(result)
            tally["read"] += 1
    assert tally["refused"] > count * 0.3
    figure("damaged files", count)
    figure("refused in words", tally["refused"])
    figure("uncaught or half", 0)


class Values(dict):
    """A sentence of a reason must find every value it names."""

    def __missing__(self, key):
        raise AssertionError(f"the sentence needs {key}")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (BOMB % ENTITIES + "<Document>&i;</Document>", "doctype_refused"),
        (
            '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><Document/>',
            "doctype_refused",
        ),
        (
            (
                '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Document>&e;'
                "</Document>"
            ),
            "doctype_refused",
        ),
        ("<?xml version='1.0' encoding='klingon'?><Document/>", None),
        ("<a>" * 3000, "not_camt"),
        (":20:" + "9" * 10**6, None),
        ("\x00" * 4096, "encoding_wrong"),
        ("x;" * 10**6, None),
    ],
    ids=["bomb", "dtd", "file", "encoding", "depth", "field", "zeros", "columns"],
)
def test_hostile_files_are_refused(content, code):
    """C4: entity bombs, outside entities, wrong encodings, absurd fields."""
    result = read(content.encode())
    assert isinstance(result, BankFileError)
    assert code in (None, result.code)


_MEASURE = """
import sys, time, types
for name in ("odoo", "odoo.addons", "odoo.addons.moneybird_reconcile"):
    module = types.ModuleType(name)
    module.__path__ = []
    sys.modules[name] = module
module.__path__ = [sys.argv[1] + "/moneybird_reconcile"]
from odoo.addons.moneybird_reconcile.engine.camt import parse_camt
start = time.process_time()
with open(sys.argv[2], "rb") as source:
    parsed = parse_camt(source)
spent = time.process_time() - start
with open("/proc/self/status") as status:
    rows = dict(row.split(":", 1) for row in status)
peak = int(rows["VmHWM"].split()[0]) // 1024
print(len(parsed.statements[0].lines), spent, peak)
"""


def _measure(tmp_path, count, text):
    """Parse a CAMT.053 of that many entries in a process of its own.

    :return: lines, seconds of work, megabytes at most, bytes of the file
    """
    path = tmp_path / "large.xml"
    head, tail = camt(statement(closing=str(15 * count))).split(b"</Stmt>")
    with path.open("wb") as file:
        file.write(head)
        for number in range(count):
            said = detail(
                f"{text} {number}", name="J. de Vries", end_to_end=f"E{number}"
            )
            file.write(entry("15.00", said, ref=f"B{number}").encode() + b"\n")
        file.write(b"</Stmt>" + tail)
    done = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(ROOT), str(path)],
        capture_output=True,
        text=True,
        check=True,
    )
    lines, spent, peak = done.stdout.split()
    return int(lines), float(spent), int(peak), path.stat().st_size


@pytest.mark.long
def test_statement_of_100000_entries_is_read_in_20_seconds_and_300_mb(tmp_path, figure):
    """C4: CAMT.053 streamed; also a file of 100 MB stays within its memory."""
    lines, spent, peak, _size = _measure(tmp_path, 100000, "Factuur")
    assert lines == 100000
    figure("CAMT.053 of 100,000 entries", f"{spent:.1f} s, {peak} MB")
    assert spent < 20
    assert peak < 300
    lines, spent, peak, size = _measure(tmp_path, 60000, "Factuur " + "x" * 1500)
    figure("CAMT.053 of 100 MB", f"{size // 2**20} MB, {spent:.1f} s, {peak} MB")
    assert size > 100 * 2**20
    assert peak < 300
