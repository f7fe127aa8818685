"""Letters while workers are killed and answers are lost, against the printer's book."""

from setup.lib import database
from setup.lib.pytest_plugin import is_long
from tests.rigs import letters

ALWAYS = {
    f"{call}:{moment}"
    for call in ("upload", "create_letter", "get_letter", "send_letter")
    for moment in ("before", "after")
}


def test_no_letter_leaves_twice_none_is_lost_none_is_about_a_paid_item(figure):
    """R8, I15, I16: 1,000 letters, kill -9 and lost answers at every step."""
    count, passes = (1000, 12) if is_long() else (10, 1)
    result = letters.run(database.with_addons(), count, passes)
    figure("letters", result.letters)
    figure("printed", result.printed)
    figure("workers killed", sum(result.killed.values()))
    assert result.letters == count
    assert set(result.killed) >= ALWAYS
    assert result.stuck == []
    assert result.twice == []
    assert result.lost == []
    assert result.paid == []
    assert 0 < result.printed < count, "some were paid before"
