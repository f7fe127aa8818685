"""An import whose workers are killed, against the book of the service."""

from setup.lib import database
from setup.lib.pytest_plugin import is_long
from tests.rigs import sync


def test_a_killed_import_goes_on_where_it_stopped(figure):
    """H5: kill -9 at each step of a bite; nothing is missing, nothing there twice."""
    count = 1000 if is_long() else 60
    result = sync.run(database.with_addons(), count)
    figure("subscriptions brought over", len(result.here))
    figure("workers killed", len(result.killed))
    assert result.killed == ["fetched", "applied", "kept", "fetched", "ended"]
    assert result.here == result.there
    assert len(set(result.here)) == count
    assert result.pages[:6] == [1, 1, 1, 2, 3, 3]
    assert result.pages == sorted(result.pages)
    [run] = result.runs
    assert (run["state"], run["done"], run["total"]) == ("done", count, count)
    assert run["counts"] == {"imported": count}
    assert result.mails == 1
