"""What Schemathesis cannot know of a start: what there is in the tenant, and that no field may be given twice."""

from typing import Any
from urllib.parse import quote

import schemathesis
from schemathesis import Case, GenerationMode, HookContext
from schemathesis.generation.meta import TestPhase

from tests.support.graph_samples import ALERT_ID, OPERATION_ID

OPERATIONS = ("running", "running", "failed", "skipped", OPERATION_ID)
"""Ids that the emulated Graph knows. The first is of an operation that does not end, the last of one that succeeded."""

TARGETS = frozenset({"operationId", "operationUrl", "alertId", "allAlerts"})

LONGEST_QUERY = 4096
"""Characters: well below what is refused before it comes to the app."""


@schemathesis.hook
def filter_case(context: HookContext, case: Case[Any]) -> bool:  # noqa: ARG001 - Schemathesis goes by the names
    """Leave out what the server refuses by itself: a request line of more than 8 KiB."""
    return len(quote(str(case.query))) <= LONGEST_QUERY


@schemathesis.hook
def map_case(context: HookContext, case: Case[Any]) -> Case[Any]:
    """Return `case`, a valid start as one that can be answered: about what there is, or an unknown id."""
    assert case.meta
    assert context.operation
    made_up = case.meta.phase.name in {TestPhase.FUZZING, TestPhase.STATEFUL}
    if not made_up or case.meta.generation.mode is GenerationMode.NEGATIVE:
        return case
    if case.meta.phase.name is TestPhase.STATEFUL:
        case.headers.pop("Prefer", None)
    elif "Prefer" in case.headers:
        case.headers["Prefer"] = "wait=1"
    return _make_request(case) if context.operation.label == "POST /runs" else case


def _make_request(case: Case[Any]) -> Case[Any]:
    body = case.body if isinstance(case.body, dict) else {}
    request = {name: value for name, value in body.items() if name not in TARGETS | {"callbackUrl"}}
    targets = [{"operationId": known} for known in (*OPERATIONS, body.get("operationId", "unknown"))]
    targets += [{"alertId": known} for known in (ALERT_ID, body.get("alertId", "unknown"))]
    targets += [{"allAlerts": True}]
    # By its length, since this must come out the same in every run.
    request |= targets[len(str(body)) % len(targets)]
    if "operationId" not in request:
        # A made-up time is never reached.
        request = {name: value for name, value in request.items() if name in TARGETS}
    if request.get("operationId") == OPERATIONS[-1]:
        # A made-up time is in the future more often than not.
        request.pop("notBefore", None)
    endless = request.get("operationId") == OPERATIONS[0]
    request["timeoutSeconds"] = 1 if "operationId" in request and not endless else 5
    if endless or "notBefore" in request:
        # Otherwise the answers to these would take a second each.
        case.headers.pop("Prefer", None)
    if "Idempotency-Key" in case.headers:
        # Otherwise nearly all would have the key of the document's example, and be refused with 422.
        case.headers["Idempotency-Key"] = f"key-{len(str(request))}"
    case.query, case.body, case.media_type = {}, request, "application/json"
    return case
