"""The script of the demo: what the run must meet, step by step, and the line for each step."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulator.demo.observer import EARLIER, RUNNING, SUCCEEDED, THROTTLED, Observer, OtherWayError
from emulator.demo.pace import ALERT, Pace
from emulator.demo.stage import Host
from emulator.graph import GraphServer
from emulator.graph.options import POLLS
from emulator.run.report import FRESHNESS, format_moment

RELOAD_SECONDS = 1.5
"""The page reloads within a second after each poll, and not again before the next one. The host is away between."""


@dataclass(frozen=True)
class Script:
    """Each step waits for what it tells of, and raises `OtherWayError` when the run goes another way.

    say: prints a line, from its topic and its text.
    """

    pace: Pace
    observer: Observer
    host: Host
    graph: GraphServer
    say: Callable[[str, str], None]

    async def play(self) -> dict[str, Any]:
        """Return the result. Raises `HostError` when no host starts again."""
        alert = self.graph.tenant.alerts[self.graph.tenant.alert_id(ALERT)]
        earlier = alert.document()
        await self._refresh(earlier)
        await self._wait_over_earlier_scan()
        await self._wait_out_throttling()
        await self._replace_host()
        await self._await_scan()
        result = await self.observer.await_result()
        count, expected = result["alert"]["incidentCount"], len(alert.incidents)
        if (result["fresh"], count) != (True, expected):
            fact = f"{count} incidents, {FRESHNESS[result['fresh']]}"
            raise OtherWayError(f"The demo expected a fresh alert with {expected} incidents, but got {fact}.")
        self.say(
            "alert",
            f"{FRESHNESS[True].capitalize()}: {count} incidents, {count - earlier['incidentCount']} more than before.",
        )
        return result

    async def _refresh(self, earlier: dict[str, Any]) -> None:
        scanned = format_moment(earlier["lastScannedDateTime"])
        self.say(
            "start",
            f"The last scan of {ALERT} was at {scanned} and found {earlier['incidentCount']} incidents. "
            "The run asks for a new scan.",
        )
        await self.observer.await_plan()
        self.say(
            "refresh", f"Graph accepts the refresh and returns an operation. The first poll of it is at {self._next}."
        )

    async def _wait_over_earlier_scan(self) -> None:
        await self.observer.await_poll(EARLIER)
        self._say_poll(
            f"{EARLIER}, at {self._operation_time}. The run does not return this old state: it waits for the new scan."
        )

    async def _wait_out_throttling(self) -> None:
        seconds = self.pace.retry_after
        await self.observer.await_poll(THROTTLED)
        # https://learn.microsoft.com/graph/throttling: requests count against the limit while a client is throttled.
        self._say_poll(
            f"429 with Retry-After: {seconds}. With an earlier poll, Graph would refuse for longer. "
            f"The run waits: the next poll is at {self._next}."
        )
        await self.observer.await_poll(RUNNING)
        *_, refused, last = [request.time for request in self.graph.requests if re.search(POLLS, str(request))]
        gap = (last - refused).total_seconds()
        if gap < seconds:
            raise OtherWayError(f"The demo expected no poll for {seconds} s, but one came after {gap:.1f} s.")
        self._say_poll(f"{RUNNING}: this is the new scan. The run sent no poll for {gap:.1f} s, as Graph asked.")

    async def _replace_host(self) -> None:
        await asyncio.sleep(min(RELOAD_SECONDS, self.pace.poll / 4))
        clock = asyncio.get_running_loop().time
        began = clock()
        await self.host.kill()
        self.say(
            "kill",
            "The demo kills the Functions host, as when a machine fails. "
            f"The next poll is due at {self._next}. If the browser shows an error, reload the page.",
        )
        await self.host.start()
        await self.observer.read()
        seconds = clock() - began
        self.say(
            "restart",
            f"A new host answers after {seconds:.1f} s. The run is not lost: the task hub has its state and timer.",
        )

    async def _await_scan(self) -> None:
        while await self.observer.await_poll(RUNNING, SUCCEEDED) == RUNNING:
            self._say_poll(f"{RUNNING}. The next poll is at {self._next}.")
        self._say_poll(
            f"{SUCCEEDED}, at {self._operation_time}. That is after the refresh, so the run fetches the alert."
        )

    def _say_poll(self, text: str) -> None:
        self.say(f"poll {self.observer.run['polls']}", text)

    @property
    def _operation_time(self) -> str:
        return format_moment(self.observer.run["operation"]["lastActionDateTime"])

    @property
    def _next(self) -> str:
        return format_moment(self.observer.run["nextPollAt"], "%H:%M:%S")
