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
    """One scan.

    id: of the operation; every refresh of one alert has the same.
    alert_ids: what it scans; a disabled alert is not among them.
    resource: where its result will stand, a path below roleManagementAlerts, or "" when it will not say.
    began, duration, not_started: the first `not_started` of `duration` nothing happens.
    created: what `createdDateTime` says; a scan that runs again may repeat the time of the first.
    shown_from: until then Graph shows what stood under the id before.
    """

    id: str
    alert_ids: tuple[str, ...]
    resource: str
    began: datetime
    created: datetime
    shown_from: datetime
    duration: timedelta
    not_started: timedelta = timedelta()
    outcome: str = "succeeded"

    @property
    def ends_at(self) -> datetime:
        return self.began + self.duration

    def status(self, now: datetime) -> str:
        if now >= self.ends_at:
            return self.outcome
        return "notStarted" if now < self.began + self.not_started else "running"

    def document(self, now: datetime, root: str) -> JsonObject:
        """Return the operation as Graph sends it at `now`; `root` is the absolute URL of roleManagementAlerts."""
        status = self.status(now)
        last_action = self.began if status == "notStarted" else min(now, self.ends_at)
        return {
            "id": self.id,
            "createdDateTime": dotnet(self.created),
            "lastActionDateTime": dotnet(last_action),
            "resourceLocation": f"{root}/{self.resource}" if self.resource and status == "succeeded" else "",
            "status": status,
            "statusDetail": "",
        }
