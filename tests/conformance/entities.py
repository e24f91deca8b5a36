"""Entities (E2 to E7, M8). The sample app's host.json sets `entityMessageReorderWindowInMinutes` to 0."""

import json
import re
from typing import Any

from tests.conformance.row import ANY, Ask, Base64, Refusal, Row, ends, hub, read, start

ENTITY = "@counter@~e"
CALL = ["call", "counter", "~e"]


def signal(operation: str, value: Any = None) -> Ask:
    return hub("SignalEntity", instanceId=ENTITY, name=operation, input=json.dumps(value))


def holds(value: Any) -> Ask:
    shown = {"exists": True, "entity": {"serializedState": json.dumps(value)}}
    return hub("GetEntity", shown, until=True, instanceId=ENTITY, includeState=True)


ROWS = [
    Row("E2", "signals of a client keep their order", [
        *(signal("add", n) for n in range(20)), holds(list(range(20)))]),
    Row("E2", "calls, locks and signals of an orchestrator arrive", [
        start("~a", ["signal", "counter", "~e", "add", 1], ["lock", "counter", "~e", [[*CALL, "add", 2]]]),
        ends("~a"), hub("GetEntity", {"entity": {"serializedState": re.compile(r"\[(1, 2|2, 1)\]"), "lockedBy": None}},
                        until=True, instanceId=ENTITY, includeState=True)]),
    Row("E4", "an entity is a running instance, with its scheduler's state as input", [
        signal("add", 1), holds([1]), read(ENTITY, "RUNNING", input=re.compile("^{"))]),
    Row("E4", "a list of ids that begin with @ shows entities", [
        signal("add", 1), holds([1]), hub("QueryInstances", {"orchestrationState": [{"instanceId": ENTITY}]},
                                          query={"instanceIdPrefix": ENTITY, "maxInstanceCount": 9})]),
    Row("E4", "a list without a prefix does not show entities", [
        signal("add", 1), holds([1]), start("~a"), ends("~a"),
        hub("QueryInstances", {"orchestrationState": [{"instanceId": re.compile("^[^@]")}]},
            query={"continuationToken": Base64(ENTITY), "maxInstanceCount": 1})]),
    Row("E5", "a call of an unknown entity fails the orchestrator", [
        start("~a", ["try", "call", "nobody", "~e", "get"]),
        ends("~a", "FAILED", output=re.compile("^json.decoder.JSONDecodeError: "))]),
    Row("E6", "a state of 3 MB can be read", [
        start("~a", [*CALL, "fill", 3_000_000], [*CALL, "length"]), ends("~a", output="[[], 1]"),
        hub("GetEntity", {"exists": True}, instanceId=ENTITY, includeState=True)]),
    Row("E6", "calls work with a state of 5 MB, which cannot be read", [
        start("~a", [*CALL, "fill", 5_000_000], [*CALL, "length"]), ends("~a", output="[[], 1]"),
        hub("GetEntity", Refusal("RESOURCE_EXHAUSTED"), instanceId=ENTITY, includeState=True),
        hub("QueryEntities", Refusal("RESOURCE_EXHAUSTED"),
            query={"instanceIdStartsWith": ENTITY, "includeState": True}),
        signal("delete")]),
    Row("E7", "an entity whose state is deleted is gone", [
        signal("add", 1), holds([1]), signal("delete"),
        hub("GetEntity", {"exists": False}, until=True, instanceId=ENTITY)]),
    Row("E7", "an operation that raises fails the call", [
        start("~a", ["try", *CALL, "fail"]), ends("~a", output=re.compile("the counter failed"))]),
    Row("M8", "the history of a call is an event that is sent and one that is raised", [
        start("~a", [*CALL, "get"]), ends("~a"),
        hub("StreamInstanceHistory", [{"events": [
            ANY, ANY, {"eventSent": {"instanceId": ENTITY, "name": "op"}}, ANY, ANY,
            {"eventRaised": {"name": re.compile("^[0-9a-f-]{32,36}$")}}, ANY, ANY]}], instanceId="~a")]),
]  # fmt: skip
