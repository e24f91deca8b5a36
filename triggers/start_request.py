"""What `POST /runs` accepts: fields in a JSON body, in the query, or both. All faults are told together."""

import json
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import azure.functions as func

from domain.run_state import RunState
from domain.settings import LONGEST_RUN_SECONDS, Settings
from domain.timestamps import format_timestamp, parse_timestamp
from graph.errors import UntrustedUrl
from graph.urls import OPERATIONS, segment_under

RUNS = uuid.UUID("6f6c8a0e-5b0f-5c4e-9d57-3f0a4f6b7a51")
"""Namespace of run ids."""

LONGEST_ID = 200
ODATA_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,127}", re.ASCII)
IN_QUERY_ONLY = frozenset({"code", "clientid"})
"""The host's own parameters."""

TARGETS = ("operationId", "operationUrl", "alertId", "allAlerts")
NOT_YET = frozenset({"alertId", "allAlerts", "callbackUrl"})


class InvalidRequest(ValueError):
    """Raised with every fault: `errors` is a list of `{field, detail}`; `field` is "" for the request as a whole."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("; ".join(f"{error['field']}: {error['detail']}" for error in errors))
        self.errors = errors


def parse_start(request: func.HttpRequest, chosen: Settings, now: datetime) -> tuple[str, RunState]:
    """Return the run's id and first state. Raises `InvalidRequest`.

    The id is made from what is asked, so that the same question asked again joins the run that is on its way.
    """
    given = _fields(request)
    read: Mapping[str, Callable[[Any], Any]] = {
        "operationId": operation_id,
        "operationUrl": lambda value: operation_in(value, chosen.graph_base_url),
        "select": odata_names,
        "expand": odata_names,
        "timeoutSeconds": timeout_seconds,
        "notBefore": moment,
    }
    errors, values = [], {}
    for field, value in given.items():
        if field in NOT_YET:
            errors.append({"field": field, "detail": "is not supported by this version; watch an operation by its id"})
        elif field not in read:
            errors.append({"field": field, "detail": f"is unknown; the fields are {', '.join(read)}"})
        else:
            try:
                values[field] = read[field](value)
            except ValueError as error:
                errors.append({"field": field, "detail": str(error)})
    targets = [field for field in TARGETS if field in given]
    if len(targets) != 1:
        detail = f"exactly one target is needed, operationId or operationUrl; {len(targets)} were given"
        errors.append({"field": targets[-1] if targets else "operationId", "detail": detail})
    if errors:
        raise InvalidRequest(errors)
    return _run(values, chosen, now)


def _run(values: Mapping[str, Any], chosen: Settings, now: datetime) -> tuple[str, RunState]:
    seconds = values.get("timeoutSeconds", chosen.run_timeout_seconds)
    question: dict[str, Any] = {
        "target": {"operationId": values.get("operationId") or values["operationUrl"]},
        "select": values.get("select", []),
        "expand": values.get("expand", []),
        "notBefore": values.get("notBefore"),
    }
    run_id = str(uuid.uuid5(RUNS, json.dumps({**question, "timeoutSeconds": seconds}, sort_keys=True)))
    return run_id, {
        "target": question["target"],
        "select": question["select"],
        "expand": question["expand"],
        "notBefore": question["notBefore"],
        "createdAt": format_timestamp(now),
        "deadline": format_timestamp(now + timedelta(seconds=seconds)),
        "pollMinSeconds": chosen.poll_min_seconds,
        "pollMaxSeconds": chosen.poll_max_seconds,
        "phase": "waiting",
        "polls": 0,
        "failures": 0,
        "nextPollAt": None,
        "operation": None,
    }


def _fields(request: func.HttpRequest) -> dict[str, Any]:
    body = request.get_body()
    if not body and "chunked" in request.headers.get("transfer-encoding", "").lower():
        # https://github.com/Azure/azure-functions-host/issues/4926
        detail = "Azure Functions drops chunked bodies: send the body with a Content-Length, or the fields in the query"
        raise InvalidRequest([{"field": "", "detail": detail}])
    in_query = {name: value for name, value in request.params.items() if name.lower() not in IN_QUERY_ONLY}
    in_body = _json_object(body) if body else {}
    if twice := sorted(in_query.keys() & in_body.keys()):
        raise InvalidRequest([{"field": name, "detail": "is in the query and in the body"} for name in twice])
    return {**in_query, **in_body}


def _json_object(body: bytes) -> dict[str, Any]:
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise InvalidRequest([{"field": "", "detail": 'the body must be a JSON object, as {"operationId": "…"}'}])
    return value


def operation_id(value: Any) -> str:
    """Return `value` when it can be one path segment of a Graph URL. Raises ValueError."""
    good = (
        isinstance(value, str)
        and 1 <= len(value) <= LONGEST_ID
        and value.isprintable()
        and not set(value) & set("/\\?#")
        and value not in {".", ".."}
    )
    if not good:
        raise ValueError(f"must be a string of 1 to {LONGEST_ID} printable characters without / \\ ? #")
    return str(value)


def operation_in(value: Any, base_url: str) -> str:
    """Return the operation id in `value`, a URL of an operation under `base_url`. Raises ValueError."""
    try:
        return operation_id(segment_under(base_url, OPERATIONS, value if isinstance(value, str) else ""))
    except UntrustedUrl as error:
        raise ValueError(f"must be {base_url}{OPERATIONS}<operation id>; {error}") from error


def odata_names(value: Any) -> list[str]:
    """Return the names in `value`, a list or a comma-separated string of OData names. Raises ValueError."""
    names = value.split(",") if isinstance(value, str) else value
    if not isinstance(names, list) or not all(isinstance(name, str) and ODATA_NAME.fullmatch(name) for name in names):
        raise ValueError(
            "must be OData property names: a JSON array of strings, or one string with commas and no blanks"
        )
    return sorted(set(names))


def timeout_seconds(value: Any) -> int:
    """Return `value` as whole seconds; the query can only give a string. Raises ValueError."""
    seconds = int(value) if isinstance(value, str) and re.fullmatch(r"[0-9]{1,9}", value, re.ASCII) else value
    if type(seconds) is not int or not 1 <= seconds <= LONGEST_RUN_SECONDS:
        raise ValueError(f"must be a whole number of seconds from 1 to {LONGEST_RUN_SECONDS}")
    return seconds


def moment(value: Any) -> str:
    """Return `value`, a time with an offset, in UTC. Raises ValueError."""
    time = parse_timestamp(value)
    if time is None:
        raise ValueError("must be an ISO 8601 time with an offset, as 2026-01-31T12:00:00Z")
    return format_timestamp(time)
