"""What a process holds of the machine."""

from dataclasses import dataclass
from statistics import linear_regression

import psutil

MEBIBYTE = 2**20


@dataclass(frozen=True)
class Sample:
    at: float
    """Seconds, on the event loop's clock."""
    resident: int
    """Bytes."""
    files: int
    threads: int


def sample(pid: int, at: float) -> Sample:
    """Return what the process `pid` holds now."""
    process = psutil.Process(pid)
    return Sample(at, process.memory_info().rss, process.num_fds(), process.num_threads())


def cpu_seconds(pid: int) -> float:
    """Return what all threads of the process have taken, in user and in kernel mode."""
    times = psutil.Process(pid).cpu_times()
    return times.user + times.system


def growth(samples: list[Sample]) -> float:
    """Return the mebibytes by which memory grew from the first to the last sample, by the line through all of them."""
    times = [each.at for each in samples]
    slope = linear_regression(times, [each.resident for each in samples]).slope
    return slope * (times[-1] - times[0]) / MEBIBYTE
