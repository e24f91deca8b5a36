"""The page of a list of runs."""

from datetime import datetime
from typing import NamedTuple

from domain.run_document import RunSummary
from domain.run_page import RunPage
from pages.run import ALIVE, STATES, about, with_query
from pages.template import rendered
from pages.words import Moment, moment

CHOICES = {
    "All": "",
    "On their way": ",".join(ALIVE),
    "Succeeded": "succeeded",
    "Without an alert": "failed,timedOut",
    "Cancelled": "cancelled",
}
"""Which runs to list, and the `state` that asks for them."""


class Row(NamedTuple):
    run: RunSummary
    about: str
    state: str
    alive: bool
    created: Moment | None
    updated: Moment | None


class Choice(NamedTuple):
    name: str
    url: str
    chosen: bool


def list_page(page: RunPage, runs_url: str, states: str, now: datetime) -> str:
    """Return the HTML of a list; `runs_url` is that of all runs, `states` the `state` that was asked for, or ""."""
    rows = [
        Row(
            run=run,
            about=about(run["target"]) if run["target"] else f"Run {run['id']}",
            state=STATES[run["state"]],
            alive=run["state"] in ALIVE,
            created=moment(run["createdAt"], now),
            updated=moment(run["updatedAt"], now),
        )
        for run in sorted(page["value"], key=lambda run: run["createdAt"], reverse=True)
    ]
    choices = [
        Choice(name, with_query(runs_url, f"state={wanted}") if wanted else runs_url, wanted == states)
        for name, wanted in CHOICES.items()
    ]
    return rendered("runs.html", rows=rows, choices=choices, next_url=page["nextLink"], runs_url=runs_url)
