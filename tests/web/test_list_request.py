"""What `GET /runs` takes and refuses."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from alert_refresh.hub.list import Place, RunQuery
from alert_refresh.problems import Refused
from alert_refresh.web.list_request import make_token, parse_list
from tests.support.graph_samples import ALERT_ID
from tests.web.http import NOW, RUNS

PLACE = Place(NOW.replace(microsecond=5000), "9a2f6f0e-0d0c-4b57-8f2b-5a3f3c1d2e4f")


def faults(query: str) -> list[str]:
    with pytest.raises(Refused) as raised:
        parse_list(f"{RUNS}?{query}")
    assert "Nothing was started" not in raised.value.problem["detail"]
    return [fault["field"] for fault in raised.value.problem["errors"]]


def test_every_parameter_and_none() -> None:
    times = "createdFrom=2026-01-31T13:00:00%2B01:00&createdBefore=2026-02-01T00:00:00Z"
    wanted, pairs = parse_list(
        f"{RUNS}?state=failed,timedOut&state=queued&{times}&pageSize=7&code=key&alertId=stalesigninalert"
    )
    assert wanted == RunQuery(
        frozenset({"failed", "timedOut", "queued"}), NOW, NOW + timedelta(hours=12), 7, alert="StaleSignInAlert"
    )
    assert "code" not in dict(pairs)
    assert parse_list(RUNS) == (RunQuery(), [])


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("state=", ["state"]),
        ("state=waiting", ["state"]),
        ("state=failed, queued", ["state"]),
        ("alertId=", ["alertId"]),
        ("alertId=StaleSignIn", ["alertId"]),
        ("alertId=a&alertId=b", ["alertId"]),
        ("createdFrom=yesterday", ["createdFrom"]),
        ("createdFrom=2026-01-31T12:00:00 01:00", ["createdFrom"]),
        ("createdFrom=2026-01-31T12:00:00Z&createdBefore=2026-01-31T12:00:00Z", ["createdBefore"]),
        ("pageSize=0", ["pageSize"]),
        ("pageSize=101", ["pageSize"]),
        ("pageSize=1&pageSize=1", ["pageSize"]),
        (
            "top=1&pageSize=x&createdFrom=&createdBefore=now&state=x&continuationToken=x",
            ["state", "pageSize", "createdFrom", "createdBefore", "continuationToken", "top"],
        ),
    ],
)
def test_a_query_that_is_refused(query: str, fields: list[str]) -> None:
    assert faults(query) == fields


def test_a_token_goes_on_after_its_place_with_its_filter() -> None:
    token = make_token(PLACE, RunQuery(frozenset({"failed"})))
    wanted, pairs = parse_list(f"{RUNS}?state=failed&continuationToken={token}")
    assert (wanted.after, pairs) == (PLACE, [("state", "failed")])
    assert faults(f"state=queued&continuationToken={token}") == ["continuationToken"]
    assert faults(f"continuationToken={token}") == ["continuationToken"]
    assert faults(f"state=failed&alertId={ALERT_ID}&continuationToken={token}") == ["continuationToken"]


def test_a_token_of_a_list_of_an_alert_is_good_for_every_id_of_that_alert() -> None:
    token = make_token(PLACE, RunQuery(alert="StaleSignInAlert"))
    assert parse_list(f"{RUNS}?alertId={ALERT_ID}&continuationToken={token}")[0].after == PLACE
    assert faults(f"alertId=RedundantAssignmentAlert&continuationToken={token}") == ["continuationToken"]


def encode(document: Any) -> str:
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


@pytest.mark.parametrize(
    "token",
    [
        *("", "x", "%00", "e30", "../../etc/passwd", "A" * 2000, encode(b"\x80\x04\x95\x1e\x00"), encode(b"[" * 700)),
        *(encode([]), encode(["now", "id", "f"]), encode([1, 2, 3]), encode("abc")),
        *(encode(["10000-01-01T00:00:00Z", "x", "x"]), encode(b'["2026-01-31T12:00:00.000Z","\\ud800","x"]')),
        encode({"__class__": "Popen", "__module__": "subprocess", "__data__": "id"}),
    ],
)
def test_a_token_of_somebody_else(token: str) -> None:
    assert faults(f"continuationToken={token}") == ["continuationToken"]
