"""What the callers ask in turn, and what each must come to, whatever goes wrong on the way."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from alert_refresh.problems import PREFIX
from emulator.graph import Tenant

SCAN_SECONDS = 2.0
EVERY_SECONDS = 5.0
"""How often the operations that are only watched begin anew."""
ENDLESS = "endless"
WATCHED, FAILING = "RolesAssignedOutsidePimAlert", "RedundantAssignmentAlert"
REFRESHED = ("StaleSignInAlert", "SequentialActivationRenewalsAlert")


@dataclass(frozen=True)
class Question:
    """`status` and `problem` are what the result must be; `about` the alerts that it must show, none stale."""

    name: str
    asked: dict[str, Any]
    status: int
    about: Sequence[str] = ()
    problem: str = ""
    cancels: bool = False
    """Whether the caller cancels the run at once."""

    def fault_of(self, status: int, body: dict[str, Any]) -> str:
        """Return what is wrong with the result, "" when nothing is."""
        if status != self.status:
            return f"HTTP {status}, not {self.status}: {body}"
        if self.problem:
            return "" if body.get("type") == PREFIX + self.problem else str(body)
        shown = sorted(str(alert["id"]) for alert in body.get("alerts") or [body["alert"]])
        # Null: Graph joined the refresh to a scan of another run, or the scan was over at the first poll.
        return "" if shown == sorted(self.about) and body["fresh"] is not False else str(body)


class Questions:
    def __init__(self, tenant: Tenant) -> None:
        self.tenant, of = tenant, tenant.alert_id
        tenant.put_operation({"id": ENDLESS, "status": "running", "resourceLocation": ""})
        refreshed = [Question("refreshed", {"alertId": of(name)}, 200, [of(name)]) for name in REFRESHED]
        self.all = [
            Question("watched", {"operationId": f"refresh:{of(WATCHED)}"}, 200, [of(WATCHED)]),
            Question("all refreshed", {"allAlerts": True}, 200, list(tenant.alerts)),
            *refreshed,
            Question("failing", {"operationId": f"refresh:{of(FAILING)}"}, 424, problem="operation-failed"),
            Question("unknown", {"operationId": "unknown"}, 424, problem="operation-not-found"),
            Question("cancelled", {"operationId": ENDLESS}, 410, problem="run-cancelled", cancels=True),
        ]

    def of(self, number: int) -> Question:
        return self.all[number % len(self.all)]

    async def scan(self) -> None:
        """Let the watched operations begin, end and begin again, until cancelled."""
        while True:
            self.tenant.start_operation(self.tenant.alert_id(WATCHED), duration=SCAN_SECONDS)
            self.tenant.start_operation(self.tenant.alert_id(FAILING), duration=SCAN_SECONDS, outcome="failed")
            await asyncio.sleep(EVERY_SECONDS)
