"""What one scan of an alert found. Graph shows it until a later scan is complete."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Self

from emulator.graph.errors import JsonObject


@dataclass(frozen=True, kw_only=True)
class Report:
    """incidents: as they were when the scan ended.

    modified: when a scan last made new incidents; None for never.
    dismissed: whether an admin has set the alert aside since.
    shown_from: until then Graph shows the report before.
    """

    scanned: datetime
    shown_from: datetime
    incidents: tuple[JsonObject, ...] = ()
    modified: datetime | None = None
    dismissed: bool = False

    @property
    def is_active(self) -> bool:
        return bool(self.incidents) and not self.dismissed

    def followed_by(self, incidents: Iterable[JsonObject], *, scanned: datetime, shown_from: datetime) -> Self:
        """Return the report of the next scan.

        To a scan all incidents of a dismissed alert are new: https://learn.microsoft.com/graph/how-to-pim-alerts.
        """
        found = tuple(dict(incident) for incident in incidents)
        known = set() if self.dismissed else {incident["id"] for incident in self.incidents}
        new = any(incident["id"] not in known for incident in found)
        return type(self)(
            scanned=scanned, shown_from=shown_from, incidents=found, modified=scanned if new else self.modified
        )
