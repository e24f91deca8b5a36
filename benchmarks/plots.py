"""`make plots`: draws what `results.json` holds, one SVG for each part that was measured.

Run by the peers' Python, for its matplotlib.
"""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl
import matplotlib.ticker
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


EVEN = "every 30 s"
TICKS = (0.25, 0.5, 1, 2, 4, 8)


def schedule(figures: Mapping[str, Any]) -> None:
    """Lag against looks, both as shares of those of a look every 30 s: a panel for each spread, a mark a median."""
    rows: Sequence[Mapping[str, Any]] = figures["operations"]
    spreads = list({row["spread"]: None for row in rows})
    figure, axes = plt.subplots(1, len(spreads), figsize=(2.5 * len(spreads), 3.2), sharey=True)
    for panel, spread in zip(axes, spreads, strict=True):
        panel.set_title(rf"spread $\sigma$ {spread:g}", fontsize="small")
        _shares(panel, [row for row in rows if row["spread"] == spread])
    figure.supxlabel("looks, of those every 30 s", color=GREY, fontsize="small")
    figure.supylabel("mean lag, of that of every 30 s", color=GREY, fontsize="small")
    handles, labels = axes[0].get_legend_handles_labels()
    legend = dict(zip(labels, handles, strict=True))
    figure.legend(
        legend.values(), legend.keys(), loc="outside upper center", ncols=len(legend), frameon=False, fontsize="small"
    )


def _shares(panel: Any, rows: Sequence[Mapping[str, Any]]) -> None:
    even = {row["medianSeconds"]: row for row in rows if row["schedule"] == EVEN}
    colours = dict(zip(dict.fromkeys(row["schedule"] for row in rows), SCHEDULES, strict=True))
    for row, mark in zip(rows, itertools.chain.from_iterable([each] * len(colours) for each in "o^s"), strict=True):
        unit = even[row["medianSeconds"]]
        looks, lag = row["meanCalls"] / unit["meanCalls"], row["meanLagSeconds"] / unit["meanLagSeconds"]
        panel.scatter(looks, lag, 26, colours[row["schedule"]], marker=mark, label=row["schedule"], zorder=3)
    panel.axhline(1, color=GREY, linewidth=0.5)
    panel.axvline(1, color=GREY, linewidth=0.5)
    panel.set_xscale("log", base=2)
    panel.set_yscale("log", base=2)
    for axis in (panel.xaxis, panel.yaxis):
        axis.set_major_locator(mpl.ticker.FixedLocator(TICKS))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_locator(mpl.ticker.NullLocator())
    panel.set_xlim(0.2, 3)
    panel.set_ylim(0.25, 14)


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
