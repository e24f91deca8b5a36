"""The activity `fetch_alert`: which requests it makes, and which alerts and incidents it keeps."""

import json
from typing import Any

import pytest

from activities.fetch_alert import fetch_alert
from alert_refresh.graph.fetch import MOST_PAGES, MOST_SECONDS, fetch
from alert_refresh.graph.urls import ALERTS
from alert_refresh.run.observations import FetchRequest, measure
from tests.graph.conftest import Reply, ScriptedGraph, name_fault, unwrap
from tests.support.graph_samples import ALERT, ALERT_ID

PATH = f"{ALERTS}{ALERT_ID}"
EXPAND = ["alertConfiguration", "alertIncidents"]


def ask(limit: Any = 800_000, **target: Any) -> FetchRequest:
    """Return a request for the sample alert, unless `target` says otherwise, with its incidents."""
    request: Any = {"select": [], "expand": EXPAND, "limit": limit, **(target or {"alertId": ALERT_ID})}
    return request  # type: ignore[no-any-return]


def make_reply(body: Any, **headers: str) -> Reply:
    return Reply(200, json.dumps(body).encode(), {name.replace("_", "-"): text for name, text in headers.items()})


def make_incidents(first: int, last: int) -> list[dict[str, Any]]:
    return [{"id": str(number)} for number in range(first, last + 1)]


def make_alert(incidents: Any, count: int, link: str | None = None, **members: Any) -> dict[str, Any]:
    next_link = {} if link is None else {"alertIncidents@odata.nextLink": link}
    return {**ALERT, "incidentCount": count, "alertIncidents": incidents, **next_link, **members}


def make_page(incidents: Any, link: str | None = None) -> dict[str, Any]:
    return {"value": incidents} | ({} if link is None else {"@odata.nextLink": link})


def answer(app: ScriptedGraph, *bodies: Any) -> None:
    app.answers(*map(make_reply, bodies))


def link_to(app: ScriptedGraph, page: object) -> str:
    return f"{app.base_url}{PATH}/alertIncidents?$skiptoken={page}"


def paths(app: ScriptedGraph) -> list[str]:
    return [request.raw_path for request in app.requests]


class Clock:
    """Time passes while the fetch sleeps, and `tick` seconds with each reading."""

    def __init__(self) -> None:
        self.now, self.tick = 100.0, 0.0
        self.sleeps: list[float] = []

    def __call__(self) -> float:
        self.now += self.tick
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    faked = Clock()
    monkeypatch.setattr("alert_refresh.graph.fetch.monotonic", faked)
    monkeypatch.setattr("alert_refresh.graph.fetch.sleep", faked.sleep)
    return faked


async def test_an_alert_is_fetched_by_its_id_and_handed_on_as_graph_sent_it(app: ScriptedGraph) -> None:
    app.answers(make_reply({**ALERT, "new": [None]}, Retry_After="7", Date="Sat, 31 Jan 2026 12:00:00 GMT"))
    request: Any = {"alertId": ALERT_ID, "select": ["isActive"], "expand": ["alertDefinition"], "limit": 100}
    observation = await unwrap(fetch_alert)(request)
    select = "$select=isActive,id,incidentCount,lastScannedDateTime"
    assert paths(app) == [f"{PATH}?{select}&$expand=alertDefinition"]
    assert observation == {
        "kind": "alert",
        "alerts": [{**ALERT, "new": [None]}],
        "incidentsCut": [],
        "answeredAt": "2026-01-31T12:00:00.000Z",
        "retryAfter": 7.0,
        "clientRequestId": app.requests[0].headers["client-request-id"],
    }


@pytest.mark.parametrize("target", [{"allAlerts": True}, {"resourceLocation": ALERTS.rstrip("/")}])
async def test_all_alerts_are_listed_with_the_filter_that_graph_demands(
    app: ScriptedGraph, target: dict[str, Any]
) -> None:
    alerts, second = ALERTS.rstrip("/"), {**ALERT, "id": "other"}
    next_link = f"{app.base_url}{alerts}?$skiptoken=2"
    answer(app, make_page([ALERT], next_link), make_page([second]))
    observation = await fetch(ask(**target))
    assert (observation["kind"], observation["alerts"]) == ("alerts", [ALERT, second])
    scope = "$filter=scopeId%20eq%20'/'%20and%20scopeType%20eq%20'DirectoryRole'"
    assert paths(app) == [f"{alerts}?{scope}&$expand=alertConfiguration,alertIncidents", f"{alerts}?$skiptoken=2"]


async def test_missing_incidents_are_fetched_from_the_link_that_graph_gives(app: ScriptedGraph) -> None:
    answer(
        app,
        make_alert(make_incidents(1, 2), 5, link_to(app, 3)),
        make_page(make_incidents(3, 4), link_to(app, 5)),
        make_page(make_incidents(5, 5)),
    )
    observation = await fetch(ask())
    assert (observation["alerts"], observation["incidentsCut"]) == ([make_alert(make_incidents(1, 5), 5)], [])
    assert paths(app)[1:] == [f"{PATH}/alertIncidents?$skiptoken=3", f"{PATH}/alertIncidents?$skiptoken=5"]


async def test_without_a_link_all_incidents_of_each_incomplete_alert_are_fetched(app: ScriptedGraph) -> None:
    first, last = (make_alert(make_incidents(3, 3), 3, id=key) for key in ("a", "b"))
    whole = make_alert(make_incidents(1, 2), 2, id="c")
    answer(
        app, make_page([first, whole, last, ALERT]), make_page(make_incidents(1, 3)), make_page(make_incidents(7, 9))
    )
    observation = await fetch(ask(allAlerts=True))
    completed = [make_alert(make_incidents(1, 3), 3, id="a"), whole, make_alert(make_incidents(7, 9), 3, id="b"), ALERT]
    assert (observation["alerts"], observation["incidentsCut"]) == (completed, [])
    assert paths(app)[1:] == [f"{ALERTS}a/alertIncidents", f"{ALERTS}b/alertIncidents"]


@pytest.mark.parametrize("again", [2, 1], ids=["itself", "the first"])
async def test_a_list_ends_at_a_page_that_it_has_seen(app: ScriptedGraph, again: int) -> None:
    answer(
        app,
        make_alert(make_incidents(1, 1), 9, link_to(app, 1)),
        make_page(make_incidents(2, 2), link_to(app, 2)),
        make_page(make_incidents(3, 3), link_to(app, again)),
    )
    observation = await fetch(ask())
    assert (observation["alerts"], observation["incidentsCut"]) == ([make_alert(make_incidents(1, 3), 9)], [])
    assert len(app.requests) == 3


@pytest.mark.parametrize(("tick", "most"), [(0.0, MOST_PAGES), (MOST_SECONDS / 10, 15)])
async def test_pages_and_seconds_have_an_end(app: ScriptedGraph, clock: Clock, tick: float, most: int) -> None:
    clock.tick = tick
    pages = [make_page(make_incidents(n, n), link_to(app, n + 1)) for n in range(1, 300)]
    answer(app, make_alert([], 9999, link_to(app, 1)), *pages)
    observation = await fetch(ask())
    returned = len(app.requests) - 1
    assert 5 < returned < most
    assert tick or returned == MOST_PAGES - 1
    assert observation["alerts"] == [make_alert(make_incidents(1, returned), 9999)]
    url = f"{app.base_url}{PATH}/alertIncidents"
    assert observation["incidentsCut"] == [{"alertId": ALERT_ID, "returned": returned, "count": 9999, "url": url}]


async def test_a_list_of_alerts_without_an_end_is_unreadable(app: ScriptedGraph) -> None:
    link = f"{app.base_url}{ALERTS.rstrip('/')}?$skiptoken="
    answer(app, *(make_page([ALERT], f"{link}{n}") for n in range(300)))
    assert name_fault(await fetch(ask(allAlerts=True))) == "answer-unreadable"
    assert len(app.requests) == MOST_PAGES


async def test_a_page_that_asks_to_wait_is_waited_for_if_the_fetch_may_take_so_long(
    app: ScriptedGraph, clock: Clock
) -> None:
    page = make_reply(make_page(make_incidents(1, 2)), Retry_After="3")
    app.answers(make_reply(make_alert([], 2, link_to(app, 1)), Retry_After="12.5"), page)
    observation = await fetch(ask())
    assert (observation["kind"], observation["retryAfter"], clock.sleeps) == ("alert", 3.0, [12.5])
    app.answers(make_reply(make_alert([], 2, link_to(app, 1)), Retry_After="61"))
    observation = await fetch(ask())
    assert (name_fault(observation), observation["retryAfter"], clock.sleeps) == ("throttled", 61.0, [12.5])
    assert len(app.requests) == 3


async def test_a_refused_page_ends_the_fetch_with_its_wait(app: ScriptedGraph) -> None:
    app.answers(make_reply(make_alert([], 2, link_to(app, 1))), Reply(429, b"", {"Retry-After": "9"}))
    observation = await fetch(ask())
    assert (name_fault(observation), observation["retryAfter"]) == ("throttled", 9.0)
    assert observation["problem"]["graph"]["clientRequestId"] == app.requests[1].headers["client-request-id"]


@pytest.mark.parametrize("place", ["alert", "page"])
async def test_a_link_elsewhere_is_not_followed(app: ScriptedGraph, place: str) -> None:
    link = f"{app.base_url}{ALERTS}other/alertIncidents?a=1"
    answer(app, make_alert([], 2, link if place == "alert" else link_to(app, 1)), make_page([], link))
    observation = await fetch(ask())
    assert (name_fault(observation), "@odata.nextLink" in observation["problem"]["detail"]) == ("url-untrusted", True)
    assert len(app.requests) == (1 if place == "alert" else 2)


@pytest.mark.parametrize("body", [{}, {"value": None}, {"value": {}}, {"value": [], "@odata.nextLink": 1}])
async def test_what_is_not_a_list_is_unreadable(app: ScriptedGraph, body: Any) -> None:
    answer(app, body)
    assert name_fault(await fetch(ask(allAlerts=True))) == "answer-unreadable"


async def test_incidents_beyond_the_limit_are_cut_smallest_alerts_first(app: ScriptedGraph) -> None:
    large = make_alert([{"id": f"{n}", "text": "x" * 80} for n in range(100)], 100, id="large")
    small = make_alert(make_incidents(1, 10), 10, id="small")
    bare = {**ALERT, "id": "bare"}
    answer(app, make_page([large, small, bare]))
    observation = await fetch(ask(3000, allAlerts=True))
    kept = observation["alerts"][0]["alertIncidents"]
    assert observation["alerts"] == [make_alert(large["alertIncidents"][: len(kept)], 100, id="large"), small, bare]
    assert 20 < len(kept) < 40
    assert sum(measure(alert.get("alertIncidents", [])) for alert in observation["alerts"]) <= 3010
    url = f"{app.base_url}{ALERTS}large/alertIncidents"
    assert observation["incidentsCut"] == [{"alertId": "large", "returned": len(kept), "count": 100, "url": url}]


async def test_pages_that_cannot_be_kept_are_not_fetched(app: ScriptedGraph) -> None:
    pages = [make_page(make_incidents(1, 100), link_to(app, n)) for n in range(2, 50)]
    answer(app, make_alert(make_incidents(1, 5), 5000, link_to(app, 1)), *pages)
    assert (await fetch(ask(3000)))["incidentsCut"][0]["count"] == 5000
    assert len(app.requests) < 6


@pytest.mark.parametrize(("alert_id", "cut"), [(None, 1), ("a", 0)])
async def test_an_alert_keeps_the_incidents_that_came_with_it(app: ScriptedGraph, alert_id: Any, cut: int) -> None:
    """Without an id nothing more can be fetched, and the collection may show fewer."""
    alert = make_alert(make_incidents(1, 1), 3, id=alert_id)
    answer(app, make_page([alert]), make_page([]))
    observation = await fetch(ask(allAlerts=True))
    assert (observation["alerts"], len(observation["incidentsCut"])) == ([alert], cut)
