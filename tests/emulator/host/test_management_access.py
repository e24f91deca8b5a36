"""Who may use the durable management API, and what is not there."""

import pytest

from tests.emulator.host.conftest import FUNCTION_KEY, MANAGEMENT, MASTER_KEY, SYSTEM_KEY, DurableApp


@pytest.mark.parametrize(
    ("header", "code", "status"),
    [
        (None, SYSTEM_KEY, 200),
        (SYSTEM_KEY, None, 200),
        (None, MASTER_KEY, 200),
        (None, None, 401),
        (None, "wrong", 401),
        (None, FUNCTION_KEY, 403),
        (FUNCTION_KEY, SYSTEM_KEY, 403),
        ("wrong", SYSTEM_KEY, 401),
        ("", SYSTEM_KEY, 401),
        (SYSTEM_KEY, FUNCTION_KEY, 200),
    ],
)
async def test_only_system_and_master_key_open_it(
    durable: DurableApp, header: str | None, code: str | None, status: int
) -> None:
    headers = {"x-functions-key": header} if header is not None else {}
    params = {"code": code} if code else {}
    url = f"{durable.host.base_url}{MANAGEMENT}/instances"
    async with durable.session.get(url, headers=headers, params=params) as response:
        assert response.status == status
        assert bool(await response.read()) == (status == 200)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "nothing"),
        ("GET", "orchestrators/chain"),
        ("POST", "instances/x/explode"),
        ("GET", "instances/no-such-instance"),
        ("DELETE", "instances/no-such-instance"),
        ("POST", "instances/no-such-instance/terminate"),
        ("POST", "instances/no-such-instance/rewind"),
        ("GET", "entities/counter/no-such-key"),
    ],
)
async def test_unknown_things_and_wrong_verbs_are_an_empty_404(durable: DurableApp, method: str, path: str) -> None:
    status, _, body = await durable.manage(method, path)
    assert (status, body) == (404, None)
