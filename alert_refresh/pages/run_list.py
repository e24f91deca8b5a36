"""The page of a list of runs."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from alert_refresh.pages.run import ALIVE, add_query, name_state
from alert_refresh.pages.template import render
from alert_refresh.pages.words import Moment, describe_moment, describe_wait, name_target

CHOICES = {
    "All": "",
    "Running": ",".join(ALIVE),
    "Succeeded": "succeeded",
    "Without an alert": "failed,timedOut",
    "Cancelled": "cancelled",
}
"""Which runs to list, and the `state` that asks for them."""

UNREADABLE = "Its result is too large to be read."


class Row(NamedTuple):
    """A run. Of a run that cannot be read, most members are None."""

    url: str
    about: str
    state: str
    state_name: str
    note: str | None
    created: Moment | None
    updated: Moment | None
    polls: int | None


class Choice(NamedTuple):
    """A link to a list of some runs."""

    name: str
    url: str
    current: bool


def render_runs(page: Mapping[str, Any], runs_url: str, states: str, now: datetime) -> str:
    """Return the page of a list: `page` has the run summaries in `value`, and `nextLink`.

    A run with the state `unreadable` needs only `id`, `state` and `links`. `runs_url` is the URL of all runs, and
    `states` is the query parameter `state`, or "".
    """
    rows = [_make_row(run, now) for run in page["value"]]
    choices = [
        Choice(name, add_query(runs_url, f"state={state}") if state else runs_url, state == states)
        for name, state in CHOICES.items()
    ]
    return render("runs.html", rows=rows, choices=choices, next_url=page["nextLink"], runs_url=runs_url)


def _make_row(run: Mapping[str, Any], now: datetime) -> Row:
    target = run.get("target")
    return Row(
        url=run["links"]["self"],
        about=name_target(target) if target else f"Run {run['id']}",
        state=run["state"],
        state_name=name_state(run["state"]),
        note=_make_note(run, now),
        created=describe_moment(run.get("createdAt"), now),
        updated=describe_moment(run.get("updatedAt"), now),
        polls=run.get("polls"),
    )


def _make_note(run: Mapping[str, Any], now: datetime) -> str | None:
    if run["state"] == "unreadable":
        return UNREADABLE
    if run["state"] == "failed" and run["problem"]:
        return str(run["problem"]["title"])
    wait = describe_wait(run.get("waitingFor"), now)
    return wait and f"{wait.title}, since {wait.since}, {wait.tries}"
