"""The pages: HTML made of the templates beside this file, and the policy that a browser must hold it to.

Jinja escapes whatever a template inserts. Almost all of it comes from Graph, and people typed in some of that.
"""

from base64 import b64encode
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from alert_refresh.graph.urls import ALERT_NAMES
from alert_refresh.pages import words
from alert_refresh.pages.alert import describe_alert, describe_alerts
from alert_refresh.run.documents import RunDocument
from alert_refresh.run.outcome import AlertsResult, Result
from alert_refresh.run.state import Wish
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
ENVIRONMENT.globals |= {"words": words, "make_key": lambda: str(uuid4())}
ENVIRONMENT.globals["style"] = Markup(STYLE)  # nosec B704  # noqa: S704 - our own file

SOONEST, LATEST = 2, 30
"""Seconds between two loads of the page."""

ALIVE = ("queued", "refreshing", "polling", "fetching")
STATES = {
    "All": "",
    "Running": ",".join(ALIVE),
    "Succeeded": "succeeded",
    "Without an alert": "failed,timedOut",
    "Cancelled": "cancelled",
}
"""Which runs to list, and the `state` that asks for them."""

SEVERITIES = ("high", "medium", "low", "informational")
STATUSES = {
    "Active, high severity": "red",
    "Active": "amber",
    "Unknown": "grey",
    "Not active": "green",
    "Disabled": "grey",
}
"""What the page says of an alert, and the colour, which adds nothing to the words. The order is that of the page."""


class Site(NamedTuple):
    """What every page needs beside its subject. The URLs have the key that the caller used."""

    runs_url: str
    refresh_enabled: bool
    now: datetime
    alerts_url: str
    doctor_url: str


def render(template: str, site: Site, **view: object) -> str:
    """Return the HTML of `template`, a file name. A name that the template uses and nobody gives is an error."""
    return ENVIRONMENT.get_template(template).render(site._asdict() | view)


def render_run(
    document: RunDocument, wish: Wish, result: Result | AlertsResult | None, site: Site, *, reloading: bool
) -> str:
    """Return the page of a run. `reloading` says whether the page loads itself again."""
    alert_id = words.find_alert_id(document)
    alerts = describe_alerts(result, alert_id or "", site.now) if result else []
    if len(alerts) == 1:
        alert_id = alerts[0]["id"] or alert_id
    alive = document["state"] in ALIVE
    return render(
        "run.html",
        site,
        run=document,
        wish=wish,
        about=(len(alerts) == 1 and alerts[0]["name"]) or words.name_target(document["target"]),
        alive=alive,
        alerts=alerts,
        result=result,
        alert_id=alert_id,
        again=None if alive else repeat(wish),
        reloading=reloading,
    )


def repeat(wish: Wish) -> dict[str, str]:
    """Return the fields of a form that starts a run for `wish` again, without its callback.

    Without the callback, the new run must not compare for the subscriber: what it finds would count as given, and the
    next callback would leave it out.
    """
    fields = {
        wish.target.kind: wish.target.id or "true",
        "select": ",".join(wish.select),
        "expand": ",".join(wish.expand),
        "notBefore": wish.not_before.isoformat() if wish.not_before else "",
        "changesFor": "" if wish.callback_url else wish.changes_for or "",
        "timeoutSeconds": f"{(wish.deadline - wish.created_at).total_seconds():.0f}",
    }
    return {name: text for name, text in fields.items() if text}


def seconds_to_reload(document: RunDocument, now: datetime) -> int | None:
    """Return the seconds until the page can show something new; None when nothing changes any more."""
    callback = document["callback"]
    if document["state"] not in ALIVE and callback["state"] not in {"pending", "delivering"}:
        return None
    planned = parse_timestamp(document["nextPollAt"] or callback["nextAttemptAt"])
    seconds = (planned - now).total_seconds() + 1 if planned else SOONEST
    return max(SOONEST, min(LATEST, int(seconds)))


def render_runs(page: Mapping[str, Any], site: Site, query: Mapping[str, str]) -> str:
    """Return the page of a `RunPage` of openapi.yaml. `query` is what was asked for: `state` and `alertId`, or none."""
    alert = query.get("alertId", "").rpartition("_")[2]
    alerts = {"All": "", **{words.name_alert(name): name for name in ALERT_NAMES}}
    if alert and alert.lower() not in map(str.lower, ALERT_NAMES):
        alerts[words.name_alert(alert)] = alert
    return render(
        "runs.html",
        site,
        rows=[(run, _make_note(run, site.now)) for run in page["value"]],
        next_url=page["nextLink"],
        states=STATES,
        alerts=alerts,
        query={"state": query.get("state", ""), "alertId": alert},
    )


def _make_note(run: Mapping[str, Any], now: datetime) -> str | None:
    if run["state"] == "unreadable":
        return "Its result is too large to be read."
    if run["state"] == "failed" and run["problem"]:
        return str(run["problem"]["title"])
    return words.describe_wait(run["waitingFor"], now)


def render_alerts(listed: Mapping[str, Any], site: Site) -> str:
    """Return the page of all alerts, the active ones first. `listed` is an `AlertList` of openapi.yaml."""
    order = list(STATUSES)
    alerts = sorted(listed["value"], key=lambda alert: (order.index(name_status(alert)), _rank_severity(alert)))
    counts = Counter(map(name_status, alerts))
    # Beside "1 active, high severity", "3 active" would look like the sum.
    shown = {"Active": "Active, other severity"} if counts["Active, high severity"] else {}
    parts = [(counts[status], shown.get(status, status)) for status in order if counts[status]]
    summary = "; ".join(f"{count} {text[:1].lower()}{text[1:]}" for count, text in parts)
    rows = [(alert, name_status(alert), find_target(alert)) for alert in alerts]
    return render("alerts.html", site, listed=listed, rows=rows, summary=summary, colors=STATUSES)


def render_alert(document: Mapping[str, Any], site: Site) -> str:
    """Return the page of one alert. `document` is an `AlertDocument` of openapi.yaml."""
    view = {**describe_alert(document["alert"], site.now), "cut": next(iter(document["incidentsCut"]), None)}
    return render(
        "alert_now.html",
        site,
        alert=view,
        document=document,
        status=name_status(document),
        target=find_target(document),
        colors=STATUSES,
    )


def render_report(report: Mapping[str, Any], site: Site) -> str:
    """Return the page of the doctor. `report` is a `DoctorReport` of openapi.yaml."""
    return render("doctor.html", site, report=report)


def name_status(alert: Mapping[str, Any]) -> str:
    """Return the status of an `AlertSummary`: a key of `STATUSES`."""
    if alert["disabled"]:
        return "Disabled"
    if alert["active"] is None:
        return "Unknown"
    if not alert["active"]:
        return "Not active"
    return "Active" if _rank_severity(alert) else "Active, high severity"


def find_target(alert: Mapping[str, Any]) -> dict[str, str] | None:
    """Return the target of a run that refreshes the alert; None when PIM does not scan it, or its id is unusable."""
    if alert["disabled"] or alert["link"] is None:
        return None
    return {"alertId": alert["shortName"] or alert["id"]}


def _rank_severity(alert: Mapping[str, Any]) -> int:
    severity = str(alert["severity"]).lower()
    return SEVERITIES.index(severity) if severity in SEVERITIES else len(SEVERITIES)
