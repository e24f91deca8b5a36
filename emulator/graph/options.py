"""The command line options that describe the tenant; `Switches` explains each of them."""

import argparse
from dataclasses import fields
from http import HTTPStatus
from typing import Any

from emulator.faults import Fault
from emulator.graph.errors import odata_error
from emulator.graph.tenant import ALERT_NAMES, Tenant
from emulator.tokens import READ

POLLS = "^GET [^?]*/operations/"
STALE_SECONDS = 2.0
"""A tenant that people watch shows for a moment what every real one may show: the scan before."""
SECONDS: dict[str, Any] = {"type": float, "metavar": "S"}
ITEMS: dict[str, Any] = {"type": int, "metavar": "N"}
SWITCHES: dict[str, dict[str, Any]] = {
    "scan_seconds": SECONDS | {"help": "how long a refresh takes (%(default)g)"},
    "outcome": {"choices": ["succeeded", "failed", "skipped"], "help": "how a refresh ends (%(default)s)"},
    "stale_seconds": SECONDS | {"help": "how long a refresh shows the scan before it (%(default)g)"},
    "unready_seconds": SECONDS | {"help": "how long an operation answers 404; with it, no alert has an earlier scan"},
    "lag_seconds": SECONDS | {"help": "how long an alert lags behind the end of its refresh (%(default)g)"},
    "retention_seconds": SECONDS | {"help": "how long a refresh can be read after its end (for ever)"},
    "retry_after": {"metavar": "SECONDS", "help": "Retry-After while a refresh goes on"},
    "second_refresh": {
        "choices": ["joins", "restarts", "conflict"],
        "help": "what another refresh does while one goes on (%(default)s)",
    },
    "disabled_refresh": {
        "choices": ["succeeded", "skipped", "refused"],
        "help": "how the refresh of a disabled alert ends (%(default)s)",
    },
    "page_size": ITEMS | {"help": "how many items a page holds (all)"},
    "expand_limit": ITEMS | {"help": "how many incidents $expand brings (all)"},
    "unlicensed": {"type": int, "choices": [400, 403], "help": "refuse everything, for want of Entra ID P2"},
}


def incident_count(text: str) -> tuple[str, int]:
    """Read `StaleSignInAlert=5000`. Raises `ValueError` and `ArgumentTypeError` for anything else."""
    name, _, count = text.partition("=")
    return alert_name(name), int(count)


def alert_name(text: str) -> str:
    """Read `StaleSignInAlert`, in any letter case. Raises `ArgumentTypeError` for anything else."""
    for name in ALERT_NAMES:
        if name.lower() == text.lower():
            return name
    raise argparse.ArgumentTypeError(f"there is no alert '{text}'; there are {', '.join(ALERT_NAMES)}")


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


REPEATED = [
    ("--incidents", incident_count, "ALERT=N", "how many incidents an alert begins with"),
    ("--disable", alert_name, "ALERT", "an alert that its configuration disables"),
    ("--fail", failing_poll, "STATUS[:COUNT][:RETRY_AFTER]", "let COUNT (1) polls of an operation fail"),
]


def configure(parser: argparse.ArgumentParser, **defaults: float) -> None:
    """Add the options; `defaults` are switches that a command wants otherwise than `Switches` has them."""
    usual = {field.name: field.default for field in fields(Tenant)} | {"stale_seconds": STALE_SECONDS} | defaults
    tenant = parser.add_argument_group("the tenant")
    for name, option in SWITCHES.items():
        tenant.add_argument(f"--{name.replace('_', '-')}", default=usual[name], **option)
    tenant.add_argument("--read-only", action="store_true", help="refuse to refresh and to dismiss")
    tenant.add_argument("--throttle", **SECONDS, help="answer refreshes with 429 for so long")
    for flag, read, metavar, meaning in REPEATED:
        tenant.add_argument(
            flag, type=read, action="append", default=[], metavar=metavar, help=f"{meaning}; repeatable"
        )


def tenant_of(arguments: argparse.Namespace) -> Tenant:
    """Return the tenant that the options describe."""
    tenant = Tenant(
        previous_scans=not arguments.unready_seconds,
        incident_counts=dict(arguments.incidents),
        granted=[READ] if arguments.read_only else None,
        faults=list(arguments.fail),
        **{name: getattr(arguments, name) for name in SWITCHES},
    )
    for name in arguments.disable:
        tenant.alerts[tenant.alert_id(name)].is_enabled = False
    if arguments.throttle:
        tenant.throttle_refreshes(arguments.throttle)
    return tenant


def name_changes(arguments: argparse.Namespace, **defaults: float) -> list[str]:
    """Return the options of the tenant that have another value than the default; `defaults` as for `configure`."""
    parser = argparse.ArgumentParser()
    configure(parser, **defaults)
    usual = vars(parser.parse_args([]))
    return [f"--{name.replace('_', '-')}" for name, value in usual.items() if getattr(arguments, name) != value]
