"""An alert with what hangs on it: definition, configuration, incidents.

https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementalert?view=graph-rest-beta
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from emulator.graph.errors import JsonObject
from emulator.graph.timestamps import NEVER, dotnet

SAMPLES: dict[str, Any] = json.loads(Path(__file__).with_name("alerts.json").read_text(encoding="utf-8"))
SCOPE = {"scopeType": "DirectoryRole", "scopeId": "/"}


@dataclass(kw_only=True)
class Alert:
    """What PIM knows about one kind of risk; tests may change any of it."""

    id: str
    definition: JsonObject
    configuration: JsonObject
    incidents: list[JsonObject]
    is_active: bool
    last_modified: datetime | None
    last_scanned: datetime

    @classmethod
    def sample(cls, name: str, alert_id: str, last_scanned: datetime) -> Self:
        """Return the alert `name` of the invented tenant in alerts.json."""
        sample = SAMPLES[name]
        configuration = sample["configuration"]
        incidents = [{"@odata.type": sample["incidentType"], **incident} for incident in sample["incidents"]]
        return cls(
            id=alert_id,
            definition={"id": alert_id, **sample["definition"]},
            configuration={
                "@odata.type": configuration["@odata.type"],
                "id": alert_id,
                "alertDefinitionId": alert_id,
                **SCOPE,
                **configuration,
            },
            incidents=incidents,
            is_active=bool(incidents),
            last_modified=last_scanned if incidents else None,
            last_scanned=last_scanned,
        )

    def scanned(self, at: datetime) -> None:
        """Take in a scan: it also wakes an alert that someone dismissed, see https://learn.microsoft.com/graph/how-to-pim-alerts."""
        self.last_scanned = at
        if self.is_active != bool(self.incidents):
            self.is_active = bool(self.incidents)
            self.last_modified = at

    def document(self) -> JsonObject:
        return {
            "id": self.id,
            "alertDefinitionId": self.id,
            "scopeId": "/",
            "scopeType": "DirectoryRole",
            "incidentCount": len(self.incidents),
            "isActive": self.is_active,
            "lastModifiedDateTime": dotnet(self.last_modified) if self.last_modified else NEVER,
            "lastScannedDateTime": dotnet(self.last_scanned),
        }

    def expanded(self, navigations: Iterable[str], root: str) -> JsonObject:
        """Return the keys that `$expand` adds; `root` is the absolute URL of roleManagementAlerts' metadata."""
        added: JsonObject = {}
        for navigation in sorted(navigations):
            if navigation == "alertDefinition":
                added[navigation] = self.definition
            elif navigation == "alertConfiguration":
                added[navigation] = self.configuration
            else:
                added["alertIncidents@odata.context"] = f"{root}/alerts('{self.id}')/alertIncidents"
                added[navigation] = self.incidents
        return added
