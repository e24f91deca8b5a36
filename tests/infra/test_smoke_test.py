"""The smoke test ends a deployment: it asserts the functions, says what to do next, and asks the doctor."""

import json
import subprocess
from collections.abc import Iterable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread

import pytest

from tests.infra.conftest import Scripts, each_shell
from tests.support.bicep import INFRA
from tests.test_architecture import FUNCTIONS

KEY, TOKEN = ("x-functions-key", "s3cret key"), ("Authorization", "Bearer s3cret.token")
CHECKS = {
    "ok": [("settings", "ok", ""), ("clock", "warning", "Graph's clock is 9 s ahead"), ("hub", "skipped", "no hub")],
    "failed": [("settings", "ok", ""), ("permission to read", "failed", "grant RoleManagementAlert.Read.Directory")],
}
"""What the doctor finds, by its status."""


class Health(BaseHTTPRequestHandler):
    """Answers the status that the path begins with, and the path as the body. The doctor asks for a credential."""

    def do_GET(self) -> None:
        status, body = int(self.path[1:4]), f"asked for {self.path}"
        if self.path.endswith("/api/doctor") and "answers" not in self.path:
            found = "failed" if "/failed/" in self.path else "ok"
            checks = [dict(zip(("name", "status", "detail"), check, strict=True)) for check in CHECKS[found]]
            admitted = any(self.headers[name] == value for name, value in (KEY, TOKEN))
            status, body = (200, json.dumps({"status": found, "checks": checks})) if admitted else (401, "")
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(body.encode())


@pytest.fixture(scope="module")
def apps() -> Iterator[str]:
    """Return the URL below which an app answers each status."""
    with HTTPServer(("127.0.0.1", 0), Health) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


class SmokeTest:
    """Runs the smoke test of an app."""

    def __init__(self, scripts: Scripts, apps: str) -> None:
        self.scripts, self.apps = scripts, apps

    def run(
        self, shell: str, status: int, functions: Iterable[str], doctor: str = "", **variables: str
    ) -> subprocess.CompletedProcess[str]:
        """Test an app that answers `status` and has `functions`. `doctor` is a part of its URL: see `Health`."""
        known = {
            "AZURE_SUBSCRIPTION_ID": "subscription",
            "AZURE_RESOURCE_GROUP": "rg-test",
            "SERVICE_API_NAME": "func-app",
            "SERVICE_API_URI": f"{self.apps}/{status}{doctor}",
            "FUNCTIONS": "".join(f"func-app/{name}\n" for name in functions),
        }
        return self.scripts.run(shell, "smoke-test", "1", **known, **variables)


@pytest.fixture
def smoke_test(scripts: Scripts, apps: str) -> SmokeTest:
    return SmokeTest(scripts, apps)


def test_a_deployment_is_asserted_to_have_the_functions_of_the_app() -> None:
    named = (INFRA / "functions.txt").read_text().split()
    assert sorted(named) == sorted({*FUNCTIONS, "refresh_on_schedule"})


@each_shell
@pytest.mark.parametrize(
    ("functions", "settings", "off"),
    [
        ({*FUNCTIONS}, {"REFRESH_ENABLED": "false"}, 1),
        ({*FUNCTIONS} - {"purge_runs"}, {"RUN_RETENTION_DAYS": "0", "REFRESH_ENABLED": "true"}, 0),
        ({*FUNCTIONS, "refresh_on_schedule"}, {"REFRESH_SCHEDULE": "0 0 5 * * *", "REFRESH_ENABLED": "true"}, 0),
    ],
)
def test_a_deployment_with_exactly_the_functions_passes_and_ends_with_what_to_do_next(
    smoke_test: SmokeTest, shell: str, functions: set[str], settings: dict[str, str], off: int
) -> None:
    ended = smoke_test.run(shell, 200, functions, **settings)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.startswith(f"{len(functions)} functions, and healthy")
    assert ended.stdout.count("refreshing is off") == off
    assert "--subscription subscription --resource-group rg-test --name func-app" in smoke_test.scripts.asked[0]
    assert f"{smoke_test.apps}/200/api/alerts?code=<key>" in ended.stdout, "the page"
    assert f'curl -i -X POST "{smoke_test.apps}/200/api/runs?alertId=' in ended.stdout, "the first call"
    assert "az functionapp keys list --subscription subscription -g rg-test -n func-app" in ended.stdout, "the key"


@each_shell
@pytest.mark.parametrize(
    ("status", "functions", "said"),
    [
        (200, {*FUNCTIONS, "stranger"} - {"await_alert"}, ["missing: await_alert", "unexpected: stranger"]),
        (200, set[str](), [f"missing: {name}" for name in FUNCTIONS]),
        (503, {*FUNCTIONS}, ["not healthy: asked for /503/api/health"]),
    ],
)
def test_a_deployment_with_other_functions_or_that_is_not_healthy_fails(
    smoke_test: SmokeTest, shell: str, status: int, functions: set[str], said: list[str]
) -> None:
    ended = smoke_test.run(shell, status, functions)
    assert ended.returncode == 1
    errors = " ".join(ended.stderr.split())
    assert [each for each in said if each not in errors] == []
    assert errors.count("missing:") + errors.count("unexpected:") == (len(said) if status == 200 else 0)
    assert ("could not be imported" in errors) == (status == 200)


ENTRA = {"AUTH_MODE": "entra", "AUTH_AUDIENCE": "api://tenant/func-app", "AUTH_CLIENT_ID": "client"}
each_mode = pytest.mark.parametrize("mode", [{}, {**ENTRA, "TOKEN": "s3cret.token"}], ids=["key", "entra"])


@each_shell
@each_mode
def test_the_last_word_is_the_doctor_s_and_a_warning_fails_nothing(
    smoke_test: SmokeTest, shell: str, mode: dict[str, str]
) -> None:
    ended = smoke_test.run(shell, 200, FUNCTIONS, **mode)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines()[-3:] == [
        "The doctor: ok, 1 of 3 checks are ok.",
        "  warning  clock: Graph's clock is 9 s ahead",
        "  skipped  hub: no hub",
    ]


@each_shell
@each_mode
def test_a_check_that_failed_fails_and_says_what_to_do(smoke_test: SmokeTest, shell: str, mode: dict[str, str]) -> None:
    ended = smoke_test.run(shell, 200, FUNCTIONS, "/failed", **mode)
    assert ended.returncode == 1
    last = "  failed   permission to read: grant RoleManagementAlert.Read.Directory"
    assert ended.stdout.splitlines()[-2:] == ["The doctor: failed, 1 of 2 checks are ok.", last]
    assert "the first call:" in ended.stdout, "what to do next is said before"


@each_shell
@each_mode
def test_no_credential_is_on_a_command_line_or_in_the_output(
    smoke_test: SmokeTest, shell: str, mode: dict[str, str]
) -> None:
    ended = smoke_test.run(shell, 200, FUNCTIONS, **mode)
    assert smoke_test.scripts.asked
    assert not [line for line in [*smoke_test.scripts.asked, ended.stdout, ended.stderr] if "s3cret" in line]


@each_shell
@pytest.mark.parametrize("answer", ["/answers", "/failed/answers"])
def test_a_doctor_without_checks_fails(smoke_test: SmokeTest, shell: str, answer: str) -> None:
    ended = smoke_test.run(shell, 200, FUNCTIONS, answer)
    assert ended.returncode == 1
    assert "doctor" in ended.stderr.lower()


@each_shell
def test_with_entra_the_next_steps_take_a_token_and_no_key(smoke_test: SmokeTest, shell: str) -> None:
    ended = smoke_test.run(shell, 200, FUNCTIONS, **ENTRA, TOKEN="s3cret.token")
    assert "az account get-access-token --subscription subscription --resource api://tenant/func-app" in ended.stdout
    assert '-H "Authorization: Bearer <token>"' in ended.stdout
    assert ended.stdout.splitlines()[5].endswith("/200/api/alerts")
    assert not [line for line in [*smoke_test.scripts.asked, ended.stdout] if "keys list" in line or "code=" in line]


@each_shell
def test_who_gets_no_token_is_told_who_lets_them_call(smoke_test: SmokeTest, shell: str) -> None:
    """The first deployment ends so: a person can be assigned only once the registration is there."""
    ended = smoke_test.run(shell, 200, FUNCTIONS, **ENTRA, TOKEN="")
    assert ended.returncode == 0
    assert 'infra/allow-caller.sh client "$(az ad signed-in-user show --query id -o tsv)"' in ended.stdout
    assert ended.stdout.splitlines()[-1] == "Then: azd hooks run postdeploy"


@each_shell
def test_the_smoke_test_ends_with_the_exit_code_of_az(smoke_test: SmokeTest, shell: str) -> None:
    assert smoke_test.run(shell, 200, FUNCTIONS, EXIT="7").returncode == 7
