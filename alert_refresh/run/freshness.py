"""Decides whether a scan is the one that the run waits for. It compares times of Graph's own clocks.

Only when Graph's answer to the refresh has no `Date`, the clock of the task hub takes its place.

One operation id serves every refresh of an alert, so a poll right after the POST can show the end of the previous scan.
And when the operation has succeeded, the alert may show the new scan only a moment later.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from alert_refresh.run.state import Run
from alert_refresh.timestamps import parse_timestamp

STATUS_DETAIL_LIMIT = 1024
"""Characters of `statusDetail` that are kept. Graph sends free text of any length."""

DATE_RESOLUTION = timedelta(seconds=1)
"""An HTTP `Date` has whole seconds. A scan that is dated within that second may be older than the answer, so it does
not count as newer."""

STATUSES = frozenset({"notStarted", "running", "succeeded", "failed", "skipped"})
"""The documented ones."""

# Graph documents `succeeded` and `failed` as terminal. The resource's documentation has `skipped`, the published enum
# does not. An operation that was skipped never starts, and scans nothing.
ENDINGS = ("succeeded", "failed", "skipped")


class Operation(NamedTuple):
    """A view of Graph's `longRunningOperation`. Every property may be missing or null, and new statuses may come.

    https://learn.microsoft.com/graph/api/longrunningoperation-get?view=graph-rest-beta
    """

    sent: Mapping[str, Any]

    @property
    def status(self) -> str | None:
        """The status as sent, or None when Graph sent none."""
        word = self.sent.get("status")
        return word if isinstance(word, str) else None

    @property
    def ending(self) -> str | None:
        """One of `ENDINGS`; None while it may go on. A related Graph API mixes the letter case of such words."""
        word = (self.status or "").lower()
        return word if word in ENDINGS else None

    @property
    def created(self) -> datetime | None:
        return parse_timestamp(self.sent.get("createdDateTime"))

    @property
    def last_moved(self) -> datetime | None:
        """The newest time in the operation; None when it has no readable one."""
        times = (self.created, parse_timestamp(self.sent.get("lastActionDateTime")))
        return max((time for time in times if time), default=None)

    @property
    def resource_location(self) -> str:
        """URL of the alert; "" when Graph sent none, as before the operation has succeeded."""
        location = self.sent.get("resourceLocation")
        return location if isinstance(location, str) else ""


def trim_operation(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the operation as sent, with `statusDetail` cut to `STATUS_DETAIL_LIMIT` characters."""
    detail = sent.get("statusDetail")
    if isinstance(detail, str) and len(detail) > STATUS_DETAIL_LIMIT:
        return {**sent, "statusDetail": detail[: STATUS_DETAIL_LIMIT - 1] + "…"}
    return dict(sent)


def summarize_operation(sent: Mapping[str, Any]) -> dict[str, Any]:
    """Return the id, the status and the times of an operation: no free text of Graph's, and no status of tomorrow."""
    operation = Operation(sent)
    texts = {name: sent.get(name) for name in ("id", "createdDateTime", "lastActionDateTime")}
    return {
        **{name: text if isinstance(text, str) else None for name, text in texts.items()},
        "status": operation.status if operation.status in STATUSES else operation.ending,
    }


def find_earliest(run: Run) -> datetime | None:
    """Return the moment that a scan must not be older than; None when the run accepts every scan."""
    moments = (run.wish.not_before, run.requested_at and run.requested_at + DATE_RESOLUTION)
    return max((moment for moment in moments if moment), default=None)


def is_current(operation: Operation, run: Run) -> bool:
    """Tell whether the operation, as polled, belongs to the scan that the run waits for."""
    earliest = find_earliest(run)
    return earliest is None or bool(operation.last_moved and operation.last_moved >= earliest)


def is_fresh(alert: Mapping[str, Any], run: Run) -> bool | None:
    """Tell whether the alert shows a scan that began after the run asked; None when the run cannot know.

    A run that only watches knows when it saw the operation run: one that was over at the first poll may have ended long
    ago. No run knows when its operation is not dated, or is older than its request or `notBefore`: Graph has joined the
    refresh to a scan that was under way.
    """
    scanned, since = parse_timestamp(alert.get("lastScannedDateTime")), find_earliest(run)
    created = Operation(run.operation or {}).created
    if since is None and run.saw_running:
        since = created
    fresh = scanned >= since if scanned and since else None
    began = max((moment for moment in (run.wish.not_before, run.asked_at) if moment), default=None)
    is_joined = began is not None and (created is None or created < began)
    return None if fresh and is_joined else fresh


def is_disabled(alert: Mapping[str, Any]) -> bool:
    """Tell whether the alert's configuration says that PIM does not scan it."""
    configuration = alert.get("alertConfiguration")
    return isinstance(configuration, Mapping) and configuration.get("isEnabled") is False
