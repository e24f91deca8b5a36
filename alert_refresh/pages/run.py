"""The page of one run."""

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from alert_refresh.pages.alert import describe_alerts
from alert_refresh.pages.problem import describe_problem
from alert_refresh.pages.template import render
from alert_refresh.pages.words import describe_moment, describe_wait, name_target, split_words
from alert_refresh.run.documents import RunDocument
from alert_refresh.run.outcome import AlertsResult, Result
from alert_refresh.timestamps import parse_timestamp

SOONEST, LATEST = 2, 30
"""Seconds between two loads of the page."""

STATES: Mapping[str, str] = {
    "queued": "Queued",
    "refreshing": "Asking for a refresh",
    "polling": "Waiting for the scan",
    "fetching": "Fetching the alert",
    "succeeded": "Succeeded",
    "failed": "Failed",
    "timedOut": "Timed out",
    "cancelled": "Cancelled",
}
ALIVE = ("queued", "refreshing", "polling", "fetching")
TIMES: tuple[Literal["createdAt", "updatedAt", "deadline", "nextPollAt"], ...] = (
    "createdAt",
    "updatedAt",
    "deadline",
    "nextPollAt",
)


def render_run(
    document: RunDocument, result: Result | AlertsResult | None, runs_url: str, now: datetime, *, refreshing: bool
) -> str:
    """Return the page of a run. `runs_url` is that of the list; `refreshing` says whether the page reloads itself."""
    alerts = describe_alerts(result, now) if result else []
    problem, waiting_for, operation = document["problem"], document["waitingFor"], document["operation"]
    return render(
        "run.html",
        run=document,
        about=(len(alerts) == 1 and alerts[0].name) or name_target(document["target"]),
        state=name_state(document["state"]),
        alive=document["state"] in ALIVE,
        moments={name: describe_moment(document[name], now) for name in TIMES},
        wait=describe_wait(waiting_for, now),
        waiting_for=describe_problem(waiting_for["problem"]) if waiting_for else None,
        problem=describe_problem(problem) if problem else None,
        operation=operation,
        last_action=describe_moment((operation or {}).get("lastActionDateTime"), now),
        alerts=alerts,
        result=result,
        callback=document["callback"],
        next_attempt=describe_moment(document["callback"]["nextAttemptAt"], now),
        runs_url=runs_url,
        refreshing=refreshing,
        still_url=add_query(document["links"]["self"], "refresh=off"),
        bare_url=document["links"]["self"].partition("?")[0],
    )


def name_state(state: str) -> str:
    """Return the state of a run in words."""
    return STATES.get(state) or split_words(state)


def seconds_to_reload(document: RunDocument, now: datetime) -> int | None:
    """Return the seconds until the page can show something new; None when nothing changes any more."""
    callback = document["callback"]
    if document["state"] not in ALIVE and callback["state"] not in {"pending", "delivering"}:
        return None
    planned = parse_timestamp(document["nextPollAt"] or callback["nextAttemptAt"])
    seconds = (planned - now).total_seconds() + 1 if planned else SOONEST
    return max(SOONEST, min(LATEST, int(seconds)))


def add_query(url: str, pair: str) -> str:
    """Return `url` with `pair`, a `name=value`, at the end of its query."""
    return f"{url}{'&' if '?' in url else '?'}{pair}"
