"""The entity as orchestrations and operators meet it."""

from typing import Any

import pytest

from entities.scan_durations import scan_durations
from tests.support.virtual_entities import VirtualEntities

ENTITY = "@scan_durations@key"
TOLD = {"kind": "StaleSignInAlert", "seconds": 300.0, "endedAt": "2026-01-31T12:00:00.000Z"}


@pytest.fixture
def entities() -> VirtualEntities:
    known = VirtualEntities({"scan_durations": scan_durations})
    known.operate(ENTITY, "saw", TOLD)
    return known


def test_it_counts_each_scan_once(entities: VirtualEntities) -> None:
    entities.operate(ENTITY, "saw", TOLD)
    assert entities.state(ENTITY)["scans"] == 1
    entities.operate(ENTITY, "saw", {**TOLD, "endedAt": "2026-01-31T12:10:00.000Z"})
    assert entities.state(ENTITY)["scans"] == 2


@pytest.mark.parametrize(
    ("operation", "given"),
    [("saw", {**TOLD, "seconds": -1}), ("saw", {"kind": "x"}), ("saw", None), ("sow", {**TOLD, "endedAt": "2027"})],
)
def test_what_is_refused_is_told_and_changes_nothing(entities: VirtualEntities, operation: str, given: Any) -> None:
    before = entities.state(ENTITY)
    assert entities.operate(ENTITY, operation, given).HasField("failure")
    assert entities.state(ENTITY) == before


def test_it_goes_on_from_what_an_older_version_has_learned(entities: VirtualEntities) -> None:
    known = entities.state(ENTITY)
    del known["durations"]["variance"]
    entities.put(ENTITY, known)
    entities.operate(ENTITY, "saw", {**TOLD, "endedAt": "2026-01-31T12:10:00.000Z"})
    assert entities.state(ENTITY)["scans"] == 2


def test_an_operator_can_make_it_forget(entities: VirtualEntities) -> None:
    entities.operate(ENTITY, "delete")
    assert entities.state(ENTITY) is None
