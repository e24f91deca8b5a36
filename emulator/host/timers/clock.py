"""The wall clock, which a test can replace by its own."""

import asyncio
from datetime import UTC, datetime
from typing import Protocol

# The event loop's clock stands still while the machine sleeps, and the wall clock can be set: look this often.
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
        while (seconds := (moment - self.now()).total_seconds()) > 0:  # noqa: ASYNC110 -- nobody tells the time
            await asyncio.sleep(min(seconds, LONGEST_SLEEP_SECONDS))
