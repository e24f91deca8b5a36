"""What changed in an alert since a subscriber got it last. Plain JSON.

The baseline of a subscriber is what it got last, however old that scan is. The entity `subscriber` keeps it.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import timedelta
from hashlib import sha256
from typing import Any, TypedDict, cast

from alert_refresh.problems import make_well_formed, shorten
from alert_refresh.run.observations import count_incidents, list_incidents
from alert_refresh.timestamps import format_timestamp, parse_timestamp

MOST_IDS = 2000
"""Incident ids that a baseline keeps of one alert. An id has about 40 characters, and the Durable Task Scheduler takes
an entity state of up to 1 MB. For an alert with more, a digest shows whether they changed, but not which ones did."""

MOST_NAMES = 200
LONGEST_NAME = 60
"""Incidents of one alert that a baseline can name when they are gone, and the bytes of JSON of each name."""

MOST_LINES = 200
"""Log lines about the changes of one run. One more line counts the others."""
LONGEST_LOGGED = 256
"""Bytes of JSON of each text of Graph in such a line."""

FUTURE = timedelta(hours=1)
"""When a scan is dated further ahead of Graph's clock than this, the time of the answer counts instead: otherwise all
later scans would look outdated."""


class IncidentName(TypedDict):
    """What people call an incident: whose it is, and in which role. Not every type of incident has both.

    https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementalertincident?view=graph-rest-beta
    """

    id: str
    person: str | None
    role: str | None


class ScannedAlert(TypedDict):
    """An alert and its incidents, as a subscriber gets them. Made by `describe_scan`."""

    isActive: bool | None
    incidentCount: int | None
    incidentIds: list[str] | None
    """Sorted, without repeats; None when there are more than `MOST_IDS`."""
    idsDigest: str
    names: list[IncidentName]
    """Of the first `MOST_NAMES` incidents."""
    scannedAt: str | None


class Changes(TypedDict):
    """What changed in one alert, as openapi.yaml describes it."""

    changed: bool
    firstTime: bool
    outdated: bool
    added: list[IncidentName] | None
    removed: list[IncidentName] | None
    activeBefore: bool | None
    activeNow: bool | None
    incidentCountBefore: int | None
    incidentCountNow: int | None
    scannedBefore: str | None


type Baseline = dict[str, ScannedAlert]
"""Alert id → what the subscriber got last of the alert."""

OUTDATED = cast(
    "Changes", {**dict.fromkeys(Changes.__annotations__), "changed": False, "firstTime": False, "outdated": True}
)


def describe_scan(
    alert: Mapping[str, Any], answered_at: str | None, ignored: Collection[str] = ()
) -> ScannedAlert | None:
    """Return what a baseline keeps of `alert`, which Graph sent in an answer of `answered_at`.

    None when the alert came without its incidents: then nobody can say what changed. Incidents of the principals that
    are `ignored`, ids in lower case, are left out.
    """
    every, count = list_incidents(alert), count_incidents(alert)
    if every is None:
        return None
    incidents = [incident for incident in every if str(incident.get("assigneeId")).lower() not in ignored]
    active, scanned_at = alert.get("isActive"), alert.get("lastScannedDateTime")
    if every and not incidents:
        active = False
    scanned, answered = parse_timestamp(scanned_at), parse_timestamp(answered_at)
    if scanned and answered and scanned > answered + FUTURE:
        scanned_at = format_timestamp(answered)
    ids = sorted({str(incident.get("id")) for incident in incidents})
    return {
        "isActive": active if isinstance(active, bool) else None,
        "incidentCount": count if len(incidents) == len(every) else len(incidents),
        "incidentIds": ids if len(ids) <= MOST_IDS else None,
        "idsDigest": sha256(json.dumps(ids).encode()).hexdigest(),
        "names": [_cut(name_incident(incident)) for incident in incidents[:MOST_NAMES]],
        "scannedAt": scanned_at if isinstance(scanned_at, str) else None,
    }


def name_incident(incident: Mapping[str, Any]) -> IncidentName:
    people = (incident.get(name) for name in ("assigneeDisplayName", "assigneeUserPrincipalName"))
    role = incident.get("roleDisplayName")
    return {
        "id": str(incident.get("id")),
        "person": next((text for text in people if isinstance(text, str) and text), None),
        "role": role if isinstance(role, str) and role else None,
    }


def _cut(name: IncidentName) -> IncidentName:
    person, role = (text and shorten(text, LONGEST_NAME) for text in (name["person"], name["role"]))
    return {**name, "person": person, "role": role}


def compare(baseline: Baseline, scans: Baseline) -> dict[str, Changes]:
    """Return what changed in each alert of `scans` since the subscriber got `baseline`."""
    return {alert_id: _compare_alert(baseline.get(alert_id), scan) for alert_id, scan in scans.items()}


def give(baseline: Baseline, scans: Baseline) -> Baseline:
    """Return the baseline of a subscriber that gets `scans`. An older scan never replaces a newer one."""
    newer = {alert_id: scan for alert_id, scan in scans.items() if not _is_outdated(baseline.get(alert_id), scan)}
    return {**baseline, **newer}


def apply_ignore(alert: Mapping[str, Any], changes: Changes | None) -> Mapping[str, Any]:
    """Return `alert` as its subscriber got it with `changes`: without the incidents that are ignored for it."""
    # Nobody knows what the subscriber has of an outdated alert.
    if changes is None or changes["activeNow"] is None:
        return alert
    return {**alert, "isActive": changes["activeNow"], "incidentCount": changes["incidentCountNow"]}


def _compare_alert(before: ScannedAlert | None, now: ScannedAlert) -> Changes:
    if _is_outdated(before, now):
        return OUTDATED
    known, known_names = (before["incidentIds"], before["names"]) if before else ([], [])
    return {
        "changed": before is None
        or any(before[part] != now[part] for part in ("isActive", "incidentCount", "idsDigest")),
        "firstTime": before is None,
        "outdated": False,
        "added": _subtract(now["incidentIds"], known, now["names"]),
        "removed": _subtract(known, now["incidentIds"], known_names),
        "activeBefore": before and before["isActive"],
        "activeNow": now["isActive"],
        "incidentCountBefore": before and before["incidentCount"],
        "incidentCountNow": now["incidentCount"],
        "scannedBefore": before and before["scannedAt"],
    }


def _is_outdated(before: ScannedAlert | None, now: ScannedAlert) -> bool:
    earlier, later = parse_timestamp(before and before["scannedAt"]), parse_timestamp(now["scannedAt"])
    return earlier is not None and later is not None and later < earlier


def _subtract(
    ids: list[str] | None, others: list[str] | None, names: Sequence[IncidentName]
) -> list[IncidentName] | None:
    """Return the incidents of `ids` that are not among `others`, with those of the `names` that are known."""
    if ids is None or others is None:
        return None
    known = {name["id"]: name for name in names}
    return [known.get(each, {"id": each, "person": None, "role": None}) for each in sorted(set(ids) - set(others))]


def describe_changes(
    changes: Mapping[str, Changes | None], severities: Mapping[str, str | None], *, people: bool
) -> list[dict[str, Any]]:
    """Return the log lines of `changes`, of alerts before those of incidents. Both mappings are by alert id.

    What a subscriber gets for the first time is no change. people: whether a line names the person of an incident
    """
    states, incidents = list[dict[str, Any]](), list[dict[str, Any]]()
    changed = {
        alert_id: each for alert_id, each in changes.items() if each and each["changed"] and not each["firstTime"]
    }
    for alert_id, each in changed.items():
        alert = {"alert": alert_id.rpartition("_")[2], "alertId": alert_id, "severity": severities.get(alert_id)}
        active = each["activeNow"]
        if None not in (active, each["activeBefore"]) and active is not each["activeBefore"]:
            states.append({**alert, "change": "active" if active else "inactive"})
        for change, names in (("added", each["added"]), ("removed", each["removed"])):
            for name in names or []:
                person = name["person"] if people else None
                incident = {"incidentId": name["id"], "role": name["role"], "person": person}
                incidents.append({**alert, "change": change, **incident})
    lines = [{name: text and _make_loggable(text) for name, text in line.items()} for line in states + incidents]
    left = len(lines) - MOST_LINES
    uncounted = any(each["added"] is None for each in changed.values())
    if left > 0 or uncounted:
        lines[MOST_LINES:] = [{"change": "unlisted", "unlisted": None if uncounted else left}]
    return lines


def _make_loggable(text: str) -> str:
    return make_well_formed(shorten(text, LONGEST_LOGGED))
