"""One invented tenant: its seven alerts, the scans that run on them, and what must go wrong."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from emulator.graph.errors import JsonObject, not_found
from emulator.graph.tenant import samples
from emulator.graph.tenant.alert import Alert
from emulator.graph.tenant.operation import Operation
from emulator.graph.tenant.planning import scan_of
from emulator.graph.tenant.scans import Scans
from emulator.graph.tenant.switches import Switches

DAY = 86_400.0


@dataclass(kw_only=True)
class Tenant(Switches):
    """What tests and commands configure and the server reads. Nothing runs behind it: state follows from `clock`."""

    alerts: dict[str, Alert] = field(init=False)
    scans: Scans = field(init=False, default_factory=Scans)
    _documents: dict[str, JsonObject] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.alerts = {}
        for name in samples.ALERT_NAMES:
            self.alerts[self.alert_id(name)] = Alert(
                name,
                self.alert_id(name),
                scanned=self.now - timedelta(seconds=DAY),
                incidents=self.incident_counts.get(name, samples.count(name)),
                catch_up=self.alerts_now,
            )
        if self.previous_scans:
            for alert_id in self.alerts:
                self.start_operation(alert_id, duration=0, ago=DAY)

    @property
    def now(self) -> datetime:
        """The time on the clock that stamps operations and alerts."""
        return self.clock() - timedelta(seconds=self.skew_seconds)

    def alert_id(self, name: str) -> str:
        """Return the id of the alert `name`, as `StaleSignInAlert`."""
        return f"DirectoryRole_{self.tenant_id}_{name}"

    def alerts_now(self) -> dict[str, Alert]:
        """Return `alerts` with every scan taken in that has ended by now."""
        now = self.now
        for scan in self.scans.take_ended(now):
            if scan.outcome == "succeeded":
                shown_from = scan.ends_at + timedelta(seconds=self.lag_seconds)
                for alert_id in self.alerts.keys() & set(scan.alert_ids):
                    self.alerts[alert_id].scanned(scan.ends_at, shown_from=shown_from)
        for alert in self.alerts.values():
            alert.tell(now)
        return self.alerts

    def alert(self, alert_id: str) -> Alert:
        """Return the alert as it stands now. Raises `GraphError` 404 when there is none."""
        try:
            return self.alerts_now()[alert_id]
        except KeyError as error:
            raise not_found() from error

    def start_operation(
        self, alert_id: str, *, duration: float | None = None, outcome: str | None = None, ago: float = 0.0
    ) -> Operation:
        """Let a scan of one alert be under way, shown at once; it takes the place of one that runs.

        duration, outcome: by default those of the switches; `duration` is seconds.
        ago: how many seconds ago it began; it may be over by now.
        Raises `KeyError` when there is no such alert.
        """
        scan = scan_of(self.alerts[alert_id], self, self.now - timedelta(seconds=ago))
        seconds = self.scan_seconds if duration is None else duration
        return self.begin(replace(scan, duration=timedelta(seconds=seconds), outcome=outcome or scan.outcome))

    def begin(self, scan: Operation) -> Operation:
        """Make `scan` the last one of its id, and return it as Graph will show it."""
        self._documents.pop(scan.id, None)
        before = self.scans.last(scan.id)
        if self.rerun_created == "kept" and before and not self.is_gone(before):
            scan = replace(scan, created=before.created)
        self.scans.begin(scan, self.now)
        return scan

    def put_operation(self, document: JsonObject, *, operation_id: str | None = None) -> None:
        """Serve `document` as it is, but for `@odata.context`, under `operation_id`, by default its own id."""
        self._documents[operation_id or document["id"]] = document

    def operation(self, operation_id: str, root: str) -> JsonObject:
        """Return the operation as it stands now, with URLs below `root`.

        Raises `GraphError` 404 when there is none, or none any more.
        """
        if operation_id in self._documents:
            return self._documents[operation_id]
        scan = self.scans.shown(operation_id, self.now)
        if scan is None or self.is_gone(scan):
            raise not_found()
        return scan.document(self.now, root)

    def is_gone(self, scan: Operation) -> bool:
        """Tell whether the scan ended so long ago that its operation cannot be read any more."""
        kept = self.retention_seconds
        return kept is not None and self.now >= scan.ends_at + timedelta(seconds=kept)

    def throttle_refreshes(self, seconds: float = 315.0) -> None:
        """Answer every refresh with 429 for so long, which by default is longer than most clients care to wait."""
        self.throttled_until = self.clock() + timedelta(seconds=seconds)
