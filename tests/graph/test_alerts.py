"""The alerts as Graph has them now: one request for all callers, and for half a minute; a failure is not kept."""

import asyncio
import json
from typing import Any

import pytest

from alert_refresh.graph.alerts import KEPT_SECONDS, read_alerts
from alert_refresh.graph.urls import ALERTS
from alert_refresh.settings import InvalidSettings, settings
from tests.graph.conftest import FakeCredentials, Reply, ScriptedGraph, name_fault
from tests.support.graph_samples import ALERT, ALERT_ID

LIST = f"{ALERTS.rstrip('/')}?$filter=scopeId%20eq%20'/'%20and%20scopeType%20eq%20'DirectoryRole'"
EXPAND = "$expand=alertDefinition,alertConfiguration"
PAGE = Reply(200, json.dumps({"value": [ALERT]}).encode(), {"Date": "Sat, 31 Jan 2026 12:00:00 GMT"})
ONE = Reply(200, json.dumps({**ALERT, "alertIncidents": [{"id": "1"}, {"id": "2"}]}).encode())


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """Return the clock of a process that keeps nothing yet."""
    faked = Clock()
    monkeypatch.setattr("alert_refresh.graph.alerts.monotonic", faked)
    monkeypatch.setattr("alert_refresh.graph.alerts._fetches", {})
    return faked


async def test_all_alerts_take_one_request_and_an_alert_comes_with_its_incidents(app: ScriptedGraph) -> None:
    app.answers(PAGE, ONE)
    listed, one = await read_alerts(), await read_alerts(ALERT_ID)

    assert [request.raw_path for request in app.requests] == [
        f"{LIST}&{EXPAND}",
        f"{ALERTS}{ALERT_ID}?{EXPAND},alertIncidents",
    ]
    assert (listed["kind"], listed["alerts"]) == ("alerts", [ALERT])
    assert listed["answeredAt"] == "2026-01-31T12:00:00.000Z"
    assert (one["kind"], [each["id"] for each in one["alerts"][0]["alertIncidents"]]) == ("alert", ["1", "2"])


async def test_every_page_of_the_list_is_read(app: ScriptedGraph) -> None:
    link = f"{app.base_url}{ALERTS.rstrip('/')}?$skiptoken=2"
    first = {"value": [ALERT], "@odata.nextLink": link}
    app.answers(Reply(200, json.dumps(first).encode()), Reply(200, b'{"value": [{"id": "last"}, 7, null]}'))
    assert [alert["id"] for alert in (await read_alerts())["alerts"]] == [ALERT_ID, "last"]


async def test_callers_share_an_answer_for_half_a_minute(app: ScriptedGraph, clock: Clock) -> None:
    app.answers(PAGE)
    together = await asyncio.gather(*(read_alerts() for _ in range(50)))
    clock.now += KEPT_SECONDS - 0.1
    later = await read_alerts()
    assert len(app.requests) == 1
    assert [*together, later] == [together[0]] * 51

    clock.now += 0.1
    await read_alerts()
    assert len(app.requests) == 2


async def test_each_alert_is_kept_for_itself_whatever_the_letter_case_of_its_name(
    app: ScriptedGraph, credentials: FakeCredentials
) -> None:
    # The claims are {"tid": "19356be4-7e93-4ed6-a7c6-0ae28454d125"}.
    credentials.token = "a.eyJ0aWQiOiAiMTkzNTZiZTQtN2U5My00ZWQ2LWE3YzYtMGFlMjg0NTRkMTI1In0.b"
    app.answers(ONE)
    for name in ("StaleSignInAlert", "stalesigninalert", "STALESIGNINALERT", "InvalidLicenseAlert"):
        await read_alerts(name)
    assert [request.path.rpartition("_")[2] for request in app.requests] == ["StaleSignInAlert", "InvalidLicenseAlert"]


async def test_a_failure_is_for_those_who_waited_for_it_and_is_not_kept(app: ScriptedGraph) -> None:
    app.answers(Reply(503, b"{}", {"Retry-After": "7"}), PAGE)
    faults = await asyncio.gather(*(read_alerts() for _ in range(3)))

    assert [(name_fault(fault), fault["retryAfter"]) for fault in faults] == [("graph-unavailable", 7)] * 3
    assert len(app.requests) == 1, "one try"
    assert (await read_alerts())["kind"] == "alerts"


async def test_a_caller_that_goes_away_takes_the_answer_from_nobody(app: ScriptedGraph) -> None:
    app.answers(PAGE)
    leaving, staying = asyncio.create_task(read_alerts()), asyncio.create_task(read_alerts())
    await asyncio.sleep(0)
    leaving.cancel()

    assert (await staying)["kind"] == "alerts"
    assert leaving.cancelled()
    assert len(app.requests) == 1


async def test_a_caller_waits_half_a_minute_at_most(app: ScriptedGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hang(_: Any) -> Any:
        await asyncio.Event().wait()

    with monkeypatch.context() as hanging:
        hanging.setattr("alert_refresh.graph.alerts.MOST_SECONDS", 0.01)
        hanging.setattr("alert_refresh.graph.alerts.fetch", hang)
        fault = await read_alerts()
    assert name_fault(fault) == "graph-unavailable"
    assert "No whole answer within 0.01 s" in fault["problem"]["detail"]
    app.answers(PAGE)
    assert (await read_alerts())["kind"] == "alerts"


async def test_a_bug_is_not_kept_either(app: ScriptedGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("alert_refresh.graph.alerts.fetch", lambda _: 1 // 0)
        with pytest.raises(ZeroDivisionError):
            await read_alerts()
    app.answers(PAGE)
    assert (await read_alerts())["kind"] == "alerts"


async def test_a_wrong_setting_is_its_own_problem(app: ScriptedGraph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POLL_MIN_SECONDS", "soon")
    settings.cache_clear()
    with pytest.raises(InvalidSettings):
        await read_alerts()
    assert app.requests == []
