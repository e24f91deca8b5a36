"""The scans that refreshes make, as the tenant's switches have them."""

import uuid
from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta

from emulator.graph.tenant.alert import Alert
from emulator.graph.tenant.operation import Operation
from emulator.graph.tenant.switches import Switches


def operation_id(alert_id: str) -> str:
    """Return the id that every refresh of the alert has, see https://learn.microsoft.com/graph/how-to-pim-alerts."""
    return f"refresh:{alert_id}"


def scan_of(alert: Alert, switches: Switches, began: datetime) -> Operation:
    scan = _scan(operation_id(alert.id), [alert], f"alerts/{alert.id}", began, switches)
    if switches.disabled_refresh == "skipped" and not alert.is_enabled:
        return replace(scan, outcome="skipped")
    return scan


def scan_of_all(alerts: Collection[Alert], switches: Switches, began: datetime) -> Operation:
    """Return a scan under an id of its own. Microsoft prints a GUID there, though perhaps not one that ever was."""
    # A tenant can have no alert.
    first = next((alert.id for alert in alerts), "")
    resources = {"collection": "alerts", "alert": f"alerts/{first}", "empty": ""}
    return _scan(str(uuid.uuid4()), alerts, resources[switches.refresh_all_resource], began, switches)


def _scan(scan_id: str, alerts: Collection[Alert], resource: str, began: datetime, switches: Switches) -> Operation:
    return Operation(
        id=scan_id,
        alert_ids=tuple(alert.id for alert in alerts if alert.is_enabled),
        resource=resource,
        began=began,
        created=began,
        shown_from=began,
        duration=timedelta(seconds=switches.scan_seconds),
        not_started=timedelta(seconds=switches.not_started_seconds),
        outcome=switches.outcome,
    )
