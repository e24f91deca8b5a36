"""Graph's `longRunningOperation`, read with care: every property may be missing or null, and the enum is open.

https://learn.microsoft.com/graph/api/longrunningoperation-get?view=graph-rest-beta
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal, NamedTuple

from domain.timestamps import parse_timestamp

# Graph names `succeeded` and `failed` as terminal. `skipped` stands in the resource's documentation though not in the
# published enum: an operation that was skipped will not start any more, and scanned nothing.
ENDINGS: Mapping[str, Literal["succeeded", "failed", "skipped"]] = {
    "succeeded": "succeeded",
    "failed": "failed",
    "skipped": "skipped",
}

PROPERTIES = frozenset({"id", "createdDateTime", "lastActionDateTime", "resourceLocation", "status", "statusDetail"})
"""What Graph documents; more may come unannounced."""

STATUS_DETAIL_LIMIT = 1024
"""Characters of `statusDetail` that are kept: it is free text of any length."""


class Operation(NamedTuple):
    """A view of one operation as Graph sent it."""

    sent: Mapping[str, Any]

    @property
    def status(self) -> str | None:
        """The status word as sent, or None when Graph sent none."""
        word = self.sent.get("status")
        return word if isinstance(word, str) else None

    @property
    def ending(self) -> Literal["succeeded", "failed", "skipped"] | None:
        """How the operation ended, or None while it may still go on. The sibling API mixes the case of its words."""
        return ENDINGS.get((self.status or "").lower())

    @property
    def created(self) -> datetime | None:
        return parse_timestamp(self.sent.get("createdDateTime"))

    @property
    def last_moved(self) -> datetime | None:
        """The newest time the operation carries (server clock), or None when it carries no readable one."""
        times = (self.created, parse_timestamp(self.sent.get("lastActionDateTime")))
        return max((time for time in times if time), default=None)

    @property
    def resource_location(self) -> str:
        """URL of the alert; empty unless the operation succeeded."""
        location = self.sent.get("resourceLocation")
        return location if isinstance(location, str) else ""

    def trimmed(self) -> dict[str, Any]:
        """Return the operation as sent, with `statusDetail` cut to `STATUS_DETAIL_LIMIT` characters."""
        detail = self.sent.get("statusDetail")
        if isinstance(detail, str) and len(detail) > STATUS_DETAIL_LIMIT:
            return {**self.sent, "statusDetail": detail[: STATUS_DETAIL_LIMIT - 1] + "…"}
        return dict(self.sent)
