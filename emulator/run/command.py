"""`python -m emulator run`: one call, one wait, one alert; or all of them."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

from emulator.azure import emulated_azure
from emulator.graph import Tenant
from emulator.graph.options import alert_name
from emulator.host.log import configure_logging
from emulator.host.settings import SettingsError
from emulator.host.timing import configure_timing, timing_of
from emulator.host.worker import AppError
from emulator.run.caller import await_result
from emulator.run.doctor import show_doctor
from emulator.run.view import Screen, View

EARLIER_SECONDS = 3.0
"""How long a refresh shows the scan before it: longer than the first poll, so that people see the run wait."""

WATCHED = "StaleSignInAlert"
"""The documented sample: https://learn.microsoft.com/graph/api/longrunningoperation-get?view=graph-rest-beta."""


def configure(parser: argparse.ArgumentParser) -> None:
    target = parser.add_mutually_exclusive_group()
    target.add_argument(
        "--alert",
        type=alert_name,
        metavar="NAME",
        help="refresh this alert; without it the run polls an operation that goes on",
    )
    target.add_argument("--all", action="store_true", help="refresh every alert first, and list them all")
    target.add_argument(
        "--doctor", action="store_true", help="do no run: show what the app says of its deployment, and of some faults"
    )
    parser.add_argument("--json", action="store_true", help="print the result as JSON; the progress goes to stderr")
    parser.add_argument(
        "--scan-seconds", type=float, default=8.0, metavar="S", help="how long the scan takes (%(default)s)"
    )
    parser.add_argument(
        "--outcome",
        choices=["succeeded", "failed", "skipped"],
        default="succeeded",
        help="how the scan ends (%(default)s)",
    )
    configure_timing(parser)


async def main(arguments: argparse.Namespace) -> int:
    """Return 0 when the run ended with a result, or the doctor found nothing wrong without a fault; otherwise 1."""
    configure_logging("critical")
    tenant = Tenant(
        scan_seconds=arguments.scan_seconds,
        outcome=arguments.outcome,
        stale_seconds=EARLIER_SECONDS,
        previous_scans=True,
    )
    screen = Screen(sys.stderr if arguments.json else sys.stdout)
    view = View(screen)
    try:
        async with emulated_azure(Path.cwd(), tenant, timing=timing_of(arguments)) as azure:
            if arguments.doctor:
                return 0 if await show_doctor(azure, screen) else 1
            request = _make_request(arguments, tenant)
            result = await await_result(azure.host.base_url, azure.host.keys.function, request, view)
            calls = len(azure.graph.requests)
    except (SettingsError, AppError) as error:
        print(error, file=sys.stderr)
        return 1
    if result is None:
        return 1
    if not arguments.json:
        view.result(result)
    view.end(result, calls)
    if arguments.json:
        print(json.dumps(result, indent=2))
    else:
        view.suggest()
    return 0


def _make_request(arguments: argparse.Namespace, tenant: Tenant) -> dict[str, Any]:
    if arguments.all:
        return {"allAlerts": True, "expand": ["alertDefinition"]}
    expand = ["alertDefinition", "alertIncidents"]
    if arguments.alert:
        return {"alertId": tenant.alert_id(arguments.alert), "expand": expand}
    return {"operationId": tenant.start_operation(tenant.alert_id(WATCHED)).id, "expand": expand}
