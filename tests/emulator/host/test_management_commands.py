"""Commands to running instances through the management API."""

import uuid

import pytest

from tests.emulator.host.conftest import DurableApp


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


async def test_a_suspended_instance_can_be_terminated(durable: DurableApp) -> None:
    instance_id = await durable.waiting()
    await durable.manage("POST", f"instances/{instance_id}/suspend")
    await durable.manage("POST", f"instances/{instance_id}/terminate")
    assert (await durable.ended(instance_id))["runtimeStatus"] == "Terminated"


async def test_rewind_tries_again_what_failed(durable: DurableApp) -> None:
    instance_id = await durable.start("fails_once", f"rewound-{uuid.uuid4()}")
    for _ in range(2):
        await durable.until(instance_id, "Failed")
        assert (await durable.manage("POST", f"instances/{instance_id}/rewind"))[::2] == (202, None)
    assert (await durable.until(instance_id, "Completed"))["output"] == 3


async def test_what_did_not_fail_is_not_rewound(durable: DurableApp) -> None:
    for instance_id in (await durable.finished(), await durable.waiting()):
        assert (await durable.manage("POST", f"instances/{instance_id}/rewind"))[0] == 412
