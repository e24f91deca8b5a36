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

from tests.conformance.row import ends, start
from tests.emulator.host.conftest import MANAGEMENT, SampleApp, sample_host
from tests.support.host_process import CHECKOUT, host_process

HOST_JSON = '{"version": "2.0"}'
FUNCTION_APP = """
import os
import azure.functions as func
app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

@app.route(route="setting/{name}")
def setting(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(os.environ.get(req.route_params["name"], "unset"))
"""


def make_app(folder: Path, function_app: str | None = FUNCTION_APP, host_json: str | None = HOST_JSON) -> Path:
    for name, text in (("function_app.py", function_app), ("host.json", host_json)):
        if text is not None:
            (folder / name).write_text(text)
    return folder


@pytest.mark.parametrize(
    ("function_app", "host_json", "sentence"),
    [
        (FUNCTION_APP, None, "There is no host.json in {folder}; run the host in the folder of the app."),
        (FUNCTION_APP, "{", "{folder}/host.json cannot be read as JSON"),
        (FUNCTION_APP, '{"version": "1.0"}', '{folder}/host.json must say "version": "2.0".'),
        (None, HOST_JSON, "There is no function_app.py in {folder}; run the host in the folder of the app."),
        ("import azure.durable_functions as df\napp = df.DFApp()", HOST_JSON, "function_app.py defines no function."),
    ],
)
async def test_an_app_that_cannot_be_served_is_refused_in_a_sentence(
    tmp_path: Path, function_app: str | None, host_json: str | None, sentence: str
) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "emulator", "host", "--port", "0"),
        cwd=make_app(tmp_path, function_app, host_json),
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(CHECKOUT)},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 1
    assert sentence.replace("{folder}", str(tmp_path)) in output.decode()
    assert "Traceback" not in output.decode()


async def test_local_settings_fill_the_environment_but_do_not_win(
    tmp_path: Path, session: aiohttp.ClientSession
) -> None:
    values = {"FROM_FILE": "file", "FROM_BOTH": "file", "NOT_TEXT": 1}
    (tmp_path / "local.settings.json").write_text(json.dumps({"IsEncrypted": False, "Values": values}))
    async with host_process(make_app(tmp_path), environment={"FROM_BOTH": "environment"}) as host:
        found = {name: (await SampleApp(host, session).send("GET", f"/api/setting/{name}"))[2] for name in values}
    assert found == {"FROM_FILE": "file", "FROM_BOTH": "environment", "NOT_TEXT": "unset"}
    assert "Skipped FROM_BOTH" in host.log
    assert "Skipped NOT_TEXT" in host.log


async def test_keys_that_were_made_up_are_printed_and_given_ones_never(session: aiohttp.ClientSession) -> None:
    async with sample_host(session, arguments=["--log-level", "debug"]) as app:
        [(name, key)] = re.findall(r"^(\w+) key: (\S{20,})$", app.host.log, re.MULTILINE)
        assert name == "master"
        assert (await app.send("GET", f"{MANAGEMENT}/instances", params={"code": key}))[0] == 200
    assert app.host.log.count(key) == 1
    assert "system-key" not in app.host.log


async def test_only_loopback_is_bound(app: SampleApp) -> None:
    connections = psutil.Process(app.host.pid).net_connections("tcp")
    bound = {each.laddr.ip for each in connections if each.status == psutil.CONN_LISTEN}
    # The latter is how gRPC writes the former.
    assert bound == {"127.0.0.1", "::ffff:127.0.0.1"}


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
async def test_a_signal_ends_it_quickly_with_everything_under_way(
    session: aiohttp.ClientSession, number: signal.Signals
) -> None:
    async with sample_host(session) as app:
        waits = [start("sleeps", ["sleep", 3600]), start("waits", name="waits")]
        await app.hold(*waits, ends("sleeps", "RUNNING"), ends("waits", "RUNNING"))
        waiting = asyncio.create_task(app.run(["sleep", 60]))
        await app.run(["activity", "echo", 1])
        began = time.monotonic()
        os.kill(app.host.pid, number)
        assert await app.host.stop() == 0
        assert time.monotonic() - began < 2
        waiting.cancel()
