"""Recent runs, filtered and paged, of a host that has runs in every state and instances that are none."""

import asyncio
import base64
import json
import uuid
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from alert_refresh.run.documents import State
from emulator.graph import GraphServer
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import FUNCTION_KEY, OVER, SYSTEM_KEY, App, Reply, hosted

STATE_NAMES = State.__value__.__args__
MANAGEMENT = "/runtime/webhooks/durabletask"
NEVER = {"POLL_MIN_SECONDS": "1", "POLL_MAX_SECONDS": "60"}
COUNTS = {"succeeded": 8, "failed": 5, "timedOut": 3, "cancelled": 4, "polling": 5}


@dataclass(frozen=True)
class Listed:
    """A host with 25 runs; `runs` are their documents, by id, when all is quiet."""

    app: App
    runs: dict[str, dict[str, Any]]

    async def pages(self, key: str | None = FUNCTION_KEY, **query: Any) -> list[Reply]:
        """Follow `nextLink` to the last page."""
        replies = [await self.app.call("GET", f"/api/runs?{urlencode(query)}", key=key)]
        while link := replies[-1].body["nextLink"]:
            replies.append(await self.app.call("GET", link, key=key))
        return replies

    async def ids(self, **query: Any) -> list[str]:
        """Return the ids on all pages together."""
        return [run["id"] for reply in await self.pages(**query) for run in reply.body["value"]]

    def of(self, *states: str) -> list[str]:
        return sorted(run_id for run_id, run in self.runs.items() if run["state"] in states)


async def settled(app: App, started: Reply, state: str) -> dict[str, Any]:
    """Return the document of a run once it is in `state`."""
    while (run := (await app.call("GET", started.body["links"]["self"])).body)["state"] != state:
        assert run["state"] not in OVER, run
    return dict(run)


async def one_run(app: App, graph: GraphServer, state: str, number: int) -> dict[str, Any]:
    tenant = graph.tenant
    document = {"id": f"{state}-{number}", "status": "running"}
    if state == "succeeded":
        operation = tenant.start_operation(tenant.alert_id("StaleSignInAlert"), duration=0)
        document["id"] = operation.id
    elif state == "failed":
        tenant.put_operation({**document, "status": "failed"})
    else:
        tenant.put_operation(document)
    seconds = 1 if state == "timedOut" else 3600 + number
    started = await app.start(operationId=document["id"], timeoutSeconds=seconds)
    if state == "cancelled":
        await app.call("DELETE", started.body["links"]["cancel"])
    return await settled(app, started, state)


async def foreign(app: App, name: str, given: Any, instance_id: str = "") -> None:
    """Start an instance by hand, as an operator may."""
    path = f"{MANAGEMENT}/orchestrators/{name}/{instance_id}".rstrip("/")
    assert (await app.call("POST", path, key=SYSTEM_KEY, data=json.dumps(given))).status == 202


async def purge(app: App, run_id: str) -> None:
    """Terminate and purge an instance by hand, as an operator may: the hub refuses to purge one that runs."""
    instance = f"{MANAGEMENT}/instances/{run_id}"
    await app.call("POST", f"{instance}/terminate", key=SYSTEM_KEY)
    while (await app.call("DELETE", instance, key=SYSTEM_KEY)).status != 200:
        pass


@pytest.fixture(scope="module")
async def listed(graph: GraphServer, identity: IdentityServer) -> AsyncGenerator[Listed]:
    async with hosted({"GRAPH_BASE_URL": graph.base_url, **identity.environment, **NEVER}, clean=False) as app:
        wanted = [(state, number) for state, count in COUNTS.items() for number in range(count)]
        runs = await asyncio.gather(*(one_run(app, graph, state, number) for state, number in wanted))
        given = next(each["input"] for each in await app.instances() if each["instanceId"] == runs[0]["id"])
        strange: Any
        for strange in (None, "x", [], {}, {**given, "target": None}, {**given, "createdAt": 0}):
            await foreign(app, "await_alert", strange, str(uuid.uuid4()))
        await foreign(app, "await_alert", given)
        await foreign(app, "await_alert", given, "by-hand")
        for _ in range(4):
            await foreign(app, "BuiltIn__HttpPollOrchestrator", given, str(uuid.uuid4()))
        yield Listed(app, {run["id"]: run for run in runs})


async def test_every_run_is_listed_once_and_nothing_else(listed: Listed) -> None:
    [reply] = await listed.pages()

    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    assert Counter(run["state"] for run in reply.body["value"]) == COUNTS
    assert sorted(run["id"] for run in reply.body["value"]) == sorted(listed.runs)


@pytest.mark.parametrize("size", [1, 7, 24, 25, 26, 100])
async def test_pages_neither_lose_nor_repeat_a_run(listed: Listed, size: int) -> None:
    replies = await listed.pages(pageSize=size)
    found = [run["id"] for reply in replies for run in reply.body["value"]]

    assert sorted(found) == sorted(listed.runs)
    full = [len(reply.body["value"]) for reply in replies][: 25 // size]
    assert full == [size] * (25 // size)


@pytest.mark.parametrize(
    "states",
    [*([state] for state in STATE_NAMES), ["failed", "timedOut"], ["polling", "cancelled"], list(STATE_NAMES)],
    ids=str,
)
@pytest.mark.parametrize("size", [2, 7])
async def test_each_filter_finds_its_own_on_all_pages_together(listed: Listed, states: list[str], size: int) -> None:
    assert sorted(await listed.ids(state=",".join(states), pageSize=size)) == listed.of(*states)


async def test_a_state_that_is_repeated_adds_to_the_others(listed: Listed) -> None:
    reply = await listed.app.call("GET", "/api/runs?state=failed&state=polling,failed")

    assert sorted(run["id"] for run in reply.body["value"]) == listed.of("failed", "polling")


async def test_times_of_creation_are_bounds(listed: Listed) -> None:
    created = sorted(run["createdAt"] for run in listed.runs.values())
    since, until = created[6], created[18]

    for query, expected in (
        ({"createdFrom": since}, [time for time in created if time >= since]),
        ({"createdBefore": until}, [time for time in created if time < until]),
        ({"createdFrom": since, "createdBefore": until}, [time for time in created if since <= time < until]),
        ({"createdFrom": since.replace("Z", "+00:00")}, [time for time in created if time >= since]),
        ({"createdFrom": "2999-01-01T00:00:00Z"}, []),
        ({"createdBefore": created[0]}, []),
    ):
        found = await listed.ids(**query, pageSize=7)
        assert sorted(listed.runs[run_id]["createdAt"] for run_id in found) == expected, query
        assert len(set(found)) == len(found), query


async def test_a_summary_says_what_the_document_says(listed: Listed) -> None:
    [reply] = await listed.pages()

    for summary in reply.body["value"]:
        document = (await listed.app.call("GET", summary["links"]["self"])).body
        assert summary == {name: value for name, value in document.items() if name not in {"operation", "callback"}}


async def test_a_run_that_is_cancelled_between_two_pages_moves_no_other(listed: Listed, graph: GraphServer) -> None:
    extra = [await one_run(listed.app, graph, "polling", 100 + number) for number in range(6)]
    try:
        first = await listed.app.call("GET", "/api/runs?state=polling&pageSize=6")
        shown = [run["id"] for run in first.body["value"]]
        cancelled = [run for run in extra if run["id"] in shown]
        for run in cancelled:
            await listed.app.call("DELETE", run["links"]["cancel"])
        second = await listed.app.call("GET", first.body["nextLink"])

        assert cancelled, "only five of the six that were shown are another test's"
        found = [*shown, *(run["id"] for run in second.body["value"])]
        assert sorted(found) == sorted([*listed.of("polling"), *(run["id"] for run in extra)])
    finally:
        for run in extra:
            await purge(listed.app, run["id"])


async def test_the_key_of_the_query_is_in_every_link_and_follows_the_pages(listed: Listed) -> None:
    replies = await listed.pages(key=None, pageSize=7, code=FUNCTION_KEY)

    assert {reply.status for reply in replies} == {200}
    assert sum(len(reply.body["value"]) for reply in replies) == 25
    links = [link for reply in replies for run in reply.body["value"] for link in run["links"].values()]
    assert all(link.endswith(f"?code={FUNCTION_KEY}") for link in links)
    for reply in replies[:-1]:
        assert reply.body["nextLink"].count(FUNCTION_KEY) == 1


async def test_no_key_of_a_header_is_in_any_link(listed: Listed) -> None:
    told = json.dumps([[reply.body, dict(reply.headers)] for reply in await listed.pages(pageSize=7)])

    assert FUNCTION_KEY not in told
    assert SYSTEM_KEY not in told


@pytest.mark.parametrize("key", [None, "wrong", SYSTEM_KEY])
async def test_nobody_lists_without_the_key(listed: Listed, key: str | None) -> None:
    assert (await listed.app.call("GET", "/api/runs", key=key)).status == 401


async def test_all_faults_are_told_at_once(listed: Listed) -> None:
    query = "state=running&createdFrom=now&createdBefore=&pageSize=0&pageSize=1&continuationToken=x&top=3"
    reply = await listed.app.call("GET", f"/api/runs?{query}")

    assert (reply.status, reply.headers["Content-Type"]) == (400, "application/problem+json")
    assert reply.body["type"].endswith(":invalid-request")
    assert [error["field"] for error in reply.body["errors"]] == [
        *("state", "createdFrom", "createdBefore", "pageSize", "continuationToken", "top")
    ]
    assert "started" not in reply.body["detail"], "nobody asked for a start"


def token(document: Any) -> str:
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


HOSTILE = {
    "nothing": "",
    "an index": "5",
    "a path": "../../etc/passwd",
    "a pickle": token(b"\x80\x04\x95\x1e\x00\x00\x00\x00\x00\x00\x00\x8c\x05posix\x94\x8c\x06system\x94\x93."),
    "a class for the SDK to revive": token({"__class__": "Popen", "__module__": "subprocess", "__data__": "id"}),
    "deep": token(b"[" * 2000),
    "too long": "A" * 5000,
    "half a surrogate pair": token(b'{"hub":"\\ud800","filter":"x"}'),
    "not text": "%ff%fe%00",
}


@pytest.mark.parametrize("hostile", HOSTILE.values(), ids=HOSTILE)
async def test_a_token_that_is_none_is_refused(listed: Listed, hostile: str) -> None:
    reply = await listed.app.call("GET", f"/api/runs?continuationToken={hostile}")

    assert reply.status == 400
    assert [error["field"] for error in reply.body["errors"]] == ["continuationToken"]


async def test_a_token_of_another_filter_is_refused(listed: Listed) -> None:
    [first, *_] = await listed.pages(pageSize=2, state="failed")
    reply = await listed.app.call("GET", first.body["nextLink"].replace("state=failed", "state=polling"))

    assert reply.status == 400
    assert [error["field"] for error in reply.body["errors"]] == ["continuationToken"]


@pytest.mark.parametrize("place", ["", "-1", "\0", "é", "'; DROP TABLE Instances", "@entity@key"])
async def test_a_forged_token_opens_nothing_that_the_list_does_not(listed: Listed, place: str) -> None:
    [first, *_] = await listed.pages(pageSize=7)
    text = first.body["nextLink"].partition("continuationToken=")[2]
    created_at, _, filter_hash = json.loads(base64.urlsafe_b64decode(text + "=="))
    forged = token([created_at, place, filter_hash])
    reply = await listed.app.call("GET", f"/api/runs?continuationToken={forged}")

    assert reply.status == 200
    assert {run["id"] for run in reply.body["value"]} <= listed.runs.keys()


@pytest.mark.parametrize(("method", "tail"), [("GET", ""), ("GET", "/result"), ("DELETE", "")])
async def test_what_is_not_listed_is_not_found_by_its_id_either(listed: Listed, method: str, tail: str) -> None:
    foreigners = [each for each in await listed.app.instances() if each["instanceId"] not in listed.runs]
    assert len(foreigners) >= 10
    for each in foreigners:
        reply = await listed.app.call(method, f"/api/runs/{quote(each['instanceId'], safe='')}{tail}")
        assert (reply.status, reply.body["type"].rpartition(":")[2]) == (404, "run-not-found"), each
