"""`python -m emulator graph`: the sample tenant, with a refresh already under way."""

import argparse

from emulator.graph import options
from emulator.graph.server import GraphServer
from emulator.graph.tenant import ALERT_NAMES
from emulator.loopback import serve_until_stopped


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, metavar="N", help="0 takes a free port (the default)")
    parser.add_argument(
        "--alert",
        choices=ALERT_NAMES,
        default="StaleSignInAlert",
        metavar="NAME",
        help="the alert whose refresh starts at once (%(default)s)",
    )
    options.configure(parser)


async def main(arguments: argparse.Namespace) -> int:
    tenant = options.tenant_of(arguments)
    graph = GraphServer(tenant, arguments.port)

    def announce() -> None:
        operation = tenant.start_operation(tenant.alert_id(arguments.alert))
        print(f"Microsoft Graph at {graph.base_url}")
        print(f"Operation {operation.id}")
        print(f"  at {graph.operation_url(operation.id)}", flush=True)

    return await serve_until_stopped(graph, announce)
