"""What may import what, what an import costs, and the functions that the host will find."""

import ast
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

CHECKOUT = Path(__file__).resolve().parents[1]

RUNS = {"type": "httpTrigger", "authLevel": "FUNCTION", "durableClients": ["client"]}
FUNCTIONS: dict[str, dict[str, Any]] = {
    "start_run": {**RUNS, "route": "runs", "methods": ["POST"]},
    "list_runs": {**RUNS, "route": "runs", "methods": ["GET"]},
    "get_run": {**RUNS, "route": "runs/{id}", "methods": ["GET"]},
    "cancel_run": {**RUNS, "route": "runs/{id}", "methods": ["DELETE"]},
    "get_run_result": {**RUNS, "route": "runs/{id}/result", "methods": ["GET"]},
    "health": {**RUNS, "authLevel": "ANONYMOUS", "route": "health", "methods": ["GET"]},
    "get_openapi": {"type": "httpTrigger", "authLevel": "FUNCTION", "route": "openapi.json", "methods": ["GET"]},
    "unknown_route": {"type": "httpTrigger", "authLevel": "FUNCTION", "route": "{*path}"},
    "purge_runs": {"type": "timerTrigger", "durableClients": ["client"]},
    "await_alert": {"type": "orchestrationTrigger"},
    "deliver_callback": {"type": "orchestrationTrigger"},
    "alert_memory": {"type": "entityTrigger"},
    "scan_durations": {"type": "entityTrigger"},
    "get_operation": {"type": "activityTrigger"},
    "refresh_alert": {"type": "activityTrigger"},
    "refresh_all_alerts": {"type": "activityTrigger"},
    "fetch_alert": {"type": "activityTrigger"},
    "list_alerts": {"type": "activityTrigger"},
    "list_incidents": {"type": "activityTrigger"},
    "post_callback": {"type": "activityTrigger"},
    # azure-functions-durable registers these in every app, for its call_http.
    "BuiltIn__HttpPollOrchestrator": {"type": "orchestrationTrigger"},
    "BuiltIn__HttpActivity": {"type": "activityTrigger"},
}

SHOWN = ("type", "authLevel", "route", "methods", "durableClients")
INDEX = """
import json
from pathlib import Path
from emulator.host.worker import FunctionsWorker
worker = FunctionsWorker.load(Path.cwd())
bindings = {f.name: {**f.trigger, "durableClients": f.client_parameters} for f in worker.functions}
print("\\n" + json.dumps(bindings))
"""


def python(program: str) -> str:
    """Return what `program` prints in a fresh interpreter in the checkout, where every warning is an error."""
    command = [sys.executable, "-W", "error", "-c", program]
    ended = subprocess.run(command, cwd=CHECKOUT, capture_output=True, text=True, check=False, timeout=50)  # noqa: S603 - our own interpreter
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_imports_point_one_way() -> None:
    # In a process of its own: it configures logging for good.
    python("import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True))")


@pytest.mark.parametrize("path", sorted((CHECKOUT / "domain").rglob("*.py")), ids=lambda path: path.stem)
def test_the_domain_needs_nothing_but_the_standard_library(path: Path) -> None:
    needed = set[str]()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            needed |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            needed.add(str(node.module).partition(".")[0])
    assert needed <= {"domain", *sys.stdlib_module_names}


def test_the_app_starts_without_what_only_a_look_or_a_page_needs() -> None:
    loaded = set(json.loads(python("import function_app, json, sys; print(json.dumps(sorted(sys.modules)))")))
    assert "graph.tokens" in loaded
    heavy = {"azure.identity", "azure.core", "msal", "cryptography", "emulator"}
    assert not heavy & loaded


def test_without_a_collector_the_app_imports_no_more_of_opentelemetry_than_the_durable_sdk_does() -> None:
    program = "import {}, json, sys; print(json.dumps([name for name in sys.modules if 'opentelemetry' in name]))"
    assert set(json.loads(python(program.format("function_app")))) == set(
        json.loads(python(program.format("azure.durable_functions")))
    )


def test_durable_traces_are_on_and_hold_no_inputs_and_no_outputs() -> None:
    # https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-diagnostics#distributed-tracing
    told = json.loads((CHECKOUT / "host.json").read_text())
    assert told["telemetryMode"] == "OpenTelemetry"
    assert told["extensions"]["durableTask"]["tracing"] == {
        "distributedTracingEnabled": True,
        "version": "V2",
        "traceInputsAndOutputs": False,
    }


def test_the_functions_as_the_worker_indexes_them() -> None:
    indexed = json.loads(python(INDEX).splitlines()[-1])
    shown = {name: {key: trigger[key] for key in SHOWN if trigger.get(key)} for name, trigger in indexed.items()}
    assert shown == FUNCTIONS


def test_the_function_for_unknown_routes_comes_last_where_the_host_sorts_them() -> None:
    """Before another one it would take that one's requests: the host goes by name, not by how specific a route is."""
    in_order = sorted((name for name, shown in FUNCTIONS.items() if shown["type"] == "httpTrigger"), key=str.upper)
    assert in_order[-1] == "unknown_route"
