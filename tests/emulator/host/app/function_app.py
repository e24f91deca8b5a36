"""A durable app that uses each thing a task hub can do."""

# ruff: noqa: INP001 -- an app is a folder, not a package

import logging
import time
import uuid
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

import azure.durable_functions as df
import azure.functions as func
from durabletask.entities import EntityContext, EntityInstanceId
from durabletask.task import OrchestrationContext, TaskFailedError, when_any
from http_functions import blueprint  # type: ignore[import-not-found]  # it stands in this folder

Orchestrator = Generator[Any, Any, Any]

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)
app.register_functions(blueprint)
attempts: dict[str, int] = {}
log = logging.getLogger("app")


@app.route(route="start/{name}/{id?}", methods=["POST"])
@app.durable_client_input(client_name="client")
async def start(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Start any orchestrator, as a client that uses gRPC; `delay` puts the start off, by seconds."""
    put_off = req.params.get("delay")
    instance_id = await client.schedule_new_orchestration(
        req.route_params["name"],
        input=req.get_json() if req.get_body() else None,
        instance_id=req.route_params.get("id"),
        start_at=datetime.now(UTC) + timedelta(seconds=float(put_off)) if put_off else None,
        version=req.params.get("version"),
    )
    return client.create_check_status_response(req, instance_id)


@app.timer_trigger(arg_name="timer", schedule="%NIGHTLY_SCHEDULE%")
@app.durable_client_input(client_name="client")
async def nightly(timer: func.TimerRequest, client: df.DurableFunctionsClient) -> None:
    """Hand what the timer was given to an orchestration, whose id begins with `nightly-`."""
    given: Any = timer
    await client.schedule_new_orchestration("chain", input=given.to_dict(), instance_id=f"nightly-{uuid.uuid4().hex}")


@app.activity_trigger(input_name="value")
def echo(value: Any) -> Any:
    return value


@app.activity_trigger(input_name="value")
async def echo_async(value: Any) -> Any:
    return value


@app.activity_trigger(input_name="value", activity="renamed")
def known_by_another_name(value: str) -> str:
    return f"renamed {value}"


@app.activity_trigger(input_name="value")
def nothing(value: Any) -> None:
    log.info("nothing to do for %s", value)


@app.activity_trigger(input_name="value")
def switched_off(value: str) -> str:
    """Do what an app setting forbids."""
    return value


@app.activity_trigger(input_name="text")
def halve(text: str) -> list[str]:
    """Return the text before and after half of a surrogate pair."""
    return [f"{text}\ud83d{text}", "\ud83d\ude00"]


@app.activity_trigger(input_name="kind")
def fail(kind: str) -> str:
    match kind:
        case "chained":
            raise ValueError('it\'s: the "outer" one\nsecond line') from KeyError("the inner one")
        case "silent":
            raise RuntimeError
        case "unprintable":
            raise Unprintable
        case "halved":
            raise ValueError("half of a surrogate pair: \ud83d")
        case _:
            raise LookupError(kind)


class Unprintable(Exception):
    """Cannot be turned into text."""

    def __str__(self) -> str:
        raise ValueError("no text")


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


@app.orchestration_trigger(context_name="context")
def chain(context: OrchestrationContext, given: Any) -> Orchestrator:
    """Call several activities, one after the other."""
    first = yield context.call_activity("echo", input=given)
    second = yield context.call_activity("ECHO_ASYNC", input=first)
    renamed = yield context.call_activity("renamed", input="me")
    none = yield context.call_activity("nothing", input="x")
    return {"echoed": second, "renamed": renamed, "none": none}


@app.orchestration_trigger(context_name="context")
def calls(context: OrchestrationContext, given: list[Any]) -> Orchestrator:
    """Call one activity: `[name, input]`, or `[name]` without an input."""
    name, *inputs = given
    return (yield context.call_activity(name, input=inputs[0] if inputs else None))


@app.orchestration_trigger(context_name="context")
def failures(context: OrchestrationContext, kind: str) -> Orchestrator:
    """Report what is left of an activity's exception."""
    try:
        yield context.call_activity("fail", input=kind)
    except TaskFailedError as error:
        return {"type": error.details.error_type, "message": error.details.message}


@app.orchestration_trigger(context_name="context")
def raises(context: OrchestrationContext, length: int) -> Orchestrator:
    """Fail with a text of `length` characters, the exception's type included; with half of a surrogate pair for 0."""
    yield context.call_activity("echo", input=1)
    raise ValueError("x" * (length - len("builtins.ValueError: ")) if length else "\ud83d")


@app.orchestration_trigger(context_name="context")
def waits_for_event(context: OrchestrationContext, given: Any) -> Orchestrator:
    context.set_custom_status({"waiting": given})
    return (yield context.wait_for_external_event("go"))


@app.orchestration_trigger(context_name="context")
def shows(context: OrchestrationContext, length: int) -> Orchestrator:
    """Show a custom status whose JSON text has `length` characters, and then a short one."""
    context.set_custom_status("x" * (length - 2))
    yield context.call_activity("echo", input=1)
    context.set_custom_status("short")
    return "shown"


@app.orchestration_trigger(context_name="context")
def race(context: OrchestrationContext, seconds: float) -> Orchestrator:
    """Race an event against a timer; the loser is cancelled."""
    event, timer = context.wait_for_external_event("go"), context.create_timer(timedelta(seconds=seconds))
    winner = yield when_any([event, timer])
    if winner == event:
        timer.cancel()
    return "event" if winner == event else "timer"


@app.orchestration_trigger(context_name="context")
def timed(context: OrchestrationContext, seconds: float) -> Orchestrator:
    began = context.current_utc_datetime
    yield context.create_timer(timedelta(seconds=seconds))
    return (context.current_utc_datetime - began).total_seconds()


@app.orchestration_trigger(context_name="context")
def rounds(context: OrchestrationContext, state: Any) -> Orchestrator:
    """Continue as new: each round leaves a timer and an activity behind that must not reach the next."""
    if state["round"] == 0:
        context.set_custom_status("first round")
    if state["round"] == 3:
        yield context.wait_for_external_event("finish")
        return state["seen"]
    leftovers = [context.call_activity("block", input=0.05), context.create_timer(timedelta(seconds=0.05))]
    value = yield context.call_activity("echo", input=state["round"])
    context.continue_as_new({"round": state["round"] + 1, "seen": [*state["seen"], value]})
    return len(leftovers)


@app.orchestration_trigger(context_name="context")
def parent(context: OrchestrationContext, given: Any) -> Orchestrator:
    child_id = f"{context.instance_id}-child"
    of_child = yield context.call_sub_orchestrator("child", input=given, instance_id=child_id)
    return {"version": context.version, "child": of_child}


@app.orchestration_trigger(context_name="context")
def child(context: OrchestrationContext, given: Any) -> Orchestrator:
    if given == "fail":
        yield context.call_activity("fail", input="of the child")
    if given == "wait":
        yield context.wait_for_external_event("go")
    return {"parent": context.parent_instance_id, "version": context.version}


@app.orchestration_trigger(context_name="context")
def counts(context: OrchestrationContext, key: str) -> Orchestrator:
    """Signal an entity and call it, and report what is left of its exception."""
    counter = EntityInstanceId("counter", key)
    context.signal_entity(counter, "add", 5)
    total = yield context.call_entity(counter, "add", 2)
    try:
        yield context.call_entity(counter, "explode")
    except TaskFailedError as error:
        return {"total": total, "failure": error.details.message}


@app.orchestration_trigger(context_name="context")
def locked(context: OrchestrationContext, key: str) -> Orchestrator:
    """Read, wait and write under a lock: without one, an addition would be lost."""
    counter = EntityInstanceId("counter", key)
    with (yield context.lock_entities([counter])):
        value = yield context.call_entity(counter, "get")
        yield context.call_activity("block", input=0.02)
        yield context.call_entity(counter, "set", value + 1)
    return value + 1


@app.orchestration_trigger(context_name="context")
def holds_lock(context: OrchestrationContext, key: str) -> Orchestrator:
    counter = EntityInstanceId("counter", key)
    with (yield context.lock_entities([counter])):
        yield context.call_entity(counter, "set", 10)
        context.set_custom_status("locked")
        yield context.wait_for_external_event("unlock")
        return (yield context.call_entity(counter, "get"))


@app.entity_trigger(context_name="context")
def counter(context: EntityContext, given: Any) -> Any:
    """Hold an integer that can be added to, set, read, deleted and made to fail."""
    value = context.get_state(int, 0)
    match context.operation:
        case "add":
            value += given
        case "set":
            value = given
        case "delete":
            context.set_state(None)
            return None
        case "explode":
            raise ArithmeticError("the counter exploded")
    context.set_state(value)
    return value
