"""The doctor's checks, one by one: what each says, and that none holds up or hides the others."""

import asyncio
import json
import socket
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import grpc
import pytest

from alert_refresh import doctor
from alert_refresh.doctor import Check, Report, examine
from alert_refresh.graph.errors import IdentityError
from alert_refresh.hub.client import Client
from alert_refresh.problems import make_problem
from tests.hub.stub import HubStub
from tests.support.graph_samples import ALERT
from tests.web.http import call, request
from triggers.doctor import doctor as doctor_trigger

READ, READ_WRITE = "RoleManagementAlert.Read.Directory", "RoleManagementAlert.ReadWrite.Directory"
CLAIMS = {"appid": "the-app", "tid": "the-tenant", "oid": "the-principal", "roles": [READ]}
SCANNED = "2023-06-09T22:56:08.52Z"
SECRET = "https://prod-00.westeurope.logic.azure.com/workflows/w?sig=the-signature"
NIGHTLY = {"REFRESH_SCHEDULE": "0 0 6 * * *", "REFRESH_ENABLED": "true"}


def make_alert(name: str = "StaleSignInAlert", *, enabled: bool = True, **changes: Any) -> dict[str, Any]:
    configuration = {"isEnabled": enabled}
    return {**ALERT, "id": f"DirectoryRole_t_{name}", "alertConfiguration": configuration, **changes}


class Graph:
    """What the app gets of its identity and of Graph."""

    def __init__(self) -> None:
        self.claims: Mapping[str, Any] = CLAIMS
        self.answer: dict[str, Any] = {"alerts": [make_alert()]}
        self.date: datetime | None = datetime.now(UTC)
        self.failure: Exception | None = None
        self.asked: Any = None

    async def read_token(self) -> tuple[Mapping[str, Any], list[str]]:
        if self.failure:
            raise self.failure
        return self.claims, list(self.claims.get("roles", []))

    async def fetch(self, request: Any) -> dict[str, Any]:
        self.asked = request
        answered = self.date and self.date.strftime("%Y-%m-%dT%H:%M:%SZ")
        return {"kind": "alerts", "answeredAt": answered, **self.answer}


@pytest.fixture
def graph(monkeypatch: pytest.MonkeyPatch) -> Graph:
    made = Graph()
    monkeypatch.setattr(doctor, "_read_token", made.read_token)
    monkeypatch.setattr(doctor, "fetch", made.fetch)
    return made


def find(report: Report, name: str) -> Check:
    [check] = [check for check in report["checks"] if check["name"] == name]
    return check


def read_statuses(report: Report) -> dict[str, str]:
    return {check["name"]: check["status"] for check in report["checks"]}


async def test_a_deployment_without_faults_is_ok_everywhere_in_a_fixed_order(
    client: Client, stub: HubStub, graph: Graph
) -> None:
    report = await examine(client, {})

    assert report["status"] == "ok"
    assert list(read_statuses(report)) == list(doctor.NAMES)
    assert set(read_statuses(report).values()) == {"ok"}
    assert graph.asked == {"allAlerts": True, "select": [], "expand": ["alertConfiguration"], "limit": 0}
    assert find(report, "token")["detail"] == f"Of app the-app, tenant the-tenant. Its permissions: {READ}."
    assert find(report, "alerts")["detail"].startswith(
        "1 alerts, 1 active; the oldest scan ended at 2023-06-09T22:56:08"
    )
    read, write = stub.requests
    assert (read.instanceId, write.instanceId, write.name) == ("@subscriber@~doctor", "@subscriber@~doctor", "delete")


async def test_wrong_settings_are_named_and_only_the_task_hub_is_checked_besides(client: Client, graph: Graph) -> None:
    report = await examine(client, {"POLL_MIN_SECONDS": "soon", "REFRESH_ENABLED": "perhaps"})

    assert report["status"] == "failed"
    assert {"POLL_MIN_SECONDS", "REFRESH_ENABLED"} <= set(find(report, "settings")["detail"].split())
    others = {name: status for name, status in read_statuses(report).items() if name not in {"settings", "taskHub"}}
    assert set(others.values()) == {"skipped"}
    assert find(report, "taskHub")["status"] == "ok"
    assert find(report, "clock")["detail"] == "Not checked, because settings failed."
    assert graph.asked is None


async def test_without_a_token_graph_is_not_asked(client: Client, graph: Graph) -> None:
    graph.failure = IdentityError("there is no identity endpoint")
    report = await examine(client, {})

    assert find(report, "token")["status"] == "failed"
    assert find(report, "token")["detail"].startswith("There is no identity endpoint. Check that the app has a managed")
    assert {find(report, name)["detail"] for name in doctor.BY_TOKEN} == {"Not checked, because token failed."}
    assert find(report, "callbacks")["status"] == "ok"
    assert graph.asked is None


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        (
            {"azp": "an-app", "tid": "a-tenant", "roles": ["B", "A"]},
            "Of app an-app, tenant a-tenant. Its permissions: A, B.",
        ),
        (
            {"appid": "cli", "tid": "t", "scp": "X Y", "upn": "adele@contoso.com"},
            "Of app cli, tenant t. Its permissions: X, Y.",
        ),
        ({}, "Of app None, tenant None. Its permissions: none."),
    ],
)
async def test_a_token_shows_its_app_and_its_permissions_and_no_person(
    monkeypatch: pytest.MonkeyPatch, claims: dict[str, Any], words: str
) -> None:
    async def read_claims() -> dict[str, Any]:
        return claims

    async def open_client() -> Any:
        return SimpleNamespace(tokens=SimpleNamespace(read_claims=read_claims))

    monkeypatch.setattr(doctor, "open_client", open_client)
    [check] = await doctor._check_token()  # noqa: SLF001 - a token of each kind takes an identity of each kind
    assert (check["status"], check["detail"]) == ("ok", words)


@pytest.mark.parametrize(
    ("problem", "culprit"),
    [("license-missing", "license"), ("permission-missing", "readPermission"), ("graph-unavailable", "graph")],
)
async def test_a_problem_of_the_list_fails_one_check_and_skips_those_that_need_the_list(
    client: Client, graph: Graph, problem: Any, culprit: str
) -> None:
    answer = {**make_problem(problem, "Do this."), "graph": {"requestId": "an-id"}}
    graph.answer = {"kind": "fault", "problem": answer}
    report = await examine(client, {})

    by_list = {name: status for name, status in read_statuses(report).items() if name in doctor.BY_LIST}
    expected = dict.fromkeys(doctor.BY_LIST, "skipped") | {"graph": "ok"} | {culprit: "failed"}
    assert by_list == expected
    command = " The command: infra/grant-graph-permission.sh the-principal"
    assert find(report, culprit)["detail"] == "Do this." + (command if culprit == "readPermission" else "")
    assert find(report, "refreshPermission")["status"] == "ok"


@pytest.mark.parametrize(
    ("enabled", "roles", "expected"),
    [
        ("false", [READ], ("ok", "REFRESH_ENABLED is false")),
        ("true", [READ, READ_WRITE], ("ok", "The token has")),
        ("true", [READ], ("failed", "infra/grant-graph-permission.sh --refresh the-principal")),
        ("false", [READ_WRITE], ("warning", f"{READ} is enough")),
        ("true", [], ("failed", READ_WRITE)),
    ],
)
async def test_the_permission_to_refresh_fits_the_setting(
    client: Client, graph: Graph, enabled: str, roles: list[str], expected: tuple[str, str]
) -> None:
    status, words = expected
    graph.claims = {**CLAIMS, "roles": roles}
    report = await examine(client, {"REFRESH_ENABLED": enabled})

    assert find(report, "refreshPermission")["status"] == status
    assert words in find(report, "refreshPermission")["detail"]
    assert report["status"] == ("failed" if status == "failed" else "ok")


@pytest.mark.parametrize(
    ("alerts", "status", "words"),
    [
        ([], "warning", "There are none."),
        ([make_alert(isActive=False), make_alert(lastScannedDateTime=None)], "ok", "2 alerts, 1 active; the oldest"),
        ([make_alert(lastScannedDateTime="0001-01-01T00:00:00Z")], "ok", "there was no scan"),
        ([make_alert("InvalidLicenseAlert", enabled=False), make_alert()], "warning", "not scan InvalidLicenseAlert:"),
        ([{}], "ok", "1 alerts, 0 active"),
    ],
)
async def test_the_alerts_are_counted_and_the_disabled_ones_named(
    client: Client, graph: Graph, alerts: list[Any], status: str, words: str
) -> None:
    graph.answer = {"alerts": alerts}
    check = find(await examine(client, {}), "alerts")

    assert check["status"] == status
    assert words in check["detail"]


@pytest.mark.parametrize(
    ("seconds", "status", "words"),
    [
        (0, "ok", "agrees"),
        (-4, "ok", "agrees"),
        (5, "ok", "agrees"),
        (-90, "warning", "s ahead of Graph's"),
        (90, "warning", "s behind Graph's"),
        (None, "skipped", "no Date"),
    ],
)
async def test_the_clock_is_compared_with_graphs(
    client: Client, graph: Graph, seconds: float | None, status: str, words: str
) -> None:
    graph.date = None if seconds is None else datetime.now(UTC) + timedelta(seconds=seconds)
    check = find(await examine(client, {}), "clock")

    assert check["status"] == status
    assert words in check["detail"]


def test_an_answer_that_takes_long_is_no_wrong_clock() -> None:
    answered = datetime.now(UTC)
    for sent, received in ((-30, 1), (0, 30)):
        bounds = [answered + timedelta(seconds=seconds) for seconds in (sent, received)]
        assert doctor._check_clock(answered, *bounds)["status"] == "ok"  # noqa: SLF001 - it would take half a minute


@pytest.mark.parametrize("method", ["get", "signal"])
async def test_a_task_hub_that_refuses_a_read_or_a_write_fails(
    client: Client, stub: HubStub, graph: Graph, method: str
) -> None:
    stub.refuse = lambda name: grpc.StatusCode.UNAVAILABLE if name == method else None
    report = await examine(client, {})

    assert find(report, "taskHub")["status"] == "failed"
    assert "UNAVAILABLE" in find(report, "taskHub")["detail"]
    assert find(report, "readPermission")["status"] == "ok"
    assert graph.asked


@pytest.fixture
async def addressbook(graph: Graph, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return the addresses that DNS has for every name; none at first."""
    graph.claims = {**CLAIMS, "roles": [READ_WRITE]}
    addresses = list[str]()

    async def resolve(*_: Any, **__: Any) -> list[Any]:
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "no such name")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, 443)) for address in addresses]

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", resolve, raising=False)
    return addresses


@pytest.mark.parametrize(
    ("environment", "addresses", "expected"),
    [
        ({}, [], ("ok", "Allowed: *.logic.azure.com, *.environment.api.powerplatform.com.")),
        ({"CALLBACK_ALLOWED_HOSTS": "A.example , b.example"}, [], ("ok", "Allowed: a.example, b.example.")),
        (NIGHTLY, [], ("warning", "nobody gets the changes: set CHANGES_CALLBACK_URL")),
        ({"CHANGES_CALLBACK_URL": SECRET}, ["10.0.0.1", "20.50.3.4"], ("ok", "leads to prod-00.")),
        ({"CHANGES_CALLBACK_URL": SECRET}, [], ("failed", "has no address in DNS")),
        ({"CHANGES_CALLBACK_URL": SECRET}, ["10.0.0.1"], ("failed", "has an address that is private")),
    ],
)
async def test_the_hosts_of_callbacks_are_shown_and_that_of_the_schedule_is_resolved(
    client: Client,
    addressbook: list[str],
    environment: dict[str, str],
    addresses: list[str],
    expected: tuple[str, str],
) -> None:
    addressbook += addresses
    report = await examine(client, environment)

    status, words = expected
    assert find(report, "callbacks")["status"] == status
    assert words in find(report, "callbacks")["detail"]
    assert "the-signature" not in json.dumps(report)
    assert "/workflows" not in json.dumps(report)


@pytest.mark.parametrize("culprit", ["token", "graph", "taskHub", "callbacks"])
async def test_a_check_that_hangs_does_not_hold_up_the_others(
    client: Client, stub: HubStub, addressbook: list[str], monkeypatch: pytest.MonkeyPatch, culprit: str
) -> None:
    async def hang(*_: Any, **__: Any) -> Any:
        await asyncio.Event().wait()

    addressbook.append("20.50.3.4")
    hanging: dict[str, tuple[Any, str]] = {
        "token": (doctor, "_read_token"),
        "graph": (doctor, "fetch"),
        "taskHub": (stub, "SignalEntity"),
        "callbacks": (asyncio.get_running_loop(), "getaddrinfo"),
    }
    monkeypatch.setattr(doctor, "SECONDS", 0.05)
    monkeypatch.setattr(*hanging[culprit], hang)
    report = await examine(client, {"CHANGES_CALLBACK_URL": SECRET})

    assert [check["name"] for check in report["checks"] if check["status"] == "failed"] == [culprit]
    assert find(report, culprit)["detail"].startswith("No answer within 0.05 s.")
    independent = {"settings", "taskHub", "callbacks"} - {culprit}
    assert {find(report, name)["status"] for name in independent} == {"ok"}


def test_all_checks_together_take_less_than_twenty_seconds() -> None:
    assert 2 * doctor.SECONDS < 20


async def test_a_bug_in_a_check_is_its_failure_and_nobody_elses(
    client: Client, graph: Graph, caplog: pytest.LogCaptureFixture
) -> None:
    graph.answer = {"alerts": [None]}
    report = await examine(client, {})

    assert find(report, "graph")["status"] == "failed"
    assert "AttributeError" in find(report, "graph")["detail"]
    assert find(report, "taskHub")["status"] == "ok"
    assert "The check graph has a fault." in caplog.text


async def test_the_page_shows_each_check_and_escapes_what_graph_says(client: Client, graph: Graph) -> None:
    graph.answer = {"kind": "fault", "problem": make_problem("graph-unavailable", "<b>Bad</b> gateway.")}
    url = "https://app.example/api/doctor"
    answers = [
        await call(doctor_trigger, request(url=url, query={"code": "k"}, headers={"accept": accept}), client)
        for accept in ("text/html", "application/json")
    ]

    page, document = (answer.get_body().decode() for answer in answers)
    assert [answer.status_code for answer in answers] == [200, 200]
    assert [answer.mimetype for answer in answers] == ["text/html", "application/json"]
    assert "&lt;b&gt;Bad&lt;/b&gt; gateway." in page
    assert "Refresh permission" in page
    assert 'href="https://app.example/api/runs?code=k"' in page
    assert json.loads(document)["status"] == "failed"
