"""What a cold start costs: the worker library imports and indexes the app, in a fresh interpreter each time.

Against the import of the four packages that every part of the app needs, and nothing else.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from statistics import median

from benchmarks.cold_start_process import Start
from benchmarks.report import Report, ratio

CHECKOUT = Path(__file__).parents[1]
ROUNDS = 21
AT_MOST = 1.1
PACKAGES = "import of the four packages"


def measure() -> Report:
    """Start both in turn. Raises `subprocess.CalledProcessError` when the app cannot be imported."""
    # The first of each writes the bytecode, and does not count.
    rounds = [{what: _start(what) for what in ("app", "packages")} for _ in range(ROUNDS + 1)][1:]
    cpu = [(each["app"]["cpuSeconds"], each["packages"]["cpuSeconds"]) for each in rounds]
    wall = [(each["app"]["wallSeconds"], each["packages"]["wallSeconds"]) for each in rounds]
    return Report(
        ratios=[
            ratio("CPU of import and index", PACKAGES, cpu, at_most=AT_MOST),
            ratio("wall time of import and index", PACKAGES, wall),
        ],
        figures={
            what: {
                "cpuMilliseconds": round(median(each[what]["cpuSeconds"] for each in rounds) * 1000, 1),
                "wallMilliseconds": round(median(each[what]["wallSeconds"] for each in rounds) * 1000, 1),
                "modules": rounds[0][what]["modules"],
            }
            for what in ("app", "packages")
        },
    )


def _start(what: str) -> Start:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [sys.executable, "-m", "benchmarks.cold_start_process", what]
    output = subprocess.run(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, check=True).stdout
    start: Start = json.loads(output)
    return start
