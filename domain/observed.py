"""How one more look moves the state of a run on: what it counts, and what it gathers from pages."""

from typing import Any

from domain.incidents import are_cut, incidents_of, next_link_of, size, with_incidents, without_incidents
from domain.observation import Observation, Page
from domain.operation import Operation
from domain.run_state import RunState, incomplete


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
    after: RunState = {
        **run,
        "fetches": run["fetches"] + 1,
        "alert": alert,
        "alerts": None,
        "gathered": size(alert),
        "truncated": truncated,
    }
    return _with_missing_of(after, 0, [alert])


def _with_alerts(run: RunState, page: Page, *, truncated: bool) -> RunState:
    goes_on = run["alerts"] is not None and run["nextLink"] is not None
    alerts = [*((goes_on and run["alerts"]) or []), *page["value"]]
    gathered = run["gathered"] * goes_on + size(page["value"])
    if gathered > run["incidentsLimit"]:
        bare = [without_incidents(alert) for alert in alerts]
        alerts, truncated = bare, truncated or bare != alerts
    after: RunState = {
        **run,
        "alerts": alerts,
        "nextLink": page["nextLink"],
        "pages": run["pages"] + 1 if goes_on else 1,
        "gathered": gathered,
        "fetches": run["fetches"] + (page["nextLink"] is None),
        "truncated": truncated or (goes_on and run["truncated"]),
    }
    return after if page["nextLink"] else _with_missing_of(after, 0, alerts)


def _with_incidents(run: RunState, page: Page, *, truncated: bool) -> RunState:
    incidents = [*(run["incidents"] or []), *page["value"]]
    gathered = run["gathered"] + size(page["value"])
    too_many = truncated or gathered > run["incidentsLimit"]
    if page["nextLink"] and not too_many:
        pages = run["pages"] + 1
        return {**run, "incidents": incidents, "nextLink": page["nextLink"], "pages": pages, "gathered": gathered}
    cut = incomplete(run)
    whole = without_incidents(cut) if too_many else with_incidents(cut, incidents)
    after: RunState = {**run, "truncated": run["truncated"] or too_many}
    if run["alerts"] is None:
        return _with_missing_of({**after, "alert": whole}, 1, [whole])
    alerts = [whole if place == run["place"] else alert for place, alert in enumerate(run["alerts"])]
    return _with_missing_of({**after, "alerts": alerts, "gathered": size(alerts)}, run["place"] + 1, alerts)


def _with_missing_of(run: RunState, start: int, alerts: list[dict[str, Any]]) -> RunState:
    """Return the run about to fetch the incidents of the first of `alerts`, from `start` on, whose were cut."""
    place = next((place for place in range(start, len(alerts)) if are_cut(alerts[place])), None)
    if place is None:
        return {**run, "incidents": None, "nextLink": None, "pages": 0}
    link = next_link_of(alerts[place])
    # Without a link nobody knows which are missing: all of them are fetched from the start.
    known = incidents_of(alerts[place]) if link else []
    return {**run, "place": place, "incidents": known, "nextLink": link, "pages": 0}
