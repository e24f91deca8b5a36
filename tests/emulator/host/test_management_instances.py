"""Reading, listing and purging instances through the management API."""

import re
from datetime import UTC, datetime, timedelta

from tests.emulator.host.conftest import MANAGEMENT, SYSTEM_KEY, DurableApp

SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")


async def test_status_of_a_running_instance_asks_to_come_again(durable: DurableApp) -> None:
    instance_id = await durable.waiting()
    path = f"instances/{instance_id}?code={SYSTEM_KEY}&showInput=false&x=%20"
    url = f"{durable.host.base_url}{MANAGEMENT}/{path}"
    async with durable.session.get(url) as response:
        body = await response.json()
    assert response.status == 202
    assert response.headers["Location"] == url
    assert response.headers["Retry-After"] == "5"
    assert list(body) == [
        "name",
        "instanceId",
        "runtimeStatus",
        "input",
        "customStatus",
        "output",
        "createdTime",
        "lastUpdatedTime",
    ]
    assert body["input"] is None
    assert body["customStatus"] == {"waiting": {"n": 1}}
    assert SECOND.fullmatch(body["createdTime"])
    assert SECOND.fullmatch(body["lastUpdatedTime"])


async def test_status_of_an_instance_that_is_over(durable: DurableApp) -> None:
    status, headers, body = await durable.manage("GET", f"instances/{await durable.finished()}")
    assert (status, body["runtimeStatus"], body["input"]) == (200, "Completed", "x")
    assert "location" not in headers
    assert "retry-after" not in headers


async def test_a_failed_instance_is_a_200_unless_asked_otherwise(durable: DurableApp) -> None:
    instance_id = await durable.finished("fails")
    plain = await durable.manage("GET", f"instances/{instance_id}")
    flagged = await durable.manage(
        "GET", f"instances/{instance_id}", params={"returnInternalServerErrorOnFailure": "true"}
    )
    assert (plain[0], flagged[0]) == (200, 500)
    assert plain[2] == flagged[2]
    assert plain[2]["runtimeStatus"] == "Failed"


async def test_history_folds_scheduled_work_into_its_result(durable: DurableApp) -> None:
    instance_id = await durable.finished()
    path = f"instances/{instance_id}"
    plain = (await durable.manage("GET", path, params={"showHistory": "true"}))[2]["historyEvents"]
    kinds = ["ExecutionStarted", *["TaskCompleted"] * 4, "ExecutionCompleted"]
    assert [event["EventType"] for event in plain] == kinds
    assert [event.get("FunctionName") for event in plain][:3] == ["chain", "echo", "ECHO_ASYNC"]
    assert plain[1]["Input"] == '"x"'
    assert plain[1]["ScheduledTime"] <= plain[1]["Timestamp"]
    assert plain[-1]["OrchestrationStatus"] == "Completed"
    assert not [event for event in plain if "Result" in event]
    assert all(event["Timestamp"] > "2020" for event in plain)
    options = {"showHistory": "true", "showHistoryOutput": "true", "showInput": "false"}
    full = (await durable.manage("GET", path, params=options))[2]["historyEvents"]
    assert full[1]["Result"] == "x"
    assert not [event for event in full if "Input" in event]


async def test_list_pages_with_a_continuation_token(durable: DurableApp, name: str) -> None:
    for number in range(3):
        await durable.manage("POST", f"orchestrators/waits_for_event/{name}-{number}", json=number)
    seen, token = [], ""
    for _ in range(2):
        status, headers, page = await durable.manage(
            "GET",
            "instances",
            params={"instanceIdPrefix": name, "top": "2"},
            headers={"x-ms-continuation-token": token} if token else {},
        )
        assert status == 200
        seen += [body["instanceId"] for body in page]
        token = headers.get("x-ms-continuation-token", "")
    assert sorted(seen) == [f"{name}-{number}" for number in range(3)]
    assert token == ""


async def test_the_last_page_has_no_continuation_header_and_top_0_has_no_rows(durable: DurableApp, name: str) -> None:
    await durable.manage("POST", f"orchestrators/waits_for_event/{name}", json=1)
    _, headers, page = await durable.manage("GET", "instances", params={"instanceIdPrefix": name})
    assert (len(page), "x-ms-continuation-token" in headers) == (1, False)
    _, headers, page = await durable.manage("GET", "instances", params={"instanceIdPrefix": name, "top": "0"})
    assert (page, "x-ms-continuation-token" in headers) == ([], True)


async def test_list_filters(durable: DurableApp, name: str) -> None:
    before = datetime.now(UTC)
    await durable.manage("POST", f"orchestrators/chain/{name}-over", json=1)
    await durable.manage("POST", f"orchestrators/waits_for_event/{name}-on", json=2)
    await durable.ended(f"{name}-over")
    await durable.until(f"{name}-on", "Running")

    async def ids(**params: str) -> set[str]:
        _, _, page = await durable.manage("GET", "instances/", params={"instanceIdPrefix": name} | params)
        return {body["instanceId"].removeprefix(f"{name}-") for body in page}

    assert await ids() == {"over", "on"}
    assert await ids(runtimeStatus="Completed") == {"over"}
    assert await ids(runtimeStatus="Completed,Running,Junk") == {"over", "on"}
    assert await ids(runtimeStatus="completed") == {"over", "on"}
    assert await ids(createdTimeFrom=before.isoformat()) == {"over", "on"}
    assert await ids(createdTimeTo=before.isoformat()) == set()
    _, _, page = await durable.manage("GET", "instances", params={"instanceIdPrefix": name, "showInput": "false"})
    assert [body["input"] for body in page] == [None, None]


async def test_purge_one(durable: DurableApp) -> None:
    instance_id = await durable.finished()
    assert (await durable.manage("DELETE", f"instances/{instance_id}"))[::2] == (200, {"instancesDeleted": 1})
    assert (await durable.manage("GET", f"instances/{instance_id}"))[0] == 404


async def test_a_running_instance_is_not_purged_by_its_id_and_runs_on(durable: DurableApp) -> None:
    running = await durable.waiting()
    assert (await durable.manage("DELETE", f"instances/{running}"))[0] == 412
    await durable.manage("POST", f"instances/{running}/raiseEvent/go", json="still here")
    assert (await durable.ended(running))["output"] == "still here"


async def test_purge_many_needs_a_time_and_spares_what_it_does_not_name(durable: DurableApp) -> None:
    running = await durable.waiting()
    assert (await durable.manage("DELETE", "instances"))[::2] == (
        400,
        "Please provide value for 'createdTimeFrom' parameter.",
    )
    now = datetime.now(UTC)
    await durable.finished()
    wanted = {"createdTimeFrom": now.isoformat(), "runtimeStatus": "Completed"}
    later = {"createdTimeFrom": (now + timedelta(hours=1)).isoformat()}
    assert (await durable.manage("DELETE", "instances", params=later))[0] == 404
    assert (await durable.manage("DELETE", "instances", params=wanted))[::2] == (200, {"instancesDeleted": 1})
    assert (await durable.manage("DELETE", "instances", params=wanted))[0] == 404
    assert (await durable.status(running))["runtimeStatus"] == "Running"
