"""What a timer did last and does next, kept over restarts so that a missed run is noticed.

Sources: azure-webjobs-sdk-extensions ScheduleMonitor.cs, ScheduleStatus.cs, StorageScheduleMonitor.cs.
"""

import json
import logging
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from emulator.host.settings import SettingsError
from emulator.host.timers.schedule import Schedule

logger = logging.getLogger("host.timers")

NOT_YET = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class Status:
    """`last` is NOT_YET before the first run; `updated` is when `next` was reckoned."""

    last: datetime
    next: datetime
    updated: datetime

    @classmethod
    def from_json(cls, document: dict[str, str]) -> "Status":
        """Read what `json` returned; raises KeyError, TypeError or ValueError."""
        return cls(
            *(datetime.fromisoformat(document[name]).astimezone(UTC) for name in ("Last", "Next", "LastUpdated"))
        )

    @property
    def json(self) -> dict[str, str]:
        """The keys and times as a function gets them."""
        return {"Last": self.last.isoformat(), "Next": self.next.isoformat(), "LastUpdated": self.updated.isoformat()}


def brought_up_to_date(status: Status, schedule: Schedule, now: datetime) -> Status:
    """Return the status as of a restart: a schedule that was changed meanwhile is never past due."""
    expected, updated = schedule.next_after(status.updated), status.updated
    if expected == status.next:
        return status
    if now > expected:
        expected, updated = schedule.next_after(now), now
    return Status(NOT_YET, expected, updated)


class Statuses:
    """The statuses by function name: in memory, and in a file when there is one. Azure has them in a storage account.

    Raises SettingsError when the file cannot be used.
    """

    def __init__(self, file: Path | None = None) -> None:
        self._file = file
        self._statuses: dict[str, Status] = {}
        if file and file.exists():
            try:
                document = json.loads(file.read_text(encoding="utf-8"))
                self._statuses = {name: Status.from_json(status) for name, status in document.items()}
            except (OSError, ValueError, TypeError, KeyError, AttributeError, OverflowError) as error:
                raise SettingsError(f"{file} does not hold the status of timers; delete it: {error!r}.") from None

    def get(self, name: str) -> Status | None:
        return self._statuses.get(name)

    def put(self, name: str, status: Status) -> None:
        """Remember a status; a file that cannot be written is logged, and the timer goes on."""
        self._statuses[name] = status
        if self._file:
            try:
                self._file.write_text(json.dumps({name: kept.json for name, kept in self._statuses.items()}, indent=2))
            except OSError as error:
                logger.error("The status of the timer %s cannot be kept: %s", name, error)  # noqa: TRY400 -- one line
