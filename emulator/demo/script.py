"""The script of the demo: a tenant that makes one run meet three obstacles, and the lines that tell of them."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from emulator.demo.observer import EARLIER, RUNNING, SUCCEEDED, THROTTLED, Observer, OtherWayError
from emulator.demo.stage import Host
from emulator.faults import Fault
from emulator.graph import GraphServer, Tenant
from emulator.graph.options import POLLS, failing_poll
from emulator.run.report import FRESHNESS, format_moment

ALERT = "StaleSignInAlert"
REQUEST = {"alertId": ALERT, "expand": ["alertDefinition", "alertIncidents"]}

RELOAD_SECONDS = 1.5
"""The page reloads within a second after each poll, and not again before the next one. The host is away between."""


@dataclass(frozen=True)
class Pace:
    """All times of the demo, in seconds. They leave room for a slow machine."""

    poll: int
    """From one poll to the next. The demo takes about eight times as long."""

    @property
    def retry_after(self) -> int:
        """More than the run would wait without it."""
        return 2 * self.poll

    @property
    def settings(self) -> dict[str, str]:
        """Those of the app."""
        return {"REFRESH_ENABLED": "true", "POLL_MIN_SECONDS": str(self.poll), "POLL_MAX_SECONDS": str(self.poll)}

    def make_tenant(self) -> Tenant:
        """Return a tenant where one more thing is wrong than its last scan found, a day ago.

        Poll 1 shows the earlier scan, poll 2 is throttled, poll 3 shows the new scan.
        """
        tenant = Tenant(
            scan_seconds=6.2 * self.poll,
            stale_seconds=3.5 * self.poll,
            previous_scans=True,
            faults=[Fault(POLLS, times=1), failing_poll(f"429:1:{self.retry_after}")],
        )
        tenant.alerts[tenant.alert_id(ALERT)].invent_incidents(1)
        return tenant


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
            raise OtherWayError(f"The demo expected a fresh alert with {expected} incidents, not one with {fact}.")
        self.say(
            "alert",
            f"{FRESHNESS[True].capitalize()}: {count} incidents, {count - earlier['incidentCount']} more than before.",
        )
        return result

    async def _refresh(self, earlier: dict[str, Any]) -> None:
        scanned = format_moment(earlier["lastScannedDateTime"])
        self.say(
            "start", f"{ALERT} shows a scan of {scanned}: {earlier['incidentCount']} incidents. The run refreshes it."
        )
        await self.observer.await_plan()
        self.say("refresh", f"Graph accepts it, and names an operation to poll. The first poll comes at {self._next}.")

    async def _wait_over_earlier_scan(self) -> None:
        await self.observer.await_poll(EARLIER)
        self._say_poll(f"{EARLIER}: {self._operation_time}. That is before the refresh, so the run waits.")

    async def _wait_out_throttling(self) -> None:
        seconds = self.pace.retry_after
        await self.observer.await_poll(THROTTLED)
        # https://learn.microsoft.com/graph/throttling: requests count against the limit while a client is throttled.
        self._say_poll(
            f"429 with Retry-After: {seconds}. An earlier poll would prolong that, so the next is at {self._next}."
        )
        await self.observer.await_poll(RUNNING)
        *_, refused, last = [request.time for request in self.graph.requests if re.search(POLLS, str(request))]
        gap = (last - refused).total_seconds()
        if gap < seconds:
            raise OtherWayError(f"The demo expected no poll for {seconds} s, but one came after {gap:.1f} s.")
        self._say_poll(f"{RUNNING}: the new scan. Graph got no poll for {gap:.1f} s, as its Retry-After asked.")

    async def _replace_host(self) -> None:
        await asyncio.sleep(min(RELOAD_SECONDS, self.pace.poll / 4))
        clock = asyncio.get_running_loop().time
        began = clock()
        await self.host.kill()
        self.say(
            "kill", f"SIGKILL ends the host before the poll at {self._next}. If the page does not load, reload it."
        )
        await self.host.start()
        run = await self.observer.read()
        if run["state"] != "polling":
            raise OtherWayError(f"The demo expected the run to be 'polling' after the kill, not '{run['state']}'.")
        seconds = clock() - began
        self.say(
            "restart",
            f"A new host answers after {seconds:.1f} s. The run and its timer are safe: the task hub has them.",
        )

    async def _await_scan(self) -> None:
        while await self.observer.await_poll(RUNNING, SUCCEEDED) == RUNNING:
            self._say_poll(f"{RUNNING}. The next poll comes at {self._next}.")
        self._say_poll(f"{SUCCEEDED}: {self._operation_time}. That is after the refresh, so the run fetches the alert.")

    def _say_poll(self, text: str) -> None:
        self.say(f"poll {self.observer.run['polls']}", text)

    @property
    def _operation_time(self) -> str:
        return format_moment(self.observer.run["operation"]["lastActionDateTime"])

    @property
    def _next(self) -> str:
        return format_moment(self.observer.run["nextPollAt"], "%H:%M:%S")
