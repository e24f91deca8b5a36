"""Runs newest first, filtered and paged, of a host that has runs in every state and instances that are none."""

import asyncio
import json
import uuid
from collections import Counter
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from emulator.graph import GraphServer, Tenant
from emulator.identity import IdentityServer
from tests.end_to_end.conftest import FUNCTION_KEY, OVER, SYSTEM_KEY, App, Reply, hosted, make_settings, scan

MANAGEMENT = "/runtime/webhooks/durabletask"
SELDOM = {"POLL_MIN_SECONDS": "60", "POLL_MAX_SECONDS": "60"}
COUNTS = {"succeeded": 8, "failed": 5, "timedOut": 3, "cancelled": 4, "polling": 5}


@dataclass(frozen=True)
class Listed:
    """A host with 25 runs; `runs` are their documents, by id, when all is quiet."""

    app: App
    runs: dict[str, dict[str, Any]]

    async def follow(self, key: str | None = FUNCTION_KEY, **query: Any) -> list[Reply]:
        """Return every page: follow `nextLink` to the last one."""
        replies = [await self.app.call("GET", f"/api/runs?{urlencode(query)}", key=key)]
        while link := replies[-1].body["nextLink"]:
            replies.append(await self.app.call("GET", link, key=key))
        return replies

    async def ids(self, **query: Any) -> list[str]:
        """Return the ids on all pages together."""
        return [run["id"] for reply in await self.follow(**query) for run in reply.body["value"]]

    def expect(self, *states: str) -> list[str]:
        """Return the ids of the runs in `states`, newest first."""
        found = [run for run in self.runs.values() if not states or run["state"] in states]
        return [run["id"] for run in sorted(found, key=lambda run: (run["createdAt"], run["id"]), reverse=True)]


async def make_run(app: App, tenant: Tenant, state: str, number: int) -> dict[str, Any]:
    """Return the document of a new run once it is in `state`."""
    operation_id = f"{state}-{number}"
    if state == "succeeded":
        operation_id = scan(tenant, seconds=0)
    else:
        tenant.put_operation({"id": operation_id, "status": "failed" if state == "failed" else "running"})
    started = await app.start(operationId=operation_id, timeoutSeconds=1 if state == "timedOut" else 3600)
    if state == "cancelled":
        await app.cancel(started)
    while (run := await app.document(started))["state"] != state or (state == "polling" and not run["polls"]):
        assert run["state"] not in OVER, run
    return run


async def start_by_hand(app: App, name: str, given: Any, instance_id: str = "") -> None:
    """Start an instance as an operator may."""
    path = f"{MANAGEMENT}/orchestrators/{name}/{instance_id}".rstrip("/")
    assert (await app.call("POST", path, key=SYSTEM_KEY, data=json.dumps(given))).status == 202


@pytest.fixture(scope="module")
async def listed(graph: GraphServer, identity: IdentityServer) -> AsyncGenerator[Listed]:
    async with hosted(make_settings(graph, identity, **SELDOM), clean=False) as app:
        wanted = [(state, number) for state, count in COUNTS.items() for number in range(count)]
        runs = await asyncio.gather(*(make_run(app, graph.tenant, state, number) for state, number in wanted))
        given = next(each["input"] for each in await app.instances() if each["instanceId"] == runs[0]["id"])
        strange: Any
        for strange in (None, "x", [], {}, {**given, "wish": None}, {**given, "began_at": 0}):
            await start_by_hand(app, "await_alert", strange, str(uuid.uuid4()))
        await start_by_hand(app, "await_alert", given)
        await start_by_hand(app, "await_alert", given, "by-hand")
        for _ in range(4):
            await start_by_hand(app, "BuiltIn__HttpPollOrchestrator", given, str(uuid.uuid4()))
        yield Listed(app, {run["id"]: run for run in runs})


async def test_every_run_is_listed_once_newest_first_and_nothing_else(listed: Listed) -> None:
    [reply] = await listed.follow()

    assert (reply.status, reply.headers["Content-Type"]) == (200, "application/json")
    assert Counter(run["state"] for run in reply.body["value"]) == COUNTS
    assert [run["id"] for run in reply.body["value"]] == listed.expect()


@pytest.mark.parametrize("size", [1, 7, 25])
async def test_pages_neither_lose_nor_repeat_a_run(listed: Listed, size: int) -> None:
    replies = await listed.follow(pageSize=size)

    assert [run["id"] for reply in replies for run in reply.body["value"]] == listed.expect()
    assert [len(reply.body["value"]) for reply in replies][: 25 // size] == [size] * (25 // size)


async def test_the_runs_of_an_alert_are_found_by_its_name_and_by_its_id(listed: Listed, tenant: Tenant) -> None:
    alert_id = tenant.alert_id("StaleSignInAlert")
    for alert in ("StaleSignInAlert", alert_id, alert_id.lower()):
        assert await listed.ids(alertId=alert, pageSize=3) == listed.expect("succeeded"), alert
    assert await listed.ids(alertId="RedundantAssignmentAlert") == []
    assert await listed.ids(alertId=alert_id, state="failed") == []


@pytest.mark.parametrize("states", [*([state] for state in COUNTS), ["failed", "timedOut"], list(COUNTS)], ids=str)
async def test_each_filter_finds_its_own_on_all_pages_together(listed: Listed, states: list[str]) -> None:
    assert await listed.ids(state=",".join(states), pageSize=2) == listed.expect(*states)


async def test_times_of_creation_are_bounds(listed: Listed) -> None:
    created = sorted((run["createdAt"] for run in listed.runs.values()), reverse=True)
    since, until = created[18], created[6]

    for query, expected in (
        ({"createdFrom": since}, [time for time in created if time >= since]),
        ({"createdBefore": until}, [time for time in created if time < until]),
        ({"createdFrom": since, "createdBefore": until}, [time for time in created if since <= time < until]),
        ({"createdBefore": "0001-01-01T00:00:00Z"}, []),
        ({"createdBefore": "9999-12-31T23:59:59Z"}, created),
    ):
        found = await listed.ids(**query, pageSize=7)
        assert [listed.runs[run_id]["createdAt"] for run_id in found] == expected, query
        assert len(set(found)) == len(found), query


async def test_a_summary_says_what_the_document_says(listed: Listed) -> None:
    [reply] = await listed.follow()

    for summary in reply.body["value"]:
        document = (await listed.app.call("GET", summary["links"]["self"])).body
        assert summary == {name: value for name, value in document.items() if name not in {"operation", "callback"}}


async def test_a_run_that_starts_between_two_pages_moves_no_other(listed: Listed, graph: GraphServer) -> None:
    first = await listed.app.call("GET", "/api/runs?pageSize=20&state=polling,succeeded,failed,timedOut,cancelled")
    extra = await make_run(listed.app, graph.tenant, "polling", 100)
    second = await listed.app.call("GET", first.body["nextLink"])
    await listed.app.call("DELETE", extra["links"]["cancel"])
    instance = f"{MANAGEMENT}/instances/{extra['id']}"
    while (await listed.app.call("DELETE", instance, key=SYSTEM_KEY)).status != 200:
        pass

    assert [run["id"] for reply in (first, second) for run in reply.body["value"]] == listed.expect()


async def test_a_token_that_is_none_is_refused(listed: Listed) -> None:
    reply = await listed.app.call("GET", "/api/runs?continuationToken=%ff%fe%00")

    assert (reply.status, [error["field"] for error in reply.body["errors"]]) == (400, ["continuationToken"])


@pytest.mark.parametrize(("method", "tail"), [("GET", ""), ("GET", "/result"), ("DELETE", "")])
async def test_what_is_not_listed_is_not_found_by_its_id_either(listed: Listed, method: str, tail: str) -> None:
    others = [each for each in await listed.app.instances() if each["instanceId"] not in listed.runs]
    assert len(others) >= 10
    for each in others:
        reply = await listed.app.call(method, f"/api/runs/{quote(each['instanceId'], safe='')}{tail}")
        assert (reply.status, reply.problem) == (404, "run-not-found"), each
