"""The host as a process: how it starts, what it refuses, what it listens on, how it ends."""

import asyncio
import json
import os
import re
import signal
import sys
import time
from pathlib import Path

import aiohttp
import psutil
import pytest

from tests.emulator.host.conftest import APPS, DurableApp
from tests.support.host_process import CHECKOUT, host_process

HOST_JSON = '{"version": "2.0"}'
APP = """
import os
import azure.functions as func
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route(route="setting/{name}")
def setting(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(os.environ.get(req.route_params["name"], "unset"))
"""


def make_app(folder: Path, app: str | None = APP, host_json: str | None = HOST_JSON) -> Path:
    for name, text in (("function_app.py", app), ("host.json", host_json)):
        if text is not None:
            (folder / name).write_text(text)
    return folder


async def run_host(folder: Path, *arguments: str, part: str = "host") -> tuple[int, str]:
    """Run a host, or another part, that is expected to end by itself; return its exit code and output."""
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "emulator", part, "--port", "0", *arguments),
        cwd=folder,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 20)
    return int(process.returncode or 0), output.decode()


@pytest.mark.parametrize(
    ("app", "host_json", "sentence"),
    [
        (APP, None, "There is no host.json in {folder}; run the host in the folder of the app."),
        (APP, "{", "{folder}/host.json cannot be read as JSON"),
        (APP, '{"version": "1.0"}', '{folder}/host.json must say "version": "2.0".'),
        (APP, '{"version": "2.0", "extensions": {"durableTask": {"maxConcurrentActivityFunctions": 0}}}', "'maxConc"),
        (None, HOST_JSON, "There is no function_app.py in {folder}; run the host in the folder of the app."),
        ("import azure.durable_functions as df\napp = df.DFApp()", HOST_JSON, "function_app.py defines no function."),
    ],
)
async def test_an_app_that_cannot_be_served_is_refused_in_a_sentence(
    tmp_path: Path, app: str | None, host_json: str | None, sentence: str
) -> None:
    code, output = await run_host(make_app(tmp_path, app, host_json))
    assert code == 1
    assert sentence.replace("{folder}", str(tmp_path)) in output
    assert "Traceback" not in output


async def test_local_settings_fill_the_environment_but_do_not_win(tmp_path: Path) -> None:
    values = {"FROM_FILE": "file", "FROM_BOTH": "file", "NOT_TEXT": 1}
    (tmp_path / "local.settings.json").write_text(json.dumps({"IsEncrypted": False, "Values": values}))
    async with (
        host_process(make_app(tmp_path), environment={"FROM_BOTH": "environment"}) as host,
        aiohttp.ClientSession(host.base_url) as session,
    ):
        found = {}
        for name in values:
            async with session.get(f"/api/setting/{name}") as response:
                found[name] = await response.text()
    assert found == {"FROM_FILE": "file", "FROM_BOTH": "environment", "NOT_TEXT": "unset"}
    assert "Skipped FROM_BOTH" in host.log
    assert "Skipped NOT_TEXT" in host.log


async def test_keys_that_were_made_up_are_printed_and_given_ones_never(tmp_path: Path) -> None:
    async with host_process(
        make_app(tmp_path), system_key="given-system-key", arguments=["--log-level", "debug"]
    ) as host:
        printed = re.findall(r"^(\w+) key: (\S{20,})$", host.log, re.MULTILINE)
        assert [name for name, _ in printed] == ["master"]
        url = f"{host.base_url}/runtime/webhooks/durabletask/instances"
        async with aiohttp.ClientSession() as session, session.get(url, params={"code": printed[0][1]}) as response:
            assert response.status == 200
    assert host.log.count(printed[0][1]) == 1
    assert "given-system-key" not in host.log


# The latter is how gRPC writes the former.
LOOPBACK = {"127.0.0.1", "::ffff:127.0.0.1"}


def listening(pid: int) -> set[str]:
    """Return the addresses on which a process listens."""
    connections = psutil.Process(pid).net_connections("tcp")
    return {each.laddr.ip for each in connections if each.status == psutil.CONN_LISTEN}


async def test_only_loopback_is_bound(durable: DurableApp) -> None:
    assert listening(durable.host.pid) == LOOPBACK


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_quickly_with_everything_under_way(number: signal.Signals) -> None:
    async with host_process(APPS / "durable") as host, aiohttp.ClientSession() as session:
        app = DurableApp(host, session)
        for name, given in (("timed", 3600), ("waits_for_event", 1)):
            await app.until(await app.start(name, given), "Running")
        waiting = asyncio.create_task(
            app.manage("POST", "orchestrators/timed", json=60, params={"timeout": "60", "pollingInterval": "1"})
        )
        await app.until(await app.start("chain", 1), "Completed")
        began = time.monotonic()
        os.kill(host.pid, number)
        assert await host.stop() == 0
        assert time.monotonic() - began < 2
        waiting.cancel()
