"""`make plots`: draws what `results.json` holds, one SVG for each part that was measured.

Run by the peers' Python, for its matplotlib.
"""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
from matplotlib import pyplot as plt

HERE = Path(__file__).parent

GREY = "#808a94"
"""Of text and axes: it reads on GitHub's white and on its near black."""
OURS, BARE, SDK = "#2f81f7", "#8b949e", "#db6d28"
NAMES = {"ours": "this app", "bare": "bare aiohttp and json", "sdk": "msgraph-beta-sdk"}
SCHEDULES = (OURS, "#79b8ff", SDK, "#bf4b8a", "#6a9955")
COLOURS = {"ours": OURS, "bare": BARE, "sdk": SDK}

STYLE = {
    "axes.edgecolor": GREY,
    "axes.labelcolor": GREY,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": GREY,
    "axes.titlelocation": "left",
    "axes.titlesize": "medium",
    "figure.constrained_layout.use": True,
    "font.family": "sans-serif",
    "savefig.transparent": True,
    # The same figures give the same file.
    "svg.hashsalt": "benchmarks",
    "svg.fonttype": "none",
    "text.color": GREY,
    "xtick.color": GREY,
    "ytick.color": GREY,
}


def look(figures: Mapping[str, Any]) -> None:
    """CPU of one look: a bar for each side, one panel for each number of looks in flight."""
    _, axes = plt.subplots(2, 1, figsize=(7.2, 3.2))
    for panel, in_flight in zip(axes, (1, 100), strict=True):
        name = f"cpuMilliseconds{in_flight}InFlight"
        many = "one" if in_flight == 1 else str(in_flight)
        _bars(panel, f"CPU per look in ms, {many} in flight", {side: figures[side][name] for side in NAMES})


def cold_start(figures: Mapping[str, Any]) -> None:
    """CPU of import and index, and what is installed."""
    _, axes = plt.subplots(2, 1, figsize=(7.2, 3.0), height_ratios=(3, 2))
    cpu = {side: figures[side]["cpuMilliseconds"] for side in NAMES}
    _bars(axes[0], "CPU of import and index in ms", cpu, {**NAMES, "bare": "bare SDKs"})
    _bars(axes[1], "installed size in MiB", {side: figures[side]["installedMiB"] for side in ("ours", "sdk")})


def schedule(figures: Mapping[str, Any]) -> None:
    """Mean lag against looks: a row for each median of the operations' durations, a column for each spread."""
    rows: Sequence[Mapping[str, Any]] = figures["operations"]
    medians, spreads = (list({row[name]: None for row in rows}) for name in ("medianSeconds", "spread"))
    size = (2.6 * len(spreads), 2.2 * len(medians))
    figure, axes = plt.subplots(len(medians), len(spreads), figsize=size, squeeze=False)
    for place, panel in enumerate(axes.flat):
        middle, spread = medians[place // len(spreads)], spreads[place % len(spreads)]
        panel.set_title(rf"median {middle:g} s, $\sigma$ {spread:g}", fontsize="small")
        _lags(panel, [row for row in rows if (row["medianSeconds"], row["spread"]) == (middle, spread)])
    figure.supxlabel("looks", color=GREY, fontsize="small")
    figure.supylabel("mean lag in seconds", color=GREY, fontsize="small")
    handles, labels = axes[0][0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside upper center", ncols=3, frameon=False, fontsize="small")


def _lags(panel: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    optimum = [row for row in rows if row["schedule"] == "optimum"]
    schedules = [row for row in rows if row["schedule"] != "optimum"]
    looks, lags = "meanCalls", "meanLagSeconds"
    panel.plot(
        [row[looks] for row in optimum], [row[lags] for row in optimum], color=GREY, linewidth=1, label="optimum"
    )
    for row, colour in zip(schedules, itertools.cycle(SCHEDULES)):
        panel.scatter(row[looks], row[lags], 24, colour, label=row["schedule"], zorder=3)
    # The optimum goes on to where nobody looks.
    panel.set_xlim(0, 1.15 * max(row[looks] for row in schedules))
    panel.set_ylim(0, 1.15 * max(row[lags] for row in schedules))


PLOTS: Mapping[str, Callable[[Mapping[str, Any]], None]] = {
    "look": look,
    "cold_start": cold_start,
    "schedule": schedule,
}


def _bars(panel: Any, title: str, values: Mapping[str, float], names: Mapping[str, str] = NAMES) -> None:
    panel.set_title(title)
    bars = panel.barh([names[side] for side in values], values.values(), color=[COLOURS[side] for side in values])
    panel.bar_label(bars, [f"{value:.3g}" for value in values.values()], padding=4, color=GREY)
    panel.invert_yaxis()
    panel.set_xlim(0, 1.1 * max(values.values()))
    panel.tick_params(left=False, bottom=False, labelbottom=False)
    panel.spines[["left", "bottom"]].set_visible(False)


def main() -> None:
    results = json.loads((HERE / "results.json").read_text(encoding="utf-8"))
    with mpl.rc_context(STYLE):
        for part, draw in PLOTS.items():
            if part in results:
                draw(results[part]["figures"])
                plt.savefig(HERE / f"{part}.svg", metadata={"Date": None})
                plt.close()


if __name__ == "__main__":
    main()
