"""`python -m emulator run`: a run as a person sees it happen, one line for each thing that is new, and its result."""

import io
import re
from datetime import UTC, datetime, timedelta
from typing import Any, override

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from emulator.run import caller
from emulator.run.caller import await_result
from emulator.run.view import Screen, View
from tests.emulator.graph.conftest import STALE

RUN_ID = "0cca03df-2a21-5f26-b17f-19034ffd7150"
THROTTLED = "Microsoft Graph throttles the app"
BEFORE, NOW, LATER = "2026-01-30T12:00:00.1234567Z", "2026-01-31T12:00:04.7654321Z", "2026-01-31T12:00:06.000Z"
PROBLEM = {"title": "The alert is disabled in PIM", "detail": "Enable it [in PIM].", "status": 424}


def clock(timestamp: str, form: str = "%H:%M:%S") -> str:
    return datetime.fromisoformat(timestamp).astimezone().strftime(form)


def run(
    state: str, *, polls: int = 0, status: str | None = None, again: str | None = None, tries: int = 0
) -> dict[str, Any]:
    """Return the document of a run that refreshes one alert.

    again: the time of its next request; tries: how many requests in a row Graph throttled.
    """
    throttled = {"problem": {"title": THROTTLED}, "since": BEFORE, "tries": tries}
    return {
        "id": RUN_ID,
        "state": state,
        "target": {"alertId": STALE},
        "polls": polls,
        "nextPollAt": again,
        "waitingFor": throttled if tries else None,
        "operation": {"id": f"refresh:{STALE}", "status": status} if status else None,
        "problem": None,
    }


def alert(
    name: str, title: str = "", severity: str = "medium", *, scanned: str | None = NOW, **properties: Any
) -> dict[str, Any]:
    definition = {"alertDefinition": {"displayName": title, "severityLevel": severity}} if title else {}
    common = {"incidentCount": 0, "isActive": False, "lastScannedDateTime": scanned}
    return {"id": STALE.replace("StaleSignInAlert", name)} | common | definition | properties


INCIDENTS = [
    {
        "id": "1f0e",
        "roleDisplayName": "User Administrator",
        "assigneeDisplayName": "Adele [x] Vance",
        "activationCount": 20260101,
        "lastSignInDateTime": "2023-04-21T09:00:00Z",
    },
    {"id": "2f0e", "roleDisplayName": "Exchange Administrator", "lastSignInDateTime": None},
]
COMMON = {"runId": RUN_ID, "scannedAt": NOW, "fresh": True, "incidentsCut": []}
ONE: dict[str, Any] = COMMON | {
    "alert": alert(
        "StaleSignInAlert", "Potential [stale] accounts", isActive=True, incidentCount=5, alertIncidents=INCIDENTS
    ),
}
EVERY: dict[str, Any] = COMMON | {
    "alerts": [
        alert("StaleSignInAlert", "Stale accounts", isActive=True, incidentCount=3),
        alert("InvalidLicenseAlert", "No license", "high", scanned=BEFORE),
        alert("AnEighthAlert", scanned=None, incidentCount=None),
        alert("RedundantAssignmentAlert", "Idle administrators", "low", isActive=True, incidentCount=1),
        alert("SequentialActivationRenewalsAlert", "Frequent activations"),
    ],
    "notScanned": [STALE.replace("StaleSignIn", "InvalidLicense")],
}


async def watch(
    *documents: dict[str, Any], status: int = 200, result: dict[str, Any] = ONE
) -> tuple[dict[str, Any] | None, list[str]]:
    """Return the result, and what was shown: without the time of each line, and with single blanks."""
    output = io.StringIO()
    answers = iter([*documents, result])

    async def start(request: web.Request) -> web.Response:
        assert (await request.json(), request.headers["x-functions-key"]) == ({"alertId": STALE}, "key")
        links = {"self": f"http://{request.host}/run"}
        headers = {"Location": f"http://{request.host}/result"}
        return web.json_response(run("queued") | {"links": links}, status=202, headers=headers)

    async def read(request: web.Request) -> web.Response:
        document = next(answers)
        if request.path == "/result":
            return web.json_response(document, status=status)
        return web.json_response(document | {"links": {"self": str(request.url)}})

    app = web.Application()
    app.add_routes([web.post("/api/runs", start), web.get("/{name}", read)])
    async with TestServer(app) as server:
        base_url = str(server.make_url("")).rstrip("/")
        found = await await_result(base_url, "key", {"alertId": STALE}, View(Screen(output)))
    lines = output.getvalue().splitlines()
    assert all(re.match(r"\d\d:\d\d:\d\d ", line) for line in lines)
    return found, [" ".join(line.split()[1:]) for line in lines]


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caller, "WATCH_SECONDS", 0)


async def test_a_refresh_is_shown_and_the_wait_for_its_own_scan() -> None:
    result, lines = await watch(
        run("refreshing"),
        run("refreshing", again=NOW, tries=1),
        run("refreshing", again=NOW, tries=1),
        run("polling"),
        run("polling", again=LATER),
        run("polling", polls=1, status="succeeded", again=NOW),
        run("polling", polls=1, status="succeeded", again=NOW),
        run("polling", polls=2, status="running", again=LATER),
        run("polling", polls=3, status="running", again=NOW, tries=2),
        run("fetching", polls=4, status="succeeded"),
        run("fetching", polls=4, status="succeeded", again=LATER),
        run("succeeded", polls=4, status="succeeded"),
    )

    assert result == ONE
    assert lines[0] == f"accepted run {RUN_ID}; times are {clock(NOW, '%Z')}"
    assert lines[1].endswith("/result")
    assert lines[2:] == [
        f"refreshing {STALE}; dismissed alerts become active again",
        f"refreshing {THROTTLED}, try 1; again at {clock(NOW)}",
        f"polling accepted by Microsoft Graph; first poll at {clock(LATER)}",
        f"poll 1 succeeded of an earlier scan; next poll at {clock(NOW)}",
        f"poll 2 running next poll at {clock(LATER)}",
        f"poll 3 {THROTTLED}, try 2; next poll at {clock(NOW)}",
        "poll 4 succeeded",
        f"fetching still shows the earlier scan; again at {clock(LATER)}",
    ]


async def test_the_poll_that_ends_the_run_is_shown() -> None:
    _, lines = await watch(run("polling", polls=1, again=NOW), run("succeeded", polls=2, status="succeeded"))
    assert lines[3:] == [f"poll 1 no answer next poll at {clock(NOW)}", "poll 2 succeeded"]


async def test_a_run_that_fails_is_shown_with_its_problem() -> None:
    result, lines = await watch(run("refreshing"), run("failed"), status=424, result=PROBLEM)
    assert result is None
    assert lines[3:] == [f"failed {PROBLEM['title']}", "Enable it [in PIM]."]


CUT = {"alertId": STALE, "returned": 80, "url": "https://graph.example/[1]"}
ALL_OF_THEM = "all of them: https://graph.example/[1]"
FULL = "%Y-%m-%d %H:%M:%S %Z"


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        (
            ONE,
            [
                "Alert Potential [stale] accounts",
                "Severity medium",
                "Active yes",
                f"Scanned {clock(NOW, FULL)} (fresh)",
                "Incidents 5",
                "Role Assignee Activation count Last sign-in",
                "User Administrator Adele [x] Vance 20260101 2023-04-21",
                "Exchange Administrator - - -",
            ],
        ),
        (ONE | {"incidentsCut": [CUT | {"count": 300}]}, [f"Incidents first 80 of 300; {ALL_OF_THEM}"]),
        (ONE | {"incidentsCut": [CUT | {"count": None}]}, [f"Incidents first 80; {ALL_OF_THEM}"]),
        (
            EVERY,
            [
                "Alerts 2 of 5 active",
                f"Scanned {clock(NOW, FULL)} (fresh)",
                "Alert Severity Active Incidents Scanned",
                f"No license high no 0 {clock(BEFORE, FULL)} (not by this scan)",
                f"Stale accounts medium yes 3 {clock(NOW, FULL)}",
                f"Frequent activations medium no 0 {clock(NOW, FULL)}",
                f"Idle administrators low yes 1 {clock(NOW, FULL)}",
                f"{STALE.replace('StaleSignIn', 'AnEighth')} not asked for no - -",
            ],
        ),
    ],
)
def test_a_result_is_reported_line_by_line(result: dict[str, Any], expected: list[str]) -> None:
    lines = [" ".join(re.sub("[│┃]", " ", line).split()) for line in show(result, io.StringIO()).splitlines()]
    assert [line for line in lines if line in expected] == expected


def show(result: dict[str, Any], file: io.StringIO) -> str:
    View(Screen(file)).result(result)
    return file.getvalue()


class Terminal(io.StringIO):
    @override
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    for name in ("NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "60")
    return Terminal()


def test_a_terminal_gets_colours_and_tables_of_its_width(terminal: Terminal) -> None:
    shown = show(ONE, terminal)
    assert "\x1b[33mmedium\x1b[0m" in shown
    assert "\x1b[1;31myes\x1b[0m" in shown
    assert max(len(re.sub(r"\x1b\[[\d;]*m", "", line)) for line in shown.splitlines()) <= 60


@pytest.mark.usefixtures("terminal")
def test_without_a_terminal_nothing_is_coloured_and_nothing_folded() -> None:
    name = "contoso-siem-connector-" * 10
    incident = {"roleDisplayName": name, "assigneeId": "a0000000-0000-4000-8000-00000000000a"}
    shown = show(ONE | {"alert": ONE["alert"] | {"alertIncidents": [incident]}}, io.StringIO())
    assert "\x1b" not in shown
    assert name in shown
    assert "a0000000" not in shown, "a GUID says nothing to a person"


async def test_the_end_tells_what_the_result_took_and_that_the_data_is_made_up(terminal: Terminal) -> None:
    scanned_at = (datetime.now(UTC) - timedelta(seconds=5)).isoformat()
    view = View(Screen(terminal))
    view.accepted(run("queued"), "http://location")
    view.poll(run("polling", polls=7, status="succeeded"))
    terminal.truncate(0)
    view.end(ONE | {"scannedAt": scanned_at}, calls=9)
    view.end(ONE | {"fresh": False, "scannedAt": None}, calls=9)
    view.suggest()

    took = r"after 0\.\d s\. Polls: 7\. Calls to Graph: 9\."
    lines = terminal.getvalue().splitlines()
    assert re.search(rf"Fresh {took} The scan was seen 5\.\d s after its end\.$", lines[1])
    assert re.fullmatch(rf"Not fresh {took}", lines[4])
    assert lines[2] == lines[5] == "The tenant, its people and its alerts are made up."
    assert "make start" in lines[-1]


def test_nothing_is_suggested_to_a_program() -> None:
    output = io.StringIO()
    View(Screen(output)).suggest()
    assert output.getvalue() == ""
