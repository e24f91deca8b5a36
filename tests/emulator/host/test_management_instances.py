"""Reading, listing and purging instances through the management API."""

import re
from datetime import UTC, datetime, timedelta

from tests.emulator.host.conftest import MANAGEMENT, SYSTEM_KEY, SampleApp

KEY = {"code": SYSTEM_KEY}
SECOND = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ")
MEMBERS = "name instanceId runtimeStatus input customStatus output createdTime lastUpdatedTime version"


async def test_status_of_a_running_instance_asks_to_come_again(app: SampleApp) -> None:
    path = f"{MANAGEMENT}/instances/{await app.waiting()}?code={SYSTEM_KEY}&showInput=false&x=%20"
    status, headers, body = await app.send("GET", path)
    assert status == 202
    assert (headers["Location"], headers["Retry-After"]) == (f"{app.host.base_url}{path}", "5")
    assert " ".join(body) == MEMBERS
    assert (body["input"], body["customStatus"]) == (None, {"waiting": {"n": 1}})
    assert SECOND.fullmatch(body["createdTime"])
    assert SECOND.fullmatch(body["lastUpdatedTime"])


async def test_status_of_an_instance_that_is_over(app: SampleApp) -> None:
    path = f"{MANAGEMENT}/instances/{await app.finished()}"
    status, headers, body = await app.send("GET", path, params=KEY)
    assert (status, body["runtimeStatus"], body["input"]) == (200, "Completed", "x")
    assert not {"Location", "Retry-After"} & set(headers)


async def test_a_failed_instance_is_a_200_unless_asked_otherwise(app: SampleApp) -> None:
    path = f"instances/{await app.finished('calls', ['fail', 'x'])}"
    plain, body = await app.manage("GET", path)
    flagged = await app.manage("GET", f"{path}?returnInternalServerErrorOnFailure=true")
    assert (plain, body["runtimeStatus"]) == (200, "Failed")
    assert flagged == (500, body)


async def test_history_folds_scheduled_work_into_its_result(app: SampleApp) -> None:
    instance_id = await app.finished()
    plain = (await app.status(instance_id, showHistory="true"))["historyEvents"]
    kinds = ["ExecutionStarted", *["TaskCompleted"] * 4, "ExecutionCompleted"]
    assert [event["EventType"] for event in plain] == kinds
    assert [event.get("FunctionName") for event in plain][:3] == ["chain", "echo", "ECHO_ASYNC"]
    assert plain[1]["Input"] == '"x"'
    assert plain[1]["ScheduledTime"] <= plain[1]["Timestamp"]
    assert plain[-1]["OrchestrationStatus"] == "Completed"
    assert not [event for event in plain if "Result" in event]
    assert all(event["Timestamp"] > "2020" for event in plain)
    options = {"showHistory": "true", "showHistoryOutput": "true", "showInput": "false"}
    full = (await app.status(instance_id, **options))["historyEvents"]
    assert full[1]["Result"] == "x"
    assert not [event for event in full if "Input" in event]


async def test_list_pages_with_a_continuation_token(app: SampleApp, name: str) -> None:
    for number in range(3):
        await app.start("waits_for_event", number, f"{name}-{number}")
    seen, token = [], ""
    for top, count in (("0", 0), ("2", 2), ("2", 1)):
        headers = {"x-ms-continuation-token": token} if token else {}
        params = KEY | {"instanceIdPrefix": name, "top": top}
        status, answered, page = await app.send("GET", f"{MANAGEMENT}/instances", params=params, headers=headers)
        assert (status, len(page)) == (200, count)
        assert ("x-ms-continuation-token" in answered) == (count != 1), "the last page has none"
        seen += [body["instanceId"] for body in page]
        token = answered.get("x-ms-continuation-token", "")
    assert seen == [f"{name}-{number}" for number in range(3)]


async def test_list_filters(app: SampleApp, name: str) -> None:
    before = datetime.now(UTC).isoformat()
    await app.start("chain", 1, f"{name}-over")
    await app.start("waits_for_event", 2, f"{name}-on")
    await app.ended(f"{name}-over")
    await app.until(f"{name}-on", "Running")
    both, over = {f"{name}-over", f"{name}-on"}, {f"{name}-over"}
    for condition, found in (
        ({}, both),
        ({"runtimeStatus": "Completed"}, over),
        ({"runtimeStatus": "Completed,Running,Junk"}, both),
        ({"runtimeStatus": "completed"}, both),
        ({"createdTimeFrom": before}, both),
        ({"createdTimeTo": before}, set()),
    ):
        _, page = await app.manage("GET", "instances/", params={"instanceIdPrefix": name} | condition)
        assert {body["instanceId"] for body in page} == found, condition
    _, page = await app.manage("GET", "instances", params={"instanceIdPrefix": name, "showInput": "false"})
    assert [body["input"] for body in page] == [None, None]


async def test_purge_many_spares_what_it_does_not_name(app: SampleApp) -> None:
    running, now = await app.waiting(), datetime.now(UTC)
    await app.finished()
    wanted = {"createdTimeFrom": now.isoformat(), "runtimeStatus": "Completed"}
    later = {"createdTimeFrom": (now + timedelta(hours=1)).isoformat()}
    assert (await app.manage("DELETE", "instances", params=later))[0] == 404
    assert await app.manage("DELETE", "instances", params=wanted) == (200, {"instancesDeleted": 1})
    assert (await app.manage("DELETE", "instances", params=wanted))[0] == 404
    assert (await app.status(running))["runtimeStatus"] == "Running"
