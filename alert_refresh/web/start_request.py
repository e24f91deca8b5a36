"""The request `POST /runs`: fields in the body, in the query, or in both. All faults are reported together."""

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any

import azure.functions as func

from alert_refresh.callback.urls import check_callback_url
from alert_refresh.graph.errors import UntrustedUrl
from alert_refresh.graph.urls import ALERT_NAMES, find_alert_name, is_segment, parse_operation_url
from alert_refresh.run.state import Target, Wish
from alert_refresh.settings import LONGEST_RUN_SECONDS, Settings
from alert_refresh.web.requests import (
    IDEMPOTENCY_KEY,
    LONGEST_NAME,
    Fault,
    is_form,
    make_fault,
    make_hint,
    parse_fields,
    parse_idempotency_key,
    parse_moment,
    read_body,
    read_caller,
    read_idempotency_key,
    read_query,
    refuse_faults,
)
from alert_refresh.web.responses import find_api_url

LONGEST_ID = 200
OLDEST_MOMENT = datetime(2020, 1, 1, tzinfo=UTC)
TARGETS = ("operationId", "operationUrl", "alertId", "allAlerts")
"""A request has exactly one of these."""

# https://learn.microsoft.com/graph/api/resources/unifiedrolemanagementalert?view=graph-rest-beta
SELECTABLE = (
    "id",
    "alertDefinitionId",
    "scopeId",
    "scopeType",
    "incidentCount",
    "isActive",
    "lastModifiedDateTime",
    "lastScannedDateTime",
)
EXPANDED_FOR: Mapping[str, Sequence[str]] = {"json": (), "teams": ("alertDefinition",)}
"""The formats of a callback, and what the app expands for each: a card shows the name and the severity."""
EXPANDABLE = ("alertDefinition", "alertConfiguration", "alertIncidents")


def parse_start(request: func.HttpRequest, settings: Settings, now: datetime) -> tuple[Wish, str | None]:
    """Return what the run must do that `request` asks for at `now` (aware), and the caller's Idempotency-Key.

    Raises `Refused`.
    """
    parsers = make_parsers(settings)
    in_query = read_query(request.url)
    # A null counts as a missing field: Logic Apps sends one for an expression without a value.
    in_body = [(name, value) for name, value in read_body(request, parsers) if value is not None]
    names = {name for name, _ in (*in_query, *in_body)}
    if is_form(request):
        # An HTML form sends no header.
        parsers["idempotencyKey"] = parse_idempotency_key
    values, errors = parse_fields([*in_query, *in_body], parsers)
    errors += _check_targets(names)
    if "callbackUrl" in names - dict(in_body).keys():
        errors.append(make_fault("callbackUrl", "must be in the body: it is a credential, and queries are logged"))
    if "format" in values and "callbackUrl" not in names:
        errors.append(make_fault("format", "needs callbackUrl: it says what is posted there"))
    timeout = values.get("timeoutSeconds", settings.run_timeout_seconds)
    not_before = values.get("notBefore")
    if not_before and not_before > now + timedelta(seconds=timeout):
        errors.append(make_fault("notBefore", "is after the end of the run: no scan could be new enough"))
    key = values.get("idempotencyKey")
    try:
        header = read_idempotency_key(request)
    except ValueError as error:
        errors.append(make_fault(IDEMPOTENCY_KEY, str(error)))
    else:
        if key and header:
            errors.append(make_fault("idempotencyKey", "is given twice, in the form and in the header"))
        key = key or header
    if errors:
        raise refuse_faults(errors)
    runs_url = find_api_url(request, "/runs/?") + "/runs" if "format" in values else None
    return replace(make_wish(values, settings, now), started_by=read_caller(request), runs_url=runs_url), key


def make_wish(values: Mapping[str, Any], settings: Settings, now: datetime) -> Wish:
    """Return the wish of a run that begins at `now` (aware). `values` are the parsed fields."""
    seconds = values.get("timeoutSeconds", settings.run_timeout_seconds)
    # The API shows milliseconds.
    created_at = now.replace(microsecond=now.microsecond // 1000 * 1000)
    return Wish(
        target=_make_target(values),
        created_at=created_at,
        deadline=created_at + timedelta(seconds=seconds),
        select=values.get("select", ()),
        expand=tuple(sorted({*values.get("expand", ()), *EXPANDED_FOR[values.get("format", "json")]})),
        not_before=values.get("notBefore"),
        changes_for=values.get("changesFor"),
        callback_url=values.get("callbackUrl"),
        format=values.get("format", "json"),
        log_people=settings.log_incident_people,
        poll_min_seconds=settings.poll_min_seconds,
        poll_max_seconds=settings.poll_max_seconds,
        incidents_limit=settings.incidents_limit_bytes,
    )


def _make_target(values: Mapping[str, Any]) -> Target:
    if "alertId" in values:
        return Target("alertId", values["alertId"])
    if "allAlerts" in values:
        return Target("allAlerts")
    return Target("operationId", values.get("operationId") or values["operationUrl"])


def _check_targets(names: Collection[str]) -> list[Fault]:
    targets = [name for name in TARGETS if name in names]
    if not targets:
        return [make_fault("operationId", f"is missing: a request has exactly one of {', '.join(TARGETS)}")]
    return [
        make_fault(name, f"is one too many: a request has exactly one of {', '.join(TARGETS)}") for name in targets[1:]
    ]


def _parse_segment(value: Any) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_ID or not is_segment(value):
        raise ValueError(f"must be a string of 1 to {LONGEST_ID} printable characters without / \\ ? #")
    return value


def parse_alert_id(value: Any) -> str:
    """Return the short name or the id of an alert. Raises ValueError with a sentence, also for a misspelt name."""
    alert_id = _parse_segment(value)
    name = find_alert_name(alert_id)
    # An id has the form DirectoryRole_<tenant id>_<name>.
    if name is None and "_" not in alert_id and get_close_matches(alert_id, ALERT_NAMES, n=1):
        raise ValueError(f"is not the name of an alert; {make_hint(alert_id, ALERT_NAMES)}")
    return name or alert_id


def _parse_operation_url(value: Any, base_url: str) -> str:
    try:
        return _parse_segment(parse_operation_url(base_url, str(value)))
    except UntrustedUrl as error:
        raise ValueError(f"must be the URL of an operation under {base_url}; {error}") from error


def _parse_all_alerts(value: Any) -> bool:
    if value is not True and value != "true":
        raise ValueError("must be true, or be left out: alertId refreshes one alert, operationId refreshes none")
    return True


def _parse_names(value: Any, known: Sequence[str]) -> tuple[str, ...]:
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise ValueError("must be a JSON array of strings, or one string with commas")
    names = sorted({item.strip() for item in items})
    for name in names:
        if name not in known:
            shown = name if re.fullmatch(rf"\w{{1,{LONGEST_NAME}}}", name, re.ASCII) else "a name"
            raise ValueError(f"holds {shown}, which an alert does not have; {make_hint(name, known)}")
    return tuple(names)


def _parse_timeout(value: Any) -> int:
    number = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value, re.ASCII) else value
    # In JSON Schema 60.0 is an integer, and some callers have only one type of number.
    number = int(number) if isinstance(number, float) and number.is_integer() else number
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= LONGEST_RUN_SECONDS:
        raise ValueError(f"must be a whole number of seconds from 1 to {LONGEST_RUN_SECONDS}")
    return number


def _parse_not_before(value: Any) -> datetime:
    moment = parse_moment(value)
    if moment < OLDEST_MOMENT:
        raise ValueError("must not be before 2020: no scan is that old")
    return moment


def _parse_subscriber(value: Any) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", value, re.ASCII):
        raise ValueError("must be the name of a subscriber: 1 to 64 of the characters A-Z a-z 0-9 . _ -")
    return value


def _parse_format(value: Any) -> str:
    if not isinstance(value, str) or value not in EXPANDED_FOR:
        raise ValueError(f"must be {' or '.join(EXPANDED_FOR)}")
    return value


def make_parsers(settings: Settings) -> dict[str, Callable[[Any], Any]]:
    return {
        "operationId": _parse_segment,
        "operationUrl": lambda value: _parse_operation_url(value, settings.graph_base_url),
        "alertId": parse_alert_id,
        "allAlerts": _parse_all_alerts,
        "select": lambda value: _parse_names(value, SELECTABLE),
        "expand": lambda value: _parse_names(value, EXPANDABLE),
        "timeoutSeconds": _parse_timeout,
        "notBefore": _parse_not_before,
        "changesFor": _parse_subscriber,
        "format": _parse_format,
        "callbackUrl": lambda value: check_callback_url(value, settings.callback_allowed_hosts),
    }
