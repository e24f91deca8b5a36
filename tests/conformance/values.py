"""What becomes of values on their way (S1 to S4, M3, M9), and failures that hang (M3, M9, M14)."""

import json
import re
from typing import Any

from tests.conformance.row import ANY, Ask, Refusal, Row, ends, hub, read, start

TOO_LARGE = Refusal("RESOURCE_EXHAUSTED")
WHOLE = hub("GetInstance", TOO_LARGE, instanceId="~a", getInputsAndOutputs=True)
TEXT_LIMIT = 8192 - len('""')
DEEP: Any = json.loads("[" * 65 + "]" * 65)
FLAT: Any = json.loads("[" * 60 + "]" * 60)


def gives(activity: str, value: Any, given_back: Any) -> list[Ask]:
    return [start("~a", ["activity", activity, value]), ends("~a", output=json.dumps([given_back]))]


ROWS = [
    Row("S1", "a start with more than 4 MB is refused by the client", [
        start("~a", name="quick", input=json.dumps("x" * 4_300_000), expected=TOO_LARGE),
        hub("GetInstance", {"exists": False}, instanceId="~a")]),
    Row("S1", "an output of 4.3 MB completes and cannot be read", [
        start("~a", ["activity", "fill", 4_300_000]), ends("~a", payloads=False), WHOLE]),
    Row("S1", "activities return 10 MB", [start("~a", ["activity", "fill", 10_000_000]), ends("~a", payloads=False)]),
    Row("S1", "an event may have 4.1 MB", [
        start("~a", name="waits"), ends("~a", "RUNNING"),
        hub("RaiseEvent", {}, instanceId="~a", name="go", input=json.dumps("x" * 4_100_000)),
        ends("~a", payloads=False)]),
    Row("S2", "a custom status may have 8,192 characters", [
        start("~a", ["show", "x", TEXT_LIMIT]), ends("~a", customStatus=json.dumps("x" * TEXT_LIMIT))]),
    Row("S2", "one character more makes the instance fail", [
        start("~a", ["show", "x", TEXT_LIMIT + 1]), ends("~a", "FAILED")]),
    Row("S2", "characters are counted in UTF-16", [
        start("~a", ["show", "\N{GRINNING FACE}", 5000]), ends("~a", "FAILED")]),
    Row("S3", "input and output count together", [
        start("~a", name="quick", input=json.dumps("x" * 2_200_000)), ends("~a", payloads=False), WHOLE]),
    Row("S4", "texts that look like dates stay texts", gives("echo", "2026-11-28T00:00:00Z", "2026-11-28T00:00:00Z")),
    Row("S4", "whole numbers of any size stay", gives("echo", 2**80, 2**80)),
    Row("S4", "a small number is written in .NET's way", [
        *gives("echo", 1e-07, 1e-07), hub("StreamInstanceHistory", [{"events": [
            *[ANY] * 5, {"taskCompleted": {"result": "1E-07"}}, ANY, ANY]}], instanceId="~a")]),
    Row("S4", "what is not a number becomes a text", gives("make", "not a number", "NaN")),
    Row("S4", "infinity becomes a text", gives("make", "infinite", "Infinity")),
    Row("S4", "half of a surrogate pair becomes U+FFFD", gives("make", "half a pair", "a\ufffdb")),
    Row("S4", "a result loses its member $type", gives("echo", {"$type": "x", "a": 1}, {"a": 1})),
    Row("M9", "a result loses its member $id", gives("echo", {"$id": "1", "a": 1}, {"a": 1})),
    Row("M9", "a result that is a $ref becomes null", gives("echo", {"a": {"$ref": "1"}}, {"a": None})),
    Row("M9", "$values are unwrapped in a result", gives("echo", {"$values": [1]}, [1])),
    Row("M9", "60 levels pass", gives("echo", FLAT, FLAT)),
    Row("M9", "more than 64 levels of an input fail the activity", [
        start("~a", ["try", "activity", "echo", DEEP]), ends("~a", output=re.compile('"type"'))]),
    Row("M9", "more than 64 levels of a result fail it, too", [
        start("~a", ["try", "activity", "make", "deep"]), ends("~a", output=re.compile('"type"'))]),
    Row("M9", "an exception with half of a surrogate pair hangs the instance", [
        start("~a", ["raise", "\ud83d", 1]), start("~b", name="quick", input="1"), ends("~b"),
        read("~a", re.compile("RUNNING|PENDING"), output=None)], harm="its turn never ends"),
    Row("M3", "a failure of more than 32,768 characters never ends", [
        start("~a", ["activity", "echo", 1], ["raise", "x", 32_768]), start("~b", name="quick", input="1"), ends("~b"),
        read("~a", re.compile("RUNNING|PENDING"), output=None)], harm="it slows the whole hub"),
    Row("M3", "a failure of 32,000 characters ends", [
        start("~a", ["raise", "x", 32_000]), ends("~a", "FAILED", output="builtins.ValueError: " + "x" * 32_000)]),
    Row("M14", "an activity past functionTimeout fails", [
        start("~a", ["try", "activity", "make", "slow"]),
        ends("~a", output=re.compile("Timeout value of .* was exceeded by function: Functions.make"))],
        harm="the worker is restarted"),
]  # fmt: skip
