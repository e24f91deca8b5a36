"""The switches that say how far the task hub misses its times; every command with a hub has the group."""

import argparse

from emulator.host.hub import Timing

EARLIEST_SECONDS = 1.0
"""Azure Storage cuts the fractions of a second off."""
EXACT = Timing()


def configure_timing(parser: argparse.ArgumentParser, default: Timing = EXACT) -> None:
    group = parser.add_argument_group("timing", "How far the task hub misses its times. In Azure it always does.")
    group.add_argument(
        "--timers-early",
        type=_early,
        default=default.early_seconds,
        metavar="SECONDS",
        help="let durable timers fire up to so much before their time, at most 1 (%(default)g)",
    )
    group.add_argument(
        "--timers-late",
        type=_seconds,
        default=default.late_seconds,
        metavar="SECONDS",
        help="let durable timers fire so much after their time; 13 is usual on a quiet hub (%(default)g)",
    )
    group.add_argument(
        "--starts-late",
        type=_seconds,
        default=default.start_seconds,
        metavar="SECONDS",
        help="let what is started stay pending for so long; 0.1 is usual (%(default)g)",
    )


def timing_of(arguments: argparse.Namespace) -> Timing:
    """Return what the switches say."""
    return Timing(
        early_seconds=arguments.timers_early,
        late_seconds=arguments.timers_late,
        start_seconds=arguments.starts_late,
    )


def switches_of(timing: Timing) -> list[str]:
    """Return the switches that say it, for a hub in a process of its own."""
    return [
        f"--timers-early={timing.early_seconds}",
        f"--timers-late={timing.late_seconds}",
        f"--starts-late={timing.start_seconds}",
    ]


def _seconds(text: str) -> float:
    """Read `13` or `0.5`. Raises `ValueError` and `ArgumentTypeError` for anything else."""
    seconds = float(text)
    if not 0 <= seconds < float("inf"):
        raise argparse.ArgumentTypeError(f"must be 0 or more seconds, not {text}")
    return seconds


def _early(text: str) -> float:
    seconds = _seconds(text)
    if seconds > EARLIEST_SECONDS:
        raise argparse.ArgumentTypeError(f"must be at most {EARLIEST_SECONDS:g} second, not {text}")
    return seconds
