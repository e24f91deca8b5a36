"""`python -m emulator start`: serves everything until Ctrl-C, with a refresh under way to watch."""

import argparse
import asyncio
import signal
import sys
from pathlib import Path

from emulator.azure import Azure, emulated_azure
from emulator.graph import Tenant, options
from emulator.host.keys import Keys
from emulator.host.log import configure_logging
from emulator.host.settings import SettingsError
from emulator.host.timing import configure_timing, timing_of
from emulator.host.worker import AppError


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=7071, metavar="N", help="of the Functions host (%(default)s)")
    parser.add_argument("--function-key", default="local", metavar="K", help="opens every function (%(default)s)")
    configure_timing(parser)
    options.configure(parser, scan_seconds=60.0)


async def main(arguments: argparse.Namespace) -> int:
    """Return 0 after SIGINT or SIGTERM, 1 when the app cannot be served."""
    configure_logging("info")
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    tenant = options.tenant_of(arguments)
    try:
        keys = Keys(function=arguments.function_key)
        timing = timing_of(arguments)
        async with emulated_azure(Path.cwd(), tenant, port=arguments.port, keys=keys, timing=timing) as azure:
            _announce(azure, tenant)
            await stopped.wait()
    except (SettingsError, AppError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Cannot listen on 127.0.0.1:{arguments.port}: {error.strerror}.", file=sys.stderr)
        return 1
    return 0


def _announce(azure: Azure, tenant: Tenant) -> None:
    operation = tenant.start_operation(tenant.alert_id("StaleSignInAlert"))
    start = f"  curl -i '{azure.host.base_url}/api/runs?code={azure.host.keys.function}' --json"
    print(f"Microsoft Graph at {azure.graph.base_url}, identity at {azure.identity.base_url}")
    print(f"Listening on {azure.host.base_url}")
    print(f"\nA scan of {tenant.scan_seconds:g} s is under way. Await its alert:\n")
    print(f'{start} \'{{"operationId": "{operation.id}"}}\'\n')
    print("Or let the app refresh it first, or all of them:\n")
    print(f'{start} \'{{"alertId": "StaleSignInAlert"}}\'')
    print(f"{start} '{{\"allAlerts\": true}}'\n")
    print("Ctrl-C ends it all.", flush=True)
