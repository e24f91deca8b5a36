"""An alert with what hangs on it: definition, configuration, incidents.

https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementalert?view=graph-rest-beta
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from emulator.graph.errors import JsonObject
from emulator.graph.tenant import samples
from emulator.graph.tenant.report import Report
from emulator.graph.timestamps import NEVER, dotnet


class Alert:
    """What PIM knows about one kind of risk. Tests may change `definition`, `configuration` and `incidents`.

    name: as `StaleSignInAlert`.
    scanned: when it was scanned last; what that scan found is all there is.
    catch_up: takes in the scans that have ended by now, lest they find what came after them.
    """

    def __init__(
        self, name: str, alert_id: str, *, scanned: datetime, incidents: int, catch_up: Callable[[], object]
    ) -> None:
        self.id = alert_id
        self.definition = samples.definition(name, alert_id)
        self.configuration = samples.configuration(name, alert_id)
        self._name = name
        self._catch_up = catch_up
        self._incidents = [samples.incident(name, number) for number in range(incidents)]
        self._made = incidents
        before = Report(scanned=scanned, shown_from=scanned)
        self._reports = [before.followed_by(self._incidents, scanned=scanned, shown_from=scanned)]

    @property
    def incidents(self) -> list[JsonObject]:
        """What is wrong in the tenant now. Add and remove as you like: Graph shows it after the next scan."""
        self._catch_up()
        return self._incidents

    def invent_incidents(self, count: int) -> None:
        """Let `count` more things go wrong in the tenant."""
        self.incidents.extend(samples.incident(self._name, self._made + number) for number in range(count))
        self._made += count

    @property
    def is_enabled(self) -> bool:
        """Whether PIM scans for it."""
        return bool(self.configuration["isEnabled"])

    @is_enabled.setter
    def is_enabled(self, value: bool) -> None:
        self.configuration["isEnabled"] = value

    @property
    def report(self) -> Report:
        """What Graph shows, as of the last `tell`."""
        return self._reports[0]

    def scanned(self, at: datetime, *, shown_from: datetime) -> None:
        """Take in a scan that was completed `at` a time; an older one than the last finds nothing new."""
        last = self._reports[-1]
        if at >= last.scanned:
            self._reports.append(last.followed_by(self._incidents, scanned=at, shown_from=shown_from))

    def tell(self, now: datetime) -> None:
        """Forget the reports before the one that Graph shows now."""
        while len(self._reports) > 1 and self._reports[1].shown_from <= now:
            del self._reports[0]

    def dismiss(self) -> None:
        """Set the alert aside until the next scan; one that was completed already wakes it no more."""
        self._reports = [replace(report, dismissed=True) for report in self._reports]

    def document(self) -> JsonObject:
        report = self.report
        return {
            "id": self.id,
            "alertDefinitionId": self.id,
            "scopeId": "/",
            "scopeType": "DirectoryRole",
            "incidentCount": len(report.incidents),
            "isActive": report.is_active,
            "lastModifiedDateTime": dotnet(report.modified) if report.modified else NEVER,
            "lastScannedDateTime": dotnet(report.scanned),
        }
