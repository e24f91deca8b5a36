"""Lists (H7, M1, M12) and purges (H8, M2)."""

import re
from typing import Any

from tests.conformance.row import ANY, Ask, Base64, Refusal, Row, ends, hub, read, start, state
from tests.conformance.starts import LATER

THREE = [start(f"~{each}", name="quick", input="1") for each in "bca"] + [ends(f"~{each}") for each in "abc"]
RUNNING = [start("~a", name="waits"), ends("~a", "RUNNING")]
ENTITY = [
    hub("SignalEntity", instanceId="@counter@~e", name="add", input="1"),
    hub("GetEntity", {"exists": True}, until=True, instanceId="@counter@~e"),
]
CREATED = ("created", "result.orchestrationState.createdTimestamp")
UNENDED = Refusal("FAILED_PRECONDITION")


def page(expected: Any, **query: Any) -> Ask:
    return hub("QueryInstances", expected, query={"instanceIdPrefix": "~", "maxInstanceCount": 9} | query)


def rows(ids: str) -> list[Any]:
    return [{"instanceId": f"~{each}"} for each in ids]


def purge(expected: Any, instance: str = "~a") -> Ask:
    return hub("PurgeInstances", expected, instanceId=instance, recursive=True, isOrchestration=True)


def purge_window(deleted: int, *statuses: str) -> Ask:
    """Purge by a filter that fits the row's own instance by its creation time."""
    window = {"createdTimeFrom": "<created>", "createdTimeTo": "<created>"}
    wanted = window | {"runtimeStatus": [state(status) for status in statuses]}
    return hub("PurgeInstances", {"deletedInstanceCount": deleted}, purgeInstanceFilter=wanted)


GONE = hub("GetInstance", {"exists": False}, instanceId="~a")
HARM = "it purges what others created at the same time"
ROWS = [
    Row("H7", "a list is in the order of ids", [*THREE, page({"orchestrationState": rows("abc")})]),
    Row("H7", "the token is the next id in base64, and goes on from it", [
        *THREE, page({"orchestrationState": rows("ab"), "continuationToken": Base64("~c")}, maxInstanceCount=2),
        page({"orchestrationState": rows("c"), "continuationToken": None}, continuationToken=Base64("~c"))]),
    Row("H7", "a page of no rows has a token", [
        *THREE, page({"orchestrationState": [], "continuationToken": ANY}, maxInstanceCount=0),
        page({"orchestrationState": [], "continuationToken": re.compile(".")}, maxInstanceCount=0)]),
    Row("H7", "a negative size is an error", [page(Refusal("UNKNOWN"), maxInstanceCount=-1)]),
    Row("H7", "a bad token gives an empty page", [
        *THREE, page({"orchestrationState": [], "continuationToken": None}, continuationToken="???")]),
    Row("H7", "filters apply before paging", [
        *THREE, start("~d", name="waits"), ends("~d", "RUNNING"),
        page({"orchestrationState": rows("d")}, maxInstanceCount=1, runtimeStatus=[state("RUNNING")])]),
    Row("H8", "a running instance is not purged by its id", [
        *RUNNING, purge(UNENDED), read("~a", "RUNNING")]),
    Row("H8", "a suspended instance is not purged by its id", [
        *RUNNING, hub("SuspendInstance", instanceId="~a"), ends("~a", "SUSPENDED"), purge(UNENDED)]),
    Row("H8", "a pending instance is not purged by its id", [
        start("~a", scheduledStartTimestamp=LATER), purge(UNENDED), read("~a", "PENDING")]),
    Row("H8", "an ended instance is purged by its id, and the answer does not say that it is complete", [
        start("~a"), ends("~a"), purge({"deletedInstanceCount": 1, "isComplete": None}), GONE]),
    Row("H8", "a purge by filter without a begin takes nothing", [
        start("~a"), ends("~a"),
        hub("PurgeInstances", {"deletedInstanceCount": 0}, purgeInstanceFilter={"runtimeStatus": [state("COMPLETED")]}),
        read("~a", "COMPLETED")], harm="where it differs, it purges what others have"),
    Row("H8", "children stay when their parent is purged", [
        start("~a", ["child", "quick", 1, "~b"]), ends("~a"),
        purge({"deletedInstanceCount": 1}), read("~b", "COMPLETED")]),
    Row("H8", "an entity is not purged by its id", [*ENTITY, purge(UNENDED, "@counter@~e")]),
    Row("H8", "a purge of running instances takes them", [
        *RUNNING, read("~a", "RUNNING", keep=CREATED), purge_window(1, "RUNNING"), GONE], harm=HARM),
    Row("M2", "a purge without a status takes running instances", [
        *RUNNING, read("~a", "RUNNING", keep=CREATED), purge_window(1), GONE], harm=HARM),
    Row("M2", "a purge without a status takes entities", [
        *ENTITY, read("@counter@~e", "RUNNING", keep=CREATED), purge_window(1),
        hub("GetEntity", {"exists": False}, instanceId="@counter@~e")], harm=HARM),
    Row("M2", "a purge of ended instances leaves those that run", [
        *RUNNING, read("~a", "RUNNING", keep=CREATED), purge_window(0, "COMPLETED"), read("~a", "RUNNING")],
        harm=HARM),
    Row("M1", "a list without payloads leaves the inputs out, and sends the outputs", [
        *THREE, page({"orchestrationState": [{"input": None, "output": str}] * 3}, fetchInputsAndOutputs=False),
        page({"orchestrationState": [{"input": str, "output": str}] * 3}, fetchInputsAndOutputs=True)]),
    Row("M1", "a page of more than 4 MB of outputs cannot be received, also without payloads", [
        *(start(f"~{n}", ["activity", "fill", 1_000_000]) for n in range(6)),
        *(ends(f"~{n}", payloads=False) for n in range(6)), page(Refusal("RESOURCE_EXHAUSTED"))]),
    Row("M12", "a list of ids is not implemented", [hub("ListInstanceIds", Refusal("UNIMPLEMENTED"))]),
    Row("M12", "the end of a window of creation is part of it", [
        *RUNNING, read("~a", "RUNNING", keep=CREATED),
        page({"orchestrationState": rows("a")}, createdTimeTo="<created>"),
        page({"orchestrationState": rows("a")}, createdTimeFrom="<created>")]),
]  # fmt: skip
