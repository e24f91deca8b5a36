"""`python -m emulator graph`."""

import argparse
import signal

import aiohttp
import pytest

from emulator import tokens
from emulator.graph import command, options
from emulator.graph.errors import GraphError
from emulator.graph.tenant.refresh import refresh
from emulator.start import command as start
from tests.emulator.graph.command_process import command_process
from tests.emulator.graph.conftest import BASE, SCOPE, Clock


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


async def test_it_refreshes_the_alert_it_is_told_to_the_end_it_is_told() -> None:
    arguments = ["--alert", "InvalidLicenseAlert", "--outcome", "skipped", "--scan-seconds", "0"]
    async with command_process("graph", *arguments, lines=3, stop=signal.SIGINT) as (address, _, location):
        token, _ = tokens.issue(address.split()[-1], [tokens.READ])
        async with (
            aiohttp.ClientSession(headers={"Authorization": f"Bearer {token}"}) as session,
            session.get(location.split()[-1]) as response,
        ):
            document = await response.json()

    assert document["id"].endswith("_InvalidLicenseAlert")
    assert document["status"] == "skipped"


async def test_a_taken_port_is_told_in_one_sentence(capsys: pytest.CaptureFixture[str]) -> None:
    async with command_process("graph", lines=3) as (address, *_):
        port = address.rpartition(":")[2]
        assert await command.main(parse("--port", port)) == 1

    assert capsys.readouterr().err == f"Cannot listen on http://127.0.0.1:{port}: Address already in use\n"


async def test_a_refresh_shows_for_two_seconds_that_of_yesterday() -> None:
    tenant = options.tenant_of(parse())
    clock = Clock()
    clock.now, tenant.clock = tenant.clock(), clock
    operation = refresh(tenant, tenant.alert_id("InvalidLicenseAlert"))
    before = tenant.operation(operation.id, "")
    clock.advance(2)
    after = tenant.operation(operation.id, "")

    assert (before["status"], after["status"]) == ("succeeded", "running")
    assert before["createdDateTime"] == before["lastActionDateTime"] < after["createdDateTime"]


async def test_a_first_refresh_may_not_be_found_at_once() -> None:
    tenant = options.tenant_of(parse("--unready-seconds", "600"))
    operation = refresh(tenant, tenant.alert_id("InvalidLicenseAlert"))

    with pytest.raises(GraphError) as refused:
        tenant.operation(operation.id, "")
    assert refused.value.status == 404


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


def test_start_takes_the_same_options_for_a_longer_scan() -> None:
    parser = argparse.ArgumentParser()
    start.configure(parser)
    tenant = options.tenant_of(parser.parse_args(["--lag-seconds", "3"]))

    assert (tenant.scan_seconds, tenant.stale_seconds, tenant.lag_seconds) == (60, 2, 3)


async def test_refreshes_may_be_throttled() -> None:
    tenant = options.tenant_of(parse("--throttle", "600"))

    with pytest.raises(GraphError) as refused:
        refresh(tenant, tenant.alert_id("StaleSignInAlert"))
    assert (refused.value.status, refused.value.headers["Retry-After"]) == (429, "600")


@pytest.mark.parametrize(
    "arguments",
    [
        *(["--fail", "often"], ["--fail", "429:x"], ["--alert", "NoSuchAlert"], ["--disable", "NoSuchAlert"]),
        *(["--incidents", "StaleSignInAlert"], ["--incidents", "NoSuchAlert=1"], ["--unlicensed", "401"]),
    ],
)
def test_nonsense_is_refused(arguments: list[str]) -> None:
    with pytest.raises(argparse.ArgumentError):
        parse(*arguments)
