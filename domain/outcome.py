"""How a run ends: with a result or with a problem. The API answers it, the callback gets it."""

from typing import Any, NamedTuple, TypedDict, cast

from domain.alert_changes import Changes
from domain.decision import Decision
from domain.freshness import is_fresh
from domain.incidents import incidents_of
from domain.problem import Problem, of_run
from domain.run_state import RunState
from domain.timestamps import parse_timestamp


class Result(TypedDict):
    """The operation and the alert as Graph sent them, and how fresh the alert is."""

    runId: str
    operation: dict[str, Any] | None
    alert: dict[str, Any]
    scannedAt: str | None
    """The alert's `lastScannedDateTime`."""
    fresh: bool | None
    """Whether that is not older than the run's own refresh, than `notBefore`, or else than the start of the operation;
    null when one of the two times cannot be read."""
    incidentCount: int | None
    """What the alert says of its incidents; null when that was not selected."""
    incidentsFetched: int | None
    """How many are in `alert`; null when they were not expanded."""
    incidentsTruncated: bool
    """Whether they were left out, because they are too large for the run's history."""
    incidentsUrl: str | None
    """Where they are in Microsoft Graph, when they were left out."""
    changed: bool | None
    """Whether the alert differs from what the last run with `onlyIfChanged` saw; null when that was not asked for, or
    when not all incidents are known."""
    changes: dict[str, Changes | None] | None
    """What has changed, by the alert's id; null when it was not asked for."""


class AlertsResult(TypedDict):
    """The operation and all alerts as Graph sent them, and how fresh they are."""

    runId: str
    operation: dict[str, Any] | None
    alerts: list[dict[str, Any]]
    scannedAt: str | None
    """The oldest `lastScannedDateTime` of them."""
    fresh: bool | None
    """Whether all of them are fresh, as one alert is; null when that of one cannot be told."""
    notScanned: list[str]
    """Ids of the alerts that are not fresh: PIM scans none that is disabled."""
    incidentsTruncated: bool
    """Whether incidents that were expanded were left out, because they are too large for the run's history."""
    changed: bool | None
    """Whether one of them has changed, as for one alert."""
    changes: dict[str, Changes | None] | None
    """What has changed, by the ids of the alerts; null for one that could not be compared."""


class Outcome(NamedTuple):
    """One of the two."""

    result: Result | AlertsResult | None = None
    problem: Problem | None = None


def outcome(run_id: str, run: RunState, decision: Decision) -> Outcome | None:
    """Return how `decision` ends the run, or None when the run goes on."""
    if decision.kind == "succeed":
        return Outcome(result=_of_all(run_id, run) if run["alert"] is None else _of_one(run_id, run, run["alert"]))
    return Outcome(problem=of_run(decision.problem, run_id)) if decision.problem else None


def alerts_of(result: Result | AlertsResult) -> list[dict[str, Any]]:
    """Return the alerts that `result` is about."""
    plain = cast("dict[str, Any]", result)
    return [plain["alert"]] if "alert" in plain else list(plain["alerts"])


def with_changes(result: Result | AlertsResult, found: dict[str, Changes | None]) -> Outcome:
    """Return the outcome with what was `found` for each alert, by its id; None where nothing could be compared."""
    changed = [changes and changes["changed"] for changes in found.values()]
    verdict = True if True in changed else None if None in changed else False
    return Outcome(result=cast("Result", {**result, "changed": verdict, "changes": found}))


def changes_only(ended: Outcome) -> Outcome | None:
    """Return the outcome with the alerts that have changed, or that nobody can tell of; None when there are none.

    A problem is news, too.
    """
    if ended.result is None:
        return ended
    plain = cast("dict[str, Any]", ended.result)
    news = {name for name, changes in (plain["changes"] or {}).items() if changes is None or changes["changed"]}
    if not news:
        return None
    alerts = [alert for alert in alerts_of(ended.result) if str(alert.get("id")) in news]
    return Outcome(result=cast("Result", {**plain, "alerts": alerts})) if "alerts" in plain else ended


def _of_one(run_id: str, run: RunState, alert: dict[str, Any]) -> Result:
    told, count, incidents = alert.get("lastScannedDateTime"), alert.get("incidentCount"), incidents_of(alert)
    if "alertConfiguration" not in run["expand"]:
        # Asked for by `domain.run_state.next_look`, not by the caller.
        alert = {name: value for name, value in alert.items() if name.partition("@")[0] != "alertConfiguration"}
    return {
        "runId": run_id,
        "operation": run["operation"],
        "alert": alert,
        "scannedAt": told if isinstance(told, str) else None,
        "fresh": is_fresh(alert, run),
        "incidentCount": count if isinstance(count, int) else None,
        "incidentsFetched": None if incidents is None else len(incidents),
        "incidentsTruncated": run["truncated"],
        "incidentsUrl": run["incidentsUrl"] if run["truncated"] else None,
        "changed": None,
        "changes": None,
    }


def _of_all(run_id: str, run: RunState) -> AlertsResult:
    alerts = run["alerts"] or []
    verdicts = [is_fresh(alert, run) for alert in alerts]
    scans = sorted(
        (moment, told) for alert in alerts if (moment := parse_timestamp(told := alert.get("lastScannedDateTime")))
    )
    return {
        "runId": run_id,
        "operation": run["operation"],
        "alerts": alerts,
        "scannedAt": scans[0][1] if scans else None,
        "fresh": False if False in verdicts else None if None in verdicts else True,
        "notScanned": [str(alert.get("id")) for alert, fresh in zip(alerts, verdicts, strict=True) if fresh is False],
        "incidentsTruncated": run["truncated"],
        "changed": None,
        "changes": None,
    }
