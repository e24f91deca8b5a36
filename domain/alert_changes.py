"""What changed in an alert from one scan to the next. Plain JSON."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from typing import TypedDict

from domain.timestamps import parse_timestamp

MOST_IDS = 5000
"""Incident ids that are kept of a scan. Two scans are kept, an id is a GUID or a little longer, and the Durable Task
Scheduler takes a state of up to 1 MB. Of a scan with more, their number and a digest tell whether they changed, and
nothing tells which did."""

NEVER = datetime.min.replace(tzinfo=UTC)


class ScannedAlert(TypedDict):
    """An alert and its incidents as one scan left them. Made by `scanned_alert`."""

    isActive: bool | None
    incidentCount: int | None
    """As the alert tells it, which need not be the number of incidents that were listed."""
    incidentIds: list[str] | None
    """Each once, sorted; None when there were more than `MOST_IDS`."""
    idsDigest: str
    scannedAt: str | None
    """The alert's `lastScannedDateTime`, as Graph sent it."""


class Changes(TypedDict):
    """What one scan changed. The `…Before` members are null when there is no earlier scan."""

    changed: bool
    firstTime: bool
    """There is no earlier scan to compare with: whatever is there counts as added."""
    outdated: bool
    """A newer scan is known already, so that nothing was compared: `changed` is false, the rest is null."""
    added: list[str] | None
    """Ids of incidents; null when one of the two scans had more than `MOST_IDS`, and only `changed` can be told."""
    removed: list[str] | None
    """As `added`."""
    activeBefore: bool | None
    incidentCountBefore: int | None
    scannedBefore: str | None


OUTDATED: Changes = {
    "changed": False,
    "firstTime": False,
    "outdated": True,
    "added": None,
    "removed": None,
    "activeBefore": None,
    "incidentCountBefore": None,
    "scannedBefore": None,
}


def scanned_alert(alert: dict[str, object], incident_ids: list[str]) -> ScannedAlert:
    """Return what is kept of `alert`, as Graph sent it, and of the ids of all its incidents."""
    active, count, scanned = (alert.get(name) for name in ("isActive", "incidentCount", "lastScannedDateTime"))
    ids = sorted(set(incident_ids))
    return {
        "isActive": active if isinstance(active, bool) else None,
        "incidentCount": count if isinstance(count, int) and not isinstance(count, bool) else None,
        "incidentIds": ids if len(ids) <= MOST_IDS else None,
        "idsDigest": sha256(json.dumps(ids).encode()).hexdigest(),
        "scannedAt": scanned if isinstance(scanned, str) else None,
    }


def changes(before: ScannedAlert | None, now: ScannedAlert) -> Changes:
    """Return what changed from the scan `before` to the scan `now`."""
    return {
        "changed": before is None
        or any(before[part] != now[part] for part in ("isActive", "incidentCount", "idsDigest")),
        "firstTime": before is None,
        "outdated": False,
        "added": _without(now["incidentIds"], before["incidentIds"] if before else []),
        "removed": _without(before["incidentIds"] if before else [], now["incidentIds"]),
        "activeBefore": before and before["isActive"],
        "incidentCountBefore": before and before["incidentCount"],
        "scannedBefore": before and before["scannedAt"],
    }


def scan_moment(scan: ScannedAlert) -> datetime:
    """Return when the scan was, for comparison; one that does not tell is older than all that do."""
    return parse_timestamp(scan["scannedAt"]) or NEVER


def _without(ids: list[str] | None, others: list[str] | None) -> list[str] | None:
    return None if ids is None or others is None else sorted(set(ids) - set(others))
