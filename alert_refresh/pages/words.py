"""Names and times as people read them."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple

from alert_refresh.timestamps import parse_timestamp

ACRONYMS = {"id": "ID", "mfa": "MFA", "pim": "PIM"}
PHASES = {"refreshing": "Asking for a refresh", "polling": "Waiting for the scan", "fetching": "Fetching the alert"}
UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))


class Moment(NamedTuple):
    """A time: for a `<time>` element, for people, and as a distance from now."""

    machine: str
    shown: str
    distance: str


def split_words(name: str) -> str:
    """Return a name in camelCase as words: "Assignee display name" for `assigneeDisplayName`.

    A name with other characters than letters is returned unchanged.
    """
    if not re.fullmatch("[A-Za-z]+", name):
        return name
    parts = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+", name)
    text = " ".join(ACRONYMS.get(part.lower(), part.lower()) for part in parts)
    return text[:1].upper() + text[1:]


def name_alert(graph_id: str) -> str:
    """Return the name that the id of an alert, or of its operation, ends with. An id without one is returned unchanged.

    https://learn.microsoft.com/graph/how-to-pim-alerts
    """
    name = graph_id.rpartition("_")[2]
    short = name.removesuffix("Alert")
    return split_words(short) if short and ("_" in graph_id or short != name) else graph_id


def label_incident(incident: Mapping[str, Any], longest: int | None = None) -> str:
    """Return the person and the role of an `IncidentName`, each cut to `longest` characters; without both, the id."""
    person, role = (text and text[:longest] for text in (incident["person"], incident["role"]))
    return f"{person} ({role})" if person and role else person or role or f"incident {incident['id']}"


def find_alert_id(run: Mapping[str, Any]) -> str | None:
    """Return the alert that a run is about, by its document: the id or the short name. None when that is not known."""
    target, operation = run["target"], run["operation"] or {}
    for text in (operation.get("id"), target.get("operationId")):
        alert_id = str(text).removeprefix("refresh:")
        if "allAlerts" not in target and make_portal_url(alert_id):
            return alert_id
    return str(target["alertId"]) if "alertId" in target else None


def make_portal_url(alert_id: str) -> str | None:
    """Return the URL of the alert in the Azure portal; None for an id of another form than Graph documents.

    https://learn.microsoft.com/graph/how-to-pim-alerts
    """
    parts = re.fullmatch("DirectoryRole_([A-Za-z0-9-]+)_([A-Za-z0-9]+)", alert_id)
    blade = "https://portal.azure.com/#view/Microsoft_Azure_PIMCommon/AlertDetail/providerId/aadroles"
    return f"{blade}/alertId/{parts[2]}/resourceId/{parts[1]}" if parts else None


def name_state(state: str) -> str:
    return PHASES.get(state) or split_words(state)


def name_target(target: Mapping[str, Any]) -> str:
    """Return the `target` of a run document in words."""
    if "allAlerts" in target:
        return "All alerts"
    if "alertId" in target:
        return name_alert(target["alertId"])
    operation = target["operationId"]
    name = name_alert(operation)
    return name if name != operation else f"Operation {operation}"


def describe_moment(text: object, now: datetime) -> Moment | None:
    """Return the time in `text`, as Graph or this app writes it; None when `text` is no time."""
    moment = parse_timestamp(text)
    if moment is None:
        return None
    machine = moment.isoformat(timespec="seconds").replace("+00:00", "Z")
    return Moment(machine, f"{moment:%Y-%m-%d %H:%M:%S} UTC", _measure_distance((moment - now).total_seconds()))


def describe_wait(waiting_for: dict[str, Any] | None, now: datetime) -> str | None:
    """Return the `waitingFor` of a run document in words. The time has a date when it is not today."""
    if waiting_for is None:
        return None
    since, tries = describe_moment(waiting_for["since"], now), waiting_for["tries"]
    shown = since.shown.removeprefix(f"{now:%Y-%m-%d} ") if since else "—"
    return f"{waiting_for['problem']['title']}, since {shown}, {tries} {'try' if tries == 1 else 'tries'}"


def describe_request(run: Mapping[str, Any]) -> str:
    """Return what a run was asked, without its target, in words."""
    parts = ["Watch" if "operationId" in run["target"] else "Refresh"]
    if run["changesFor"]:
        parts.append(f"changes for {run['changesFor']}")
    created, deadline = parse_timestamp(run["createdAt"]), parse_timestamp(run["deadline"])
    if created and deadline:
        parts.append(f"at most {measure_duration((deadline - created).total_seconds())}")
    return ", ".join(parts)


def add_query(url: str, pair: str) -> str:
    """Return `url` with `pair`, a `name=value`, at the end of its query."""
    return f"{url}{'&' if '?' in url else '?'}{pair}"


def _measure_distance(seconds: float) -> str:
    if abs(seconds) < 1:
        return "now"
    text = measure_duration(abs(seconds))
    return f"in {text}" if seconds > 0 else f"{text} ago"


def measure_duration(seconds: float) -> str:
    # At least two of the unit: "90 s" says more than "1 min".
    unit, name = next(((unit, name) for unit, name in UNITS if seconds >= 2 * unit), UNITS[-1])
    return f"{seconds / unit:.0f} {name}"
