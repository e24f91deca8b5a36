"""What may import what, how large the app is, what an import costs, and the functions that the host finds."""

import ast
import json
import re
import shutil
import subprocess
import sys
import tomllib
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import grimp
import pytest

CHECKOUT = Path(__file__).resolve().parents[1]
FOLDERS = ("activities", "alert_refresh", "entities", "orchestrators", "triggers")
FILES = [CHECKOUT / "function_app.py", *(path for folder in FOLDERS for path in (CHECKOUT / folder).rglob("*.py"))]
LINES = {str(path.relative_to(CHECKOUT)): path.read_text().splitlines() for path in FILES}
CONFIGURATION = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["tool"]["importlinter"]

RUNS = {"type": "httpTrigger", "authLevel": "FUNCTION", "durableClients": ["client"]}
FUNCTIONS: dict[str, dict[str, Any]] = {
    "start_run": {**RUNS, "route": "runs", "methods": ["POST"]},
    "list_runs": {**RUNS, "route": "runs", "methods": ["GET"]},
    "get_run": {**RUNS, "route": "runs/{id}", "methods": ["GET"]},
    "cancel_run": {**RUNS, "route": "runs/{id}", "methods": ["DELETE"]},
    "cancel_run_form": {**RUNS, "route": "runs/{id}/cancel", "methods": ["POST"]},
    "get_run_result": {**RUNS, "route": "runs/{id}/result", "methods": ["GET"]},
    "doctor": {**RUNS, "route": "doctor", "methods": ["GET"]},
    "list_alerts": {**RUNS, "route": "alerts", "methods": ["GET"]},
    "get_alert": {**RUNS, "route": "alerts/{id}", "methods": ["GET"]},
    "health": {"type": "httpTrigger", "authLevel": "ANONYMOUS", "route": "health", "methods": ["GET"]},
    "get_openapi": {"type": "httpTrigger", "authLevel": "FUNCTION", "route": "openapi.json", "methods": ["GET"]},
    "unknown_route": {"type": "httpTrigger", "authLevel": "FUNCTION", "route": "{*path}"},
    "purge_runs": {"type": "timerTrigger", "durableClients": ["client"]},
    "await_alert": {"type": "orchestrationTrigger"},
    "deliver_outcome": {"type": "orchestrationTrigger"},
    "subscriber": {"type": "entityTrigger"},
    "get_operation": {"type": "activityTrigger"},
    "refresh_alert": {"type": "activityTrigger"},
    "fetch_alert": {"type": "activityTrigger"},
    "post_callback": {"type": "activityTrigger"},
    "post_card": {"type": "activityTrigger"},
    # azure-functions-durable registers these in every app, for its call_http.
    "BuiltIn__HttpPollOrchestrator": {"type": "orchestrationTrigger"},
    "BuiltIn__HttpActivity": {"type": "activityTrigger"},
}
"""Those of an app with default settings, as the worker indexes them."""

SHOWN = ("type", "authLevel", "route", "methods", "durableClients")
INDEX = """
import json
from pathlib import Path
from emulator.host.worker import FunctionsWorker
worker = FunctionsWorker.load(Path.cwd())
bindings = {f.name: {**f.trigger, "durableClients": f.client_parameters} for f in worker.functions}
print(json.dumps(bindings))
"""
LINT = "import sys; from importlinter.cli import lint_imports; sys.exit(lint_imports(no_cache=True, no_logo=True))"


LOADED = "import json, sys, {}; print(json.dumps(sorted(sys.modules)))"


def run_python(program: str, folder: Path = CHECKOUT) -> subprocess.CompletedProcess[str]:
    """Run `program` in a fresh interpreter, where every warning is an error."""
    command = [sys.executable, "-W", "error", "-c", program]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=50)  # noqa: S603 - our own interpreter


def load_last_line(program: str) -> Any:
    """Return the JSON of the last line that `program` prints."""
    process = run_python(program)
    assert process.returncode == 0, process.stderr
    return json.loads(process.stdout.splitlines()[-1])


# Size


def test_the_app_is_few_files_and_lines_and_no_file_is_too_long_to_be_read_at_once() -> None:
    assert len(LINES) <= 75
    assert sum(1 for lines in LINES.values() for line in lines if line) <= 5400, "lines that are not blank"
    assert [path for path, lines in LINES.items() if len(lines) > 250] == []


ONE_REFRESH = (
    "triggers.start_run",
    "orchestrators.await_alert",
    "orchestrators.deliver_outcome",
    "activities.refresh_alert",
    "activities.get_operation",
    "activities.fetch_alert",
    "activities.post_callback",
)


def is_more_than_a_docstring(module: str) -> bool:
    path = CHECKOUT / module.replace(".", "/")
    tree = ast.parse((path / "__init__.py" if path.is_dir() else path.with_suffix(".py")).read_text())
    return any(not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)) for node in tree.body)


@pytest.fixture(scope="session")
def imports() -> grimp.ImportGraph:
    return grimp.build_graph(*FOLDERS, cache_dir=None)


def test_the_refresh_of_one_alert_lies_in_few_files(imports: grimp.ImportGraph) -> None:
    modules = set(ONE_REFRESH).union(*(imports.find_upstream_modules(module) for module in ONE_REFRESH))
    packages = {module[: dot.start()] for module in modules for dot in re.finditer(r"\.", module)}
    files = sorted(filter(is_more_than_a_docstring, modules | packages))
    assert len(files) <= 35, files


# Imports


def test_no_modules_import_each_other_in_a_circle(imports: grimp.ImportGraph) -> None:
    TopologicalSorter(
        {module: imports.find_modules_directly_imported_by(module) for module in imports.modules}
    ).prepare()


WRONG_IMPORTS = [
    # Each layer imports the one above it.
    ("Imports point one way", "alert_refresh/web/requests.py", "triggers"),
    ("Imports point one way", "alert_refresh/pages/run.py", "alert_refresh.web.requests"),
    ("Imports point one way", "alert_refresh/hub/client.py", "alert_refresh.pages.run"),
    ("Imports point one way", "alert_refresh/graph/urls.py", "alert_refresh.hub.client"),
    ("Imports point one way", "alert_refresh/callback/urls.py", "alert_refresh.hub.client"),
    ("Imports point one way", "alert_refresh/run/polling.py", "alert_refresh.graph.urls"),
    ("Imports point one way", "alert_refresh/telemetry/configuration.py", "alert_refresh.run.polling"),
    ("Imports point one way", "triggers/start_run.py", "orchestrators.await_alert"),
    ("The run is pure", "alert_refresh/run/polling.py", "time"),
    ("The run is pure", "alert_refresh/timestamps.py", "random"),
    ("Orchestrators and entities touch no", "entities/subscriber.py", "alert_refresh.settings"),
    ("HTTP to Graph is one folder's", "triggers/health.py", "aiohttp"),
    ("The app knows nothing of the emulator", "alert_refresh/web/requests.py", "emulator.loopback"),
    ("The emulator knows nothing of the app", "emulator/loopback.py", "alert_refresh.timestamps"),
    ("OpenTelemetry is a matter of one folder", "alert_refresh/graph/client.py", "opentelemetry"),
]


@pytest.fixture(scope="session")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a copy of all that import-linter reads."""
    folder = tmp_path_factory.mktemp("checkout")
    shutil.copy(CHECKOUT / "pyproject.toml", folder)
    for package in CONFIGURATION["root_packages"]:
        shutil.copytree(CHECKOUT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    return folder


def test_every_contract_on_imports_is_kept_and_has_an_import_that_breaks_it() -> None:
    # In a process of its own: it configures logging for good.
    process = run_python(LINT)
    assert process.returncode == 0, process.stdout
    for contract in CONFIGURATION["contracts"]:
        assert any(contract["name"].startswith(name) for name, _, _ in WRONG_IMPORTS), "an import that breaks it"


@pytest.mark.parametrize(("contract", "path", "module"), WRONG_IMPORTS)
def test_a_wrong_import_breaks_its_contract(copy: Path, contract: str, path: str, module: str) -> None:
    file = copy / path
    text = file.read_text()
    file.write_text(f"{text}\nimport {module}\n")
    try:
        process = run_python(LINT, copy)
    finally:
        file.write_text(text)
    assert process.returncode == 1, process.stderr
    assert re.search(rf"^{contract}.* BROKEN$", process.stdout, re.MULTILINE), process.stdout


def test_the_app_starts_without_what_only_a_poll_a_page_or_a_collector_needs() -> None:
    loaded, of_durable = (
        set(load_last_line(LOADED.format(name))) for name in ("function_app", "azure.durable_functions")
    )
    assert "alert_refresh.graph.tokens" in loaded
    assert not {"azure.identity", "azure.core", "msal", "cryptography", "emulator"} & loaded
    assert [name for name in loaded - of_durable if name.startswith("opentelemetry")] == []


# What the host reads


def test_durable_traces_are_on_and_hold_no_inputs_and_no_outputs() -> None:
    # https://learn.microsoft.com/azure/azure-functions/durable/durable-functions-diagnostics#distributed-tracing
    host = json.loads((CHECKOUT / "host.json").read_text())
    assert host["telemetryMode"] == "OpenTelemetry"
    assert host["extensions"]["durableTask"]["tracing"] == {
        "distributedTracingEnabled": True,
        "version": "V2",
        "traceInputsAndOutputs": False,
    }


def test_the_functions_as_the_worker_indexes_them() -> None:
    indexed = load_last_line(INDEX)
    shown = {name: {key: trigger[key] for key in SHOWN if trigger.get(key)} for name, trigger in indexed.items()}
    assert shown == FUNCTIONS


def test_the_function_for_unknown_routes_comes_last_where_the_host_sorts_them() -> None:
    # Before another one it would take that one's requests: the host goes by name, not by how specific a route is.
    in_order = sorted((name for name, shown in FUNCTIONS.items() if shown["type"] == "httpTrigger"), key=str.upper)
    assert in_order[-1] == "unknown_route"
