"""The pages: HTML made of the templates beside this file, and the policy that a browser must hold it to.

Jinja escapes whatever a template inserts. Almost all of it comes from Graph, and people typed in some of that.
"""

from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from alert_refresh.pages import words
from alert_refresh.pages.alert import describe_alerts
from alert_refresh.run.documents import RunDocument
from alert_refresh.run.outcome import AlertsResult, Result
from alert_refresh.timestamps import parse_timestamp

TEMPLATES = Path(__file__).parent / "templates"
STYLE = (TEMPLATES / "style.css").read_text(encoding="utf-8")

# The page loads, runs and frames nothing, has this one style, and its forms go to this app. https://www.w3.org/TR/CSP3/#external-hash
CONTENT_SECURITY_POLICY = (
    f"default-src 'none'; style-src 'sha256-{b64encode(sha256(STYLE.encode()).digest()).decode()}'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

ENVIRONMENT = Environment(
    loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
ENVIRONMENT.globals |= {"words": words, "make_key": lambda: str(uuid4()), "style": Markup(STYLE)}  # nosec B704  # noqa: S704 - our own file

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


def render(template: str, **view: object) -> str:
    """Return the HTML of `template`, a file name. A name that the template uses and `view` lacks is an error."""
    return ENVIRONMENT.get_template(template).render(view)


def render_run(
    document: RunDocument, result: Result | AlertsResult | None, runs_url: str, now: datetime, *, refreshing: bool
) -> str:
    """Return the page of a run. `runs_url` is that of the list; `refreshing` says whether the page reloads itself."""
    alerts = describe_alerts(result, now) if result else []
    return render(
        "run.html",
        run=document,
        about=(len(alerts) == 1 and alerts[0]["name"]) or words.name_target(document["target"]),
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
    return words.describe_wait(run["waitingFor"], now)
