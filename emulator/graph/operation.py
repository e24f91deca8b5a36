"""A scan, seen from outside: a `longRunningOperation` whose state follows from the clock.

https://learn.microsoft.com/graph/api/longrunningoperation-get?view=graph-rest-beta
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from emulator.graph.errors import JsonObject
from emulator.graph.timestamps import dotnet

TERMINAL = {"succeeded", "failed", "skipped"}


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One scan of `alert_ids`; its result will stand at `resource`, a path below roleManagementAlerts."""

    id: str
    alert_ids: tuple[str, ...]
    resource: str
    created: datetime
    duration: timedelta
    not_started: timedelta = timedelta()
    outcome: str = "succeeded"

    @property
    def ends_at(self) -> datetime:
        return self.created + self.duration

    def status(self, now: datetime) -> str:
        if now >= self.ends_at:
            return self.outcome
        return "notStarted" if now < self.created + self.not_started else "running"

    def document(self, now: datetime, root: str) -> JsonObject:
        """Return the operation as Graph sends it at `now`; `root` is the absolute URL of roleManagementAlerts."""
        status = self.status(now)
        last_action = self.created if status == "notStarted" else min(now, self.ends_at)
        return {
            "id": self.id,
            "createdDateTime": dotnet(self.created),
            "lastActionDateTime": dotnet(last_action),
            "resourceLocation": f"{root}/{self.resource}" if status == "succeeded" else "",
            "status": status,
            "statusDetail": "",
        }
