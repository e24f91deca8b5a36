"""`python -m emulator demo`: one run that meets an earlier scan, throttling and a kill, told line by line."""

import argparse
import asyncio
import signal
import socket
import sys
from contextlib import suppress
from datetime import datetime
from pathlib import Path

import aiohttp

from emulator.demo.observer import OtherWayError, start_run
from emulator.demo.script import REQUEST, Pace, Script
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
    except OSError as error:
        print(explain_port(error, arguments.port), file=sys.stderr)
        return 1
    return 0


async def _play(arguments: argparse.Namespace) -> None:
    screen, pace = Screen(sys.stdout), Pace(arguments.poll_seconds)

    def say(topic: str, text: str) -> None:
        now = f"{datetime.now().astimezone():%H:%M:%S}"
        screen.print(f"[dim]{now}[/] [bold]{topic:<8}[/] {text}", soft_wrap=True, highlight=False)

    with socket.create_server((HOST, arguments.port)) as probe:
        port = probe.getsockname()[1]
    async with (
        staged(Path.cwd(), pace.make_tenant(), pace.settings, port=port, key=KEY) as (host, graph),
        aiohttp.ClientSession() as session,
    ):
        observer = await start_run(session, f"http://{HOST}:{port}/api/runs?code={KEY}", REQUEST)
        screen.print(f"Open {observer.url} in a browser\n", soft_wrap=True, highlight=False)
        result = await Script(pace, observer, host, graph, say).play()
        for part in report(result):
            screen.print()
            screen.print(part)
        screen.print("\nThe tenant, its people and its alerts are made up.", soft_wrap=True, highlight=False)
        if not arguments.once:
            screen.print("The page stays until Ctrl-C.", soft_wrap=True, highlight=False)
            with suppress(asyncio.CancelledError):
                await asyncio.Event().wait()


def _read_poll_seconds(text: str) -> int:
    """Read `5`. Raises `ValueError` and `ArgumentTypeError` for anything else."""
    seconds = int(text)
    if seconds < SHORTEST_POLL_SECONDS:
        raise argparse.ArgumentTypeError(f"must be {SHORTEST_POLL_SECONDS} or more, not {text}")
    return seconds
