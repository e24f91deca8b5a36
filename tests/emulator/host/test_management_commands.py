"""Commands to running instances, and entities, through the management API."""

import uuid
from typing import Any

import pytest

from tests.emulator.host.conftest import DurableApp, until


async def test_raise_event(durable: DurableApp) -> None:
    instance_id = await durable.waiting()
    path = f"instances/{instance_id}/raiseEvent/go"
    status, _, body = await durable.manage("POST", path, data="1", headers={"Content-Type": "text/plain"})
    assert (status, body) == (400, {"Message": "Only application/json request content is supported"})
    status, _, body = await durable.manage("POST", path, data="{", headers={"Content-Type": "application/json"})
    assert (status, body["Message"]) == (400, "Invalid JSON content")
    assert (await durable.manage("POST", path, json={"x": [1]}))[::2] == (202, None)
    assert (await durable.ended(instance_id))["output"] == {"x": [1]}
    assert (await durable.manage("POST", path, json=1))[::2] == (410, None)
    assert (await durable.manage("POST", "instances/nobody/raiseEvent/go", json=1))[::2] == (404, None)


@pytest.mark.parametrize(("reason", "output"), [({"reason": "too late"}, "too late"), ({}, None)])
async def test_terminate(durable: DurableApp, reason: dict[str, str], output: str | None) -> None:
    instance_id = await durable.waiting()
    assert (await durable.manage("POST", f"instances/{instance_id}/TERMINATE", params=reason))[::2] == (202, None)
    status = await durable.ended(instance_id)
    assert (status["runtimeStatus"], status["output"]) == ("Terminated", output)
    assert (await durable.manage("POST", f"instances/{instance_id}/terminate"))[::2] == (410, None)


async def test_suspend_and_resume(durable: DurableApp) -> None:
    instance_id = await durable.waiting()
    assert (await durable.manage("POST", f"instances/{instance_id}/resume"))[0] == 500
    reason = {"reason": "night"}
    assert (await durable.manage("POST", f"instances/{instance_id}/suspend", params=reason))[::2] == (202, None)
    assert (await durable.until(instance_id, "Suspended"))["output"] == "night"
    assert (await durable.manage("GET", f"instances/{instance_id}"))[0] == 202
    assert (await durable.manage("POST", f"instances/{instance_id}/suspend"))[0] == 500
    await durable.manage("POST", f"instances/{instance_id}/raiseEvent/go", json="kept")
    assert (await durable.status(instance_id))["runtimeStatus"] == "Suspended"
    assert (await durable.manage("POST", f"instances/{instance_id}/resume"))[::2] == (202, None)
    assert (await durable.ended(instance_id))["output"] == "kept"
    for command in ("suspend", "resume"):
        assert (await durable.manage("POST", f"instances/{instance_id}/{command}"))[0] == 410


async def test_rewind_tries_again_what_failed(durable: DurableApp) -> None:
    instance_id = await durable.start("fails_once", f"rewound-{uuid.uuid4()}")
    for _ in range(2):
        await durable.until(instance_id, "Failed")
        assert (await durable.manage("POST", f"instances/{instance_id}/rewind"))[::2] == (202, None)
    assert (await durable.until(instance_id, "Completed"))["output"] == 3


async def test_what_did_not_fail_is_not_rewound(durable: DurableApp) -> None:
    for instance_id in (await durable.finished(), await durable.waiting()):
        assert (await durable.manage("POST", f"instances/{instance_id}/rewind"))[0] == 412


async def test_entities(durable: DurableApp, name: str) -> None:
    for key, amount in ((f"{name}-a", 1), (f"{name}-b", 2)):
        assert (await durable.manage("POST", f"entities/Counter/{key}", params={"op": "add"}, json=amount))[::2] == (
            202,
            None,
        )
        await entity_is(durable, f"entities/counter/{key}", amount)
    status, headers, listed = await durable.manage("GET", "entities/counter", params={"fetchState": "true"})
    mine = [entity for entity in listed if entity["entityId"]["key"].startswith(name)]
    assert status == 200
    assert headers["x-ms-continuation-token"] == ""
    assert [entity["state"] for entity in mine] == [1, 2]
    assert mine[0]["entityId"] == {"name": "counter", "key": f"{name}-a"}
    assert list(mine[0]) == ["entityId", "lastOperationTime", "state"]
    _, headers, page = await durable.manage("GET", "entities", params={"top": "1"})
    assert (len(page), page[0]["state"], headers["x-ms-continuation-token"]) == (1, None, "1")


async def test_a_deleted_entity_does_not_exist(durable: DurableApp, name: str) -> None:
    path = f"entities/counter/{name}"
    await durable.manage("POST", path, params={"op": "add"}, json=3)
    await entity_is(durable, path, 3)
    assert (await durable.manage("DELETE", path))[0] == 202

    async def gone() -> bool:
        return (await durable.manage("GET", path))[0] == 404

    await until(gone)
    _, _, listed = await durable.manage("GET", "entities")
    assert name not in [entity["entityId"]["key"] for entity in listed]


async def test_a_signal_to_an_unknown_entity_is_refused(durable: DurableApp, name: str) -> None:
    status, _, body = await durable.manage("POST", f"entities/nothing/{name}", params={"op": "add"}, json=1)
    assert (status, body["Message"][:30]) == (400, "The function 'nothing' doesn't")


async def entity_is(durable: DurableApp, path: str, state: Any) -> None:
    async def reached() -> bool:
        return (await durable.manage("GET", path))[::2] == (200, state)

    await until(reached)
