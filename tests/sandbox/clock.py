"""The sandbox's clock: real time plus an offset that control can move."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Time as the services see it; one clock for the whole process."""

    def __init__(self) -> None:
        self._offset = timedelta()

    def now(self) -> datetime:
        """:return: the moment, aware, in UTC"""
        return datetime.now(UTC) + self._offset

    def epoch(self) -> int:
        return int(self.now().timestamp())

    def today(self) -> str:
        """:return: the date in UTC, ``YYYY-MM-DD``"""
        return self.now().date().isoformat()

    def iso(self, moment: datetime | None = None) -> str:
        """:return: ``2026-01-31T12:00:00+00:00``"""
        return (moment or self.now()).replace(microsecond=0).isoformat()

    def iso_ms(self, moment: datetime | None = None) -> str:
        """:return: ``2026-01-31T12:00:00.000Z``"""
        moment = moment or self.now()
        return (
            moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"
        )

    def set(self, moment: datetime) -> None:
        self._offset = moment - datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        self._offset += timedelta(seconds=seconds)

    def reset(self) -> None:
        self._offset = timedelta()


CLOCK = Clock()
