"""What a refresh does: it starts a scan, joins one, or is refused.

https://learn.microsoft.com/graph/api/unifiedrolemanagementalert-refresh?view=graph-rest-beta
"""

import math
from dataclasses import replace
from datetime import timedelta

from emulator.graph.errors import GraphError, bad_request
from emulator.graph.tenant.operation import Operation
from emulator.graph.tenant.planning import operation_id, scan_of, scan_of_all
from emulator.graph.tenant.tenant import Tenant


def refresh(tenant: Tenant, alert_id: str) -> Operation:
    """Refresh one alert. Raises `GraphError` 404, 429, and as the switches say 400 and 409."""
    _refuse_while_throttled(tenant)
    alert = tenant.alert(alert_id)
    if not alert.is_enabled and tenant.disabled_refresh == "refused":
        raise bad_request("The alert is disabled by its configuration.")
    last = tenant.scans.last(operation_id(alert_id))
    running = last if last and last.ends_at > tenant.now else None
    if tenant.second_refresh == "conflict" and (running or tenant.scans.cover([alert_id])):
        raise _conflict()
    if tenant.second_refresh == "joins" and running:
        return running
    scan = scan_of(alert, tenant, tenant.now)
    if running:
        # Whatever was shown beside the scan that is now broken off goes on being shown.
        return tenant.begin(replace(scan, shown_from=running.shown_from))
    return tenant.begin(_shown_later(scan, tenant))


def refresh_all(tenant: Tenant) -> Operation:
    """Refresh every alert: each time a scan of its own. Raises `GraphError` 429, and as the switches say 409."""
    _refuse_while_throttled(tenant)
    alerts = tenant.alerts_now()
    if tenant.second_refresh == "conflict" and tenant.scans.cover(alerts):
        raise _conflict()
    return tenant.begin(_shown_later(scan_of_all(alerts.values(), tenant, tenant.now), tenant))


def _shown_later(scan: Operation, tenant: Tenant) -> Operation:
    before = tenant.scans.shown(scan.id, tenant.now)
    seconds = tenant.stale_seconds if before and not tenant.is_gone(before) else tenant.unready_seconds
    return replace(scan, shown_from=scan.began + timedelta(seconds=seconds))


def _refuse_while_throttled(tenant: Tenant) -> None:
    if tenant.throttled_until is not None and (left := tenant.throttled_until - tenant.clock()) > timedelta():
        headers = {"Retry-After": str(math.ceil(left.total_seconds()))}
        raise GraphError(429, "TooManyRequests", "Too many requests. Please try again later.", headers)


def _conflict() -> GraphError:
    return GraphError(409, "Conflict", "The alert is being refreshed already.")
