"""How a tenant behaves. What Microsoft documents is not for choosing; there is a switch where it says nothing."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from emulator.faults import Traffic
from emulator.tokens import TENANT_ID


@dataclass(kw_only=True)
class Switches(Traffic):
    """Any of them may be set at any time, but for the first three, which say what the tenant is like at its beginning.

    Times are seconds on the tenant's clock.
    """

    tenant_id: str = TENANT_ID
    incident_counts: Mapping[str, int] = field(default_factory=dict)
    """How many incidents an alert begins with, by its name as `StaleSignInAlert`; otherwise those in alerts.json."""
    previous_scans: bool = False
    """Every alert was refreshed a day ago, and its operation still says so."""

    # A scan
    scan_seconds: float = 8.0
    """From a refresh to its end."""
    not_started_seconds: float = 0.0
    """Of these, how long nothing happens."""
    outcome: str = "succeeded"
    """How a scan ends."""
    lag_seconds: float = 0.0
    """How long an alert shows the scan before, after the operation has succeeded."""
    skew_seconds: float = 0.0
    """How far the clock that stamps operations and alerts is behind the one that stamps `Date`."""

    # An operation
    stale_seconds: float = 0.0
    """How long after a refresh its operation shows the scan before, if there was one."""
    unready_seconds: float = 0.0
    """How long after a refresh its operation is a 404, if there was no scan before."""
    rerun_created: Literal["reset", "kept"] = "reset"
    """What becomes of `createdDateTime` when an alert is refreshed again; Microsoft does not say."""
    refresh_all_resource: Literal["collection", "alert", "empty"] = "collection"
    """Where `resourceLocation` leads after a refresh of all: `collection` is that of Azure Resource Manager."""
    retention_seconds: float | None = None
    """How long an operation can be read after its end, before it is a 404; None for ever."""
    retry_after: str | None = None
    """`Retry-After` of the 202, and of a 200 while the operation is not terminal."""

    # A refresh
    second_refresh: Literal["joins", "restarts", "conflict"] = "joins"
    """What a refresh does while the alert is scanned: nothing more, a scan anew, or 409."""
    disabled_refresh: Literal["succeeded", "skipped", "refused"] = "succeeded"
    """How the refresh of a disabled alert ends, which is not scanned in any case; `refused` is a 400 at once."""
    location: Literal["absolute", "relative", "missing"] = "absolute"
    """The form of `Location`. Microsoft shows the absolute one; other parts of Graph send a path."""
    throttled_until: datetime | None = None
    """Until then a refresh is a 429; see `Tenant.throttle_refreshes`."""

    # A list
    page_size: int | None = None
    """How many items a page of a collection holds at most; None for all."""
    expand_limit: int | None = None
    """How many incidents `$expand` brings at most; None for all. `incidentCount` counts them all."""

    # Who may ask
    granted: Collection[str] | None = None
    """The application permissions that count, whatever more the token says; None leaves it to the token."""
    unlicensed: Literal[400, 403] | None = None
    """The status by which a tenant without Microsoft Entra ID P2 is refused everything; None has the license."""
