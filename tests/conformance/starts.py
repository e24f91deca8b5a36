"""Starting instances (H1 to H3, H11, M7, M11, M13) and what they show (H4 to H6, M15)."""

import re
from datetime import UTC, datetime, timedelta

from tests.conformance.row import ANY, Refusal, Row, ends, hub, read, start, state

TAKEN = Refusal("ALREADY_EXISTS")
LATER = (datetime.now(UTC) + timedelta(hours=1)).isoformat()

ROWS = [
    Row("H1", "the id of a running instance is taken", [
        start("~a", name="waits"), ends("~a", "RUNNING"), start("~a", name="waits", expected=TAKEN)]),
    Row("H1", "the id of a pending instance is taken", [
        start("~a", scheduledStartTimestamp=LATER), start("~a", expected=TAKEN)]),
    Row("H1", "the id of a suspended instance is taken", [
        start("~a", name="waits"), ends("~a", "RUNNING"), hub("SuspendInstance", instanceId="~a"),
        ends("~a", "SUSPENDED"), start("~a", expected=TAKEN)]),
    Row("H1", "an ended instance makes room, and reads as pending without its output", [
        start("~a", name="quick", input="1"), ends("~a", output=ANY),
        start("~a", scheduledStartTimestamp=LATER, expected={"instanceId": "~a"}),
        read("~a", "PENDING", output=None)]),
    Row("H3", "an unknown orchestrator is accepted and fails, with JSON text", [
        start("~a", name="nobody", expected={"instanceId": "~a"}), ends("~a", "FAILED", output=re.compile('^["{]'))]),
    Row("H3", "names of orchestrators match whatever the case", [
        start("~a", name="QuIcK", input="1"), ends("~a", name="QuIcK")]),
    Row("H4", "a failure is the output, as type and message, without details", [
        start("~a", ["raise", "sorry", 1]),
        ends("~a", "FAILED", output="builtins.ValueError: sorry", failureDetails=None)]),
    Row("H4", "a custom status that is not set is the text null", [
        start("~a", ["activity", "echo", 1]), ends("~a", customStatus="null")]),
    Row("H5", "a read without payloads leaves the custom status out", [
        start("~a", name="waits", input='"here"'), ends("~a", "RUNNING", customStatus='"here"', input='"here"'),
        read("~a", "RUNNING", payloads=False, customStatus=None, input=None)]),
    Row("H5", "a list without payloads has the custom status", [
        start("~a", name="waits", input='"here"'), ends("~a", "RUNNING", customStatus='"here"'),
        hub("QueryInstances", {"orchestrationState": [{"customStatus": '"here"'}]},
            query={"instanceIdPrefix": "~", "maxInstanceCount": 9})]),
    Row("H6", "an unknown instance reads as absent", [
        hub("GetInstance", {"exists": False}, instanceId="~a")]),
    Row("H6", "an unknown instance has no history", [
        hub("StreamInstanceHistory", Refusal("NOT_FOUND"), instanceId="~a")]),
    Row("H11", "a version above the app's stays pending", [
        start("~a", name="quick", input="1", version="2.0"), start("~b", name="quick", input="1"), ends("~b"),
        read("~a", "PENDING")]),
    Row("H11", "an instance without a version gets the app's", [
        start("~a", ["version"]), ends("~a", output='["1.0"]')]),
    Row("H11", "an older version runs", [start("~a", ["version"], version="0.9"), ends("~a", output='["0.9"]')]),
    Row("M7", "a child has no version", [
        start("~a", ["child", "quick", 1]), ends("~a", output='[{"given": 1, "version": null}]')]),
    Row("M7", "1.0.0 and 1.0.1 count as newer than 1.0", [
        start("~a", ["version"], version="1.0.0"), start("~b", ["version"], version="1.0.1"),
        start("~c", name="quick", input="1"), ends("~c"), read("~a", "PENDING"), read("~b", "PENDING")]),
    Row("M10", "a child with the id of a running instance replaces it", [
        start("~b", name="waits"), ends("~b", "RUNNING"), start("~a", ["child", "quick", 1, "~b"]),
        ends("~a", output='[{"given": 1, "version": null}]'), read("~b", "COMPLETED", name="quick")]),
    Row("M11", "an id may have 512 characters", [
        start("~" + "x" * 502, name="quick", input="1", expected={"instanceId": "~" + "x" * 502}),
        ends("~" + "x" * 502)]),
    Row("M11", "a longer id is refused", [start("~" + "x" * 503, name="quick", input="1", expected=Refusal(str))]),
    Row("M11", "an id that starts with @ is accepted and never runs", [
        start("@~a", name="quick", input="1", expected={"instanceId": "@~a"}),
        start("~b", name="quick", input="1"), ends("~b"), read("@~a", "RUNNING", output=None)],
        harm="it slows entity signals of the whole hub"),
    Row("M13", "a restart makes the input compact, keeps the tags and sets the app's version", [
        start("~a", name="quick", input='{ "a" : 1 }', version="0.9", tags={"colour": "red"}),
        ends("~a", output='{"given": {"a": 1}, "version": "0.9"}', input='{ "a" : 1 }'),
        hub("RestartInstance", {"instanceId": "~a"}, instanceId="~a"),
        ends("~a", output='{"given": {"a": 1}, "version": "1.0"}', input='{"a":1}'),
        hub("StreamInstanceHistory", [{"events": [
            ANY, {"executionStarted": {"tags": {"colour": "red"}}}, *[ANY] * 6]}], instanceId="~a")]),
    Row("M15", "the history ends with the instance's completion, then the turn's", [
        start("~a"), ends("~a"),
        hub("StreamInstanceHistory", [{"events": [
            {"orchestratorStarted": ANY}, {"executionStarted": {"orchestrationInstance": {"executionId": str}}},
            {"executionCompleted": {"orchestrationStatus": state("COMPLETED")}}, {"orchestratorCompleted": ANY},
        ]}], instanceId="~a")]),
]  # fmt: skip
