"""The wall clock, which a test can replace by its own."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol

# Seconds between two checks: the event loop's clock stops while the machine sleeps, and the wall clock can be set.
LONGEST_SLEEP_SECONDS = 60.0


class Clock(Protocol):
    """All times are UTC."""

    def now(self) -> datetime: ...

    async def sleep_until(self, moment: datetime) -> None: ...


class WallClock:
    """Never wakes early."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    async def sleep_until(self, moment: datetime) -> None:
        while (seconds := (moment - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 -- no event says that the time has come
            await asyncio.sleep(min(seconds, LONGEST_SLEEP_SECONDS))
