"""Which scan an operation id stands for, now."""

from collections.abc import Iterable
from datetime import datetime

from emulator.graph.tenant.operation import Operation


class Scans:
    """Every scan under the id of its operation.

    All refreshes of an alert share one id, so that a scan may be under way while Graph still shows the one before it.
    """

    def __init__(self) -> None:
        self._by_id: dict[str, list[Operation]] = {}
        self._open: list[Operation] = []

    def begin(self, scan: Operation, now: datetime) -> None:
        """Let `scan` follow the others of its id; one that has not ended is broken off, and finds nothing."""
        others = self._by_id.get(scan.id, [])
        shown = self.shown(scan.id, now)
        self._by_id[scan.id] = [*(others[others.index(shown) :] if shown else others), scan]
        self._open = [other for other in self._open if other.id != scan.id or other.ends_at <= now]
        self._open.append(scan)

    def shown(self, operation_id: str, now: datetime) -> Operation | None:
        """Return the scan that Graph shows under the id, or None when it knows of none yet."""
        scans = self._by_id.get(operation_id, [])
        return next((scan for scan in reversed(scans) if scan.shown_from <= now), None)

    def last(self, operation_id: str) -> Operation | None:
        """Return the scan that began last under the id, whether Graph shows it yet or not."""
        return next(reversed(self._by_id.get(operation_id, [])), None)

    def cover(self, alert_ids: Iterable[str]) -> bool:
        """Tell whether any of the alerts was being scanned, under whatever id, at the last `take_ended`."""
        wanted = set(alert_ids)
        return any(wanted.intersection(scan.alert_ids) for scan in self._open)

    def take_ended(self, now: datetime) -> list[Operation]:
        """Return the scans that have ended since the last call, in the order of their ends."""
        ended = [scan for scan in self._open if scan.ends_at <= now]
        self._open = [scan for scan in self._open if scan.ends_at > now]
        return sorted(ended, key=lambda scan: scan.ends_at)
