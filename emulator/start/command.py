"""`python -m emulator start`: serves everything until Ctrl-C, with a refresh under way to watch."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from urllib.parse import quote

from emulator.azure import Azure, emulated_azure, real_graph
from emulator.graph import Tenant, options
from emulator.host.functions_host import FunctionsHost
from emulator.host.keys import Keys
from emulator.host.log import configure_logging
from emulator.host.settings import SettingsError
from emulator.host.timing import configure_timing, timing_of
from emulator.host.worker import AppError
from emulator.ports import explain_port, read_port

GRAPH = "https://graph.microsoft.com"
SCAN_SECONDS = 60.0


def configure(parser: argparse.ArgumentParser) -> None:
    parser.usage = "%(prog)s [options]"
    parser.add_argument("--port", type=read_port, default=7071, metavar="N", help="of the Functions host (%(default)s)")
    parser.add_argument("--function-key", default="local", metavar="K", help="opens every function (%(default)s)")
    parser.add_argument(
        "--graph",
        choices=["emulated", "real"],
        default="emulated",
        help="real: the tenant that local.settings.json and the shell name (%(default)s)",
    )
    configure_timing(parser)
    options.configure(parser, scan_seconds=SCAN_SECONDS)


async def main(arguments: argparse.Namespace) -> int:
    """Return 0 after SIGINT or SIGTERM, 1 when the app cannot be served."""
    configure_logging("info")
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        async with _serve(arguments):
            await stopped.wait()
    except (SettingsError, AppError) as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(explain_port(error, arguments.port), file=sys.stderr)
        return 1
    return 0


@asynccontextmanager
async def _serve(arguments: argparse.Namespace) -> AsyncGenerator[None]:
    folder, keys, timing = Path.cwd(), Keys(function=arguments.function_key), timing_of(arguments)
    if arguments.graph == "real":
        async with real_graph(folder, port=arguments.port, keys=keys, timing=timing) as host:
            _warn(options.name_changes(arguments, scan_seconds=SCAN_SECONDS))
            _announce_host(host)
            yield
    else:
        tenant = options.tenant_of(arguments)
        async with emulated_azure(folder, tenant, port=arguments.port, keys=keys, timing=timing) as azure:
            _announce(azure, tenant)
            yield


def _warn(ignored: list[str]) -> None:
    refreshes = os.environ.get("REFRESH_ENABLED", "").strip().lower() in {"true", "1"}
    print(f"THIS IS NOT THE EMULATED GRAPH: {os.environ.get('GRAPH_BASE_URL') or GRAPH}", file=sys.stderr)
    print(
        "Runs read a real tenant, with the identity that azure-identity finds (as after `az login`).", file=sys.stderr
    )
    if ignored:
        print(f"Ignored, since only the emulated tenant has them: {', '.join(ignored)}.", file=sys.stderr)
    if refreshes:
        print("REFRESH_ENABLED is true: a refresh makes dismissed alerts of it active again.", file=sys.stderr)


def _announce_host(host: FunctionsHost) -> None:
    print(f"Listening on {host.base_url}")
    print(f"Page: {host.base_url}/api/alerts?code={quote(host.keys.function, safe='')}")
    print("Ctrl-C ends it.", flush=True)


def _announce(azure: Azure, tenant: Tenant) -> None:
    operation = tenant.start_operation(tenant.alert_id("StaleSignInAlert"))
    api, key = f"{azure.host.base_url}/api", f"?code={quote(azure.host.keys.function, safe='')}"
    runs = f"{api}/runs{key}"
    print(f"Microsoft Graph at {azure.graph.base_url}, identity at {azure.identity.base_url}; the tenant is made up")
    print(f"Listening on {azure.host.base_url}")
    print(f"\nThe page, with its key:\n\n  {api}/alerts{key}\n")
    print(f"A scan of {tenant.scan_seconds:g} s is under way. Await its alert:\n")
    print(f"  curl -i '{runs}' --json '{{\"operationId\": \"{operation.id}\"}}'\n")
    print("Or let the app refresh it first, or all of them:\n")
    print(f"  curl -i '{runs}' --json '{{\"alertId\": \"StaleSignInAlert\"}}'")
    print(f"  curl -i '{runs}' --json '{{\"allAlerts\": true}}'\n")
    print("Ctrl-C ends it all.", flush=True)
