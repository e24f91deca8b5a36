"""The page of one run."""

from datetime import datetime
from typing import Literal, NamedTuple

from domain.look_history import LookHistory
from domain.outcome import AlertsResult, Result
from domain.problem import Problem
from domain.remedy import remedy
from domain.run_document import RunDocument
from domain.run_state import Target
from domain.timestamps import parse_timestamp
from pages.alert import alerts_shown
from pages.template import rendered
from pages.timeline import timeline
from pages.words import alert_name, moment

SOONEST, LATEST = 2, 30
"""Seconds between two loads of the page."""

STATES = {
    "queued": "Queued",
    "refreshing": "Asking for a refresh",
    "waiting": "Waiting for the scan",
    "fetching": "Fetching the alert",
    "succeeded": "Succeeded",
    "failed": "Failed",
    "timedOut": "Timed out",
    "cancelled": "Cancelled",
    "unreadable": "Too large to read",
}
TIMES: tuple[Literal["createdAt", "updatedAt", "deadline", "nextPollAt"], ...] = (
    "createdAt",
    "updatedAt",
    "deadline",
    "nextPollAt",
)
ALIVE = ("queued", "refreshing", "waiting", "fetching")


class ProblemShown(NamedTuple):
    """A problem, and what to do about it when its detail does not say."""

    problem: Problem
    remedy: str | None


class KnownRun(NamedTuple):
    """What there is to show of a run; `history` is None when the task hub does not tell."""

    document: RunDocument
    result: Result | AlertsResult | None
    history: LookHistory | None


def run_page(run: KnownRun, runs_url: str, now: datetime, *, refreshing: bool) -> str:
    """Return the HTML of a run; `runs_url` is that of the list, `refreshing` whether this page will load again."""
    document, alerts = run.document, alerts_shown(run.result, now) if run.result else []
    why, callback = document["problem"], document["callback"]
    return rendered(
        "run.html",
        run=document,
        about=alerts[0].name if len(alerts) == 1 else about(document["target"]),
        state=STATES[document["state"]],
        alive=document["state"] in ALIVE,
        moments={name: moment(document[name], now) for name in TIMES},
        alerts=alerts,
        result=run.result,
        problem=ProblemShown(why, remedy(why)) if why else None,
        next_attempt=moment(callback["nextAttemptAt"], now) if callback else None,
        timeline=timeline(run.history, now) if run.history else None,
        runs_url=runs_url,
        refreshing=refreshing,
        still_url=with_query(document["links"]["self"], "refresh=off"),
        bare_url=document["links"]["self"].partition("?")[0],
    )


def about(target: Target) -> str:
    """Return what a run with `target` is about."""
    if "allAlerts" in target:
        return "All alerts"
    if "alertId" in target:
        return alert_name(target["alertId"])
    operation = target["operationId"]
    name = alert_name(operation)
    return name if name != operation else f"Operation {operation}"


def seconds_to_reload(document: RunDocument, now: datetime) -> int | None:
    """Return when there is something new to see, or None when there will be nothing."""
    callback = document["callback"]
    if document["state"] not in ALIVE and (callback is None or callback["state"] != "delivering"):
        return None
    planned = parse_timestamp(document["nextPollAt"] or (callback and callback["nextAttemptAt"]))
    seconds = (planned - now).total_seconds() + 1 if planned else SOONEST
    return max(SOONEST, min(LATEST, int(seconds)))


def with_query(url: str, pair: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{pair}"
