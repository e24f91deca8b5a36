"""`python -m emulator graph`."""

import argparse

import aiohttp

from emulator import tokens
from emulator.graph import command
from tests.emulator.graph.command_process import command_process
from tests.emulator.graph.conftest import BASE, SCOPE


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    command.configure(parser)
    return parser.parse_args(arguments)


async def test_it_starts_with_a_refresh_under_way_and_fails_as_told() -> None:
    arguments = ["--scan-seconds", "600", "--fail", "429:2:0.249", "--fail", "503", "--retry-after", "0.5"]
    async with command_process("graph", *arguments, lines=3) as (address, operation, location):
        base_url, operation_id, url = address.split()[-1], operation.split()[-1], location.split()[-1]
        token, _ = tokens.issue(base_url, [tokens.READ])
        seen = []
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
            for _ in range(4):
                async with session.get(url) as response:
                    document = await response.json()
                    code = document.get("error", {}).get("code")
                    seen.append((response.status, response.headers.get("Retry-After"), code))

    assert operation_id == "refresh:DirectoryRole_19356be4-7e93-4ed6-a7c6-0ae28454d125_StaleSignInAlert"
    assert seen == [
        (429, "0.249", "TooManyRequests"),
        (429, "0.249", "TooManyRequests"),
        (503, None, "ServiceUnavailable"),
        (200, "0.5", None),
    ]
    assert (document["id"], document["status"]) == (operation_id, "running")


async def test_the_tenant_is_as_the_options_say() -> None:
    arguments = ["--incidents", "StaleSignInAlert=30", "--expand-limit", "20", "--disable", "RedundantAssignmentAlert"]
    arguments += ["--read-only"]
    async with command_process("graph", *arguments, lines=3) as (address, *_):
        base_url = address.split()[-1]
        token, _ = tokens.issue(base_url, [tokens.READ_WRITE])
        root = f"{base_url}{BASE}"
        async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session:
            async with session.get(f"{root}/alerts?{SCOPE}&$expand=*") as response:
                alerts = {alert["id"].rpartition("_")[2]: alert for alert in (await response.json())["value"]}
            async with session.post(f"{root}/alerts/{alerts['StaleSignInAlert']['id']}/refresh") as response:
                refused = response.status

    stale = alerts["StaleSignInAlert"]
    assert (stale["incidentCount"], len(stale["alertIncidents"])) == (30, 20)
    assert alerts["RedundantAssignmentAlert"]["alertConfiguration"]["isEnabled"] is False
    assert refused == 403
