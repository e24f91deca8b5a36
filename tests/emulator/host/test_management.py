"""What the source of the management API says beyond the measured facts of tests/conformance."""

import re
from typing import Any

import pytest

from tests.conformance.lists import CREATED
from tests.conformance.management import ENDED, JSON, RUNNING, TOKEN, begin, command, show
from tests.conformance.row import Ask, Base64, Row, manage, read
from tests.emulator.host.conftest import MANAGEMENT, SYSTEM_KEY, SampleApp

UTF_8 = "application/json; charset=utf-8"
SECOND = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")
SUSPENDED = [*RUNNING, command("suspend", 202, ""), show("Suspended")]
FAILED = [begin(name="script", sent=[["activity", "fail", "sorry"]]), show("Failed")]
BOTH = [begin("~a", "quick", sent=1), show("Completed", "~a"), begin("~b", sent=2), show("Running", "~b")]


def says(message: str) -> dict[str, Any]:
    return {"Message": re.compile(f"^{message}")}


def link(path: str, query: str = "") -> re.Pattern[str]:
    """Return what a link of an instance looks like."""
    rest = re.escape(f"{path}?{query}taskHub=SampleHub&connection=Storage&code={SYSTEM_KEY}")
    return re.compile(rf"^http://127.0.0.1:\d+{MANAGEMENT}/instances/\w+-a{rest}$")


def wait(name: str, status: int, body: Any, sent: Any, seconds: float = 5) -> Ask:
    """Start an instance and wait for its end."""
    return begin(f"~a?timeout={seconds}&pollingInterval=0.02", name, status, body=body, sent=sent)


def page(condition: str, ids: str, **options: Any) -> Ask:
    rows = [{"instanceId": f"~{each}"} for each in ids]
    return manage("GET", f"instances/?instanceIdPrefix=~{condition}", 200, rows, **options)


def purge(query: str, status: int, body: Any = "") -> Ask:
    return manage("DELETE", f"instances?{query}", status, body)


WRONG = says("Something went wrong while processing your request")
ROWS = [
    Row("", "a start answers with links", [
        begin("~a", "QUICK", sent=1, answered={"Location": link(""), "Retry-After": "10", "Content-Type": UTF_8}, body={
            "id": "~a", "statusQueryGetUri": link(""), "sendEventPostUri": link("/raiseEvent/{eventName}"),
            "terminatePostUri": link("/terminate", "reason={text}&"), "purgeHistoryDeleteUri": link(""),
            "restartPostUri": link("/restart"), "suspendPostUri": link("/suspend", "reason={text}&"),
            "resumePostUri": link("/resume", "reason={text}&")}), show("Completed", name="quick")]),
    Row("", "a resume of a running instance is an error", [*RUNNING, command("resume", 500, WRONG), show("Running")]),
    Row("", "a second suspend is an error", [*SUSPENDED, command("suspend", 500, WRONG), show("Suspended")]),
    Row("", "an event is JSON, and says so", [
        *RUNNING, command("raiseEvent/go", 400, says("Only application/json request content is supp"), sent=b"1"),
        command("raiseEvent/go", 400, says("Invalid JSON content"), sent=b"{", headers=JSON), show("Running")]),
    Row("", "an ended instance is gone for its commands", [
        *ENDED, *(command(verb, 410, "", sent={}) for verb in ("raiseEvent/go", "terminate", "suspend", "resume")),
        show("Completed")]),
    Row("", "an id has no slash, hash, question mark or control character", [
        begin(f"a%{code}b", "quick", 400, body=says("Orchestration instance IDs must not contain"))
        for code in ("23", "5C", "3F", "0A")]),
    Row("", "an unknown instance cannot be restarted", [
        command("restart", 400, says("InstanceId does not match a valid orchestration instance."))]),
    Row("", "a terminate without a reason leaves no output, and any case will do", [
        *RUNNING, command("TERMINATE", 202, ""), show("Terminated", output=None)]),
    Row("", "what is raised while an instance is suspended is kept", [
        *SUSPENDED, command("raiseEvent/go", 202, "", sent={"x": [1]}), show("Suspended"),
        command("resume", 202, ""), show("Completed", output={"x": [1]})]),
    Row("", "a rewind tries again what failed", [
        begin(name="script", sent=[["activity", "fail_twice", "~"]]), *[show("Failed"), command("rewind", 202)] * 2,
        show("Completed", output=[3])]),
    Row("", "a restart takes a new id or the same one", [
        *ENDED, command("restart", 202, {"id": str}, keep=("new", "id")),
        show("Completed", "<new>", name="quick", input=1), show("Completed"),
        command("restart?restartWithNewInstanceId=false", 202, {"id": "~a"})]),
    Row("", "a running instance is restarted under a new id", [*RUNNING, command("restart", 202), show("Running")]),
    Row("", "a start can wait for the output", [wait("quick", 200, {"given": "bare"}, "bare")]),
    Row("", "a start that waits shows a failure", [
        wait("script", 200, {"runtimeStatus": "Failed"}, [["raise", "sorry", 1]])]),
    Row("", "a start waits no longer than it is told", [wait("waits", 202, {"terminatePostUri": str}, 1, 0.05)]),
    Row("", "a running instance asks to come again", [
        begin(sent="here"), show("Running", customStatus="here", input="here"),
        manage("GET", "instances/~a?showInput=false&x=%20", 202,
               {"input": None, "createdTime": SECOND, "lastUpdatedTime": SECOND},
               answered={"Location": re.compile("^http://.*/instances/.*-a.showInput=false&x=%20$"),
                         "Retry-After": "5"})]),
    Row("", "an ended instance does not", [
        *ENDED, manage("GET", "instances/~a", 200, answered={"Location": None, "Retry-After": None})]),
    Row("", "a failed instance is a 500 on demand", [
        *FAILED, manage("GET", "instances/~a?returnInternalServerErrorOnFailure=true", 500, {"output": str})]),
    Row("", "a history folds scheduled work into its result", [
        *ENDED, show("Completed", query="?showHistory=true", historyEvents=[
            {"EventType": "ExecutionStarted", "FunctionName": "quick", "Timestamp": re.compile("^20")},
            {"EventType": "TaskCompleted", "FunctionName": "echo", "Timestamp": re.compile("^20"), "Input": "1",
             "ScheduledTime": re.compile("^20"), "Result": None},
            {"EventType": "ExecutionCompleted", "OrchestrationStatus": "Completed", "Result": None}])]),
    Row("", "a history has results on demand", [
        *ENDED, show("Completed", query="?showHistory=true&showHistoryOutput=true&showInput=false", historyEvents=[
            {"Input": None}, {"Input": None, "Result": 1}, {"Result": {"given": 1}}])]),
    Row("", "a list goes on from the token of the header", [
        *BOTH, page("&top=1", "a", answered={TOKEN: Base64("~b")}),
        page("&top=1", "b", headers={TOKEN: Base64("~b")}, answered={TOKEN: None})]),
    Row("", "a list can be filtered", [
        *BOTH, page("", "ab"), page("&runtimeStatus=Completed", "a"), page("&runtimeStatus=Completed,Running,X", "ab"),
        page("&runtimeStatus=completed", "ab"), page("&createdTimeFrom=2020-01-01T00:00:00Z", "ab"),
        page("&createdTimeFrom=2999-01-01T00:00:00Z", ""), page("&createdTimeTo=2020-01-01T00:00:00Z", "")]),
    Row("", "a list can leave the inputs out", [
        *ENDED, manage("GET", "instances?instanceIdPrefix=~&showInput=false", 200, [{"input": None}])]),
    Row("", "a purge needs a beginning", [purge("", 400, str)]),
    Row("", "a purge takes what it names", [
        *ENDED, read("~a", "COMPLETED", keep=CREATED), purge("createdTimeFrom=2999-01-01T00:00:00Z", 404),
        purge("createdTimeFrom=2020-01-01T00:00:00Z&createdTimeTo=2020-01-01T00:00:01Z", 404),
        purge("createdTimeFrom=<created>&createdTimeTo=<created>&runtimeStatus=Failed", 404),
        purge("createdTimeFrom=<created>&createdTimeTo=<created>&runtimeStatus=Completed", 200,
              {"instancesDeleted": 1}),
        purge("createdTimeFrom=<created>&createdTimeTo=<created>&runtimeStatus=Completed", 404)]),
]  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
async def test_the_management_api_answers_as_its_source_says(app: SampleApp, row: Row) -> None:
    await app.hold(*row.asks)


async def test_entities(app: SampleApp, name: str) -> None:
    for key, amount in ((f"{name}-a", 1), (f"{name}-b", 2)):
        await app.hold(
            manage("POST", f"entities/Counter/{key}?op=add", 202, "", sent=amount),
            manage("GET", f"entities/counter/{key}", 200, [amount], until=True),
        )
    params = {"code": SYSTEM_KEY, "fetchState": "true"}
    _, headers, listed = await app.send("GET", f"{MANAGEMENT}/entities/counter", params=params)
    mine = [entity for entity in listed if entity["entityId"]["key"].startswith(name)]
    assert headers[TOKEN] == ""
    assert [entity["state"] for entity in mine] == [[1], [2]]
    assert mine[0]["entityId"] == {"name": "counter", "key": f"{name}-a"}
    assert list(mine[0]) == ["entityId", "lastOperationTime", "state"]
    assert [entity["state"] for entity in await app.manage("GET", "entities?top=1")] == [None]
    await app.hold(
        manage("DELETE", f"entities/counter/{name}-a", 202, ""),
        manage("GET", f"entities/counter/{name}-a", 404, until=True),
    )
    keys = {entity["entityId"]["key"] for entity in await app.manage("GET", "entities")}
    assert {f"{name}-a", f"{name}-b"} & keys == {f"{name}-b"}
