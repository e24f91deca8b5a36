"""The app of the conformance table, with functions of every auth level and route, a timer, and odd activities."""

# ruff: noqa: INP001 -- an app is a folder, not a package

import json
import logging
import time
import uuid
from collections.abc import Callable
from typing import Any

import azure.durable_functions as df
import azure.functions as func

from tests.conformance.app.function_app import app

ANONYMOUS = func.AuthLevel.ANONYMOUS
MIRRORS: dict[str, dict[str, Any]] = {
    "order_by_number": {"route": "orders/{id:int}", "auth_level": ANONYMOUS, "methods": ["GET"]},
    "order_by_text": {"route": "orders/{text}", "auth_level": ANONYMOUS, "methods": ["GET"]},
    "order_of_today": {"route": "orders/today", "auth_level": ANONYMOUS, "methods": ["GET"]},
    "file": {"route": "files/{name}.{kind}/{part?}", "auth_level": ANONYMOUS, "methods": ["GET"]},
    "tree": {"route": "tree/{*path}", "auth_level": ANONYMOUS, "methods": ["GET"]},
    "unrouted": {"auth_level": ANONYMOUS, "methods": ["GET", "HEAD"]},
    "guarded": {"route": "guarded", "methods": ["GET"]},
    "admin_only": {"route": "admin-only", "auth_level": func.AuthLevel.ADMIN, "methods": ["GET"]},
    "out_of_use": {"route": "disabled", "methods": ["GET"]},
}
"""Functions that tell the caller which one was called, by name."""

attempts: dict[str, int] = {}
log = logging.getLogger("app")


def mirror(name: str) -> Callable[[func.HttpRequest], func.HttpResponse]:
    def answer(req: func.HttpRequest) -> func.HttpResponse:
        document = {"function": name, "route": dict(req.route_params)}
        return func.HttpResponse(json.dumps(document), mimetype="application/json")

    return answer


for each, options in MIRRORS.items():
    app.function_name(each)(app.route(**options)(mirror(each)))


@app.route(route="fails", auth_level=ANONYMOUS)
def fails(req: func.HttpRequest) -> func.HttpResponse:
    raise PermissionError(f"secret of {req.method}")


@app.route(route="answers/{empty?}", auth_level=ANONYMOUS)
def answers(req: func.HttpRequest) -> func.HttpResponse:
    if req.route_params:
        return func.HttpResponse(status_code=204)
    headers = {"X-Method": req.method, "Set-Cookie": "crumb=1; Path=/"}
    return func.HttpResponse("grüße", status_code=418, headers=headers)


@app.queue_trigger(arg_name="message", queue_name="orders", connection="Storage")
def from_queue(message: func.QueueMessage) -> None:
    """Wait for a trigger that the emulated host does not drive."""
    message.get_body()


@app.timer_trigger(arg_name="timer", schedule="%NIGHTLY_SCHEDULE%")
@app.durable_client_input(client_name="client")
async def nightly(timer: func.TimerRequest, client: df.DurableFunctionsClient) -> None:
    """Hand what the timer was given to an orchestration, whose id begins with `nightly-`."""
    given: Any = timer
    await client.schedule_new_orchestration("quick", input=given.to_dict(), instance_id=f"nightly-{uuid.uuid4().hex}")


@app.timer_trigger(arg_name="timer", schedule="0 0 3 1 Jan *", run_on_startup=True)
def at_start(timer: func.TimerRequest) -> None:
    log.info("started, past due: %s", timer.past_due)


@app.timer_trigger(arg_name="timer", schedule="* * * * * *")
def paused(timer: func.TimerRequest) -> None:
    raise AssertionError(f"{timer} of a timer that must never run")


@app.timer_trigger(arg_name="timer", schedule="%NO_SUCH_SETTING%")
def unset(timer: func.TimerRequest) -> None:
    raise AssertionError(f"{timer} of a timer that must never run")


@app.activity_trigger(input_name="value", activity="renamed")
async def nothing(value: Any) -> None:
    log.info("nothing to do for %s", value)


class Unprintable(Exception):
    """Cannot be turned into text."""

    def __str__(self) -> str:
        raise ValueError("no text")


@app.activity_trigger(input_name="kind")
def fail_oddly(kind: str) -> str:
    match kind:
        case "chained":
            raise ValueError('it\'s: the "outer" one\nsecond line') from KeyError("the inner one")
        case "unprintable":
            raise Unprintable
    raise ValueError("half of a surrogate pair: \ud83d")


@app.activity_trigger(input_name="key")
def fail_twice(key: str) -> int:
    attempts[key] = attempts.get(key, 0) + 1
    if attempts[key] < 3:
        raise TimeoutError(f"attempt {attempts[key]}")
    return attempts[key]


@app.activity_trigger(input_name="seconds")
def block(seconds: float) -> str:
    log.info("blocking for %s", seconds)
    time.sleep(seconds)
    return f"blocked for {seconds}"
