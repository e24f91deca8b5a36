"""`python -m emulator graph`: the sample tenant, with a refresh already under way."""

import argparse
from http import HTTPStatus

from emulator.faults import Fault
from emulator.graph.errors import odata_error
from emulator.graph.server import GraphServer
from emulator.graph.tenant import ALERT_NAMES, Tenant
from emulator.loopback import serve_until_stopped

POLLS = "^GET [^?]*/operations/"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, metavar="N", help="0 takes a free port (the default)")
    parser.add_argument(
        "--alert",
        choices=ALERT_NAMES,
        default="StaleSignInAlert",
        metavar="NAME",
        help="the alert whose refresh starts at once (%(default)s)",
    )
    parser.add_argument(
        "--scan-seconds", type=float, default=8.0, metavar="S", help="how long a refresh takes (%(default)s)"
    )
    parser.add_argument(
        "--outcome",
        choices=["succeeded", "failed", "skipped"],
        default="succeeded",
        help="how a refresh ends (%(default)s)",
    )
    parser.add_argument(
        "--fail",
        type=failing_poll,
        action="append",
        default=[],
        metavar="STATUS[:COUNT][:RETRY_AFTER]",
        help="let COUNT (1) looks at an operation fail; repeatable",
    )
    parser.add_argument("--retry-after", metavar="SECONDS", help="Retry-After while an operation goes on")


def failing_poll(text: str) -> Fault:
    """Read `429`, `429:2` or `429:2:0.249`. Raises `ValueError` for anything else."""
    status_text, _, rest = text.partition(":")
    count, _, retry_after = rest.partition(":")
    status = HTTPStatus(int(status_text))
    return Fault(
        POLLS,
        status=status,
        headers={"Retry-After": retry_after} if retry_after else {},
        json=odata_error(status.phrase.title().replace(" ", ""), f"{status.description or status.phrase}."),
        times=int(count or 1),
    )


async def main(arguments: argparse.Namespace) -> int:
    tenant = Tenant(
        scan_seconds=arguments.scan_seconds,
        outcome=arguments.outcome,
        retry_after=arguments.retry_after,
        faults=list(arguments.fail),
    )
    graph = GraphServer(tenant, arguments.port)

    def announce() -> None:
        operation = tenant.start_operation(tenant.alert_id(arguments.alert))
        print(f"Microsoft Graph at {graph.base_url}")
        print(f"Operation {operation.id}")
        print(f"  at {graph.operation_url(operation.id)}", flush=True)

    return await serve_until_stopped(graph, announce)
