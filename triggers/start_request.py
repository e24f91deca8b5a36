"""What `POST /runs` accepts: fields in a JSON body, in the query, or both. All faults are told together."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import azure.functions as func

from domain.durations import PRIOR
from domain.run_id import run_id
from domain.run_state import NO_PROGRESS, RunState, Target
from domain.settings import Settings
from domain.timestamps import format_timestamp
from triggers.idempotency_key import HEADER, idempotency_key
from triggers.json_body import RepeatedName, json_object
from triggers.query import query_pairs
from triggers.start_question import FIELDS, TARGETS

MOST_UNKNOWN = 10
LONGEST_NAME = 64
"""How many unknown fields, and how much of a name, are repeated to the caller."""


class InvalidRequest(ValueError):
    """Raised with every fault: `errors` is a list of `{field, detail}`; `field` is "" for the request as a whole."""

    def __init__(self, errors: list[dict[str, str]]) -> None:
        super().__init__("; ".join(f"{error['field']} {error['detail']}".strip() for error in errors))
        self.errors = errors


def parse_start(request: func.HttpRequest, chosen: Settings, now: datetime) -> tuple[str, RunState]:
    """Return the run's id and first state. Raises `InvalidRequest`, `BodyTooLarge` and `MediaTypeUnsupported`.

    The id is made from what is asked, or from the caller's Idempotency-Key: who asks again joins the run.
    """
    given = _given(request)
    times = Counter(each.field for each in given)
    errors = _unknown([field for field in times if field not in FIELDS]) + _targets(times)
    errors += [
        _fault(field, "is given twice: once is accepted, in the query or in the body")
        for field, count in times.items()
        if count > 1 and field in FIELDS
    ]
    values = dict[str, Any]()
    for field, value, in_query in given:
        if field in FIELDS and times[field] == 1:
            try:
                values[field] = FIELDS[field](value, chosen, in_query=in_query)
            except ValueError as error:
                errors.append(_fault(field, str(error)))
    try:
        key = idempotency_key(request)
    except ValueError as error:
        errors.append(_fault(HEADER, str(error)))
    if errors:
        raise InvalidRequest(errors)
    run = first_state(values, chosen, now)
    return run_id(run, key), run


class _Given(NamedTuple):
    field: str
    value: Any
    in_query: bool


def _given(request: func.HttpRequest) -> list[_Given]:
    try:
        in_body = json_object(request)
    except RepeatedName as error:
        [name] = error.args
        detail = "two members of one object in the body have the same name"
        raise InvalidRequest([_fault(name if name in FIELDS else "", detail)]) from error
    except ValueError as error:
        raise InvalidRequest([_fault("", str(error))]) from error
    in_query = [_Given(field, text, in_query=True) for field, text in query_pairs(request.url)]
    return [*in_query, *(_Given(field, value, in_query=False) for field, value in in_body.items())]


def _unknown(names: Sequence[str]) -> list[dict[str, str]]:
    detail = f"is unknown; the fields are {', '.join(FIELDS)}"
    errors = [_fault(_shown(name), detail) for name in names[:MOST_UNKNOWN]]
    if len(names) > MOST_UNKNOWN:
        errors.append(_fault("", f"{len(names) - MOST_UNKNOWN} more fields are unknown"))
    return errors


def _shown(name: str) -> str:
    # A URL that was taken for a name may hold a signature.
    return name if len(name) <= LONGEST_NAME and not set(name) & set("/?&=%") else "(a name that is not repeated here)"


def _targets(given: Collection[str]) -> list[dict[str, str]]:
    targets = [field for field in TARGETS if field in given]
    if not targets:
        return [_fault("operationId", f"is needed, or one of {', '.join(TARGETS[1:])}: exactly one target")]
    return [_fault(field, "is a second target: exactly one is accepted") for field in targets[1:]]


def _fault(field: str, detail: str) -> dict[str, str]:
    return {"field": field, "detail": detail}


def first_state(
    values: Mapping[str, Any], chosen: Settings, now: datetime, *, notify_changes_only: bool = False
) -> RunState:
    """Return the state of a run that begins `now` (aware) and asks for `values`, read by `StartQuestion`'s readers."""
    seconds = values.get("timeoutSeconds", chosen.run_timeout_seconds)
    target = _target(values)
    return {
        "target": target,
        "select": values.get("select", []),
        "expand": values.get("expand", []),
        "notBefore": values.get("notBefore"),
        "onlyIfChanged": values.get("onlyIfChanged", False),
        "notifyChangesOnly": notify_changes_only,
        "callbackUrl": values.get("callbackUrl"),
        "createdAt": format_timestamp(now),
        "deadline": format_timestamp(now + timedelta(seconds=seconds)),
        "pollMinSeconds": chosen.poll_min_seconds,
        "pollMaxSeconds": chosen.poll_max_seconds,
        "learning": chosen.poll_learning,
        "durations": PRIOR,
        "incidentsLimit": chosen.incidents_limit_bytes,
        "phase": "waiting" if "operationId" in target else "refreshing",
        "operationId": target.get("operationId"),
        **NO_PROGRESS,
    }


def _target(values: Mapping[str, Any]) -> Target:
    if "alertId" in values:
        return {"alertId": values["alertId"]}
    if "allAlerts" in values:
        return {"allAlerts": True}
    return {"operationId": values.get("operationId") or values["operationUrl"]}
