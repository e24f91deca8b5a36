"""Entities through the management API."""

from typing import Any

from tests.emulator.host.conftest import DurableApp, until


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


async def test_an_entity_needs_a_key(durable: DurableApp) -> None:
    assert (await durable.manage("POST", "entities/counter"))[0] == 400


async def test_the_python_sdk_refuses_the_empty_key_that_a_dollar_stands_for(durable: DurableApp) -> None:
    assert (await durable.manage("POST", "entities/counter/$", params={"op": "set"}, json=4))[0] == 202

    async def refused() -> bool:
        return "Invalid entity instance ID '@counter@'" in durable.host.log

    await until(refused)
    assert (await durable.manage("GET", "entities/counter/$"))[0] == 404


async def test_a_body_that_is_not_json_is_a_string(durable: DurableApp, name: str) -> None:
    path = f"entities/counter/{name}"
    await durable.manage("POST", path, params={"op": "set"}, data="plain", headers={"Content-Type": "text/plain"})
    await entity_is(durable, path, "plain")


async def test_a_signal_that_fails_is_told_in_the_log_since_nobody_hears_of_it(durable: DurableApp, name: str) -> None:
    assert (await durable.manage("POST", f"entities/counter/{name}", params={"op": "explode"}))[0] == 202
    told = f"@counter@{name}: explode failed: builtins.ArithmeticError: the counter exploded\n"

    async def logged() -> bool:
        return told in durable.host.log

    await until(logged)


async def entity_is(durable: DurableApp, path: str, state: Any) -> None:
    async def reached() -> bool:
        return (await durable.manage("GET", path))[::2] == (200, state)

    await until(reached)
