"""The executor of the Logic Apps is right about what it stands in for: the language, polling, retries, webhooks."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from emulator.faults import Fault, Traffic
from emulator.loopback import LoopbackServer
from tests.support.logic_app import LogicApp, WorkflowRun, load_definition
from tests.support.logic_app.expression import ExpressionError
from tests.support.logic_app.scope import Scope, resolve
from tests.support.logic_app.understood import NotUnderstood

ENDED = {"Call": {"status": "Failed", "outputs": {"statusCode": 424, "body": {"a": {"b c": [1, 2]}}}}}
SCOPE = Scope({"name": "it's", "count": 3}, "run-1", ENDED)

EXPRESSIONS: dict[str, Any] = {
    "plain": "plain",
    "@parameters('count')": 3,
    "@{parameters('count')}": "3",
    "a@{parameters('name')}b@{workflow().run.name}": "ait'sbrun-1",
    "@@parameters('count')": "@parameters('count')",
    "me@example.com": "me@example.com",
    "@concat('it''s', ' }')": "it's }",
    "@{concat('}', '{')}": "}{",
    "@body('Call')?['a']?['b c']": [1, 2],
    "@body('Call')?.a['b c']": [1, 2],
    "@body('Call')?['x']?['y']": None,
    "@{body('Call')?['x']}": "",
    "@{body('Call')}": '{"a":{"b c":[1,2]}}',
    "@null": None,
    "@true": True,
    "@coalesce(null, 1.5)": 1.5,
    "@IF(startsWith('ABC', 'ab'), 'yes', 'no')": "yes",
    "@last(split('urn:x:y', ':'))": "y",
    "@json(string(body('Call')))?['a']?['b c']": [1, 2],
    '@string(json(\'{"$content": "eyJhIjoxfQ=="}\'))': '{"a":1}',
    "@encodeURIComponent('a/b==')": "a%2Fb%3D%3D",
}


@pytest.mark.parametrize(("text", "value"), EXPRESSIONS.items())
def test_expressions(text: str, value: Any) -> None:
    assert resolve(text, SCOPE) == value
    assert resolve({"of": [text, 1]}, SCOPE) == {"of": [value, 1]}


@pytest.mark.parametrize(
    "text",
    [
        "@nope()",
        "@parameters('nope')",
        "@body('Nope')",
        "@listCallbackUrl()",
        "@action()",
        "@body('Call').x",
        "@body('Call')?['a']?['b c']?['d']",
        "@concat('a'",
        "@",
        "@{concat('a')",
        "@a b",
        "@concat('a' 'b')",
        "text @concat('a')",
    ],
)
def test_expressions_that_fail(text: str) -> None:
    with pytest.raises(ExpressionError):
        resolve(text, SCOPE)


@dataclass
class Waits:
    """Does not wait, and notes how long it was told to."""

    asked: list[float] = field(default_factory=list)

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)


class Service(LoopbackServer):
    """Answers what `faults` say, and 200 with JSON else."""

    def __init__(self) -> None:
        super().__init__(Traffic(), port=0)

    def application(self) -> web.Application:
        async def done(_: web.Request) -> web.Response:
            return web.json_response({"done": True})

        application = web.Application()
        application.router.add_route("*", "/{path:.*}", done)
        return application


@pytest.fixture
async def service() -> AsyncGenerator[Service]:
    async with Service() as running:
        yield running


def calling(service: Service, **inputs: Any) -> LogicApp:
    """Return a workflow of one HTTP action that posts to the service."""
    call = {"method": "POST", "uri": f"{service.base_url}/start", "headers": {"X-Key": "k"}, "body": {}, **inputs}
    action = {"type": "Http", "inputs": call, "runAfter": {}}
    return LogicApp({"actions": {"Call": action}}, {}, sleep=Waits())


def waits(app: LogicApp) -> list[float]:
    assert isinstance(app.sleep, Waits)
    return app.sleep.asked


async def test_202_is_followed_to_the_first_other_answer(service: Service) -> None:
    elsewhere = {"Location": f"{service.base_url}/status?code=a%2Bb"}
    service.faults.append(Fault("POST /start", status=202, headers={**elsewhere, "Retry-After": "7"}))
    service.faults.append(Fault("GET /status", status=202, headers=elsewhere))
    app = calling(service)

    run = await app.run()

    assert run.status == "Succeeded"
    assert run.actions["Call"].outputs["body"] == {"done": True}
    asked = ["POST /start", "GET /status?code=a%2Bb", "GET /status?code=a%2Bb"]
    assert [str(request) for request in service.requests] == asked
    assert waits(app) == [7.0, 20.0], "20 seconds when the answer does not say"
    assert ["X-Key" in request.headers for request in service.requests] == [True, False, False]


@pytest.mark.parametrize("location", [None, "/status"])
async def test_only_an_absolute_location_is_followed(service: Service, location: str | None) -> None:
    service.faults.append(Fault("POST", status=202, headers={"Location": location} if location else {}))

    run = await calling(service).run()

    assert run.actions["Call"].outputs["statusCode"] == 202
    assert len(service.requests) == 1


@pytest.mark.parametrize("status", [302, 400, 404, 410, 424])
async def test_an_answer_that_will_not_change_fails_at_once(service: Service, status: int) -> None:
    service.faults.append(Fault(status=status, headers={"Location": f"{service.base_url}/elsewhere"}))
    app = calling(service)

    run = await app.run()

    assert run.status == "Failed"
    assert run.actions["Call"].outputs["statusCode"] == status
    assert waits(app) == []
    assert len(service.requests) == 1


@pytest.mark.parametrize("fault", [{"status": 408}, {"status": 429}, {"status": 503}, {"drop": "before headers"}])
async def test_what_may_pass_is_tried_four_more_times(service: Service, fault: dict[str, Any]) -> None:
    service.faults.append(Fault(times=None, **fault))
    app = calling(service)

    run = await app.run()

    assert run.status == "Failed"
    assert waits(app) == [7.5, 15.0, 30.0, 45.0]
    assert len(service.requests) == 5


async def test_the_query_is_encoded_and_takes_the_place_of_the_one_in_the_uri(service: Service) -> None:
    await calling(service, uri=f"{service.base_url}/start?old=1", queries={"code": "a+b="}).run()

    assert [str(request) for request in service.requests] == ["POST /start?code=a%2Bb%3D"]


async def test_a_failed_branch_fails_the_run_although_its_handler_succeeds(service: Service) -> None:
    service.faults.append(Fault(status=404))
    compose = {"type": "Compose", "inputs": "@actions('Call')?['status']"}
    app = calling(service)
    app.definition["actions"].update(
        Good={**compose, "runAfter": {"Call": ["Succeeded"]}}, Bad={**compose, "runAfter": {"Call": ["Failed"]}}
    )

    run = await app.run()

    assert {name: result.status for name, result in run.actions.items()} == {
        "Call": "Failed",
        "Good": "Skipped",
        "Bad": "Succeeded",
    }
    assert run.status == "Failed"


async def test_an_expression_that_fails_fails_its_action() -> None:
    action = {"type": "Compose", "inputs": "@parameters('nope')", "runAfter": {}}
    run = await LogicApp({"actions": {"Use": action}}, {}).run()

    assert run.status == "Failed"
    assert run.actions["Use"].error == {"code": "InvalidTemplate", "message": "there is no parameter 'nope'"}


NOT_KNOWN: dict[str, Callable[[dict[str, Any]], Any]] = {
    "an action": lambda actions: actions.update(Loop={"type": "Foreach", "runAfter": {}}),
    "a setting": lambda actions: actions["Await_alert"].update(operationOptions="DisableAsyncPattern"),
    "a part of a request": lambda actions: actions["Await_alert"]["inputs"].update(retryPolicy={"type": "none"}),
}


@pytest.mark.parametrize("add", NOT_KNOWN.values(), ids=NOT_KNOWN)
def test_what_the_executor_does_not_know_is_refused(add: Callable[[dict[str, Any]], Any]) -> None:
    definition = load_definition("poll-alert")
    add(definition["actions"])

    with pytest.raises(NotUnderstood):
        LogicApp(definition, {"functionAppUrl": "", "functionKey": "", "operationId": ""})


@pytest.mark.parametrize("given", [{}, {"operationId": 1}, {"nope": 1}])
def test_parameters_are_checked_as_a_deployment_does(given: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"nope|operationId"):
        LogicApp(load_definition("poll-alert"), {"functionAppUrl": "", "functionKey": "", **given})


class CallbackApp(LoopbackServer):
    """Starts run-1 for every POST /runs, and leaves the callback to the test."""

    def __init__(self) -> None:
        super().__init__(Traffic(), port=0)
        self.callback_url: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    @property
    def calls(self) -> list[str]:
        return [str(request) for request in self.requests]

    def application(self) -> web.Application:
        async def start(request: web.Request) -> web.Response:
            self.callback_url.set_result((await request.json())["callbackUrl"])
            return web.json_response({"id": "run-1"}, status=202)

        async def cancel(_: web.Request) -> web.Response:
            return web.Response(status=410)

        application = web.Application()
        application.router.add_post("/api/runs", start)
        application.router.add_delete("/api/runs/{id}", cancel)
        return application


@pytest.fixture
async def app() -> AsyncGenerator[CallbackApp]:
    async with CallbackApp() as running:
        yield running


SUBSCRIBED = ["POST /api/runs?code=a%2Fb%3D%3D", "DELETE /api/runs/run-1?code=a%2Fb%3D%3D"]


def called_back(app: CallbackApp, limit: str = "PT1H") -> asyncio.Task[WorkflowRun]:
    definition = load_definition("await-alert-webhook")
    definition["actions"]["Await_alert"]["limit"]["timeout"] = limit
    parameters = {"functionAppUrl": f"{app.base_url}/api", "functionKey": "a/b==", "operationId": "x"}
    return asyncio.create_task(LogicApp(definition, parameters, sleep=Waits()).run())


async def posted(url: str, body: Any) -> int | None:
    """Post `body` and return the status, or None when nobody listens any more."""
    try:
        async with aiohttp.ClientSession() as session, session.post(url, json=body) as answer:
            return answer.status
    except aiohttp.ClientError:
        return None


async def test_a_webhook_takes_one_post_and_unsubscribes(app: CallbackApp) -> None:
    workflow = called_back(app)
    url = await app.callback_url

    assert await posted(url + "x", {"alert": {"id": "forged"}}) == 401
    assert await posted(url, {"alert": {"id": "an-alert"}}) == 200
    run = await workflow

    assert run.status == "Succeeded"
    assert run.actions["Alert"].outputs["id"] == "an-alert"
    assert app.calls == SUBSCRIBED, "the answer 410 changes nothing"
    assert await posted(url, {"alert": {"id": "too late"}}) is None


async def test_a_webhook_unsubscribes_when_the_run_is_cancelled(app: CallbackApp) -> None:
    workflow = called_back(app)
    await app.callback_url

    workflow.cancel()
    with pytest.raises(asyncio.CancelledError):
        await workflow

    assert app.calls == SUBSCRIBED


async def test_a_webhook_unsubscribes_when_its_time_is_over(app: CallbackApp) -> None:
    run = await called_back(app, limit="PT1S")

    assert run.actions["Await_alert"].status == "TimedOut"
    assert run.status == "Failed"
    assert run.error is not None
    assert run.error["code"] == "TimedOut"
    assert app.calls == SUBSCRIBED


async def test_a_refused_subscribe_fails_the_action_and_needs_no_unsubscribe(app: CallbackApp) -> None:
    app.faults.append(Fault("POST", status=401))

    run = await called_back(app)

    assert run.actions["Await_alert"].status == "Failed"
    assert run.error == {"code": "Failed", "message": "Await_alert ended as Failed: HTTP status 401"}
    assert app.calls == SUBSCRIBED[:1]
