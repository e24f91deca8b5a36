"""`python -m emulator run --doctor`: what the app says of the emulated tenant, and of one fault after another."""

import os
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from datetime import timedelta
from typing import Any

import aiohttp
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from emulator.azure import Azure
from emulator.faults import Fault, wall_clock
from emulator.loopback import LoopbackServer
from emulator.tokens import READ

SHADES = {"ok": "green", "warning": "yellow", "failed": "bold red", "skipped": "dim"}


@contextmanager
def _change(holder: object, name: str, value: object) -> Generator[None]:
    """Give an attribute another value for a time."""
    before = getattr(holder, name)
    setattr(holder, name, value)
    yield
    setattr(holder, name, before)


@contextmanager
def _break(server: LoopbackServer, fault: Fault) -> Generator[None]:
    server.faults.append(fault)
    yield
    server.faults.clear()


@contextmanager
def _set(name: str, value: str) -> Generator[None]:
    """Give the app another setting for a time: its doctor reads the environment anew."""
    before = os.environ.get(name)
    os.environ[name] = value
    yield
    if before is None:
        del os.environ[name]
    else:
        os.environ[name] = before


@contextmanager
def _lose_task_hub(azure: Azure) -> Generator[None]:
    # Nothing listens on port 1.
    azure.host.bind_clients("127.0.0.1:1")
    yield
    azure.host.bind_clients()


FAULTS: dict[str, Callable[[Azure], AbstractContextManager[None]]] = {
    "A setting is wrong": lambda _: _set("POLL_MIN_SECONDS", "soon"),
    "The app has no identity": lambda azure: _break(azure.identity, Fault(status=400, json={}, times=None)),
    "Microsoft Graph does not answer": lambda azure: _break(azure.graph, Fault(drop="before headers", times=None)),
    "The tenant has no licence": lambda azure: _change(azure.graph.tenant, "unlicensed", 403),
    "The app has no permission": lambda azure: _change(azure.identity, "roles", []),
    "The app has no permission to refresh": lambda azure: _change(azure.identity, "roles", [READ]),
    "The app has more permission than it needs": lambda _: _set("REFRESH_ENABLED", "false"),
    "The tenant has no alerts": lambda azure: _change(azure.graph.tenant, "alerts", {}),
    "An alert is disabled in PIM": lambda azure: _change(
        next(iter(azure.graph.tenant.alerts.values())), "is_enabled", value=False
    ),
    "The clock of the app is late": lambda azure: _change(
        azure.graph.tenant, "clock", lambda: wall_clock() + timedelta(seconds=90)
    ),
    "The task hub does not answer": _lose_task_hub,
    "Nobody gets the changes of the schedule": lambda _: _set("REFRESH_SCHEDULE", "0 0 6 * * *"),
}
"""What goes wrong, and for how long."""


async def show_doctor(azure: Azure, console: Console) -> bool:
    """Show every check of the tenant, then, for each fault, the checks that are not ok. Return whether all were ok."""
    headers = {"x-functions-key": azure.host.keys.function}
    async with aiohttp.ClientSession(azure.host.base_url, headers=headers) as session:
        report = await _ask(session)
        _show(console, "The emulated tenant", report["checks"])
        for title, fault in FAULTS.items():
            with fault(azure):
                # The app keeps its token until Graph refuses it.
                azure.graph.faults.insert(0, Fault(status=401))
                await _ask(session)
                checks = (await _ask(session))["checks"]
                # Where the app did not get so far, the refusal is still to come.
                azure.graph.faults.clear()
            _show(console, title, [check for check in checks if check["status"] != "ok"])
    return bool(report["status"] == "ok")


async def _ask(session: aiohttp.ClientSession) -> dict[str, Any]:
    async with session.get("/api/doctor") as answer:
        return dict(await answer.json())


def _show(console: Console, title: str, checks: list[dict[str, str]]) -> None:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, show_header=False)
    table.add_column(min_width=17)
    table.add_column(min_width=7)
    table.add_column(overflow="fold")
    for check in checks:
        status = check["status"]
        table.add_row(check["name"], f"[{SHADES[status]}]{status}[/]", escape(check["detail"]))
    console.print(f"\n[bold]{title}[/]", table, sep="\n")
