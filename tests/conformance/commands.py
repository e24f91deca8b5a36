"""Commands to instances (H9, H10) and events (V1, V2, M4)."""

import re
from typing import Any

from tests.conformance.row import Ask, Refusal, Row, ends, hub, read, start

UNKNOWN, NOT_NOW = Refusal("NOT_FOUND"), Refusal("FAILED_PRECONDITION")
RUNNING = [start("~a", name="waits"), ends("~a", "RUNNING")]
SUSPENDED = [*RUNNING, hub("SuspendInstance", instanceId="~a", reason="tea"), ends("~a", "SUSPENDED")]
ENDED = [start("~a"), ends("~a")]
RESUME = hub("ResumeInstance", instanceId="~a")
NOT_RUNNING = "The orchestration instance with the provided instance id is not running."


def event(value: str, name: str = "go", expected: Any = ..., **more: Any) -> Ask:
    return hub("RaiseEvent", expected, instanceId="~a", name=name, input=value, **more)


ROWS = [
    Row("H9", "a terminate of an unknown instance is refused", [
        hub("TerminateInstance", UNKNOWN, instanceId="~a")]),
    Row("H9", "a terminate of an ended instance is refused, in words", [
        *ENDED, hub("TerminateInstance", Refusal("FAILED_PRECONDITION", re.compile(".")), instanceId="~a")]),
    Row("H9", "children of a terminated parent run on", [
        start("~a", ["child", "waits", 1, "~b"]), ends("~b", "RUNNING"),
        hub("TerminateInstance", instanceId="~a", recursive=True, output='"enough"'),
        ends("~a", "TERMINATED", output='"enough"'), read("~b", "RUNNING")]),
    Row("H9", "a second suspend is refused", [*SUSPENDED, hub("SuspendInstance", NOT_NOW, instanceId="~a")]),
    Row("H9", "a resume of a running instance is refused", [*RUNNING, hub("ResumeInstance", NOT_NOW, instanceId="~a")]),
    Row("H9", "the output of a suspended instance is the reason, until it goes on", [
        *SUSPENDED, read("~a", "SUSPENDED", output="tea"), RESUME, ends("~a", "RUNNING", output=None)]),
    Row("H10", "a rewind of an instance that has not failed is refused", [
        *ENDED, hub("RewindInstance", NOT_NOW, instanceId="~a")]),
    Row("H10", "a running instance is not restarted under its own id", [
        *RUNNING, hub("RestartInstance", NOT_NOW, instanceId="~a")]),
    Row("H10", "a running instance is restarted under a new id", [
        start("~a", ["sleep", 3]), ends("~a", "RUNNING"),
        hub("RestartInstance", {"instanceId": re.compile("^[0-9a-f-]{32,36}$")}, instanceId="~a",
            restartWithNewInstanceId=True, keep=("new", "result.instanceId")),
        ends("<new>", name="script", input='[["sleep",3]]')]),
    Row("V1", "an event to an unknown instance is refused", [event("1", expected=UNKNOWN)]),
    Row("V1", "an event to an instance that is scheduled for later is accepted and lost", [
        start("~a", ["wait", "go"], scheduledStartTimestamp="<soon>"), event("1"),
        ends("~a", "RUNNING"), event("2"), ends("~a", output="[2]")]),
    Row("V1", "an event needs a name", [*RUNNING, event("1", name="", expected=Refusal("INVALID_ARGUMENT"))]),
    Row("V1", "names of events match whatever the case", [*RUNNING, event("1", name="GO"), ends("~a", output="1")]),
    Row("V1", "events keep their order", [
        start("~a", *[["wait", "go"]] * 5), ends("~a", "RUNNING"), *(event(str(n)) for n in range(5)),
        ends("~a", output="[0, 1, 2, 3, 4]")]),
    Row("V1", "events to a suspended instance are kept", [
        *SUSPENDED, event("1"), read("~a", "SUSPENDED"), RESUME, ends("~a", output="1")]),
    Row("V2", "continue-as-new keeps events that were not consumed", [
        start("~a", ["wait", "first"], ["again", [["wait", "go"]], True]), ends("~a", "RUNNING"),
        event("1"), event("0", name="first"), ends("~a", output="[1]")]),
    Row("V2", "continue-as-new loses them when it is told so", [
        start("~a", ["wait", "first"], ["again", [["show", "again", 1], ["wait", "go"]], False]),
        ends("~a", "RUNNING"), event("1"), event("0", name="first"),
        ends("~a", "RUNNING", customStatus='"again"'), event("2"), ends("~a", output="[null, 2]")]),
    Row("M4", "an event to an ended instance is refused in these words", [
        *ENDED, event("1", expected=Refusal("FAILED_PRECONDITION", NOT_RUNNING))]),
    Row("M4", "an event to a failed instance is refused", [
        start("~a", ["raise", "sorry", 1]), ends("~a", "FAILED"),
        event("1", expected=Refusal("FAILED_PRECONDITION", NOT_RUNNING))]),
    Row("M4", "an event to a terminated instance is refused", [
        *RUNNING, hub("TerminateInstance", instanceId="~a"), ends("~a", "TERMINATED"),
        event("1", expected=Refusal("FAILED_PRECONDITION", NOT_RUNNING))]),
]  # fmt: skip
