"""Requests as the worker library hands them to a trigger."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import azure.functions as func
import pytest

from alert_refresh.hub.client import Client
from alert_refresh.problems import PREFIX, Refused
from alert_refresh.run.state import Wish
from alert_refresh.settings import read_settings
from alert_refresh.web.start_request import parse_start

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
SETTINGS = read_settings({})
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "strict-origin", "X-Content-Type-Options": "nosniff"}
RUNS = "https://app.example/api/runs"

type Query = Mapping[str, str] | Sequence[tuple[str, str]]


def request(
    body: bytes = b"",
    *,
    url: str = RUNS,
    query: Query = (),
    headers: Mapping[str, str] | None = None,
    method: str = "POST",
    **route: str,
) -> func.HttpRequest:
    """Return a request with `query` in its URL, and beside it as the host gives it: joined, and empty ones dropped."""
    pairs = list(query.items() if isinstance(query, Mapping) else query)
    params = {name: ",".join(value for other, value in pairs if other == name) for name, text in pairs if text}
    return func.HttpRequest(
        method=method,
        url=f"{url}?{urlencode(pairs)}" if pairs else url,
        headers=headers or {},
        params=params,
        route_params=route,
        body=body,
    )


def send(body: Any, query: Query = (), **headers: str) -> func.HttpRequest:
    """Return a request with `body`, bytes or JSON. In a name of a header, `_` stands for a hyphen."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return request(body if isinstance(body, bytes) else json.dumps(body).encode(), query=query, headers=named)


def start(body: Any = b"", query: Query = (), **headers: str) -> tuple[Wish, str | None]:
    """Return what a request for a start asks for."""
    return parse_start(send(body, query, **headers), SETTINGS, NOW)


def faults(sent: func.HttpRequest) -> dict[str, str]:
    """Return what is wrong with a start, by field; fails when nothing is."""
    with pytest.raises(Refused) as raised:
        parse_start(sent, SETTINGS, NOW)
    found = {fault["field"]: fault["detail"] for fault in raised.value.problem["errors"]}
    assert len(found) == len(raised.value.problem["errors"])
    assert all(found.values())
    return found


async def call(trigger: Any, sent: func.HttpRequest, *client: Client) -> func.HttpResponse:
    """Return what the function `trigger` of the app answers; `client` stands for what its binding would open."""
    function = trigger.build().get_user_function()
    answer: func.HttpResponse = await (function.__wrapped__ if client else function)(sent, *client)
    return answer


def read_problem(answer: func.HttpResponse) -> tuple[int, str, str]:
    """Return status, name and detail of the problem that `answer` must be."""
    assert answer.mimetype == "application/problem+json"
    problem = json.loads(answer.get_body())
    assert problem["status"] == answer.status_code
    return problem["status"], problem["type"].removeprefix(PREFIX), problem["detail"]
