"""When to ask Graph again. The whole policy is here: two functions and one bound."""

import hashlib
import math

SPREAD = 0.1
"""Jitter adds up to this share, so that runs that met the same fault do not all come back at once."""


def poll_interval(elapsed: float, shortest: float, longest: float) -> float:
    """Return the seconds until the next poll of an operation that still runs `elapsed` seconds after its scan began."""
    return min(max(elapsed / 20, shortest), longest)


def back_off(failures: int, shortest: float, longest: float, *, seed: str) -> float:
    """Return the seconds to wait after the `failures`-th (1, 2, …) failure in a row.

    The wait doubles from `shortest` to `longest`. The jitter comes from `seed`, since an orchestrator must replay the
    same.
    """
    # The power of an unbounded count would overflow. Past 2 ** 30 the wait is `longest` anyway.
    wait = min(shortest * 2.0 ** min(failures - 1, 30), longest)
    share = int.from_bytes(hashlib.sha256(f"{seed}/{failures}".encode()).digest()[:4]) / 2**32
    return wait * (1 + SPREAD * share)


def fit(seconds: float, at_least: float, remaining: float) -> float | None:
    """Return the whole seconds to wait, 1 or more: not less than `at_least`, and not past the end of the deadline.

    None when nothing remains, or less than `at_least`: then it is too late. Fractions are rounded up, since the task
    hub's timers cut them off.
    """
    if remaining <= 0 or at_least > remaining:
        return None
    return max(1.0, float(math.ceil(min(max(seconds, at_least), remaining))))
