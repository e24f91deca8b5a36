"""What a cold start costs: the worker library imports and indexes the app, in a fresh interpreter each time.

Against the import of the four packages that the app is made with, and nothing else.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

from benchmarks.cold_start_process import PACKAGES, Start
from benchmarks.report import Report, ratio

CHECKOUT = Path(__file__).parents[1]
ROUNDS = 21
AT_MOST = {"packages": 1.1, "packages-without-identity": 1.25}
READERS: dict[str, Callable[[Start], float]] = {
    "CPU": lambda start: start["cpuSeconds"],
    "wall time": lambda start: start["wallSeconds"],
}


def measure() -> Report:
    """Start each in turn. Raises `subprocess.CalledProcessError` when the app cannot be imported."""
    # The first of each writes the bytecode, and does not count.
    rounds = [{what: _start(what) for what in ("app", *PACKAGES)} for _ in range(ROUNDS + 1)][1:]
    return Report(
        ratios=[
            ratio(
                f"{name} of import and index",
                f"import of the four {packages.replace('-', ' ')}",
                [(read(each["app"]), read(each[packages])) for each in rounds],
                at_most=at_most if name == "CPU" else None,
            )
            for packages, at_most in AT_MOST.items()
            for name, read in READERS.items()
        ],
        figures={
            what: {
                "cpuMilliseconds": round(median(each[what]["cpuSeconds"] for each in rounds) * 1000, 1),
                "wallMilliseconds": round(median(each[what]["wallSeconds"] for each in rounds) * 1000, 1),
                "modules": rounds[0][what]["modules"],
            }
            for what in ("app", *PACKAGES)
        },
    )


def _start(what: str) -> Start:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "benchmarks.cold_start_process", what]
    output = subprocess.run(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, check=True).stdout
    start: Start = json.loads(output)
    return start
