"""One page of a list, and the way to the next."""

import json
from typing import Any

import pytest

from domain.problem import PREFIX
from graph.look import look_at_page
from tests.graph.conftest import Reply, ScriptedGraph
from tests.support.graph_samples import ALERT


def page(value: Any, link: Any = None) -> Reply:
    body = {"@odata.context": "…", "value": value} | ({} if link is None else {"@odata.nextLink": link})
    return Reply(200, json.dumps(body).encode(), {"Retry-After": "12"})


async def test_a_page_is_handed_on_as_sent(app: ScriptedGraph) -> None:
    following = f"{app.base_url}/list?$skiptoken=2"
    app.answers(page([{**ALERT, "new": [None]}, {}], following))
    observation = await look_at_page(f"{app.base_url}/list?$select=id", None, "alerts")
    assert observation == {
        "kind": "alerts",
        "page": {"value": [{**ALERT, "new": [None]}, {}], "nextLink": following},
        "retryAfter": 12.0,
        "clientRequestId": app.requests[0].headers["client-request-id"],
    }


@pytest.mark.parametrize("value", [[], [ALERT]])
@pytest.mark.parametrize("link", [None, ""])
async def test_the_last_page_leads_nowhere(app: ScriptedGraph, value: Any, link: str | None) -> None:
    app.answers(page(value, link))
    observation = await look_at_page(f"{app.base_url}/list", None, "incidents")
    assert (observation["kind"], observation["page"]) == ("incidents", {"value": value, "nextLink": None})


async def test_an_empty_page_may_lead_further(app: ScriptedGraph) -> None:
    app.answers(page([], f"{app.base_url}/list?$skiptoken=2"))
    observation = await look_at_page(f"{app.base_url}/list", None, "alerts")
    assert observation["page"]["nextLink"] == f"{app.base_url}/list?$skiptoken=2"


@pytest.mark.parametrize("value", [None, {}, "text", 1, ["text"], [ALERT, None], [[]]])
async def test_what_is_no_list_of_objects_may_be_one_next_time(app: ScriptedGraph, value: Any) -> None:
    app.answers(page(value))
    observation = await look_at_page(f"{app.base_url}/list", None, "alerts")
    assert (observation["kind"], observation["problem"]["type"]) == ("tryAgain", f"{PREFIX}answer-unreadable")


@pytest.mark.parametrize("link", [1, True, ["x"], {"url": "x"}])
async def test_a_link_that_is_no_text_may_be_one_next_time(app: ScriptedGraph, link: Any) -> None:
    app.answers(page([], link))
    observation = await look_at_page(f"{app.base_url}/list", None, "alerts")
    assert (observation["kind"], observation["problem"]["type"]) == ("tryAgain", f"{PREFIX}answer-unreadable")


async def test_a_page_that_leads_to_itself_is_not_read_for_ever(app: ScriptedGraph) -> None:
    here = f"{app.base_url}/list?$skiptoken=2"
    app.answers(page([ALERT], here))
    observation = await look_at_page(f"{app.base_url}/list", here, "alerts")
    assert (observation["kind"], observation["problem"]["type"]) == ("tryAgain", f"{PREFIX}answer-unreadable")
    assert "names itself as the next one" in observation["problem"]["detail"]


@pytest.mark.parametrize("link", ["https://evil.example/list?a=1", "{base}/other?a=1", "{base}/list/1?a=1", "?a=1"])
async def test_a_link_elsewhere_ends_the_list(app: ScriptedGraph, link: str) -> None:
    app.answers(page([ALERT], link.format(base=app.base_url)))
    observation = await look_at_page(f"{app.base_url}/list", None, "alerts")
    assert (observation["kind"], observation["problem"]["type"]) == ("problem", f"{PREFIX}answer-unreadable")
    assert len(app.requests) == 1
