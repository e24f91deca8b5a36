"""The command line switches that say how exact durable timers are."""

import argparse

from emulator.host.hub import Timing

EARLIEST_SECONDS = 1.0
"""Azure Storage cuts the fractions of a second off."""


def configure_timing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--timers-early",
        type=_early,
        default=0.0,
        metavar="SECONDS",
        help="let durable timers fire up to so much before their time, at most 1, as in Azure (%(default)s)",
    )
    parser.add_argument(
        "--timers-late",
        type=_seconds,
        default=0.0,
        metavar="SECONDS",
        help="let durable timers fire so much after their time; 13 is usual on a quiet hub in Azure (%(default)s)",
    )


def timing_of(arguments: argparse.Namespace) -> Timing:
    """Return what the switches say."""
    return Timing(early_seconds=arguments.timers_early, late_seconds=arguments.timers_late)


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
