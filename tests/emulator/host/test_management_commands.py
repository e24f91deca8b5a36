"""Starts, commands and entities through the management API, and what it refuses."""

import uuid
from typing import Any

import pytest

from tests.emulator.host.conftest import MANAGEMENT, SYSTEM_KEY, SampleApp

WRONG = "Something went wrong while processing your request"
BAD_ID = "Orchestration instance IDs must not contain"
START = "POST orchestrators/chain"
RESTART = "POST instances/{id}/restart"
LINKS = (
    "id statusQueryGetUri sendEventPostUri terminatePostUri purgeHistoryDeleteUri restartPostUri suspendPostUri"
    " resumePostUri"
)


@pytest.mark.parametrize(
    ("state", "request_line", "data", "status", "message"),
    [
        ("Running", "POST instances/{id}/resume", "", 500, WRONG),
        ("Running", "POST instances/{id}/rewind", "", 412, "Only failed orchestration instances can be rewound"),
        ("Running", "DELETE instances/{id}", "", 412, "The orchestration instance '{id}' is not ended"),
        ("Running", f"{START}/{{id}}", "2", 409, ""),
        ("Running", f"{RESTART}?restartWithNewInstanceId=false", "", 409, ""),
        ("Running", "POST instances/{id}/raiseEvent/go", "1", 400, "Only application/json request content is supp"),
        ("Running", "POST instances/{id}/raiseEvent/go", "{", 400, "Invalid JSON content"),
        ("Suspended", "POST instances/{id}/suspend", "", 500, WRONG),
        ("Completed", "POST instances/{id}/raiseEvent/go", "{}", 410, None),
        ("Completed", "POST instances/{id}/terminate", "", 410, None),
        ("Completed", "POST instances/{id}/suspend", "", 410, None),
        ("Completed", "POST instances/{id}/resume", "", 410, None),
        ("Completed", "POST instances/{id}/rewind", "", 412, "Only failed orchestration instances can be rewound"),
        ("", START, "{not json", 500, WRONG),
        ("", f"{START}/a%23b", "", 400, BAD_ID),
        ("", f"{START}/a%5Cb", "", 400, BAD_ID),
        ("", f"{START}/a%3Fb", "", 400, BAD_ID),
        ("", f"{START}/a%0Ab", "", 400, BAD_ID),
        ("", "POST instances/nobody/restart", "", 400, "InstanceId does not match a valid orchestration instance."),
        ("", "POST entities/nothing/key?op=add", "1", 400, "The function 'nothing' doesn't"),
        ("", "DELETE instances", "", 400, None),
    ],
)
async def test_what_is_refused_in_which_state(  # noqa: PLR0913, PLR0917 -- the columns of the table
    app: SampleApp, state: str, request_line: str, data: str, status: int, message: str | None
) -> None:
    instance_id = ""
    if state:
        instance_id = await (app.finished() if state == "Completed" else app.waiting())
        if state == "Suspended":
            await app.command(instance_id, "suspend")
            await app.until(instance_id, state)
    method, path = request_line.format(id=instance_id).split()
    content_type = "text/plain" if data == "1" else "application/json"
    found, body = await app.manage(method, path, data=data.encode(), headers={"Content-Type": content_type})
    assert found == status
    if message is not None:
        assert body["Message"].startswith(message.format(id=instance_id))
    if state:
        assert (await app.status(instance_id))["runtimeStatus"] == state


async def test_start_answers_with_links_that_work(app: SampleApp, name: str) -> None:
    key = {"code": SYSTEM_KEY}
    status, headers, body = await app.send(
        "POST", f"{MANAGEMENT}/Orchestrators/CHAIN/{name}", json={"a": 1}, params=key
    )
    assert status == 202
    assert " ".join(body) == LINKS
    assert body["id"] == name
    assert (headers["Location"], headers["Retry-After"]) == (body["statusQueryGetUri"], "10")
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    instance = f"{app.host.base_url}{MANAGEMENT}/instances/{name}"
    suffix = f"taskHub=SampleHub&connection=Storage&code={SYSTEM_KEY}"
    assert body["statusQueryGetUri"] == f"{instance}?{suffix}"
    assert body["sendEventPostUri"] == f"{instance}/raiseEvent/{{eventName}}?{suffix}"
    assert body["terminatePostUri"] == f"{instance}/terminate?reason={{text}}&{suffix}"
    await app.ended(name)
    async with app.session.get(headers["Location"]) as response:
        found = await response.json()
    assert (response.status, found["name"], found["input"]) == (200, "chain", {"a": 1})


@pytest.mark.parametrize(
    ("orchestrator", "instance_id", "state"),
    [
        ("chain", "{name}" + "x" * 246, "Completed"),
        # A name that nobody has.
        ("nothing", "{name}", "Failed"),
        # An id that begins as that of an entity.
        ("chain", "@{name}", "Running"),
    ],
)
async def test_what_is_accepted_and_what_becomes_of_it(
    app: SampleApp, name: str, orchestrator: str, instance_id: str, state: str
) -> None:
    instance_id = instance_id.format(name=name)
    assert (await app.manage("POST", f"orchestrators/{orchestrator}/{instance_id}", json=1))[0] == 202
    await app.run("chain", 1)
    await app.until(instance_id, state)


@pytest.mark.parametrize(
    ("orchestrator", "given", "code", "member", "value"),
    [
        ("chain", "bare", 200, "echoed", "bare"),
        ("calls", ["fail", "plain"], 200, "runtimeStatus", "Failed"),
        ("waits_for_event", 1, 202, "terminatePostUri", None),
    ],
)
async def test_start_can_wait_for_the_end(  # noqa: PLR0913, PLR0917 -- the columns of the table
    app: SampleApp, orchestrator: str, given: Any, code: int, member: str, value: str | None
) -> None:
    wait = {"timeout": "5" if code == 200 else "0.05", "pollingInterval": "0.02"}
    status, found = await app.manage("POST", f"orchestrators/{orchestrator}", params=wait, json=given)
    assert status == code
    assert value in (None, found[member])


async def test_restart(app: SampleApp) -> None:
    instance_id, running = await app.finished(), await app.waiting()
    status, body = await app.manage("POST", f"instances/{instance_id}/restart")
    assert (status, body["id"] != instance_id) == (202, True)
    again = await app.ended(body["id"])
    assert (again["name"], again["input"], again["output"]["echoed"]) == ("chain", "x", "x")
    _, body = await app.manage("POST", f"instances/{instance_id}/restart?restartWithNewInstanceId=false")
    assert body["id"] == instance_id
    assert await app.command(running, "restart") == 202
    assert (await app.status(running))["runtimeStatus"] == "Running"


@pytest.mark.parametrize(("reason", "output"), [({"reason": "too late"}, "too late"), ({}, None)])
async def test_terminate(app: SampleApp, reason: dict[str, str], output: str | None) -> None:
    instance_id = await app.waiting()
    assert await app.manage("POST", f"instances/{instance_id}/TERMINATE", params=reason) == (202, None)
    status = await app.ended(instance_id)
    assert (status["runtimeStatus"], status["output"]) == ("Terminated", output)


async def test_what_is_raised_while_an_instance_is_suspended_is_kept(app: SampleApp) -> None:
    instance_id = await app.waiting()
    assert await app.command(instance_id, "suspend", params={"reason": "night"}) == 202
    assert (await app.until(instance_id, "Suspended"))["output"] == "night"
    assert (await app.manage("GET", f"instances/{instance_id}"))[0] == 202
    assert await app.command(instance_id, "raiseEvent/go", json={"x": [1]}) == 202
    assert (await app.status(instance_id))["runtimeStatus"] == "Suspended"
    assert await app.command(instance_id, "resume") == 202
    assert (await app.ended(instance_id))["output"] == {"x": [1]}


async def test_rewind_tries_again_what_failed(app: SampleApp) -> None:
    instance_id = await app.start("calls", ["fail_twice", f"rewound-{uuid.uuid4()}"])
    for _ in range(2):
        await app.until(instance_id, "Failed")
        assert await app.command(instance_id, "rewind") == 202
    assert (await app.until(instance_id, "Completed"))["output"] == 3


async def test_entities(app: SampleApp, name: str) -> None:
    for key, amount in ((f"{name}-a", 1), (f"{name}-b", 2)):
        assert await app.manage("POST", f"entities/Counter/{key}?op=add", json=amount) == (202, None)
        await app.entity_is(key, amount)
    params = {"code": SYSTEM_KEY, "fetchState": "true"}
    status, headers, listed = await app.send("GET", f"{MANAGEMENT}/entities/counter", params=params)
    mine = [entity for entity in listed if entity["entityId"]["key"].startswith(name)]
    assert (status, headers["x-ms-continuation-token"]) == (200, "")
    assert [entity["state"] for entity in mine] == [1, 2]
    assert mine[0]["entityId"] == {"name": "counter", "key": f"{name}-a"}
    assert list(mine[0]) == ["entityId", "lastOperationTime", "state"]
    _, page = await app.manage("GET", "entities?top=1")
    assert [entity["state"] for entity in page] == [None]
    assert (await app.manage("DELETE", f"entities/counter/{name}-a"))[0] == 202
    await app.entity_is(f"{name}-a", None)
    _, listed = await app.manage("GET", "entities")
    keys = [entity["entityId"]["key"] for entity in listed]
    assert (f"{name}-a" in keys, f"{name}-b" in keys) == (False, True)
