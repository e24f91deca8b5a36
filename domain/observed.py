"""How one more look moves the state of a run on: what it counts, and what it gathers from pages."""

from typing import Any

from domain.incidents import are_cut, fits, incidents_of, next_link_of, with_incidents, without_incidents
from domain.observation import Observation, Page
from domain.operation import Operation
from domain.run_state import RunState


def observed(run: RunState, observation: Observation) -> RunState:
    """Return the run after one more look."""
    seen = observation.get("operation")
    trouble = observation["problem"]["type"] if observation["kind"] == "tryAgain" else None
    after: RunState = {
        **run,
        "polls": run["polls"] + (run["phase"] == "waiting"),
        "failures": run["failures"] + 1 if trouble else 0,
        "trouble": trouble,
        "repeats": run["repeats"] * (trouble == run["trouble"]) + 1 if trouble else 0,
        "nextPollAt": None,
        "operation": Operation(seen).trimmed() if seen is not None else run["operation"],
    }
    if observation["kind"] == "refreshed":
        return {**after, **observation["refreshed"]}
    if observation["kind"] == "alert":
        after = {**after, "incidentsUrl": observation.get("incidentsUrl")}
        return _with_alert(after, observation["alert"], truncated=observation.get("truncated", False))
    if observation["kind"] == "alerts":
        return _with_alerts(after, observation["page"], truncated=observation.get("truncated", False))
    if observation["kind"] == "incidents":
        return _with_incidents(after, observation["page"], truncated=observation.get("truncated", False))
    return after


def _with_alert(run: RunState, alert: dict[str, Any], *, truncated: bool) -> RunState:
    link = next_link_of(alert)
    # Without a link nobody knows which are missing: all of them are fetched from the start.
    missing = (incidents_of(alert) if link else []) if are_cut(alert) and not truncated else None
    return {
        **run,
        "fetches": run["fetches"] + 1,
        "alert": alert,
        "incidents": missing,
        "nextLink": link if missing is not None else None,
        "pages": 0,
        "truncated": truncated,
    }


def _with_alerts(run: RunState, page: Page, *, truncated: bool) -> RunState:
    goes_on = run["alerts"] is not None and run["nextLink"] is not None
    return {
        **run,
        "alerts": [*((goes_on and run["alerts"]) or []), *page["value"]],
        "nextLink": page["nextLink"],
        "pages": run["pages"] + 1 if goes_on else 1,
        "fetches": run["fetches"] + (page["nextLink"] is None),
        "truncated": truncated or (goes_on and run["truncated"]),
    }


def _with_incidents(run: RunState, page: Page, *, truncated: bool) -> RunState:
    incidents = [*(run["incidents"] or []), *page["value"]]
    alert = with_incidents(run["alert"] or {}, incidents)
    if truncated or not fits(alert, run["incidentsLimit"]):
        return {**run, "alert": without_incidents(alert), "incidents": None, "nextLink": None, "truncated": True}
    if page["nextLink"]:
        return {**run, "incidents": incidents, "nextLink": page["nextLink"], "pages": run["pages"] + 1}
    return {**run, "alert": alert, "incidents": None, "nextLink": None}
