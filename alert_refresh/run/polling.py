"""When the next request to Graph comes. The whole policy is here: two waits, and the limits of every wait."""

import hashlib
import math

SPREAD = 0.1
"""Jitter makes a wait longer by up to this share: otherwise runs that met one fault would all come back at once."""


def poll_interval(elapsed: float, shortest: float, longest: float) -> float:
    """Return the seconds to the next poll of an operation that still runs. `elapsed`: seconds since its scan began."""
    return min(max(elapsed / 20, shortest), longest)


def back_off(failures: int, shortest: float, longest: float, *, seed: str) -> float:
    """Return the seconds to wait after the `failures`-th (1, 2, …) failure in a row.

    The wait doubles from `shortest` to `longest`. Jitter then makes it longer by up to `SPREAD`. The jitter is made of
    `seed`: every replay of an orchestrator must get the same wait.
    """
    # A larger exponent could overflow. From 2 ** 30 on, the wait is `longest` anyway.
    wait = min(shortest * 2.0 ** min(failures - 1, 30), longest)
    share = int.from_bytes(hashlib.sha256(f"{seed}/{failures}".encode()).digest()[:4]) / 2**32
    return wait * (1 + SPREAD * share)


def fit(seconds: float, at_least: float, remaining: float) -> float | None:
    """Return the whole seconds to wait, 1 or more: at least `at_least`, and at most what remains to the deadline.

    None when nothing remains, or less than `at_least`. Fractions are rounded up, since the timers of the task hub drop
    them.
    """
    if remaining <= 0 or at_least > remaining:
        return None
    return max(1.0, float(math.ceil(min(max(seconds, at_least), remaining))))
