"""`python -m emulator host`: serves the app in the current folder until a signal stops it."""

import argparse
import asyncio
import os
import signal
import sys
from pathlib import Path
from typing import TextIO

from emulator.host.functions_host import FunctionsHost
from emulator.host.hub import HubAwayError, Timing
from emulator.host.keys import Keys
from emulator.host.log import configure_logging
from emulator.host.settings import SettingsError, load_local_settings
from emulator.host.timing import configure_timing, timing_of
from emulator.host.worker import AppError, Function, Kind

KEY_OPTIONS = {"function": "opens every function", "system": "opens the durable management API", "master": "opens all"}


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--port", type=int, default=7071, help="0 takes a free one (default: %(default)s)")
    for name, meaning in KEY_OPTIONS.items():
        parser.add_argument(f"--{name}-key", help=f"{meaning} (default: random, printed once)")
    parser.add_argument(
        "--timer-status",
        type=Path,
        metavar="FILE",
        help="where timers leave word of their last run, for the next start to make up for a missed one",
    )
    parser.add_argument(
        "--task-hub",
        metavar="ADDRESS",
        help="of `python -m emulator taskhub`, which outlives the host (default: one of its own)",
    )
    parser.add_argument("--no-local-settings", action="store_true", help="take settings from the environment alone")
    configure_timing(parser)
    parser.add_argument(
        "--log-level", choices=["debug", "info", "warning", "error"], default="info", help="(default: %(default)s)"
    )


async def main(arguments: argparse.Namespace) -> int:
    """Serve until SIGINT or SIGTERM and return 0; return 1 when the app cannot be served."""
    named = {name: getattr(arguments, f"{name}_key") for name in KEY_OPTIONS}
    folder, timing = Path.cwd(), timing_of(arguments)
    if arguments.task_hub and timing != Timing():
        _say("Times are those of the task hub: give the switches of timing to its command.", sys.stderr)
        return 1
    configure_logging(arguments.log_level)
    try:
        for name in [] if arguments.no_local_settings else load_local_settings(folder):
            _say(f"Skipped {name} of local.settings.json: it is set already, or is not a string.", sys.stderr)
        keys = Keys(**{name: key for name, key in named.items() if key})
        host = FunctionsHost(folder, arguments.port, keys, arguments.timer_status, arguments.task_hub or timing)
        await _serve(host, [name for name, key in named.items() if not key])
    except (SettingsError, AppError, HubAwayError) as error:
        _say(str(error), sys.stderr)
        return 1
    except OSError as error:
        _say(f"Cannot listen on 127.0.0.1:{arguments.port}: {error.strerror}.", sys.stderr)
        return 1
    if host.abandoned:
        _say("Stopped while functions were running; they end with the process, as in Azure.", sys.stderr)
        os._exit(0)  # the interpreter would wait for their threads
    return 0


async def _serve(host: FunctionsHost, made_up: list[str]) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    async with host:
        _say("Functions:")
        for function in host.functions:
            _say(f"  {_describe(host, function)}")
        for name in made_up:
            _say(f"{name} key: {getattr(host.keys, name)}")
        _say(f"Listening on {host.base_url}")
        await stopped.wait()


def _describe(host: FunctionsHost, function: Function) -> str:
    if function.kind is None:
        return f"{function.name}: {function.trigger_type}, which is not emulated"
    if function.kind is Kind.TIMER:
        return f"{function.name}: {host.timer(function)}"
    if function.kind is not Kind.HTTP:
        return f"{function.name}: {function.kind}"
    methods = ",".join(sorted(function.methods)) or "any method"
    return f"{function.name}: [{methods}] {host.base_url}/{host.route(function)} ({function.auth_level})"


def _say(text: str, file: TextIO | None = None) -> None:
    (file or sys.stdout).write(f"{text}\n")
    (file or sys.stdout).flush()
