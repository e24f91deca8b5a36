"""Requests as the worker library hands them to a trigger."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import azure.functions as func
import pytest

from domain.run_state import RunState
from domain.settings import Settings, read_settings
from triggers.start_request import InvalidRequest, parse_start

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
CHOSEN = read_settings({})


def request(
    body: bytes = b"",
    *,
    url: str = "https://app.example/api/runs",
    query: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> func.HttpRequest:
    return func.HttpRequest(
        method="POST", url=url, headers=headers or {}, params=query or {}, route_params={}, body=body
    )


def ask(body: Any = None, *, query: Mapping[str, str] | None = None, chosen: Settings = CHOSEN) -> tuple[str, RunState]:
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
