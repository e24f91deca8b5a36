"""What `GET /alerts` answers: alerts as Graph has them now, each with the newest run about it."""

import math
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

import azure.functions as func

from alert_refresh.graph.urls import ALERT_NAMES, find_alert_name, is_segment
from alert_refresh.hub.list import find_name
from alert_refresh.pages.alert import describe_alert
from alert_refresh.problems import Refused, is_problem, make_problem
from alert_refresh.run.documents import Instance, find_state
from alert_refresh.run.freshness import is_disabled
from alert_refresh.run.observations import Observation
from alert_refresh.timestamps import format_timestamp, parse_scan_time
from alert_refresh.web.requests import make_hint, parse_fields, read_query, refuse_faults
from alert_refresh.web.responses import find_alerts_url, make_links


def check_query(request: func.HttpRequest) -> None:
    """Raise `Refused` when `request` has a parameter: the routes of alerts have none."""
    _, errors = parse_fields(read_query(request.url), {})
    if errors:
        raise refuse_faults(errors, starts=False)


def parse_alert_path(text: str) -> str:
    """Return the short name or the id of an alert that the path names. Raises `Refused` for anything else."""
    name = find_alert_name(text)
    # An id has the form DirectoryRole_<tenant id>_<name>.
    if name is None and ("_" not in text or not is_segment(text)):
        raise Refused(
            make_problem("no-such-alert", f"This is not the name of an alert; {make_hint(text, ALERT_NAMES)}")
        )
    return name or text


def refuse_fault(observation: Observation) -> None:
    """Raise `Refused` when `observation` is a fault; the problem repeats Graph's `Retry-After`."""
    if observation["kind"] == "fault":
        problem, seconds = observation["problem"], observation.get("retryAfter")
        if is_problem(problem, "alert-not-found"):
            problem = {**problem, **make_problem("no-such-alert", problem["detail"])}
        raise Refused({**problem, "retryAfter": math.ceil(seconds)} if seconds else problem)


def describe_observation(
    request: func.HttpRequest, observation: Observation, runs: Sequence[Instance] | None, now: datetime
) -> dict[str, Any]:
    """Return the `AlertList` or the `AlertDocument` of openapi.yaml that `observation`, which is no fault, makes.

    `runs` are the newest runs, the newest first; None when they are not known.
    """
    alerts = observation["alerts"]
    summaries = [_summarize(request, alert, runs or (), now) for alert in alerts]
    common = {"readAt": observation["answeredAt"], "lastRunKnown": runs is not None}
    if observation["kind"] == "alerts":
        return {"value": summaries, **common}
    return {**summaries[0], "alert": alerts[0], "incidentsCut": observation["incidentsCut"], **common}


def _summarize(
    request: func.HttpRequest, alert: Mapping[str, Any], runs: Sequence[Instance], now: datetime
) -> dict[str, Any]:
    """Return the `AlertSummary` of openapi.yaml. What Graph did not send is None."""
    view = describe_alert(alert, now)
    alert_id = alert.get("id") if isinstance(alert.get("id"), str) else None
    short_name = find_alert_name((alert_id or "").rpartition("_")[2])
    path = short_name or (alert_id if alert_id and "_" in alert_id and is_segment(alert_id) else None)
    scan = parse_scan_time(view["scanned"])
    run = next((each for each in runs if _is_about(each, alert_id)), None)
    return {
        "shortName": short_name,
        "id": alert_id,
        "displayName": view["name"],
        "severity": view["severity"],
        "active": view["active"],
        "incidentCount": view["incident_count"],
        "scannedAt": view["scanned"],
        "scanAgeSeconds": max(0, int((now - scan).total_seconds())) if scan else None,
        "disabled": is_disabled(alert),
        "portalUrl": view["portal_url"],
        "link": path and find_alerts_url(request, f"/{quote(path, safe='')}"),
        "lastRun": run and _describe_run(request, run, now),
    }


def _is_about(run: Instance, alert_id: str | None) -> bool:
    target = run.run.wish.target
    return target.kind == "allAlerts" or (bool(alert_id) and find_name(target.id) == find_name(alert_id or ""))


def _describe_run(request: func.HttpRequest, run: Instance, now: datetime) -> dict[str, str]:
    return {
        "id": run.id,
        "state": find_state(run, now),
        "createdAt": format_timestamp(run.run.wish.created_at),
        "link": make_links(request, run.id)["self"],
    }
