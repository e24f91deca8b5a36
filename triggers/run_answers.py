"""The answers about one run: its document, and 202 with where and when to look again."""

import math
from datetime import datetime

import azure.functions as func

from domain.run_document import Instance, run_document
from domain.timestamps import parse_timestamp
from triggers.answers import json_answer, run_links

SOON_SECONDS = 2
"""Seconds to name when no next look is planned: the run is just starting, or busy."""


def accepted(request: func.HttpRequest, instance: Instance, now: datetime) -> func.HttpResponse:
    """Answer 202 with `Location` (absolute, Logic Apps follows no other) and `Retry-After` (whole seconds)."""
    links = run_links(request, instance.id)
    document = run_document(instance, links)
    headers = {"Location": links["result"], "Retry-After": str(_retry_after(document["nextPollAt"], now))}
    return json_answer(202, document, headers=headers)


def described(request: func.HttpRequest, instance: Instance) -> func.HttpResponse:
    """Answer 200 with the run document."""
    return json_answer(200, run_document(instance, run_links(request, instance.id)))


def _retry_after(next_poll_at: str | None, now: datetime) -> int:
    planned = parse_timestamp(next_poll_at)
    return max(1, math.ceil((planned - now).total_seconds())) if planned else SOON_SECONDS
