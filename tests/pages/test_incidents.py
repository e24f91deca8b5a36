"""The table of an alert's incidents."""

from typing import Any

import pytest

from pages.incidents import MOST_ROWS, incident_table
from pages.words import moment
from tests.pages.shown import NOW

ADELE: dict[str, Any] = {
    "@odata.type": "#microsoft.graph.staleSignInAlertIncident",
    "id": "i-1",
    "roleTemplateId": "r-1",
    "assigneeDisplayName": "Adele Vance",
    "lastSignInDateTime": "2023-04-21T06:12:44Z",
    "nothing": None,
    "empty": "",
}


def test_the_columns_are_what_the_incidents_have_and_ids_come_last() -> None:
    table = incident_table([ADELE, {"id": "i-2", "activationCount": 3}], NOW)
    assert table.columns == ["assigneeDisplayName", "lastSignInDateTime", "activationCount", "id", "roleTemplateId"]
    assert table.rows == [
        ["Adele Vance", moment("2023-04-21T06:12:44Z", NOW), "—", "i-1", "r-1"],
        ["—", "—", "3", "i-2", "—"],
    ]


@pytest.mark.parametrize(
    ("value", "cell"),
    [
        (True, "yes"),
        (False, "no"),
        (0, "0"),
        (1.5, "1.5"),
        ({"a": ["é"]}, '{"a": ["é"]}'),
        ("2023-04-21", "2023-04-21"),
        ("Adele", "Adele"),
    ],
)
def test_a_value_of_any_kind_is_shown(value: Any, cell: str) -> None:
    assert incident_table([{"x": value}], NOW).rows == [[cell]]


def test_of_very_many_incidents_the_first_are_shown_and_the_others_counted() -> None:
    table = incident_table([{"id": str(number)} for number in range(MOST_ROWS + 7)], NOW)
    assert (len(table.rows), table.left_out) == (MOST_ROWS, 7)
    assert table.rows[-1] == [str(MOST_ROWS - 1)]


def test_no_incidents_are_no_rows() -> None:
    assert incident_table([], NOW) == ([], [], 0)
