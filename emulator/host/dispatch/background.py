"""What the host does besides answering requests: tasks that end with it, after a while in which they may finish."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

logger = logging.getLogger("host")

CANCEL_SECONDS = 0.3


class Background:
    """Holds tasks until they end. One that fails is a fault of the emulated host, and logged."""

    def __init__(self) -> None:
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finish)
        return task

    async def stop(self, grace: float) -> None:
        """Give what runs `grace` seconds, then cancel it."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        await self.cancel()

    async def cancel(self) -> None:
        """Cancel what runs, and wait for it, but not for what will not be cancelled."""
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=CANCEL_SECONDS)

    def _finish(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            logger.critical("The emulated host itself failed.", exc_info=error)
