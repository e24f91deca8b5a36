"""The request `POST /runs`: fields in a JSON body, in the query, or in both. All faults are reported together."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from difflib import get_close_matches
from typing import Any, NamedTuple

import azure.functions as func

from alert_refresh.callback.urls import check_callback_url
from alert_refresh.graph.errors import UntrustedUrl
from alert_refresh.graph.urls import find_alert_name, is_segment, parse_operation_url
from alert_refresh.run.state import Target, Wish
from alert_refresh.settings import LONGEST_RUN_SECONDS, Settings
from alert_refresh.timestamps import parse_timestamp
from alert_refresh.web.requests import (
    IDEMPOTENCY_KEY,
    InvalidRequest,
    RepeatedName,
    read_body,
    read_idempotency_key,
    read_query,
)

LONGEST_ID = 200
MOST_UNKNOWN = 10
LONGEST_NAME = 64
"""Unknown fields that the answer names, and the longest name that it repeats."""

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
EXPANDABLE = ("alertDefinition", "alertConfiguration", "alertIncidents")


class StartRequest(NamedTuple):
    """A valid request: what the run must do, and the caller's Idempotency-Key."""

    wish: Wish
    key: str | None


class _Field(NamedTuple):
    name: str
    value: Any
    in_query: bool


def parse_start(request: func.HttpRequest, settings: Settings, now: datetime) -> StartRequest:
    """Return what `request` asks for, at `now` (aware).

    Raises `InvalidRequest`, `BodyTooLarge` and `MediaTypeUnsupported`.
    """
    fields = _read_fields(request)
    counts = Counter(field.name for field in fields)
    errors = _check_names([name for name in counts if name not in FIELDS]) + _check_targets(counts)
    errors += [
        _make_fault(name, "is given twice: it may be in the query or in the body")
        for name, count in counts.items()
        if count > 1 and name in FIELDS
    ]
    values = dict[str, Any]()
    for name, value, in_query in fields:
        if name in FIELDS and counts[name] == 1:
            try:
                values[name] = (FIELDS_IN_QUERY if in_query else FIELDS)[name](value, settings)
            except ValueError as error:
                errors.append(_make_fault(name, str(error)))
    timeout = values.get("timeoutSeconds", settings.run_timeout_seconds)
    not_before = values.get("notBefore")
    if not_before and not_before > now + timedelta(seconds=timeout):
        errors.append(_make_fault("notBefore", "is after the end of the run: no scan could be new enough"))
    try:
        key = read_idempotency_key(request)
    except ValueError as error:
        errors.append(_make_fault(IDEMPOTENCY_KEY, str(error)))
    if errors:
        raise InvalidRequest(errors)
    return StartRequest(make_wish(values, settings, now), key)


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
        expand=values.get("expand", ()),
        not_before=values.get("notBefore"),
        changes_for=values.get("changesFor"),
        callback_url=values.get("callbackUrl"),
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


def _read_fields(request: func.HttpRequest) -> list[_Field]:
    try:
        in_body = read_body(request)
    except RepeatedName as error:
        [name] = error.args
        detail = "two members of one object in the body have the same name"
        raise InvalidRequest([_make_fault(name if name in FIELDS else "", detail)]) from error
    except ValueError as error:
        raise InvalidRequest([_make_fault("", str(error))]) from error
    in_query = [_Field(name, text, in_query=True) for name, text in read_query(request.url)]
    # A null counts as a missing field: Logic Apps sends one for an expression without a value.
    return [*in_query, *(_Field(name, value, in_query=False) for name, value in in_body.items() if value is not None)]


def _check_names(names: Sequence[str]) -> list[dict[str, str]]:
    errors = []
    for name in names[:MOST_UNKNOWN]:
        close = get_close_matches(name, FIELDS, n=1)
        hint = f"did you mean {close[0]}?" if close else f"the fields are {', '.join(FIELDS)}"
        # The name may be a URL with a signature, by a mistake of the caller.
        plain = len(name) <= LONGEST_NAME and not set(name) & set("/?&=%")
        errors.append(_make_fault(name if plain else "(a name that is not repeated here)", f"is unknown; {hint}"))
    if len(names) > MOST_UNKNOWN:
        errors.append(_make_fault("", f"{len(names) - MOST_UNKNOWN} more fields are unknown"))
    return errors


def _check_targets(names: Collection[str]) -> list[dict[str, str]]:
    targets = [name for name in TARGETS if name in names]
    if not targets:
        return [_make_fault("operationId", f"is needed, or one of {', '.join(TARGETS[1:])}: exactly one target")]
    return [_make_fault(name, "is a second target: exactly one is accepted") for name in targets[1:]]


def _make_fault(field: str, detail: str) -> dict[str, str]:
    return {"field": field, "detail": detail}


def _parse_segment(value: Any, _: Settings) -> str:
    if not isinstance(value, str) or not 1 <= len(value) <= LONGEST_ID or not is_segment(value):
        raise ValueError(f"must be a string of 1 to {LONGEST_ID} printable characters without / \\ ? #")
    return value


def _parse_operation_url(value: Any, settings: Settings) -> str:
    base_url = settings.graph_base_url
    sentence = f"must be the URL of an operation under {base_url}"
    try:
        return _parse_segment(parse_operation_url(base_url, str(value)), settings)
    except UntrustedUrl as error:
        raise ValueError(f"{sentence}; {error}") from error


def _parse_all_alerts(value: Any, _: Settings) -> bool:
    if value is not True and value != "true":
        raise ValueError("must be true, or be left out: alertId refreshes one alert, operationId refreshes none")
    return True


def _parse_names(known: Sequence[str]) -> Callable[[Any, Settings], tuple[str, ...]]:
    def parse(value: Any, _: Settings) -> tuple[str, ...]:
        items = value.split(",") if isinstance(value, str) else value
        if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
            raise ValueError("must be a JSON array of strings, or one string with commas")
        names = sorted({item.strip() for item in items})
        unknown = next((name for name in names if name not in known), None)
        if unknown is not None:
            close = get_close_matches(unknown, known, n=1)
            hint = f"did you mean {close[0]}?" if close else f"the names are {', '.join(known)}"
            shown = unknown if re.fullmatch(rf"\w{{1,{LONGEST_NAME}}}", unknown, re.ASCII) else "a name"
            raise ValueError(f"holds {shown}, which an alert does not have; {hint}")
        return tuple(names)

    return parse


def _parse_timeout(value: Any, _: Settings) -> int:
    number = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value, re.ASCII) else value
    # In JSON Schema 60.0 is an integer, and some callers have only one type of number.
    number = int(number) if isinstance(number, float) and number.is_integer() else number
    if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= LONGEST_RUN_SECONDS:
        raise ValueError(f"must be a whole number of seconds from 1 to {LONGEST_RUN_SECONDS}")
    return number


def _parse_moment(value: Any, _: Settings) -> datetime:
    moment = parse_timestamp(value)
    if moment is None:
        raise ValueError("must be an ISO 8601 time with an offset, as 2026-01-31T12:00:00Z; in a query + is %2B")
    if moment < OLDEST_MOMENT:
        raise ValueError("must not be before 2020: no scan is that old")
    return moment


def _parse_subscriber(value: Any, _: Settings) -> str:
    if not isinstance(value, str) or not re.fullmatch(r"[A-Za-z0-9._-]{1,64}", value, re.ASCII):
        raise ValueError("must be the name of a subscriber: 1 to 64 of the characters A-Z a-z 0-9 . _ -")
    return value


def _parse_callback_url(value: Any, settings: Settings) -> str:
    return check_callback_url(value, settings.callback_allowed_hosts)


def _refuse(_: Any, __: Settings) -> Any:
    raise ValueError("must be in the body: it is a credential, and a query is logged on its way")


FIELDS: Mapping[str, Callable[[Any, Settings], Any]] = {
    "operationId": _parse_segment,
    "operationUrl": _parse_operation_url,
    "alertId": lambda value, settings: find_alert_name(_parse_segment(value, settings)) or value,
    "allAlerts": _parse_all_alerts,
    "select": _parse_names(SELECTABLE),
    "expand": _parse_names(EXPANDABLE),
    "timeoutSeconds": _parse_timeout,
    "notBefore": _parse_moment,
    "changesFor": _parse_subscriber,
    "callbackUrl": _parse_callback_url,
}
"""Parses each field. A parser raises ValueError with a sentence."""

FIELDS_IN_QUERY = {**FIELDS, "callbackUrl": _refuse}
