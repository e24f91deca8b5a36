"""What a process holds of the machine, as Linux tells it; see proc(5)."""

import os
from dataclasses import dataclass
from pathlib import Path
from statistics import linear_regression

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
    process = Path(f"/proc/{pid}")
    pages = int((process / "statm").read_text(encoding="ascii").split()[1])
    files, threads = (sum(1 for _ in (process / kind).iterdir()) for kind in ("fd", "task"))
    return Sample(at, pages * os.sysconf("SC_PAGE_SIZE"), files, threads)


def cpu_seconds(pid: int) -> float:
    """Return what all threads of the process have taken, in user and in kernel mode."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def growth(samples: list[Sample]) -> float:
    """Return the mebibytes by which memory grew from the first to the last sample, by the line through all of them."""
    times = [each.at for each in samples]
    slope = linear_regression(times, [each.resident for each in samples]).slope
    return slope * (times[-1] - times[0]) / MEBIBYTE
