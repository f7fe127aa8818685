"""A bank file that no request can hold, with its workers killed."""

from setup.lib import database
from setup.lib.pytest_plugin import is_long
from tests.rigs import bank_file

PLACES = [
    *("before reading", "after reading", "before booking", "after booking"),
    "before booking",
]


def test_a_long_file_is_in_whole_though_its_workers_are_killed(figure):
    """C4: kill -9 around each kind of bite; nothing is half and nothing twice."""
    count = 20000 if is_long() else 600
    result = bank_file.run(database.with_addons(), count)
    figure("lines of the file", count)
    figure("workers killed", len(result.killed))
    spent, steps = result.spent
    figure("processor time of the last worker", f"{spent:.0f} s, {steps:.0f} steps")
    assert result.killed == PLACES
    assert result.seen == [0, 0, 0, count, count], "nobody sees a part of a file"
    assert result.state == "done"
    assert result.receipts == [count, count // 10]
    assert result.lines == [count, 15.0 * count]
    assert result.left == 0
