"""A sliding window of calls, small enough to live in one database row.

The window is cut in :data:`SLICES` slices. A call is counted in the slice of its
moment; a new call is allowed while the slices that may still lie inside the window
hold fewer calls than the limit. That is never more than the limit in *any* stretch
of the window's length, at the price of waiting at most one slice too long.
"""

import math
from collections.abc import Mapping

SLICES = 20


def take(
    slots: Mapping[str, int], now: float, calls: int, seconds: int
) -> tuple[dict[str, int], float]:
    """Take one call out of the window.

    :param slots: calls per slice number, as returned by the last call
    :param now: seconds since 1970, from one clock for all workers
    :param calls: calls allowed in ``seconds``
    :returns: the new slots, and the seconds to wait (0.0 = the call was taken)

    >>> slots, wait = take({}, 1000.0, calls=2, seconds=20)
    >>> slots, wait = take(slots, 1000.5, calls=2, seconds=20)
    >>> wait
    0.0
    >>> take(slots, 1001.0, calls=2, seconds=20)[1]
    20.0
    >>> take(slots, 1021.0, calls=2, seconds=20)[1]
    0.0
    """
    width = seconds / SLICES
    current = math.floor(now / width)
    kept = {
        number: count
        for number, count in ((int(key), value) for key, value in slots.items())
        if number >= current - SLICES
    }
    used = sum(kept.values())
    if used < calls:
        kept[current] = kept.get(current, 0) + 1
        return _packed(kept), 0.0
    return _packed(kept), _seconds_until_free(kept, now, used - calls + 1, width)


def _seconds_until_free(
    kept: Mapping[int, int], now: float, needed: int, width: float
) -> float:
    freed = 0
    moment = now
    for number in sorted(kept):
        freed += kept[number]
        moment = (number + SLICES + 1) * width
        if freed >= needed:
            break
    return max(moment - now, 0.0)


def _packed(kept: Mapping[int, int]) -> dict[str, int]:
    return {str(number): count for number, count in kept.items()}
