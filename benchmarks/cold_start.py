"""What a cold start costs: the worker library imports and indexes the app, in a fresh interpreter each time.

Against one function of each kind with nothing behind them, which is the least on these SDKs, and against an app on
Microsoft's SDK for Graph beta. That SDK imports most of itself at its first look: the part `look` counts that, too.
"""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks.cold_start_process import Start
from benchmarks.peers.environment import CHECKOUT, peers_python
from benchmarks.report import Report, ratio

ROUNDS = 41
OURS_AT_MOST = 1.15
BARE, SDK = "bare SDKs", "msgraph-beta-sdk"


class App(NamedTuple):
    python: str
    folder: Path


def measure() -> Report:
    """Start each app in turn. Raises `subprocess.CalledProcessError` when one cannot be imported."""
    here = Path(__file__).parent
    apps = {
        "ours": App(sys.executable, CHECKOUT),
        "bare": App(sys.executable, here / "cold_start_bare"),
        "sdk": App(peers_python(), here / "peers" / "cold_start_sdk"),
    }
    # The first of each writes the bytecode, and does not count.
    rounds = [{name: _start(app) for name, app in apps.items()} for _ in range(ROUNDS + 1)][1:]
    sizes = _sizes(apps["sdk"].python)
    cpu = [(each["ours"]["cpuSeconds"], each["bare"]["cpuSeconds"]) for each in rounds]
    wall = [(each["ours"]["wallSeconds"], each["bare"]["wallSeconds"]) for each in rounds]
    with_sdk = [(each["sdk"]["cpuSeconds"], each["ours"]["cpuSeconds"]) for each in rounds]
    return Report(
        ratios=[
            ratio("CPU of import and index", BARE, cpu, at_most=OURS_AT_MOST),
            ratio("wall time of import and index", BARE, wall),
            ratio(f"app on {SDK}, CPU of import and index", "ours", with_sdk),
            ratio(f"app on {SDK}, installed size", "ours", [(sizes["sdk"], sizes["ours"])]),
        ],
        figures={
            name: {
                "cpuMilliseconds": round(median(each[name]["cpuSeconds"] for each in rounds) * 1000, 1),
                "wallMilliseconds": round(median(each[name]["wallSeconds"] for each in rounds) * 1000, 1),
                "modules": rounds[0][name]["modules"],
            }
            | ({"installedMiB": round(sizes[name] / 2**20, 1)} if name in sizes else {})
            for name in apps
        },
    )


def _start(app: App) -> Start:
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    command = [app.python, "-m", "benchmarks.cold_start_process", str(app.folder)]
    said = subprocess.run(command, cwd=CHECKOUT, env=environment, stdout=subprocess.PIPE, check=True).stdout
    start: Start = json.loads(said)
    return start


def _sizes(peers: str) -> Mapping[str, int]:
    """Return the bytes that an app on the SDK installs, and ours."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    # Names without extras: what `aio` of azure-storage-blob adds is aiohttp, which is among them.
    ours = [re.split(r"[\[=]", requirement)[0] for requirement in project["dependencies"]]
    # aiohttp is what azure-identity speaks with.
    with_sdk = ["aiohttp", "azure-functions", "azure-functions-durable", "azure-identity", SDK]
    return {"ours": _size(sys.executable, ours), "sdk": _size(peers, with_sdk)}


def _size(python: str, names: list[str]) -> int:
    command = [python, "-m", "benchmarks.installed_size", *names]
    return int(subprocess.run(command, cwd=CHECKOUT, stdout=subprocess.PIPE, check=True).stdout)
