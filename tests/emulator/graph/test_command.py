"""`python -m emulator graph`."""

import argparse
import signal

import aiohttp
import pytest

from emulator import tokens
from emulator.graph import command
from tests.emulator.graph.command_process import command_process


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


@pytest.mark.parametrize("arguments", [["--fail", "often"], ["--fail", "429:x"], ["--alert", "NoSuchAlert"]])
def test_nonsense_is_refused(arguments: list[str]) -> None:
    with pytest.raises(argparse.ArgumentError):
        parse(*arguments)
