"""How late the end of a scan is seen, and with how many polls: the app's interval against fixed ones. Computed.

The first poll comes one interval after the refresh. Scan lengths lie on a logarithmic scale from 10 s to 30 min, each
as likely as any other.
"""

from collections.abc import Callable
from functools import partial
from statistics import fmean

from alert_refresh.run.polling import poll_interval
from benchmarks.report import Report, ratio

POLL_MIN, POLL_MAX = 15.0, 60.0
"""The defaults of the app."""
FIXED = (15.0, 30.0, 60.0)
SHORTEST, LONGEST, LENGTHS = 10.0, 1800.0, 10_000

type Interval = Callable[[float], float]


def measure() -> Report:
    """Compare the intervals over all lengths of scans."""
    lengths = [SHORTEST * (LONGEST / SHORTEST) ** (place / (LENGTHS - 1)) for place in range(LENGTHS)]
    app = compute(lambda elapsed: poll_interval(elapsed, POLL_MIN, POLL_MAX), lengths)
    fixed = {f"every {seconds:.0f} s": compute(partial(_ignore_elapsed, seconds), lengths) for seconds in FIXED}
    return Report(
        ratios=[
            ratio(f"mean {what}", name, [(mine, others)])
            for name, other in fixed.items()
            for what, mine, others in zip(("lateness", "number of polls"), app, other, strict=True)
        ],
        figures={
            name: {"meanLateSeconds": round(late, 1), "meanPolls": round(polls, 1)}
            for name, (late, polls) in {"elapsed / 20, from 15 s to 60 s": app, **fixed}.items()
        },
    )


def _ignore_elapsed(seconds: float, _: float) -> float:
    return seconds


def compute(interval: Interval, lengths: list[float]) -> tuple[float, float]:
    """Return the mean lateness in seconds and the mean number of polls over scans of `lengths` seconds."""
    moments = list_polls(interval, max(lengths))
    seen = [next((at, number) for number, at in enumerate(moments, 1) if at >= length) for length in lengths]
    late = fmean(at - length for (at, _), length in zip(seen, lengths, strict=True))
    return late, fmean(number for _, number in seen)


def list_polls(interval: Interval, longest: float) -> list[float]:
    """Return the moments of the polls, in seconds from the start, up to the first at or after `longest`."""
    moments = [interval(0.0)]
    while moments[-1] < longest:
        moments.append(moments[-1] + interval(moments[-1]))
    return moments
