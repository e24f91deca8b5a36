"""One invented tenant: its seven alerts, the refreshes that run on them, and what shall go wrong."""

import uuid
from dataclasses import dataclass, field
from datetime import timedelta

from emulator.faults import Traffic
from emulator.graph.alert import SAMPLES, Alert
from emulator.graph.errors import JsonObject
from emulator.graph.operation import Operation
from emulator.tokens import TENANT_ID

ALERT_NAMES = tuple(SAMPLES)


@dataclass(kw_only=True)
class Tenant(Traffic):
    """What tests and commands configure and the server reads. Nothing runs behind it: state follows from `clock`.

    scan_seconds, outcome: how long a refresh takes and how it ends, unless said otherwise.
    retry_after: `Retry-After` of a 200 while an operation is not terminal.
    page_size: how many items a page of a collection holds at most; None for all.
    """

    tenant_id: str = TENANT_ID
    scan_seconds: float = 8.0
    outcome: str = "succeeded"
    retry_after: str | None = None
    page_size: int | None = None
    alerts: dict[str, Alert] = field(init=False)
    _operations: dict[str, Operation | JsonObject] = field(init=False, default_factory=dict)
    _scans: dict[str, Operation] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        yesterday = self.clock() - timedelta(days=1)
        ids = {self.alert_id(name): name for name in ALERT_NAMES}
        self.alerts = {alert_id: Alert.sample(name, alert_id, yesterday) for alert_id, name in ids.items()}

    def alert_id(self, name: str) -> str:
        """Return the id of the alert `name`, as `StaleSignInAlert`."""
        return f"DirectoryRole_{self.tenant_id}_{name}"

    def alerts_now(self) -> dict[str, Alert]:
        """Return `alerts` with every scan taken in that has ended by now."""
        now = self.clock()
        ended = [scan for scan in self._scans.values() if now >= scan.ends_at]
        for scan in sorted(ended, key=lambda scan: scan.ends_at):
            del self._scans[scan.id]
            if scan.outcome == "succeeded":
                for alert_id in scan.alert_ids:
                    self.alerts[alert_id].scanned(scan.ends_at)
        return self.alerts

    def start_operation(
        self, alert_id: str, *, duration: float | None = None, not_started: float = 0.0, outcome: str | None = None
    ) -> Operation:
        """Refresh one alert; the operation id is the same every time, and a new scan takes the place of a running one.

        duration: seconds to the terminal state, `scan_seconds` by default; for the first `not_started` nothing happens.
        Raises `KeyError` when there is no such alert.
        """
        operation = Operation(
            id=f"refresh:{alert_id}",
            alert_ids=(self.alerts[alert_id].id,),
            resource=f"alerts/{alert_id}",
            created=self.clock(),
            duration=timedelta(seconds=self.scan_seconds if duration is None else duration),
            not_started=timedelta(seconds=not_started),
            outcome=outcome or self.outcome,
        )
        return self._begin(operation)

    def start_all(self, *, duration: float | None = None, outcome: str | None = None) -> Operation:
        """Refresh every alert, under an id of its own.

        Graph does not say where the result stands; here it is the collection, as with Azure Resource Manager's alerts.
        """
        operation = Operation(
            id=str(uuid.uuid4()),
            alert_ids=tuple(self.alerts),
            resource="alerts",
            created=self.clock(),
            duration=timedelta(seconds=self.scan_seconds if duration is None else duration),
            outcome=outcome or self.outcome,
        )
        return self._begin(operation)

    def put_operation(self, document: JsonObject, *, operation_id: str | None = None) -> None:
        """Serve `document` as it is, but for `@odata.context`, under `operation_id`, by default its own id."""
        self._operations[operation_id or document["id"]] = document

    def operation(self, operation_id: str, root: str) -> JsonObject:
        """Return the operation as it stands now, with URLs below `root`. Raises `KeyError` when there is none."""
        operation = self._operations[operation_id]
        return operation.document(self.clock(), root) if isinstance(operation, Operation) else operation

    def _begin(self, operation: Operation) -> Operation:
        self.alerts_now()
        self._operations[operation.id] = self._scans[operation.id] = operation
        return operation
