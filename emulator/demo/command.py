"""`python -m emulator demo`: one run that meets an earlier scan, throttling and a kill, with a line for each step."""

import argparse
import asyncio
import os
import signal
import socket
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import aiohttp
from rich.table import Table

from emulator.azure import explain_ignored
from emulator.demo.observer import OtherWayError, start_run
from emulator.demo.pace import REQUEST, Pace
from emulator.demo.script import Script
from emulator.demo.stage import HostError, staged
from emulator.host.log import configure_logging
from emulator.host.settings import SettingsError
from emulator.loopback import HOST
from emulator.ports import explain_port, read_port
from emulator.run.report import report
from emulator.run.view import Screen

KEY = "local"
INTERRUPTED = 130
SHORTEST_POLL_SECONDS = 2


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=read_port, default=7071, metavar="N", help="of the Functions host (%(default)s)")
    parser.add_argument("--once", action="store_true", help="end with the run, not at Ctrl-C")
    parser.add_argument(
        "--poll-seconds",
        type=_read_poll_seconds,
        default=5,
        metavar="S",
        help="from one poll to the next, 2 or more; the demo takes eight times as long (%(default)s)",
    )


async def main(arguments: argparse.Namespace) -> int:
    """Return 0 when the run went as the script says, 1 when it did not, 130 when a signal came first."""
    configure_logging("critical")
    playing = asyncio.create_task(_play(arguments))

    def stop() -> None:
        # The second Ctrl-C of an impatient person must not leave a process behind.
        if not playing.cancelling():
            playing.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        asyncio.get_running_loop().add_signal_handler(number, stop)
    try:
        await playing
    except asyncio.CancelledError:
        return INTERRUPTED
    except (HostError, OtherWayError, SettingsError) as error:
        print(error, file=sys.stderr)
        return 1
    except aiohttp.ClientError as error:
        print(f"The demo expected an answer from the app, but got {error!r}.", file=sys.stderr)
        return 1
    return 0


async def _play(arguments: argparse.Namespace) -> None:
    screen, pace = Screen(sys.stdout), Pace(arguments.poll_seconds)

    def say(topic: str, text: str) -> None:
        now = f"{datetime.now().astimezone():%H:%M:%S}"
        # A narrow terminal folds the text in its own column.
        line = Table.grid(padding=(0, 1))
        line.add_row(f"[dim]{now}[/]", f"[bold]{topic:<8}[/]", text)
        screen.print(line, highlight=False)

    port = _find_port(arguments.port)
    explain_ignored(Path.cwd(), dict(os.environ), *pace.settings)
    async with (
        staged(Path.cwd(), pace.make_tenant(), pace.settings, port=port, key=KEY) as (host, graph),
        aiohttp.ClientSession() as session,
    ):
        observer = await start_run(session, f"http://{HOST}:{port}/api/runs?code={KEY}", REQUEST)
        screen.print(
            f"Open {observer.url} in a browser. The page reloads by itself.\n", soft_wrap=True, highlight=False
        )
        result = await Script(pace, observer, host, graph, say).play()
        for part in report(result):
            screen.print()
            screen.print(part)
        screen.print("\nThe tenant, its people and its alerts are made up.", soft_wrap=True, highlight=False)
        if not arguments.once:
            screen.print("The page stays until you press Ctrl-C.", soft_wrap=True, highlight=False)
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()


def _find_port(port: int) -> int:
    """Return `port`, or a free one for 0. Raises `HostError` when nothing can listen there."""
    try:
        with socket.create_server((HOST, port)) as probe:
            return int(probe.getsockname()[1])
    except OSError as error:
        raise HostError(explain_port(error, port)) from None


def _read_poll_seconds(text: str) -> int:
    """Read `5`. Raises `ArgumentTypeError` for anything else."""
    if not (text.isascii() and text.isdecimal() and int(text) >= SHORTEST_POLL_SECONDS):
        raise argparse.ArgumentTypeError(f"'{text}' is no whole number of {SHORTEST_POLL_SECONDS} or more")
    return int(text)
