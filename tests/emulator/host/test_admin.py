"""Running any function by hand through `POST /admin/functions/{name}`."""

import re

import pytest

from tests.emulator.host.conftest import (
    FUNCTION_KEY,
    MASTER_KEY,
    SYSTEM_KEY,
    DurableApp,
    logged,
    run_by_hand,
    until,
)

JSON = {"Content-Type": "application/json"}


@pytest.mark.parametrize(
    ("header", "code", "status"),
    [
        (MASTER_KEY, None, 202),
        (None, None, 401),
        ("wrong", MASTER_KEY, 401),
        (None, FUNCTION_KEY, 403),
        (SYSTEM_KEY, None, 403),
    ],
)
async def test_only_the_master_key_opens_it(
    durable: DurableApp, header: str | None, code: str | None, status: int
) -> None:
    headers = {"x-functions-key": header} if header else {}
    params = {"code": code} if code else {}
    url = f"{durable.host.base_url}/admin/functions/nothing"
    async with durable.session.post(url, headers=headers, params=params, json={"input": "1"}) as response:
        assert (response.status, await response.read()) == (status, b"")
        assert ("WWW-Authenticate" in response.headers) == (status == 401)


@pytest.mark.parametrize(
    ("method", "name", "headers", "body", "status"),
    [
        ("POST", "nothing", JSON, "{}", 202),
        ("POST", "NOTHING", {"Content-Type": "application/json; charset=utf-8"}, '{"Input": true}', 202),
        ("POST", "nothing", {"Content-Type": "text/plain"}, '{"input": "1"}', 415),
        ("POST", "nothing", JSON, "{", 400),
        ("POST", "nothing", JSON, '{"input": {"a": 1}}', 400),
        ("POST", "no_such_function", JSON, "{}", 404),
        ("GET", "nothing", {}, None, 404),
    ],
)
async def test_what_is_asked_for_must_be_right(  # noqa: PLR0913, PLR0917 -- the columns of the table
    durable: DurableApp, method: str, name: str, headers: dict[str, str], body: str | None, status: int
) -> None:
    url = f"{durable.host.base_url}/admin/functions/{name}"
    sent = {"x-functions-key": MASTER_KEY} | headers
    async with durable.session.request(
        method, url, headers=sent, data=body.encode() if body is not None else None, skip_auto_headers=["Content-Type"]
    ) as response:
        assert (response.status, await response.read()) == (status, b"")


async def test_a_timer_runs_with_its_durable_client(durable: DurableApp) -> None:
    await run_by_hand(durable.host, durable.session, "nightly", {"input": "no timer has one"})

    async def completed() -> bool:
        return bool(await durable.nights())

    await until(completed)
    [night] = await durable.nights()
    status = night["input"]["schedule_status"]
    assert night["input"] == {"past_due": False, "schedule": {"AdjustForDST": True}, "schedule_status": status}
    assert status["Last"] == "0001-01-01T00:00:00+00:00"
    assert re.fullmatch(r"20\d\d-01-01T03:00:00\+00:00", status["Next"])


async def test_an_activity_gets_the_json_value_that_the_input_is_the_text_of(durable: DurableApp) -> None:
    await run_by_hand(durable.host, durable.session, "nothing", {"input": '{"a": ["by hand"]}'})
    await logged(durable.host, r"nothing \w{8}  nothing to do for \{'a': \['by hand'\]\}\n")
