"""How a run ends: with a result or with a problem. The API answers the outcome, and the callback gets it."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple, TypedDict, cast

from alert_refresh.problems import Problem, attach_run
from alert_refresh.run.changes import Baseline, Changes, describe_scan
from alert_refresh.run.freshness import is_disabled, is_fresh
from alert_refresh.run.incidents import INCIDENTS
from alert_refresh.run.observations import IncidentsCut, Observation
from alert_refresh.run.state import Run
from alert_refresh.timestamps import parse_timestamp


class Common(TypedDict):
    """What every result says."""

    runId: str
    operation: dict[str, Any] | None
    scannedAt: str | None
    """The alert's `lastScannedDateTime`; of several alerts, the oldest."""
    fresh: bool | None
    """Whether the alert shows a scan that began after the run asked; null when the run cannot know."""
    incidentsCut: list[IncidentsCut]
    """Alerts of which not all incidents are here, because the history of a run has no room for them."""
    changed: bool | None
    """Whether something changed for the subscriber; null when that was not asked for, or is not known."""
    changes: dict[str, Changes | None] | None
    """Alert id → what changed; null when that was not asked for, or is not known."""


class Result(Common):
    """The operation and the alert as Graph sent them."""

    alert: dict[str, Any]


class AlertsResult(Common):
    """The operation and all alerts as Graph sent them."""

    alerts: list[dict[str, Any]]
    notScanned: list[str]
    """Ids of the alerts that are not fresh. PIM does not scan a disabled alert."""


class Outcome(NamedTuple):
    """A result or a problem."""

    result: Result | AlertsResult | None = None
    problem: Problem | None = None
    scans: Baseline | None = None
    """What the run's subscriber is about to be given; None when the run has none, or ended with a problem."""
    alert_ids: Sequence[str] = ()
    """Of the alerts of the result, in their order: the caller need not have selected `id`."""


def make_problem_outcome(run_id: str, problem: Problem) -> Outcome:
    """Return the outcome of a run that ended with `problem`."""
    return Outcome(problem=attach_run(problem, run_id))


def make_result(run: Run, observation: Observation) -> Outcome:
    """Return the outcome of `run`, which fetched `observation`: an alert, or all alerts."""
    alerts = observation["alerts"]
    verdicts = [is_fresh(alert, run) for alert in alerts]
    common: Common = {
        "runId": run.id,
        "operation": run.operation,
        "scannedAt": _find_oldest_scan(alerts),
        "fresh": _judge(alerts, verdicts),
        "incidentsCut": observation.get("incidentsCut", []),
        "changed": None,
        "changes": None,
    }
    shown = [_trim(alert, run) for alert in alerts]
    result: Result | AlertsResult
    if observation["kind"] == "alert":
        result = {**common, "alert": shown[0], "fresh": verdicts[0]}
    else:
        stale = [str(alert.get("id")) for alert, fresh in zip(alerts, verdicts, strict=True) if fresh is False]
        result = {**common, "alerts": shown, "notScanned": stale}
    ids = tuple(str(alert.get("id")) for alert in alerts)
    return Outcome(result, None, _describe_scans(run, observation), ids)


def list_alerts(result: Result | AlertsResult) -> list[dict[str, Any]]:
    """Return the alerts of `result`."""
    plain = cast("dict[str, Any]", result)
    return [plain["alert"]] if "alert" in plain else list(plain["alerts"])


def attach_changes(outcome: Outcome, changes: Mapping[str, Changes]) -> Outcome:
    """Return `outcome` with what changed for its subscriber. An alert that could not be compared has null."""
    if outcome.result is None:
        return outcome
    found = {alert_id: changes.get(alert_id) for alert_id in outcome.alert_ids}
    verdicts = [each and each["changed"] for each in found.values()]
    changed = True if True in verdicts else None if None in verdicts else False
    return outcome._replace(result=cast("Result", {**outcome.result, "changed": changed, "changes": found}))


def select_news(outcome: Outcome) -> Outcome | None:
    """Return `outcome` with only the alerts that are news to its subscriber; None when there is no news.

    News are alerts that changed and alerts that could not be compared. A problem is news, too.
    """
    if outcome.result is None or outcome.result["changes"] is None:
        return outcome
    changes = outcome.result["changes"]
    news = {alert_id for alert_id, each in changes.items() if each is None or each["changed"]}
    if not news:
        return None
    if "alert" in outcome.result:
        return outcome
    pairs = zip(outcome.alert_ids, list_alerts(outcome.result), strict=True)
    alerts = [alert for alert_id, alert in pairs if alert_id in news]
    return outcome._replace(result=cast("AlertsResult", {**outcome.result, "alerts": alerts}))


def _judge(alerts: Sequence[Mapping[str, Any]], verdicts: Sequence[bool | None]) -> bool | None:
    """Return the verdict over all alerts that PIM scans; None when there is none, or when that of one is not known."""
    scanned = [verdict for alert, verdict in zip(alerts, verdicts, strict=True) if not is_disabled(alert)]
    return False if False in scanned else None if None in scanned or not scanned else True


def _find_oldest_scan(alerts: Sequence[Mapping[str, Any]]) -> str | None:
    texts = [alert.get("lastScannedDateTime") for alert in alerts]
    scans = [(moment, text) for text in texts if (moment := parse_timestamp(text)) and isinstance(text, str)]
    return min(scans)[1] if scans else None


def _trim(alert: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """Return what the caller asked for: the app itself asks for the configuration and for some properties."""
    wish = run.wish
    expanded = {*wish.expand, *([INCIDENTS] if wish.changes_for else [])}
    hidden = {"alertConfiguration"} - expanded
    selected = {*wish.select, *expanded, ""}
    return {
        name: value
        for name, value in alert.items()
        if (base := name.partition("@")[0]) not in hidden and (not wish.select or base in selected)
    }


def _describe_scans(run: Run, observation: Observation) -> Baseline | None:
    if run.wish.changes_for is None:
        return None
    cut = {each["alertId"] for each in observation.get("incidentsCut", [])}
    scans = {
        alert_id: describe_scan(alert, observation.get("answeredAt"))
        for alert in observation["alerts"]
        if (alert_id := str(alert.get("id"))) not in cut
    }
    return {alert_id: scan for alert_id, scan in scans.items() if scan is not None}
