"""The outcome of a run as an Adaptive Card, for a workflow of Microsoft Teams that posts what it is sent.

Texts of Graph stand in runs of text (`TextRun`): there, and nowhere else in a card, no markdown is shown, so no name in
the tenant becomes a link. https://adaptivecards.io/explorer/TextRun.html
"""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from alert_refresh.pages.words import label_incident, make_portal_url, name_alert
from alert_refresh.run.changes import Changes, apply_ignore, name_incident
from alert_refresh.run.observations import count_incidents, list_incidents
from alert_refresh.run.outcome import extract_alerts
from alert_refresh.timestamps import parse_scan_time

type Element = dict[str, Any]
type View = tuple[str, Mapping[str, Any], Changes | None]

LARGEST = 28_000
"""Bytes of the whole message as JSON: Teams refuses more than 28 KB.

https://learn.microsoft.com/microsoftteams/platform/webhooks-and-connectors/how-to/add-incoming-webhook
"""

INCIDENTS_SHOWN = (10, 3, 0)
"""Incidents that came or went, of each alert: ten, or as few as the whole needs."""

LONGEST_NAME = 100
"""Characters of each name that a tenant or Graph gave. A problem has at most some thousand."""


def make_message(outcome: Mapping[str, Any], run_url: str | None) -> dict[str, Any]:
    """Return the message for the trigger "When a Teams webhook request is received", at most `LARGEST` bytes.

    outcome: a result or a problem, as a callback in JSON gets it. run_url: of the run's page, if it is known.
    """
    open_run = [] if run_url is None else [_make_button("Open the run", run_url)]
    if "runId" not in outcome:
        texts = [_make_text([(str(outcome["detail"]), False)])]
        return _wrap([_make_title(f"No fresh PIM alert: {outcome['title']}"), *texts], open_run)
    every = _list_views(outcome)
    title = _make_title(_make_heading(every, compared=outcome["changes"] is not None))
    # Of the alerts that a subscriber gets for the first time, the active ones are enough.
    views = [view for view in every if not _is_first(view) or view[1].get("isActive") is True]
    stale = [_make_text([("The scan does not show in every alert yet.", False)])] if outcome["fresh"] is False else []
    old = frozenset(outcome.get("notScanned", ()))
    for shown, most in _list_sizes(len(views)):
        left = len(views) - shown
        rest = [_make_text([(f"{left} more alerts are not shown here.", False)])] if left else []
        sections = [section for view in views[:shown] for section in _make_sections(*view, most, old)]
        message = _wrap([title, *stale, *sections, *rest], open_run)
        if len(json.dumps(message)) <= LARGEST:
            break
    return message


def _list_sizes(alerts: int) -> Iterable[tuple[int, int]]:
    """Yield how many alerts, and how many incidents of each, to show; the most first."""
    yield from ((alerts, most) for most in INCIDENTS_SHOWN)
    yield from ((shown, 0) for shown in range(alerts - 1, -1, -1))


def _list_views(result: Mapping[str, Any]) -> list[View]:
    """Return the id of each alert, the alert as its subscriber gets it, and its changes."""
    changes: Mapping[str, Changes | None] = result["changes"] or {}
    alerts = extract_alerts(result)  # type: ignore[arg-type]
    # The only alert of a result may have no id: the caller did not select it.
    ids = [str(alert.get("id") or (next(iter(changes), "") if len(alerts) == 1 else "")) for alert in alerts]
    found = [(alert_id, alert, changes.get(alert_id)) for alert_id, alert in zip(ids, alerts, strict=True)]
    return [(alert_id, apply_ignore(alert, each), each) for alert_id, alert, each in found]


def _is_first(view: View) -> bool:
    return view[2] is not None and view[2]["firstTime"]


def _make_heading(views: Sequence[View], *, compared: bool) -> str:
    alerts, active = _count(len(views), "PIM alert"), sum(alert.get("isActive") is True for _, alert, _ in views)
    if not compared:
        return f"{alerts}, {active} active"
    if all(map(_is_first, views)):
        return f"Now watching {alerts}, {active} active"
    unknown = sum(changes is None for _, _, changes in views)
    heading = f"{_count(len(views) - unknown, 'PIM alert')} changed"
    return f"{heading}, {unknown} could not be compared" if unknown else heading


def _make_sections(
    alert_id: str, alert: Mapping[str, Any], changes: Changes | None, most: int, old: Collection[str]
) -> list[Element]:
    """Return the elements about one alert, with `most` incidents. `old` names the alerts that the run did not scan."""
    definition = alert.get("alertDefinition")
    definition = definition if isinstance(definition, Mapping) else {}
    name = definition.get("displayName") or name_alert(alert_id) or "Alert"
    section: list[Element] = [
        _make_text([(str(name)[:LONGEST_NAME], True), (f": {_describe(alert, definition, changes)}", False)]),
        *([_make_text([("PIM did not scan it for this run.", False)])] if alert_id in old else []),
    ]
    lines = _list_lines(alert, changes)
    section += [_make_text([(line, False)]) for line in lines[:most]]
    if lines[most:]:
        section.append(_make_text([(f"{'and ' if most else ''}{len(lines) - most} incidents more", False)]))
    url = make_portal_url(alert_id)
    section += [{"type": "ActionSet", "actions": [_make_button("Open in Entra", url)]}] if url else []
    return [{"type": "Container", "separator": True, "items": section}]


def _describe(alert: Mapping[str, Any], definition: Mapping[str, Any], changes: Changes | None) -> str:
    active, count = alert.get("isActive"), count_incidents(alert)
    scanned = parse_scan_time(alert.get("lastScannedDateTime"))
    became = changes is not None and not changes["firstTime"] and changes["activeBefore"] is (not active)
    words = {True: "has become active" if became else "active", False: "no longer active" if became else "not active"}
    parts = [
        str(definition.get("severityLevel") or "")[:LONGEST_NAME],
        words.get(active, "") if isinstance(active, bool) else "",
        "" if count is None else _count(count, "incident"),
        f"scanned {scanned:%Y-%m-%d %H:%M} UTC" if scanned else "",
        "what changed is not known" if changes is not None and changes["added"] is None else "",
    ]
    return ", ".join(part for part in parts if part)


def _list_lines(alert: Mapping[str, Any], changes: Changes | None) -> list[str]:
    """Return a line for each incident that came or went; without a comparison, for each incident."""
    if changes is None:
        return [label_incident(name_incident(incident), LONGEST_NAME) for incident in list_incidents(alert) or []]
    if changes["firstTime"]:
        return []
    parts = (("New", changes["added"]), ("Gone", changes["removed"]))
    return [f"{word}: {label_incident(each, LONGEST_NAME)}" for word, names in parts for each in names or []]


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


def _make_title(text: str) -> Element:
    return {"type": "TextBlock", "text": text, "size": "Large", "weight": "Bolder", "wrap": True}


def _make_text(runs: Sequence[tuple[str, bool]]) -> Element:
    """Return a paragraph; each run is a text, and whether it is bold."""
    inlines = [{"type": "TextRun", "text": text, **({"weight": "Bolder"} if bold else {})} for text, bold in runs]
    return {"type": "RichTextBlock", "inlines": inlines}


def _make_button(title: str, url: str) -> Element:
    return {"type": "Action.OpenUrl", "title": title, "url": url}


def _wrap(body: list[Element], actions: list[Element]) -> dict[str, Any]:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "body": body,
        **({"actions": actions} if actions else {}),
    }
    attachment = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [attachment]}
