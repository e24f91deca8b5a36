"""The answers about one run: its document, its outcome, and 202 with where and when to look again."""

import math
from datetime import UTC, datetime

import azure.durable_functions as df
import azure.functions as func

from domain.delivery import DeliveryStatus
from domain.instance import Instance, is_alive, problem_of
from domain.run_document import RunDocument, run_document
from domain.timestamps import parse_timestamp
from triggers.answers import json_answer, problem_answer, run_links
from triggers.preference import preferred_wait
from triggers.task_hub import ended

SOON_SECONDS = 2
"""Seconds to name when no next look is planned: the run is just starting, or busy. None when it is over."""


def described(request: func.HttpRequest, instance: Instance, delivery: DeliveryStatus | None) -> func.HttpResponse:
    """Answer 200 with the run document."""
    return json_answer(200, run_document(instance, delivery, run_links(request, instance.id)))


def accepted(
    request: func.HttpRequest, instance: Instance, delivery: DeliveryStatus | None, now: datetime
) -> func.HttpResponse:
    """Answer 202 with `Location` (absolute, Logic Apps follows no other) and `Retry-After` (whole seconds)."""
    document = run_document(instance, delivery, run_links(request, instance.id))
    headers = {"Location": document["links"]["result"], "Retry-After": str(_retry_after(instance, document, now))}
    return json_answer(202, document, headers=headers)


async def outcome(
    request: func.HttpRequest, client: df.DurableFunctionsClient, instance: Instance
) -> func.HttpResponse:
    """Answer 200 with the result, 424 with the problem, 410 when cancelled; 202 while the run is on its way.

    Before a 202 the run gets as long to end as the caller prefers to wait.
    """
    seconds = preferred_wait(request)
    if seconds and is_alive(instance):
        instance = await ended(client, instance.id, seconds)
    why = problem_of(instance)
    if is_alive(instance):
        answer = accepted(request, instance, None, datetime.now(UTC))
    else:
        answer = problem_answer(why) if why else json_answer(200, instance.result)
    if seconds:
        answer.headers["Preference-Applied"] = f"wait={seconds}"
    return answer


def _retry_after(instance: Instance, document: RunDocument, now: datetime) -> int:
    """Return the whole seconds, at least 1, until there is something new to see: the deadline is the last of it."""
    planned, deadline = parse_timestamp(document["nextPollAt"]), parse_timestamp(document["deadline"])
    seconds = (planned - now).total_seconds() if planned else SOON_SECONDS * is_alive(instance)
    remaining = (deadline - now).total_seconds() if deadline else seconds
    return max(1, math.ceil(min(seconds, remaining)))
