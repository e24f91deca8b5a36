"""Schemathesis against the running app: requests made up from its OpenAPI document, and every answer held to that."""

import asyncio
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.support.host_process import CHECKOUT

CONFIGURATION = """
workers = 2
generation.deterministic = true
[phases.fuzzing]
generation.max-examples = 180
[phases.stateful]
generation.max-examples = 30
[reports.ndjson]
path = "report.ndjson"
[checks]
enabled = false
not_a_server_error.enabled = true
status_code_conformance.enabled = true
content_type_conformance.enabled = true
response_headers_conformance.enabled = true
response_schema_conformance.enabled = true
negative_data_rejection.enabled = true
"""
SECONDS = 120
"""That all this may take. An idle machine needs some twenty."""


async def run_schemathesis(base_url: str, key: str, folder: Path) -> tuple[int, str]:
    """Run it in `folder`, where it leaves its report, and return its exit code and what it says.

    Raises `TimeoutError` after `SECONDS`.
    """
    (folder / "schemathesis.toml").write_text(CONFIGURATION)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "schemathesis.cli", "run", f"{base_url}/api/openapi.json", "--no-color"),
        *("--header", f"x-functions-key: {key}"),
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(CHECKOUT), "SCHEMATHESIS_HOOKS": "tests.support.schemathesis_hooks"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    try:
        async with asyncio.timeout(SECONDS):
            output, _ = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
    return int(process.returncode or 0), output.decode()


def list_calls(folder: Path) -> Iterator[tuple[str, int]]:
    """Yield the operation of each request in the report, and the status of its answer, 0 when there was none."""
    for line in (folder / "report.ndjson").read_text().splitlines():
        recorder = json.loads(line).get("ScenarioFinished", {}).get("recorder", {})
        for interaction in recorder.get("interactions", {}).values():
            method, path = interaction["request"]["method"], interaction["request"]["uri"].partition("?")[0]
            route = path.partition("/api")[2]
            if route.startswith("/runs/"):
                tail = route.rpartition("/")[2]
                route = f"/runs/{{id}}/{tail}" if tail in {"result", "cancel"} else "/runs/{id}"
            if route.startswith("/alerts/"):
                route = "/alerts/{id}"
            yield f"{method} {route}", interaction.get("response", {}).get("status_code", 0)
