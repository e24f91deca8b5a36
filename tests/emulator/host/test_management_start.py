"""Starting, waiting for and restarting instances through the management API."""

from typing import Any

import pytest
from yarl import URL

from tests.emulator.host.conftest import MANAGEMENT, SYSTEM_KEY, DurableApp


async def test_start_answers_with_links_that_work(durable: DurableApp, name: str) -> None:
    status, headers, body = await durable.manage("POST", f"Orchestrators/CHAIN/{name}", json={"a": 1})
    assert status == 202
    assert list(body) == [
        "id",
        "statusQueryGetUri",
        "sendEventPostUri",
        "terminatePostUri",
        "purgeHistoryDeleteUri",
        "restartPostUri",
        "suspendPostUri",
        "resumePostUri",
    ]
    assert body["id"] == name
    assert headers["location"] == body["statusQueryGetUri"]
    assert headers["retry-after"] == "10"
    assert headers["content-type"] == "application/json; charset=utf-8"
    instance = f"{durable.host.base_url}{MANAGEMENT}/instances/{name}"
    suffix = f"taskHub=SampleHub&connection=Storage&code={SYSTEM_KEY}"
    assert body["statusQueryGetUri"] == f"{instance}?{suffix}"
    assert body["sendEventPostUri"] == f"{instance}/raiseEvent/{{eventName}}?{suffix}"
    assert body["terminatePostUri"] == f"{instance}/terminate?reason={{text}}&{suffix}"
    await durable.ended(name)
    async with durable.session.get(headers["location"]) as response:
        found = await response.json()
    assert (response.status, found["name"], found["input"]) == (200, "chain", {"a": 1})


async def test_a_start_fails_with_what_is_not_json(durable: DurableApp, name: str) -> None:
    status, _, body = await durable.manage("POST", f"orchestrators/chain/{name}", data=b"{not json")
    assert (status, body["Message"]) == (500, "Something went wrong while processing your request")
    assert list(body) == ["Message", "ExceptionMessage", "ExceptionType", "StackTrace"]
    assert (await durable.manage("GET", f"instances/{name}"))[0] == 404


async def test_an_unknown_function_is_started_and_fails(durable: DurableApp) -> None:
    status, _, body = await durable.manage("POST", "orchestrators/nothing", json=1)
    assert status == 202
    ended = await durable.ended(body["id"])
    assert (ended["name"], ended["runtimeStatus"]) == ("nothing", "Failed")


async def test_an_id_that_begins_with_an_at_sign_is_accepted_and_stays_running(durable: DurableApp, name: str) -> None:
    assert (await durable.manage("POST", f"orchestrators/chain/@{name}"))[0] == 202
    await durable.run("chain", 1)
    assert (await durable.status(f"@{name}"))["runtimeStatus"] == "Running"


async def test_an_id_may_be_long(durable: DurableApp, name: str) -> None:
    instance_id = name.ljust(257, "x")
    assert (await durable.manage("POST", f"orchestrators/chain/{instance_id}", json=1))[0] == 202
    assert (await durable.ended(instance_id))["runtimeStatus"] == "Completed"


@pytest.mark.parametrize(
    ("method", "path"),
    [("POST", "orchestrators/chain/a%2Fb"), ("GET", "instances/a%2fb"), ("POST", "instances/a%2Fb/terminate")],
)
async def test_an_encoded_slash_in_an_id_is_not_found(durable: DurableApp, method: str, path: str) -> None:
    url = URL(f"{durable.host.base_url}{MANAGEMENT}/{path}?code={SYSTEM_KEY}", encoded=True)
    async with durable.session.request(method, url) as response:
        assert response.status == 404


@pytest.mark.parametrize("bad", ["a%2523b", "a%255Cb", "a%253Fb", "a%0Ab"])
async def test_start_refuses_a_bad_id(durable: DurableApp, bad: str) -> None:
    status, _, body = await durable.manage("POST", f"orchestrators/chain/{bad.replace('%25', '%')}")
    assert status == 400, body
    assert "nstance ID" in body["Message"]


@pytest.mark.parametrize(
    ("orchestrator", "given", "code", "body"),
    [
        ("chain_v1", {"bare": "output"}, 200, {"bare": "output"}),
        ("fails", "plain", 200, "Failed"),
        ("waits_for_event", 1, 202, "links"),
    ],
)
async def test_start_can_wait_for_the_end(
    durable: DurableApp, orchestrator: str, given: Any, code: int, body: Any
) -> None:
    wait = {"timeout": "5" if code == 200 else "0.05", "pollingInterval": "0.02"}
    status, _, found = await durable.manage("POST", f"orchestrators/{orchestrator}", params=wait, json=given)
    assert status == code
    if body == "links":
        assert "statusQueryGetUri" in found
    else:
        assert (found["runtimeStatus"] if body == "Failed" else found) == body


async def test_an_id_is_taken_while_its_instance_runs_and_free_when_it_is_over(durable: DurableApp, name: str) -> None:
    await durable.manage("POST", f"orchestrators/waits_for_event/{name}", json=1)
    await durable.until(name, "Running")
    status, _, body = await durable.manage("POST", f"orchestrators/chain/{name}", json=2)
    assert (status, list(body)) == (409, ["Message"])
    await durable.manage("POST", f"instances/{name}/terminate")
    await durable.ended(name)
    assert (await durable.manage("POST", f"orchestrators/chain/{name}", json=3))[0] == 202
    status_body = await durable.until(name, "Completed")
    assert (status_body["name"], status_body["output"]["echoed"]) == ("chain", 3)


async def test_restart(durable: DurableApp) -> None:
    instance_id = await durable.finished("chain_v1")
    status, headers, body = await durable.manage("POST", f"instances/{instance_id}/restart")
    assert status == 202
    assert headers["location"] == body["statusQueryGetUri"]
    assert body["id"] != instance_id
    again = await durable.ended(body["id"])
    assert (again["name"], again["input"], again["output"]) == ("chain_v1", "x", "x")
    same = {"restartWithNewInstanceId": "false"}
    _, _, body = await durable.manage("POST", f"instances/{instance_id}/restart", params=same)
    assert body["id"] == instance_id
    await durable.ended(instance_id)
    status, _, body = await durable.manage("POST", "instances/nobody/restart")
    assert (status, body["Message"]) == (400, "InstanceId does not match a valid orchestration instance.")
    running = await durable.waiting()
    assert (await durable.manage("POST", f"instances/{running}/restart", params=same))[0] == 409
    assert (await durable.manage("POST", f"instances/{running}/restart"))[0] == 202
    assert (await durable.status(running))["runtimeStatus"] == "Running"
