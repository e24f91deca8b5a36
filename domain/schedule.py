"""When to look next. All of the policy is here: how often while it runs, and how to back off when Graph has trouble."""

import hashlib

PLAIN_SECONDS = 30.0
SPREAD = 0.1
"""Jitter only adds: up to this share, so that runs which met the same trouble do not all come back at once."""


def while_running(shortest: float, longest: float) -> float:
    """Return the seconds to wait before the next look at an operation that still runs."""
    return min(max(PLAIN_SECONDS, shortest), longest)


def after_trouble(failures: int, shortest: float, longest: float, *, seed: str) -> float:
    """Return the seconds to wait after the `failures`-th (1, 2, …) look in a row that gave no answer.

    Doubles from `shortest` to `longest`. The jitter comes from `seed`, since an orchestrator must replay the same.
    """
    # Past 2 ** 30 the cap has long been reached; the power of an unbounded count would overflow.
    wait = min(shortest * 2.0 ** min(failures - 1, 30), longest)
    share = int.from_bytes(hashlib.sha256(f"{seed}/{failures}".encode()).digest()[:4]) / 2**32
    return wait * (1 + SPREAD * share)


def fitted(seconds: float, at_least: float, remaining: float) -> float | None:
    """Return the seconds to wait: `at_least` what was asked for, no longer than what remains to the deadline.

    None when nothing remains, or less than was asked for: then it is too late.
    """
    if remaining <= 0 or at_least > remaining:
        return None
    return min(max(seconds, at_least), remaining)
