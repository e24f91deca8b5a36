"""The tenant that makes one run meet three obstacles, and how fast all of it goes."""

from dataclasses import dataclass

from emulator.faults import Fault
from emulator.graph import Tenant
from emulator.graph.options import POLLS, failing_poll

ALERT = "StaleSignInAlert"
REQUEST = {"alertId": ALERT, "expand": ["alertDefinition", "alertIncidents"]}


@dataclass(frozen=True)
class Pace:
    """All times of the demo, in seconds. They leave room for a slow machine."""

    poll: int
    """From one poll to the next. The demo takes about eight times as long."""

    @property
    def retry_after(self) -> int:
        """More than the run would wait without it."""
        return 2 * self.poll

    @property
    def settings(self) -> dict[str, str]:
        """Those of the app."""
        return {"REFRESH_ENABLED": "true", "POLL_MIN_SECONDS": str(self.poll), "POLL_MAX_SECONDS": str(self.poll)}

    def make_tenant(self) -> Tenant:
        """Return a tenant where one more thing is wrong than its last scan found, a day ago.

        Poll 1 shows the earlier scan, poll 2 is throttled, poll 3 shows the new scan.
        """
        tenant = Tenant(
            scan_seconds=6.2 * self.poll,
            stale_seconds=3.5 * self.poll,
            previous_scans=True,
            faults=[Fault(POLLS, times=1), failing_poll(f"429:1:{self.retry_after}")],
        )
        tenant.alerts[tenant.alert_id(ALERT)].invent_incidents(1)
        return tenant
