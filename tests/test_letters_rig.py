"""Letters while workers are killed and answers are lost, against the printer's book."""

from setup.lib import database
from setup.lib.pytest_plugin import is_long
from tests.rigs import letters

CALLS = ("upload", "create_letter", "find_letter", "get_letter", "send_letter",
         "delete_letter", "cancel_letter")  # fmt: skip


def test_no_letter_leaves_twice_none_is_lost_none_is_about_a_paid_item(figure):
    """R8, I15, I16: 1,000 letters, kill -9 and lost answers at every step.

    A worker dies right before and right after each call to the service, in each pass;
    no death that was planned may fail to happen.
    """
    count, passes = (1000, 12) if is_long() else (20, 1)
    result = letters.run(database.with_addons(), count, passes)
    figure("letters", result.letters)
    figure("printed", result.printed)
    figure("workers killed", sum(result.killed.values()))
    assert result.letters == count
    figure("called back", result.called)
    assert result.raced == 3, "paid by another transaction during the hand-over"
    assert result.missed == []
    for call in CALLS:
        for moment in ("before", "after"):
            assert result.killed[f"{call}:{moment}"] >= passes
    assert result.stuck == []
    assert result.twice == []
    assert result.lost == []
    assert result.paid == []
    assert result.called_printed == []
    assert 0 < result.printed < count, "some were paid before"
