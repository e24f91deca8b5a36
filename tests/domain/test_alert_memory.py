"""What an alert was like at its last two scans, and what a scan changed."""

import json
import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alert_changes import MOST_IDS, ScannedAlert, changes, scanned_alert
from domain.alert_memory import NOTHING, AlertMemory, compare, entity_key
from tests.domain.generated import json_values, quick
from tests.support.graph_samples import ALERT, ALERT_ID

FIRST, SECOND, THIRD = (f"2026-01-31T1{hour}:00:00.1234567Z" for hour in range(3))
MANY = [f"incident-{number}" for number in range(MOST_IDS + 1)]


def scan(when: str | None, *ids: str, active: bool = True) -> ScannedAlert:
    alert = {**ALERT, "isActive": active, "incidentCount": len(ids), "lastScannedDateTime": when}
    return scanned_alert(alert, list(ids))


def remembering(*scans: ScannedAlert) -> AlertMemory:
    memory = NOTHING
    for each in scans:
        memory, _ = compare(memory, each)
    return memory


def test_the_first_time_there_is_nothing_to_compare_with() -> None:
    _, told = compare(NOTHING, scan(FIRST, "b", "a"))
    assert told == {
        "changed": True,
        "firstTime": True,
        "outdated": False,
        "added": ["a", "b"],
        "removed": [],
        "activeBefore": None,
        "incidentCountBefore": None,
        "scannedBefore": None,
    }


def test_the_next_scan_is_compared_with_it() -> None:
    _, told = compare(remembering(scan(FIRST, "a", "b")), scan(SECOND, "c", "b"))
    assert told == {
        "changed": True,
        "firstTime": False,
        "outdated": False,
        "added": ["c"],
        "removed": ["a"],
        "activeBefore": True,
        "incidentCountBefore": 2,
        "scannedBefore": FIRST,
    }


def test_a_scan_that_found_the_same_changed_nothing() -> None:
    _, told = compare(remembering(scan(FIRST, "a", "b")), scan(SECOND, "b", "a"))
    assert (told["changed"], told["added"], told["removed"]) == (False, [], [])


@pytest.mark.parametrize(
    ("part", "value"), [("isActive", False), ("isActive", None), ("incidentCount", 5), ("incidentCount", None)]
)
def test_the_alerts_own_state_counts_like_its_incidents(part: str, value: Any) -> None:
    now: Any = {**scan(SECOND, "a"), part: value}
    _, told = compare(remembering(scan(FIRST, "a")), now)
    assert (told["changed"], told["added"]) == (True, [])


def test_runs_that_share_a_scan_are_told_the_same() -> None:
    memory = remembering(scan(FIRST, "a"))
    memory, told = compare(memory, scan(SECOND, "b"))
    memory, again = compare(memory, scan(SECOND, "b"))
    assert again == told
    assert told["changed"]
    _, later = compare(memory, scan(THIRD, "b"))
    assert (later["changed"], later["scannedBefore"]) == (False, SECOND)


def test_runs_that_share_the_first_scan_are_told_so_both() -> None:
    assert compare(remembering(scan(FIRST, "a")), scan(FIRST, "a"))[1]["firstTime"]


def test_an_older_scan_neither_replaces_nor_counts() -> None:
    memory = remembering(scan(FIRST, "a"), scan(THIRD, "b"))
    after, told = compare(memory, scan(SECOND, "c"))
    assert after == memory
    assert (told["outdated"], told["changed"], told["added"]) == (True, False, None)


def test_a_scan_without_a_time_is_older_than_one_with() -> None:
    assert compare(remembering(scan(FIRST, "a")), scan(None, "b"))[1]["outdated"]
    assert compare(remembering(scan(None, "a")), scan(FIRST, "b"))[1]["added"] == ["b"]
    assert compare(remembering(scan(None, "a")), scan(None, "b"))[1]["removed"] == ["a"]


def test_of_too_many_incidents_only_whether_they_changed_can_be_told() -> None:
    crowded = scan(FIRST, *MANY)
    assert crowded["incidentIds"] is None
    _, same = compare(remembering(crowded), scan(SECOND, *reversed(MANY)))
    _, other = compare(remembering(crowded), {**scan(SECOND, *MANY[1:]), "incidentCount": len(MANY)})
    assert (same["changed"], same["added"], same["removed"]) == (False, None, None)
    assert (other["changed"], other["added"], other["removed"]) == (True, None, None)


def test_the_memory_of_two_full_scans_fits_into_a_task_hub() -> None:
    guids = [f"{number:08x}-0000-0000-0000-000000000000" for number in range(2 * MOST_IDS)]
    memory = remembering(scan(FIRST, *guids[:MOST_IDS]), scan(SECOND, *guids[MOST_IDS:]))
    assert memory["before"] is not None
    assert memory["before"]["incidentIds"] == guids[:MOST_IDS]
    assert len(json.dumps(memory)) < 500_000


@quick
@given(st.sets(st.text()), st.sets(st.text()))
def test_what_is_added_one_way_is_removed_the_other_way(ids: set[str], others: set[str]) -> None:
    one, other = scan(FIRST, *ids), scan(SECOND, *others)
    there, back = changes(one, other), changes(other, one)
    assert there["added"] == back["removed"] == sorted(others - ids)
    assert there["removed"] == back["added"] == sorted(ids - others)
    assert there["changed"] == back["changed"] == (ids != others)


@quick
@given(st.dictionaries(st.sampled_from(sorted(ALERT)), json_values), st.lists(st.text()))
def test_whatever_graph_sends_is_kept_as_json_and_nothing_else_of_it(alert: dict[str, Any], ids: list[str]) -> None:
    memory = remembering(scan(FIRST, "a"), scanned_alert(alert, ids))
    assert json.loads(json.dumps(memory)) == memory
    assert set(scanned_alert(alert, ids)) == {"isActive", "incidentCount", "incidentIds", "idsDigest", "scannedAt"}


@pytest.mark.parametrize("alert_id", [ALERT_ID, "a/b", "a@b", "a#?b", "ä:_ ", "", "x" * 300, "\ud800"])
def test_a_key_is_made_of_nothing_that_a_task_hub_minds(alert_id: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", entity_key(alert_id))
    assert entity_key(alert_id) != entity_key(alert_id + "x")


def test_a_new_version_of_the_app_finds_what_the_old_one_remembered() -> None:
    assert entity_key(ALERT_ID) == "ef5d9a524810f9fd632ff88e57182ae95a4a8f6cba5f89f2c8a7a1c0af226e78"
