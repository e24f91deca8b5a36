"""What `POST /runs` accepts: fields in a JSON body, in the query, or both. All faults are told together."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import azure.functions as func

from domain.run_id import run_id
from domain.run_state import RunState
from domain.settings import Settings
from domain.timestamps import format_timestamp
from triggers.idempotency_key import HEADER, idempotency_key
from triggers.json_body import RepeatedName, json_object
from triggers.query import query_pairs
from triggers.start_question import FIELDS

TARGETS = ("operationId", "operationUrl")

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
    pairs = _given(request)
    given, times = dict(pairs), Counter(name for name, _ in pairs)
    errors = _unknown([name for name in given if name not in FIELDS]) + _targets(given)
    values = dict[str, Any]()
    for field in (name for name in given if name in FIELDS):
        if times[field] > 1:
            errors.append(_fault(field, "is given twice: once is accepted, in the query or in the body"))
            continue
        try:
            values[field] = FIELDS[field](given[field], chosen)
        except ValueError as error:
            errors.append(_fault(field, str(error)))
    try:
        key = idempotency_key(request)
    except ValueError as error:
        errors.append(_fault(HEADER, str(error)))
    if errors:
        raise InvalidRequest(errors)
    run = _run(values, chosen, now)
    return run_id(run, key), run


def _given(request: func.HttpRequest) -> list[tuple[str, Any]]:
    try:
        in_body = json_object(request)
    except RepeatedName as error:
        [name] = error.args
        detail = "two members of one object in the body have the same name"
        raise InvalidRequest([_fault(name if name in FIELDS else "", detail)]) from error
    except ValueError as error:
        raise InvalidRequest([_fault("", str(error))]) from error
    in_query = query_pairs(request.url)
    read = [(name, FIELDS[name].of_text(text) if name in FIELDS else text) for name, text in in_query]
    return [*read, *in_body.items()]


def _unknown(names: Sequence[str]) -> list[dict[str, str]]:
    detail = f"is unknown; the fields are {', '.join(FIELDS)}"
    errors = [_fault(_shown(name), detail) for name in names[:MOST_UNKNOWN]]
    if len(names) > MOST_UNKNOWN:
        errors.append(_fault("", f"{len(names) - MOST_UNKNOWN} more fields are unknown"))
    return errors


def _shown(name: str) -> str:
    # A URL that was taken for a name may hold a signature.
    return name if len(name) <= LONGEST_NAME and not set(name) & set("/?&=%") else "(a name that is not repeated here)"


def _targets(given: Mapping[str, Any]) -> list[dict[str, str]]:
    targets = [field for field in TARGETS if field in given]
    if not targets:
        return [_fault("operationId", "is needed, or operationUrl: exactly one target")]
    return [_fault(field, "is a second target: exactly one is accepted") for field in targets[1:]]


def _fault(field: str, detail: str) -> dict[str, str]:
    return {"field": field, "detail": detail}


def _run(values: Mapping[str, Any], chosen: Settings, now: datetime) -> RunState:
    seconds = values.get("timeoutSeconds", chosen.run_timeout_seconds)
    return {
        "target": {"operationId": values.get("operationId") or values["operationUrl"]},
        "select": values.get("select", []),
        "expand": values.get("expand", []),
        "notBefore": values.get("notBefore"),
        "callbackUrl": values.get("callbackUrl"),
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
