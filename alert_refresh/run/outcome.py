"""How a run ends: with a result or with a problem. The API and the callback give the same outcome."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple, TypedDict, cast

from alert_refresh.problems import PREFIX, Problem, make_problem, shorten
from alert_refresh.run.changes import Baseline, Changes, describe_changes, describe_scan, name_incident
from alert_refresh.run.freshness import Operation, is_disabled, is_fresh
from alert_refresh.run.observations import INCIDENTS, IncidentsCut, Observation, list_incidents
from alert_refresh.run.state import Run
from alert_refresh.timestamps import format_timestamp, parse_scan_time

OVERDUE = timedelta(minutes=2)
"""A run that goes on so long after its deadline is shown as timed out. It ends so, too: an ended run never changes."""

NOT_ENDED = make_problem(
    "timed-out", "The task hub did not end the run at its deadline: it is suspended, or the app is not running."
)
SEVERITIES = ("informational", "low", "medium", "high")
"""Of alert definitions, in order. Graph also has `unknown`, and may add others: they count as severe.

https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementalertdefinition?view=graph-rest-beta
"""

LONGEST_STATUS_DETAIL = 900
"""Bytes of ASCII JSON of Graph's statusDetail in a problem, which must fit into the custom status whole."""


class Common(TypedDict):
    """The members that every result has; openapi.yaml says what they mean, as `Result` and `AlertsResult`."""

    runId: str
    operation: dict[str, Any] | None
    scannedAt: str | None
    fresh: bool | None
    incidentsCut: list[IncidentsCut]
    changed: bool | None
    changes: dict[str, Changes | None] | None


class Result(Common):
    """The operation and the alert as Graph sent them."""

    alert: dict[str, Any]


class AlertsResult(Common):
    """The operation and all alerts as Graph sent them."""

    alerts: list[dict[str, Any]]
    notScanned: list[str]


class Outcome(NamedTuple):
    """A result or a problem."""

    result: Result | AlertsResult | None = None
    problem: Problem | None = None
    scans: Baseline | None = None
    """What the subscriber gets with the result; None when the run has no subscriber, or ended with a problem."""
    alert_ids: Sequence[str] = ()
    """Of the alerts of the result, in the same order. An alert itself has no id when the caller did not select it."""
    quiet: Collection[str] = ()
    """Ids of the alerts that are not severe enough for the subscriber."""


def make_result(run: Run, observation: Observation) -> Outcome:
    """Return the outcome of `run`, which fetched `observation`: an alert, or all alerts."""
    alerts = observation["alerts"]
    verdicts = [(alert, is_fresh(alert, run)) for alert in alerts]
    common: Common = {
        "runId": run.id,
        "operation": run.operation,
        "scannedAt": _find_oldest_scan(alerts),
        "fresh": _judge(verdicts),
        "incidentsCut": observation.get("incidentsCut", []),
        "changed": None,
        "changes": None,
    }
    shown = [_trim(alert, run) for alert in alerts]
    result: Result | AlertsResult
    if observation["kind"] == "alert":
        result = {**common, "alert": shown[0], "fresh": verdicts[0][1]}
    else:
        stale = [str(alert.get("id")) for alert, fresh in verdicts if fresh is False]
        result = {**common, "alerts": shown, "notScanned": stale}
    ids = tuple(str(alert.get("id")) for alert in alerts)
    quiet = {str(alert.get("id")) for alert in alerts if _is_quiet(alert, run.wish.changes_min_severity)}
    return Outcome(result, None, _describe_scans(run, observation), ids, quiet)


def _is_quiet(alert: Mapping[str, Any], least: str | None) -> bool:
    return least is not None and _find_severity(alert) in SEVERITIES[: SEVERITIES.index(least)]


def _find_severity(alert: Mapping[str, Any]) -> str | None:
    definition = alert.get("alertDefinition")
    severity = definition.get("severityLevel") if isinstance(definition, Mapping) else None
    return severity if isinstance(severity, str) else None


def extract_alerts(result: Result | AlertsResult) -> list[dict[str, Any]]:
    plain = cast("dict[str, Any]", result)
    return [plain["alert"]] if "alert" in plain else list(plain["alerts"])


def attach_changes(outcome: Outcome, changes: Mapping[str, Changes]) -> Outcome:
    """Return `outcome` with what changed for its subscriber. An alert that could not be compared has null.

    `changed` of the whole tells of alerts that are severe enough for the subscriber.
    """
    if outcome.result is None:
        return outcome
    pairs = zip(outcome.alert_ids, extract_alerts(outcome.result), strict=True)
    found = {alert_id: _name_added(changes.get(alert_id), alert) for alert_id, alert in pairs}
    verdicts = [each and each["changed"] for alert_id, each in found.items() if alert_id not in outcome.quiet]
    changed = True if True in verdicts else None if None in verdicts else False
    return outcome._replace(result=cast("Result", {**outcome.result, "changed": changed, "changes": found}))


def _name_added(changes: Changes | None, alert: Mapping[str, Any]) -> Changes | None:
    """Return `changes` with the names of all added incidents: the baseline has only some, `alert` has all."""
    if not changes or not changes["added"]:
        return changes
    names = {str(incident.get("id")): name_incident(incident) for incident in list_incidents(alert) or []}
    return {**changes, "added": [names.get(each["id"], each) for each in changes["added"]]}


def select_news(outcome: Outcome) -> Outcome | None:
    """Return `outcome` with only the alerts that are new to its subscriber; None when there is nothing new.

    An alert is new when it changed or could not be compared, and is severe enough. A problem is always new.
    """
    if outcome.result is None or outcome.result["changes"] is None:
        # Without a comparison the baseline stays: the next run says what changed.
        return outcome._replace(scans=None)
    changes = outcome.result["changes"]
    news = {alert_id for alert_id, each in changes.items() if each is None or each["changed"]} - set(outcome.quiet)
    if not news:
        return None
    if "alert" in outcome.result:
        return outcome
    pairs = zip(outcome.alert_ids, extract_alerts(outcome.result), strict=True)
    alerts = [alert for alert_id, alert in pairs if alert_id in news]
    # Only what is given moves the baseline: an earlier delivery may still be under way.
    scans = {alert_id: scan for alert_id, scan in (outcome.scans or {}).items() if alert_id in news}
    return outcome._replace(result=cast("AlertsResult", {**outcome.result, "alerts": alerts}), scans=scans)


def describe_failure(operation: Operation) -> Problem:
    """Return the problem of a run whose operation failed or was skipped."""
    text = operation.sent.get("statusDetail")
    detail = (
        f"Graph's statusDetail: {shorten(text, LONGEST_STATUS_DETAIL)}"
        if isinstance(text, str) and text
        else "Graph gave no statusDetail."
    )
    if operation.ending == "skipped":
        return make_problem("operation-skipped", f"Nothing was scanned. Is the alert disabled in PIM? {detail}")
    return make_problem("operation-failed", f"Refresh the alert again. {detail}")


def make_timeout(run: Run, reason: str, at_least: float, now: datetime) -> Problem:
    """Return the problem of a run that had no alert by its deadline; Graph asked it to wait `at_least` seconds more."""
    polls = f"{run.polls} poll{'' if run.polls == 1 else 's'}"
    # The reason is logged, so it holds no text of Graph's; the problem is for the caller alone.
    reason = run.fault.problem["detail"] if run.fault else reason
    detail = f"After {polls}, until {format_timestamp(run.wish.deadline)}: {reason.rstrip('.')}."
    if at_least:
        until = format_timestamp(now + timedelta(seconds=at_least))
        detail += f" Graph asked to wait {at_least:g} s, until {until}, which is past the deadline."
    problem = make_problem("timed-out", f"{detail} Start again with a longer timeoutSeconds, up to 86400.")
    if run.fault is not None:
        problem["cause"] = run.fault.problem["type"]
        if "graph" in run.fault.problem:
            problem["graph"] = run.fault.problem["graph"]
    return problem


def describe_end(run: Run, outcome: Outcome) -> dict[str, Any]:
    """Return the log line of the end of a run. It leaves the alert out, since its incidents name people."""
    return {
        "event": "end",
        "runId": run.id,
        **run.wish.target.dump(),
        "outcome": outcome.problem["type"].removeprefix(PREFIX) if outcome.problem else "succeeded",
        "polls": run.polls,
        "refreshedAt": run.began_at and run.requested_at and format_timestamp(run.began_at),
        "problem": outcome.problem["type"] if outcome.problem else None,
        "startedBy": run.wish.started_by,
        "cancelledBy": run.cancelled_by,
        "deadline": format_timestamp(run.wish.deadline),
    }


def describe_news(run: Run, outcome: Outcome) -> list[dict[str, Any]]:
    """Return the log lines of what changed for the subscriber of `run`, one for each change that is news."""
    if outcome.result is None or outcome.result["changes"] is None:
        return []
    pairs = zip(outcome.alert_ids, extract_alerts(outcome.result), strict=True)
    severities = {alert_id: _find_severity(alert) for alert_id, alert in pairs}
    news = {alert_id: each for alert_id, each in outcome.result["changes"].items() if alert_id not in outcome.quiet}
    lines = describe_changes(news, severities, people=run.wish.log_people)
    common = {"event": "pim.alert.changed", "runId": run.id, "subscriber": run.wish.changes_for}
    return [{**common, **line} for line in lines]


def _judge(verdicts: Sequence[tuple[Mapping[str, Any], bool | None]]) -> bool | None:
    """Return whether all alerts that PIM scans are fresh; None when it scans none, or when one is not known."""
    scanned = [fresh for alert, fresh in verdicts if not is_disabled(alert)]
    return False if False in scanned else None if None in scanned or not scanned else True


def _find_oldest_scan(alerts: Sequence[Mapping[str, Any]]) -> str | None:
    texts = [alert.get("lastScannedDateTime") for alert in alerts]
    scans = [(moment, text) for text in texts if (moment := parse_scan_time(text)) and isinstance(text, str)]
    return min(scans)[1] if scans else None


def _trim(alert: Mapping[str, Any], run: Run) -> dict[str, Any]:
    """Return only what the caller asked for. The app adds the configuration and some properties to its request."""
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
    answered_at = observation.get("answeredAt")
    ignored = frozenset(run.wish.changes_ignore)
    scans = {str(alert.get("id")): describe_scan(alert, answered_at, ignored) for alert in observation["alerts"]}
    return {alert_id: scan for alert_id, scan in scans.items() if scan and alert_id not in cut}
