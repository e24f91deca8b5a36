"""Requests as the worker library hands them to a trigger."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

import azure.functions as func
import pytest
from domain.run_state import RunState
from domain.settings import Settings, read_settings
from triggers.start_request import InvalidRequest, parse_start

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
CHOSEN = read_settings({})

type Query = Mapping[str, str] | Sequence[tuple[str, str]]


def request(
    body: bytes = b"",
    *,
    url: str = "https://app.example/api/runs",
    query: Query = (),
    headers: Mapping[str, str] | None = None,
) -> func.HttpRequest:
    """Return a request with `query` in its URL, and beside it as the host gives it: joined, and empty ones dropped."""
    pairs = list(query.items() if isinstance(query, Mapping) else query)
    params = {name: ",".join(value for other, value in pairs if other == name) for name, text in pairs if text}
    return func.HttpRequest(
        method="POST",
        url=f"{url}?{urlencode(pairs)}" if pairs else url,
        headers=headers or {},
        params=params,
        route_params={},
        body=body,
    )


def ask(body: Any = None, *, query: Query = (), chosen: Settings = CHOSEN) -> tuple[str, RunState]:
    """Return the run id and the run of a question: `body` as JSON (none when None), `query` beside it."""
    return parse_start(request(b"" if body is None else json.dumps(body).encode(), query=query), chosen, NOW)


def faults(question: func.HttpRequest) -> dict[str, str]:
    """Return what is wrong with a question, by field; fails when nothing is."""
    with pytest.raises(InvalidRequest) as raised:
        parse_start(question, CHOSEN, NOW)
    told = {fault["field"]: fault["detail"] for fault in raised.value.errors}
    assert all(told.values())
    assert len(told) == len(raised.value.errors)
    assert all(detail in str(raised.value) for detail in told.values())
    return told
