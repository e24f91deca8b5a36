"""`python -m emulator run`: one call, one wait, one alert."""

import argparse
import json
import os
import sys
from pathlib import Path

from rich.console import Console

from emulator.azure import emulated_azure
from emulator.graph import Tenant
from emulator.graph.options import STALE_SECONDS
from emulator.host.log import configure_logging
from emulator.host.settings import SettingsError
from emulator.host.worker import AppError
from emulator.run.caller import await_alert
from emulator.run.view import View

SHORT_WAITS = {"POLL_MIN_SECONDS": "1", "POLL_MAX_SECONDS": "2"}
"""A real scan takes minutes and is looked at twice a minute; this one takes seconds."""


def configure(parser: argparse.ArgumentParser) -> None:
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


async def main(arguments: argparse.Namespace) -> int:
    """Return 0 when the run ended with the alert, 1 when it did not."""
    configure_logging("critical")
    for name, value in SHORT_WAITS.items():
        os.environ.setdefault(name, value)
    tenant = Tenant(
        scan_seconds=arguments.scan_seconds,
        outcome=arguments.outcome,
        stale_seconds=STALE_SECONDS,
        previous_scans=True,
    )
    view = View(Console(stderr=arguments.json))
    try:
        async with emulated_azure(Path.cwd(), tenant) as azure:
            operation = tenant.start_operation(tenant.alert_id("StaleSignInAlert"))
            result = await await_alert(azure.host.base_url, azure.host.keys.function, operation.id, view)
    except (SettingsError, AppError) as error:
        print(error, file=sys.stderr)
        return 1
    if result is None:
        return 1
    if arguments.json:
        print(json.dumps(result, indent=2))
    else:
        view.alert(result)
    return 0
