"""When to look next. All of the policy is here: how often while it runs, and how to back off when Graph has trouble."""

import hashlib
import math

from domain.durations import Durations, expected
from domain.inspection import cost_for, next_wait

PACE = 30.8
"""Seconds: an operation takes about as many looks as one at every such interval would make.

What was learned is never quite right, which costs looks: a little above 30 s leaves room for that, so that there are no
more of them than one every 30 s would make. `benchmarks.schedule` checks it.
"""
FIRST_END = -2.33
"""Standard deviations: 1 operation in 100 has ended by then."""
SPREAD = 0.1
"""Jitter only adds: up to this share, so that runs which met the same trouble do not all come back at once."""


def while_running(elapsed: float, known: Durations, shortest: float, longest: float) -> float:
    """Return the seconds to wait until the next look at an operation that still runs `elapsed` seconds after it began.

    A look is worth most where the end is likely: the density of looks follows the square root of the hazard, the share
    of the operations still running that ends in the next second (Keller 1974; Barlow, Hunter and Proschan 1963; both in
    `domain.inspection`). So waits are long at first, and short when operations usually end. There are about as many
    looks as one every `PACE` seconds would make. Once nearly all operations would have ended, nothing tells when this
    one will: the wait is `longest` from there on.

    `longest` bounds how late an end is seen. Before `FIRST_END` there is hardly one to see: up to there, a wait may be
    longer. But only once operations have been seen, since what is built in is a guess.
    """
    distribution = expected(known)
    unlikely_until = distribution.at(FIRST_END) if known["count"] > 0 else 0.0
    pace = min(max(PACE, shortest), longest)
    # Even looks make half a look more than the time divided by their interval: the last one is late.
    looks = distribution.average / pace + 0.5
    cost = cost_for(looks, distribution, shortest, longest, max(longest, unlikely_until))
    # In this order, max() turns nan into 0.
    elapsed = max(0.0, elapsed)
    return next_wait(distribution, elapsed, cost, shortest, max(longest, unlikely_until - elapsed))


def after_trouble(failures: int, shortest: float, longest: float, *, seed: str) -> float:
    """Return the seconds to wait after the `failures`-th (1, 2, …) look in a row that gave no answer.

    Doubles from `shortest` to `longest`. The jitter comes from `seed`, since an orchestrator must replay the same.
    """
    # Past 2 ** 30 the cap has long been reached; the power of an unbounded count would overflow.
    wait = min(shortest * 2.0 ** min(failures - 1, 30), longest)
    share = int.from_bytes(hashlib.sha256(f"{seed}/{failures}".encode()).digest()[:4]) / 2**32
    return wait * (1 + SPREAD * share)


def fitted(seconds: float, at_least: float, remaining: float) -> float | None:
    """Return the whole seconds to wait, 1 or more: `at_least` what was asked for, not past the end of the deadline's.

    None when nothing remains, or less than was asked for: then it is too late. Fractions are rounded up, since the task
    hub's timers cut them off.
    """
    if remaining <= 0 or at_least > remaining:
        return None
    return max(1.0, float(math.ceil(min(max(seconds, at_least), remaining))))
