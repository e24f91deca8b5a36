"""What `POST /runs` accepts: fields in a JSON body, in the query, or both. All faults are told together."""

import json
import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any

import azure.functions as func

from domain.run_state import RunState
from domain.settings import Settings
from domain.timestamps import format_timestamp
from triggers.start_fields import moment, odata_names, operation_id, operation_in, timeout_seconds

RUNS = uuid.UUID("6f6c8a0e-5b0f-5c4e-9d57-3f0a4f6b7a51")
"""Namespace of run ids."""

IN_QUERY_ONLY = frozenset({"code", "clientid"})
"""The host's own parameters."""

TARGETS = ("operationId", "operationUrl", "alertId", "allAlerts")
NOT_YET = frozenset({"alertId", "allAlerts", "callbackUrl"})


class InvalidRequest(ValueError):
    """Raised with every fault: `errors` is a list of `{field, detail}`; `field` is "" for the request as a whole."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("; ".join(f"{error['field']} {error['detail']}".strip() for error in errors))
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
    if not targets:
        errors.append({"field": "operationId", "detail": "is needed, or operationUrl: exactly one target"})
    errors += [{"field": field, "detail": "is a second target: exactly one is accepted"} for field in targets[1:]]
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
        "callbackUrl": None,
        "createdAt": format_timestamp(now),
        "deadline": format_timestamp(now + timedelta(seconds=seconds)),
        "pollMinSeconds": chosen.poll_min_seconds,
        "pollMaxSeconds": chosen.poll_max_seconds,
        "phase": "waiting",
        "polls": 0,
        "failures": 0,
        "trouble": None,
        "repeats": 0,
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
