"""What changed in an alert since a subscriber was last given it, and the entity that remembers."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_refresh.run.changes import (
    LONGEST_LOGGED,
    MOST_IDS,
    MOST_LINES,
    MOST_NAMES,
    Baseline,
    ScannedAlert,
    compare,
    describe_changes,
    describe_scan,
    give,
)
from alert_refresh.run.observations import INCIDENTS
from alert_refresh.timestamps import parse_timestamp
from tests.orchestrators.hub import SUBSCRIBER, subscribers
from tests.run.generated import alerts
from tests.support.generated import json_values, quick
from tests.support.graph_samples import ALERT

FIRST, SECOND, THIRD = (f"2026-01-31T1{hour}:00:00.1234567Z" for hour in range(3))
ANSWERED = "2026-01-31T12:30:00Z"
MANY = [f"incident-{number}" for number in range(MOST_IDS + 1)]


def scan(at: Any, *ids: str, **changes: Any) -> ScannedAlert:
    incidents = [{"id": each} for each in ids]
    alert = {**ALERT, "incidentCount": len(ids), "lastScannedDateTime": at, INCIDENTS: incidents, **changes}
    described = describe_scan(alert, ANSWERED)
    assert described is not None
    return described


BEFORE = scan(FIRST, "a", "b")


def compare_names(before: ScannedAlert | None, now: ScannedAlert) -> dict[str, Any]:
    return dict(compare({} if before is None else {"x": before}, {"x": now})["x"])


def differ(before: ScannedAlert | None, now: ScannedAlert) -> dict[str, Any]:
    """Return what changed, with the ids of incidents alone."""
    changes = compare_names(before, now)
    ids = {part: changes[part] and [each["id"] for each in changes[part]] for part in ("added", "removed")}
    return {**changes, **ids}


@pytest.mark.parametrize(
    ("before", "now", "expected"),
    [
        (None, scan(FIRST, "b", "a"), {"changed": True, "firstTime": True, "added": ["a", "b"], "removed": []}),
        (
            BEFORE,
            scan(SECOND, "c", "b"),
            {"changed": True, "added": ["c"], "removed": ["a"], "incidentCountBefore": 2, "scannedBefore": FIRST},
        ),
        (BEFORE, scan(FIRST, "c"), {"changed": True, "outdated": False, "added": ["c"]}),
        (BEFORE, scan(SECOND, "a", "b", isActive=False), {"changed": True, "activeBefore": True, "activeNow": False}),
        (
            BEFORE,
            scan(SECOND, "a", "b", incidentCount=3),
            {"added": [], "incidentCountBefore": 2, "incidentCountNow": 3},
        ),
        (BEFORE, scan("2026-01-30T10:00:00Z", "c"), {"changed": False, "outdated": True, "added": None}),
        # An order that cannot be known is no reason to say nothing.
        (BEFORE, scan(None, "a"), {"changed": True, "outdated": False, "removed": ["b"]}),
        # Of too many incidents only whether they changed is known.
        (BEFORE, scan(SECOND, *MANY), {"changed": True, "added": None, "removed": None}),
        (scan(FIRST, *MANY), scan(SECOND, *reversed(MANY)), {"changed": False, "added": None, "removed": None}),
        (
            scan(FIRST, *MANY),
            scan(SECOND, *MANY[1:], "new"),
            {"changed": True, "added": None, "removed": None, "incidentCountBefore": len(MANY)},
        ),
    ],
)
def test_compare(before: ScannedAlert | None, now: ScannedAlert, expected: dict[str, Any]) -> None:
    assert {**differ(before, now), **expected} == differ(before, now)


MEGAN = {"id": "a", "assigneeDisplayName": "Megan Bowen", "roleDisplayName": "User Administrator"}
NAMELESS = {"id": "b", "assigneeDisplayName": None, "assigneeUserPrincipalName": "NestorW@contoso.com"}


def test_incidents_that_come_and_go_are_named_by_person_and_role() -> None:
    changes = compare_names(scan(FIRST, alertIncidents=[MEGAN]), scan(SECOND, alertIncidents=[NAMELESS]))
    assert changes["removed"] == [{"id": "a", "person": "Megan Bowen", "role": "User Administrator"}]
    assert changes["added"] == [{"id": "b", "person": "NestorW@contoso.com", "role": None}]


def test_an_incident_whose_name_is_not_kept_has_its_id() -> None:
    everybody = [{**MEGAN, "id": f"{number:04}"} for number in range(MOST_NAMES + 1)]
    gone = compare_names(scan(FIRST, alertIncidents=everybody), scan(SECOND, alertIncidents=[]))["removed"]
    assert [each["person"] for each in gone] == [*["Megan Bowen"] * MOST_NAMES, None]


def test_a_scan_dated_in_the_future_does_not_make_later_ones_outdated() -> None:
    assert scan("2026-01-31T13:29:00Z", "a")["scannedAt"] == "2026-01-31T13:29:00Z"
    future = scan("2036-01-31T12:00:00Z", "a")
    assert future["scannedAt"] == "2026-01-31T12:30:00.000Z"
    assert differ(future, scan("2026-01-31T12:40:00Z", "b"))["added"] == ["b"]


@quick
@given(alerts, st.none() | st.text() | st.just(ANSWERED))
def test_of_an_alert_ids_figures_and_names_are_kept_and_nothing_else(
    alert: dict[str, Any], answered_at: str | None
) -> None:
    incident = {"id": "i", "assigneeDisplayName": "Megan Bowen", "roleDisplayName": 7, "assigneeMail": "m@contoso.com"}
    described = describe_scan({**alert, INCIDENTS: [incident, 7, None]}, answered_at)
    assert described is not None
    assert described["incidentIds"] == ["i"]
    assert described == json.loads(json.dumps(described))
    assert described["names"] == [{"id": "i", "person": "Megan Bowen", "role": None}]
    assert set(described) == {"isActive", "incidentCount", "incidentIds", "idsDigest", "names", "scannedAt"}


scans: st.SearchStrategy[ScannedAlert] = st.builds(
    lambda at, ids, active: scan(at, *ids, isActive=active),
    st.sampled_from([FIRST, SECOND, THIRD, "0001-01-01T00:00:00Z", "never", None]),
    st.sets(st.sampled_from("abcdef")),
    st.booleans(),
)
baselines: st.SearchStrategy[Baseline] = st.dictionaries(st.sampled_from("xyz"), scans, max_size=3)


@quick
@given(baselines, baselines)
def test_a_baseline_has_what_was_given_never_an_older_scan_and_forgets_no_alert(
    baseline: Baseline, now: Baseline
) -> None:
    after = give(baseline, now)
    changes = compare(after, now)
    assert changes.keys() == now.keys()
    assert not any(each["changed"] or each["firstTime"] for each in changes.values())
    assert after.keys() == baseline.keys() | now.keys()
    for alert_id, each in baseline.items():
        before, later = parse_timestamp(each["scannedAt"]), parse_timestamp(after[alert_id]["scannedAt"])
        assert before is None or later is None or later >= before


def test_a_full_baseline_of_all_alerts_fits_into_a_task_hub() -> None:
    guids = [f"{number:08x}-0000-0000-0000-000000000000" for number in range(MOST_IDS)]
    name = "Преображенская" * 20
    everybody = [{"id": each, "assigneeDisplayName": name, "roleDisplayName": name} for each in guids]
    full = scan(FIRST, alertIncidents=everybody)
    baseline = give({}, {f"DirectoryRole_{guids[place]}_Alert": full for place in range(8)})
    assert len(json.dumps(baseline)) < 2**20


def operate(entities: Any, operation: str, value: Any = None) -> Any:
    result = entities.operate(SUBSCRIBER, operation, value)
    return json.loads(result.success.result.value or "null") if result.HasField("success") else None


def test_the_entity_compares_with_what_the_subscriber_was_given() -> None:
    entities = subscribers()
    assert operate(entities, "compare", {"x": BEFORE})["x"]["firstTime"]
    assert operate(entities, "compare", {"x": BEFORE})["x"]["firstTime"], "nothing was given"
    operate(entities, "give", {"x": BEFORE})
    assert operate(entities, "compare", {"x": scan(SECOND, "a", "c")})["x"]["added"][0]["id"] == "c"
    assert entities.state(SUBSCRIBER) == {"x": BEFORE}
    operate(entities, "delete")
    assert entities.state(SUBSCRIBER) is None
    assert operate(entities, "compare", {"x": BEFORE})["x"]["firstTime"]


@quick
@given(json_values | st.dictionaries(st.just("x"), json_values), st.sampled_from(["give", "compare", "gvie"]))
def test_what_the_entity_refuses_changes_nothing(value: Any, operation: str) -> None:
    entities = subscribers()
    operate(entities, "give", {"x": BEFORE})
    before = entities.state(SUBSCRIBER)
    if operate(entities, operation, value) is None or operation != "give":
        assert entities.state(SUBSCRIBER) == before


STALE = "DirectoryRole_19356be4-7e93-4ed6-a7c6-0ae28454d125_StaleSignInAlert"
OF_STALE = {"alert": "StaleSignInAlert", "alertId": STALE, "severity": "medium"}


def log(before: ScannedAlert | None, now: ScannedAlert, *, people: bool = False) -> list[dict[str, Any]]:
    baseline = {} if before is None else {STALE: before}
    changes: Any = compare(baseline, {STALE: now})
    return describe_changes(changes, {STALE: "medium"}, people=people)


@pytest.mark.parametrize("people", [False, True])
def test_each_change_is_a_log_line_and_names_a_person_only_if_it_may(*, people: bool) -> None:
    before = scan(FIRST, alertIncidents=[MEGAN], isActive=False)
    assert log(before, scan(SECOND, alertIncidents=[NAMELESS], isActive=True), people=people) == [
        {**OF_STALE, "change": "active"},
        {
            **OF_STALE,
            "change": "added",
            "incidentId": "b",
            "role": None,
            "person": "NestorW@contoso.com" if people else None,
        },
        {
            **OF_STALE,
            "change": "removed",
            "incidentId": "a",
            "role": "User Administrator",
            "person": "Megan Bowen" if people else None,
        },
    ]


@pytest.mark.parametrize(
    ("before", "now", "lines"),
    [
        (scan(FIRST, isActive=True), scan(SECOND, isActive=False), [("inactive", None)]),
        (scan(FIRST, isActive=None), scan(SECOND, isActive=True), []),
        (scan(FIRST, isActive=True), scan(SECOND, isActive=None), []),
        (None, scan(FIRST, "a", isActive=True), []),
        (BEFORE, scan(SECOND, "a", "b"), []),
        (scan(SECOND, "a"), scan(FIRST, "b"), []),
        (BEFORE, scan(SECOND, *map(str, range(MOST_IDS + 1))), [("unlisted", None)]),
        (scan(FIRST), scan(SECOND, *map(str, range(MOST_LINES))), [("added", None)] * MOST_LINES),
        (scan(FIRST), scan(SECOND, *map(str, range(MOST_IDS))), [("added", None)] * MOST_LINES + [("unlisted", 1800)]),
    ],
    ids=[
        "inactive",
        "unknown before",
        "unknown now",
        "first",
        "same",
        "outdated",
        "too many ids",
        "full",
        "too many lines",
    ],
)
def test_the_log_lines_of_changes_are_bounded(
    before: ScannedAlert | None, now: ScannedAlert, lines: list[tuple[str, int | None]]
) -> None:
    assert [(line["change"], line.get("unlisted")) for line in log(before, now)] == lines


def test_a_text_of_graph_in_a_log_line_is_short_and_well_formed() -> None:
    [line] = log(scan(FIRST), scan(SECOND, alertIncidents=[{"id": "\ud800", "roleDisplayName": "Ж" * 1000}]))
    assert line["incidentId"] == "?"
    assert len(json.dumps(line["role"])) <= LONGEST_LOGGED + 2


def test_an_alert_with_expected_incidents_alone_is_not_active_for_the_subscriber() -> None:
    incidents: list[Any] = [{"id": "a", "assigneeId": "BREAK-GLASS"}, {"id": "b", "assigneeId": "other"}]
    alone, both = ({"isActive": True, "incidentCount": n, INCIDENTS: incidents[:n]} for n in (1, 2))
    # The count of Graph may be older than its list.
    late = {**both, "incidentCount": 0, INCIDENTS: [*incidents, {"id": "c", "assigneeId": "break-glass"}]}
    shown = [describe_scan(alert, ANSWERED, {"break-glass"}) for alert in (alone, both, late)]
    assert [each and (each["isActive"], each["incidentCount"], each["incidentIds"]) for each in shown] == [
        (False, 0, []),
        (True, 1, ["b"]),
        (True, 1, ["b"]),
    ]
