"""`python -m benchmarks.runs.graph`: an emulated Graph that begins a scan when it is given the duration.

Each line of its input is a number of seconds. Whoever polls the operation until then is asked to come back at the
end, so that all runs do at one moment.
"""

import asyncio
import sys
from datetime import timedelta
from email.utils import format_datetime

from emulator.graph import GraphServer, Tenant

SCANNED, ENDED = "StaleSignInAlert", "NoMfaOnRoleActivationAlert"
"""The alert that is scanned, and one whose scan ended yesterday."""
MARGIN_SECONDS = 1.0
"""Retry-After names whole seconds: the scan ends that long before the moment named."""


async def main() -> None:
    tenant = Tenant(previous_scans=True)
    async with GraphServer(tenant) as graph:
        _print(f"Listening on {graph.base_url}")
        while line := await asyncio.to_thread(sys.stdin.readline):
            until = (tenant.clock() + timedelta(seconds=float(line))).replace(microsecond=0)
            lasts = (until - tenant.clock()).total_seconds() - MARGIN_SECONDS
            tenant.retry_after = format_datetime(until, usegmt=True)
            operation = tenant.start_operation(tenant.alert_id(SCANNED), duration=lasts)
            _print(f"Due at {until.timestamp()}")
            _print(f"Operation {operation.id}")


def _print(text: str) -> None:
    print(text, flush=True)  # noqa: T201 - the bench reads it


if __name__ == "__main__":
    asyncio.run(main())
