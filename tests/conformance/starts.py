"""Start, read, list and purge (H), events and continue-as-new (V)."""

from tests.conformance.row import Refusal, Row, ends, hub, read, start

TAKEN = Refusal("ALREADY_EXISTS")

ROWS = [
    Row("H1", "a start with the id of a running instance is refused", [
        start("~a", name="waits"), ends("~a", "RUNNING"), start("~a", name="waits", expected=TAKEN),
    ]),
    Row("H6", "an unknown instance reads as absent", [hub("GetInstance", {"exists": False}, instanceId="~a")]),
    Row("H9", "a terminate of an ended instance is refused", [
        start("~a"), ends("~a"), read("~a", "COMPLETED"),
        hub("TerminateInstance", Refusal("FAILED_PRECONDITION"), instanceId="~a"),
    ]),
]  # fmt: skip
