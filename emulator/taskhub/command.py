"""`python -m emulator taskhub`: what runs are waiting for, in a process that outlives the hosts that run them."""

import argparse
import asyncio
import signal
import sys
from dataclasses import replace
from pathlib import Path

from emulator.host.hub import TaskHub
from emulator.host.hub.remote import UNLIMITED
from emulator.host.log import configure_logging
from emulator.host.settings import SettingsError, load_local_settings, read_hub_options
from emulator.host.timing import configure_timing, timing_of


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=0, metavar="N", help="0 takes a free one (the default)")
    configure_timing(parser)


async def main(arguments: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM and return 0, or 1 when the port is taken or host.json cannot be used.

    A host.json in the current folder counts, as it does for a host that has a hub of its own.
    """
    configure_logging("info")
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    try:
        load_local_settings(Path.cwd())
        options = replace(read_hub_options(Path.cwd()), timing=timing_of(arguments))
        hub = TaskHub(UNLIMITED, options)
        address = hub.start(arguments.port)
    except SettingsError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"Cannot listen on 127.0.0.1:{arguments.port}: {error.strerror}.", file=sys.stderr)
        return 1
    print(f"Task hub at {address}", flush=True)
    await stopped.wait()
    await asyncio.to_thread(hub.stop)
    return 0
