"""One request to Graph and what its answer is worth."""

import gzip
import json
from email.utils import parsedate_to_datetime

import pytest
from aiohttp import web
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from yarl import URL

from graph.body import BODY_LIMIT
from graph.client import GraphClient
from graph.errors import AnswerUnreadable, GraphRefused, GraphUnreachable, UntrustedUrl
from graph.urls import ALERTS, OPERATIONS, alert_url, operation_url, segment_under
from tests.graph.conftest import Reply, ScriptedGraph
from tests.support.graph_samples import OPERATION_ID, RUNNING
from triggers.target_fields import operation_id

DATE = "Sat, 31 Jan 2026 12:00:00 GMT"
RETRY_AFTER = [
    ("0", 0.0),
    ("10", 10.0),
    ("315", 315.0),
    ("0.249", 0.249),
    ("-3", 0.0),
    ("Sat, 31 Jan 2026 12:02:00 GMT", 120.0),
    ("Sat, 31 Jan 2026 11:00:00 GMT", 0.0),
    ("soon", None),
    ("", None),
]


def answer(**headers: str) -> Reply:
    return Reply(200, json.dumps(RUNNING).encode(), {name.replace("_", "-"): value for name, value in headers.items()})


async def test_a_question_as_graph_wants_it(scripted: ScriptedGraph, client: GraphClient) -> None:
    scripted.answers(answer(Date=DATE))
    got = await client.get(operation_url(scripted.base_url, OPERATION_ID), "c-1")

    (request,) = scripted.requests
    assert (request.method, request.raw_path) == ("GET", f"{OPERATIONS}{OPERATION_ID}")
    assert request.headers["Authorization"] == "Bearer secret-1"
    assert request.headers["Accept"] == "application/json"
    assert request.headers["client-request-id"] == "c-1"
    assert request.headers["Prefer"] == "include-unknown-enum-members"
    assert (got.body, got.date, got.retry_after) == (RUNNING, parsedate_to_datetime(DATE), None)


@pytest.mark.parametrize(("header", "seconds"), RETRY_AFTER)
async def test_a_success_may_ask_to_wait(
    scripted: ScriptedGraph, client: GraphClient, header: str, seconds: float | None
) -> None:
    scripted.answers(answer(Date=DATE, Retry_After=header))
    assert (await client.get(f"{scripted.base_url}/x", "c-1")).retry_after == seconds


@pytest.mark.parametrize(("header", "seconds"), RETRY_AFTER)
@pytest.mark.parametrize("status", [403, 429, 503])
async def test_a_refusal_may_ask_to_wait(
    scripted: ScriptedGraph, client: GraphClient, status: int, header: str, seconds: float | None
) -> None:
    scripted.answers(Reply(status, b"", {"Date": DATE, "Retry-After": header}))
    with pytest.raises(GraphRefused) as raised:
        await client.get(f"{scripted.base_url}/x", "c-1")
    assert raised.value.retry_after == seconds


@pytest.mark.parametrize("status", [200, 201, 202, 206])
async def test_an_object_with_any_success_is_an_answer(
    scripted: ScriptedGraph, client: GraphClient, status: int
) -> None:
    scripted.answers(Reply(status, b'{"a": 1}'))
    assert (await client.get(f"{scripted.base_url}/x", "c-1")).body == {"a": 1}


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"<!DOCTYPE html><title>Sign in</title>",
        b'{"a": 1',
        b'{"a": 1}}',
        b"{'a': 1}",
        b"[]",
        b'[{"a": 1}]',
        b'"text"',
        b"1",
        b"null",
        b"true",
        b'{"a": "\xff"}',
        b"[" * 200_000,
        b'{"a": ' + b"9" * 5000 + b"}",
    ],
)
async def test_a_success_that_is_no_json_object_is_unreadable(
    scripted: ScriptedGraph, client: GraphClient, body: bytes
) -> None:
    scripted.answers(Reply(200, body))
    with pytest.raises(AnswerUnreadable, match=r"^the answer is not (a )?JSON( object)?$"):
        await client.get(f"{scripted.base_url}/x", "c-1")


@pytest.mark.parametrize("status", [300, 304, 400, 403, 404, 410, 418, 429, 500, 502, 503, 504, 599])
@pytest.mark.parametrize("body", [b"", b"<html>Bad Gateway</html>", b'{"error": {"code": "Code", "message": "Why."}}'])
async def test_any_other_status_is_a_refusal_in_graphs_words(
    scripted: ScriptedGraph, client: GraphClient, status: int, body: bytes
) -> None:
    scripted.answers(Reply(status, body, {"request-id": "r-1"}))
    with pytest.raises(GraphRefused) as raised:
        await client.get(f"{scripted.base_url}/x", "c-1")
    told = ("Code", "Why.") if b"error" in body and status != 304 else ("", "")
    assert (raised.value.status, raised.value.request_id) == (status, "r-1")
    assert (raised.value.code, raised.value.message) == told
    assert str(raised.value).startswith(f"Graph answered HTTP {status}")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_a_redirect_is_not_followed_and_no_token_goes_there(
    scripted: ScriptedGraph, client: GraphClient, status: int
) -> None:
    scripted.answers(Reply(status, b"", {"Location": f"{scripted.base_url}/elsewhere"}))
    with pytest.raises(GraphRefused):
        await client.get(f"{scripted.base_url}/x", "c-1")
    assert [request.raw_path for request in scripted.requests] == ["/x"]


@pytest.mark.parametrize("status", [200, 403])
async def test_an_answer_may_be_as_large_as_the_limit_and_no_larger(
    scripted: ScriptedGraph, client: GraphClient, status: int
) -> None:
    padded = b"{}".ljust(BODY_LIMIT)
    scripted.answers(Reply(status, padded), Reply(status, padded + b" "))
    if status == 200:
        assert (await client.get(f"{scripted.base_url}/x", "c-1")).body == {}
    else:
        with pytest.raises(GraphRefused):
            await client.get(f"{scripted.base_url}/x", "c-1")
    with pytest.raises(AnswerUnreadable, match="larger than 16777216 bytes"):
        await client.get(f"{scripted.base_url}/x", "c-1")


async def test_what_unpacks_beyond_the_limit_is_not_unpacked_to_the_end(
    scripted: ScriptedGraph, client: GraphClient
) -> None:
    bomb = gzip.compress(bytes(8 * BODY_LIMIT), compresslevel=1)
    scripted.answers(Reply(200, bomb, {"Content-Encoding": "gzip"}))
    with pytest.raises(AnswerUnreadable, match="larger than"):
        await client.get(f"{scripted.base_url}/x", "c-1")


async def test_a_packed_answer_is_unpacked(scripted: ScriptedGraph, client: GraphClient) -> None:
    scripted.answers(Reply(200, gzip.compress(json.dumps(RUNNING).encode()), {"Content-Encoding": "gzip"}))
    assert (await client.get(f"{scripted.base_url}/x", "c-1")).body == RUNNING


@pytest.mark.parametrize(
    "url", ["https://127.0.0.1/x", "http://127.0.0.1:1/x", "http://localhost/x", "http://graph.example/x"]
)
async def test_another_origin_gets_no_request(scripted: ScriptedGraph, client: GraphClient, url: str) -> None:
    with pytest.raises(UntrustedUrl):
        await client.get(url, "c-1")
    assert scripted.requests == []


async def test_select_and_expand_arrive_as_odata_wants_them(scripted: ScriptedGraph, client: GraphClient) -> None:
    location = f"{scripted.base_url}{ALERTS}x"
    await client.get(alert_url(scripted.base_url, location, ["id", "isActive"], ["alertDefinition"]), "c-1")
    (request,) = scripted.requests
    assert request.raw_path == f"{ALERTS}x?$select=id,isActive,lastScannedDateTime&$expand=alertDefinition"


def accepted(text: str) -> bool:
    try:
        return operation_id(text) == text
    except ValueError:
        return False


tricky = st.text(alphabet="./\\%:;?#&=+@ 2eE5cñ漢😀~a\t\n\0", min_size=1, max_size=20)
ids = (tricky | st.text(min_size=1, max_size=40)).filter(accepted)


async def arrived(scripted: ScriptedGraph, client: GraphClient, wanted: str) -> web.BaseRequest:
    await client.get(operation_url(scripted.base_url, wanted), "c-1")
    return scripted.requests[-1]


@settings(
    max_examples=150,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(wanted=ids)
async def test_no_accepted_id_climbs_out_of_its_segment(
    scripted: ScriptedGraph, client: GraphClient, wanted: str
) -> None:
    raw_path = (await arrived(scripted, client, wanted)).raw_path
    assert scripted.base_url + raw_path == operation_url(scripted.base_url, wanted)
    segment = raw_path.removeprefix(OPERATIONS)
    assert raw_path.startswith(OPERATIONS)
    assert not set(segment) & set("/\\?#")
    assert segment not in {".", ".."}
    assert segment_under(scripted.base_url, OPERATIONS, scripted.base_url + raw_path) == wanted
    assert URL(scripted.base_url + raw_path).name == wanted


@pytest.mark.parametrize("body", [b'{"a": NaN}', b'{"a": -Infinity}', b'{"a": 1e999}', b'{"a": "\\ud800"}'])
async def test_what_no_history_can_keep_is_not_taken(scripted: ScriptedGraph, client: GraphClient, body: bytes) -> None:
    scripted.answers(Reply(200, body))
    with pytest.raises(AnswerUnreadable):
        await client.get(f"{scripted.base_url}/x", "c-1")


@pytest.mark.usefixtures("credentials")
async def test_a_request_that_cannot_be_sent_is_no_answer(scripted: ScriptedGraph, client: GraphClient) -> None:
    with pytest.raises(GraphUnreachable):
        await client.get(f"{scripted.base_url}/x", "c-1\nInjected: yes")
    assert scripted.requests == []
