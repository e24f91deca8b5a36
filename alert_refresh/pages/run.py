"""The page of one run, and the page of a list of runs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from alert_refresh.pages.alert import describe_alerts
from alert_refresh.pages.template import render
from alert_refresh.pages.words import describe_wait, name_target
from alert_refresh.run.documents import RunDocument
from alert_refresh.run.outcome import AlertsResult, Result
from alert_refresh.timestamps import parse_timestamp

SOONEST, LATEST = 2, 30
"""Seconds between two loads of the page."""

ALIVE = ("queued", "refreshing", "polling", "fetching")
CHOICES = {
    "All": "",
    "Running": ",".join(ALIVE),
    "Succeeded": "succeeded",
    "Without an alert": "failed,timedOut",
    "Cancelled": "cancelled",
}
"""Which runs to list, and the `state` that asks for them."""


def render_run(
    document: RunDocument, result: Result | AlertsResult | None, runs_url: str, now: datetime, *, refreshing: bool
) -> str:
    """Return the page of a run. `runs_url` is that of the list; `refreshing` says whether the page reloads itself."""
    alerts = describe_alerts(result, now) if result else []
    return render(
        "run.html",
        run=document,
        about=(len(alerts) == 1 and alerts[0]["name"]) or name_target(document["target"]),
        alive=document["state"] in ALIVE,
        alerts=alerts,
        result=result,
        runs_url=runs_url,
        refreshing=refreshing,
        now=now,
    )


def seconds_to_reload(document: RunDocument, now: datetime) -> int | None:
    """Return the seconds until the page can show something new; None when nothing changes any more."""
    callback = document["callback"]
    if document["state"] not in ALIVE and callback["state"] not in {"pending", "delivering"}:
        return None
    planned = parse_timestamp(document["nextPollAt"] or callback["nextAttemptAt"])
    seconds = (planned - now).total_seconds() + 1 if planned else SOONEST
    return max(SOONEST, min(LATEST, int(seconds)))


def render_runs(page: Mapping[str, Any], runs_url: str, states: str, now: datetime) -> str:
    """Return the page of a list: `page` has the run summaries in `value`, and `nextLink`.

    `runs_url` is the URL of all runs, and `states` is the query parameter `state`, or "".
    """
    rows = [(run, _make_note(run, now)) for run in page["value"]]
    links = {"runs_url": runs_url, "next_url": page["nextLink"]}
    return render("runs.html", rows=rows, choices=CHOICES, states=states, now=now, **links)


def _make_note(run: Mapping[str, Any], now: datetime) -> str | None:
    if run["state"] == "unreadable":
        return "Its result is too large to be read."
    if run["state"] == "failed" and run["problem"]:
        return str(run["problem"]["title"])
    return describe_wait(run["waitingFor"], now)
