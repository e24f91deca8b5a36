"""The management API (F6, M16)."""

import re
from typing import Any

from tests.conformance.row import ANY, Ask, Row, Seen, manage

TOKEN = "x-ms-continuation-token"
JSON = {"Content-Type": "application/json"}


def begin(instance: str = "~a", name: str = "waits", status: int = 202, **options: Any) -> Ask:
    return manage("POST", f"orchestrators/{name}/{instance}", status, **options)


def show(state: str, instance: str = "~a", query: str = "", **members: Any) -> Ask:
    """Wait until the instance is in that state and shows these members."""
    status = 202 if state in {"Pending", "Running", "Suspended"} else 200
    return manage("GET", f"instances/{instance}{query}", status, {"runtimeStatus": state, **members}, until=True)


def command(verb: str, status: int, body: Any = ANY, **options: Any) -> Ask:
    return manage("POST", f"instances/~a/{verb}", status, body, **options)


def webhook(key: str, status: int) -> Ask:
    return Ask("GET", "/runtime/webhooks/nothing/instances", Seen(status), key=key)


RUNNING = [begin(), show("Running")]
ENDED = [begin(name="quick", sent=1), show("Completed")]
FAILURE = {
    "EventType": "TaskFailed",
    "FunctionName": "fail",
    "Reason": "Function 'fail' failed with an unhandled exception.",
    "FailureDetails": {"ErrorMessage": re.compile("too bad")},
}

ROWS = [
    Row("F6", "a DELETE of a running instance is a 412, and it runs on", [
        *RUNNING, manage("DELETE", "instances/~a", 412), show("Running"),
        command("raiseEvent/go", 202, sent=1), show("Completed", output=1), manage("DELETE", "instances/~a", 200)]),
    Row("F6", "a rewind of a running instance is a 412", [*RUNNING, command("rewind", 412)]),
    Row("F6", "a rewind of a completed instance is a 412", [*ENDED, command("rewind", 412)]),
    Row("F6", "a restart of a running instance is a 409 with the same id", [
        *RUNNING, command("restart?restartWithNewInstanceId=false", 409)]),
    Row("F6", "an unknown orchestrator is started and fails", [begin(name="nothing"), show("Failed")]),
    Row("F6", "an id that starts with @ is accepted and stays Running", [
        begin("@~a", "quick", sent=1), show("Running", "@~a"), *ENDED, show("Running", "@~a")],
        harm="it slows entity signals of the whole hub"),
    Row("F6", "the last page of a list has no continuation header", [
        begin("~a"), begin("~b"), show("Running", "~a"), show("Running", "~b"),
        manage("GET", "instances?instanceIdPrefix=~&top=1", 200, [dict], answered={TOKEN: str}),
        manage("GET", "instances?instanceIdPrefix=~&top=2", 200, [dict, dict], answered={TOKEN: None})]),
    Row("F6", "a page of 0 rows is empty", [*ENDED, manage("GET", "instances?instanceIdPrefix=~&top=0", 200, [])]),
    Row("F6", "a status names the version", [
        begin(name="quick", sent=1), show("Completed", version="1.0"),
        manage("GET", "instances?instanceIdPrefix=~", 200, [{"version": "1.0"}])]),
    Row("F6", "the reason of a suspension is the output", [
        *RUNNING, command("suspend?reason=night", 202, ""), show("Suspended", output="night")]),
    Row("F6", "an unknown extension is not found, for those who may ask", [
        webhook("", 401), webhook("function", 403), webhook("master", 404)]),
    Row("M16", "the start of a running id is a 409 with a message", [
        *RUNNING, begin(status=409, body={"Message": str})]),
    Row("M16", "a start with what is not JSON is a 500", [begin(status=500, sent=b"{not", headers=JSON)]),
    Row("M16", "an encoded slash in an id is not found", [
        begin("~a%2Fb", status=404), manage("GET", "instances/~a%2Fb", 404)]),
    Row("M16", "an id of 257 characters is accepted", [
        begin("~" + "a" * 247, "quick", sent=1), show("Completed", "~" + "a" * 247)]),
    Row("M16", "two terminates at one moment are both accepted", [
        begin(name="script", sent=[["wait", "go"], ["dawdle", 1], ["wait", "never"]]), show("Running"),
        command("raiseEvent/go", 202, sent=1),
        command("terminate?reason=over", 202, "", times=2), show("Terminated", output="over")]),
    Row("M16", "a signal to an unknown entity is a 400", [
        manage("POST", "entities/nothing/~a?op=add", 400, sent=1),
        manage("POST", "entities/counter/~a?op=add", 202, sent=1), manage("DELETE", "entities/counter/~a", 202)]),
    Row("M16", "restartWithOptions is accepted", [*ENDED, command("restartWithOptions", 202)]),
    Row("M16", "a history tells a failure apart from its details", [
        begin(name="script", sent=[["activity", "fail", "too bad"]]),
        show("Failed", query="?showHistory=true", historyEvents=[dict, FAILURE, dict])]),
]  # fmt: skip
