"""The card about an outcome: what it says, that Teams takes it, and that nothing in it is more than text."""

import json
from importlib.resources import files
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_refresh.pages.card import LARGEST, make_message
from alert_refresh.problems import make_problem
from tests.support.generated import json_values, quick
from tests.support.graph_samples import ALERT, ALERT_ID, RUN_ID

SCHEMA = json.loads((files("adaptive_cards") / "schemas" / "schema-1.4.json").read_text())
"""The schema that Microsoft publishes at adaptivecards.io/schemas/adaptive-card.json."""

RUN_URL = f"https://app.example/api/runs/{RUN_ID}"
ENTRA = (
    "https://portal.azure.com/#view/Microsoft_Azure_PIMCommon/AlertDetail/providerId/aadroles"
    "/alertId/StaleSignInAlert/resourceId/19356be4-7e93-4ed6-a7c6-0ae28454d125"
)
DEFINITION = {"displayName": "Potential stale accounts", "severityLevel": "medium"}
STALE = {**ALERT, "alertDefinition": DEFINITION}
QUIET = {**ALERT, "id": ALERT_ID.replace("StaleSignIn", "RedundantAssignment"), "isActive": False, "incidentCount": 0}
SAME = {
    "changed": True,
    "firstTime": False,
    "outdated": False,
    "added": [],
    "removed": [],
    "activeBefore": True,
    "activeNow": None,
    "incidentCountNow": None,
    "incidentCountBefore": 1,
    "scannedBefore": None,
}
FIRST = {**SAME, "firstTime": True, "activeBefore": None}


def name(number: int, person: str | None = "Adele Vance", role: str | None = "User Administrator") -> dict[str, Any]:
    return {"id": f"i-{number}", "person": person, "role": role}


def make_result(*alerts: dict[str, Any], changes: Any = None, fresh: bool | None = True) -> dict[str, Any]:
    found = {"alert": alerts[0]} if len(alerts) == 1 else {"alerts": list(alerts), "notScanned": []}
    return {"runId": RUN_ID, "fresh": fresh, "changed": True, "changes": changes, **found}


def make_card(outcome: Any, run_url: str | None = RUN_URL) -> dict[str, Any]:
    """Return the card, which must have the form that Microsoft publishes, and a size that Teams takes."""
    message = make_message(outcome, run_url)
    assert len(json.dumps(message)) <= LARGEST
    assert message["type"] == "message"
    [attachment] = message["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card: dict[str, Any] = attachment["content"]
    jsonschema.Draft6Validator(SCHEMA).validate(card)
    return card


def list_lines(element: Any) -> list[str]:
    """Return the lines of a card, as a person reads them."""
    if isinstance(element, list):
        return [line for each in element for line in list_lines(each)]
    match element["type"]:
        case "TextBlock":
            return [element["text"]]
        case "RichTextBlock":
            return ["".join(run["text"] for run in element["inlines"])]
        case "Action.OpenUrl":
            return [f"[{element['title']}] {element['url']}"]
        case _:
            return list_lines([*element.get("items", []), *element.get("body", []), *element.get("actions", [])])


def read(*alerts: dict[str, Any], run_url: str | None = RUN_URL, **result: Any) -> list[str]:
    return list_lines(make_card(make_result(*alerts, **result), run_url))


def test_a_change_is_a_line_with_its_incidents_by_person_and_role_and_two_buttons() -> None:
    changes = {**SAME, "added": [name(1)], "removed": [name(2, "contoso-siem", None), name(3, None, None)]}
    assert read(STALE, changes={ALERT_ID: changes}) == [
        "1 PIM alert changed",
        "Potential stale accounts: medium, active, 2 incidents, scanned 2023-06-09 22:56 UTC",
        "New: Adele Vance (User Administrator)",
        "Gone: contoso-siem",
        "Gone: incident i-3",
        f"[Open in Entra] {ENTRA}",
        f"[Open the run] {RUN_URL}",
    ]


def test_ten_incidents_are_named_and_the_others_counted() -> None:
    lines = read(STALE, changes={ALERT_ID: {**SAME, "added": [name(number) for number in range(22)]}})
    assert len([line for line in lines if line.startswith("New: ")]) == 10
    assert "and 12 incidents more" in lines


@pytest.mark.parametrize(
    ("alert", "before", "words"),
    [
        (STALE, False, "medium, has become active, 2 incidents"),
        (STALE, None, "medium, active, 2 incidents"),
        ({**STALE, "isActive": False}, True, "medium, no longer active, 2 incidents"),
        ({**STALE, "isActive": None, "incidentCount": 1}, True, "medium, 1 incident,"),
    ],
)
def test_an_alert_that_becomes_active_or_inactive_says_so(alert: dict[str, Any], before: Any, words: str) -> None:
    line = read(alert, changes={ALERT_ID: {**SAME, "activeBefore": before}})[1]
    assert line.startswith(f"Potential stale accounts: {words}")


def test_a_first_run_says_what_is_watched_and_names_the_active_alerts_only() -> None:
    changes = {STALE["id"]: {**FIRST, "added": [name(1)]}, QUIET["id"]: FIRST}
    lines = read(STALE, QUIET, changes=changes, run_url=None)
    assert lines[0] == "Now watching 2 PIM alerts, 1 active"
    assert [line.partition(":")[0] for line in lines[1:]] == ["Potential stale accounts", "[Open in Entra] https"]


@pytest.mark.parametrize(
    ("alerts", "changes", "heading"),
    [
        ([], {}, "Now watching 0 PIM alerts, 0 active"),
        ([], None, "0 PIM alerts, 0 active"),
        ([QUIET, QUIET], None, "2 PIM alerts, 0 active"),
        ([STALE, QUIET], {STALE["id"]: SAME, QUIET["id"]: None}, "1 PIM alert changed, 1 could not be compared"),
    ],
)
def test_a_heading_counts_the_alerts(alerts: list[dict[str, Any]], changes: Any, heading: str) -> None:
    card = make_card({**make_result(STALE, STALE, changes=changes), "alerts": alerts})
    assert list_lines(card)[0] == heading


def test_alerts_that_are_disabled_and_never_scanned_say_no_time() -> None:
    disabled = {**QUIET, "lastScannedDateTime": "0001-01-01T00:00:00Z"}
    changes = {disabled["id"]: {**FIRST, "firstTime": False}}
    assert read(disabled, disabled, changes=changes, fresh=None)[:2] == [
        "2 PIM alerts changed",
        "Redundant assignment: not active, 0 incidents",
    ]


def test_without_a_comparison_the_incidents_are_those_of_the_alert() -> None:
    incidents = [{"id": "1", "assigneeDisplayName": "Megan Bowen", "roleDisplayName": "Reader"}]
    assert "Megan Bowen (Reader)" in read({**STALE, "alertIncidents": incidents})
    unknown = {**SAME, "added": None, "removed": None}
    assert read(STALE, changes={ALERT_ID: unknown})[1].endswith("what changed is not known")
    assert read(STALE, fresh=False)[1] == "The scan does not show in every alert yet."


def test_an_alert_that_pim_did_not_scan_says_so() -> None:
    card = make_card(
        {**make_result(STALE, QUIET, changes={STALE["id"]: FIRST, QUIET["id"]: FIRST}), "notScanned": [ALERT_ID]}
    )
    assert list_lines(card)[2] == "PIM did not scan it for this run."


def test_a_card_leaves_out_what_is_expected() -> None:
    given = {**SAME, "activeNow": False, "incidentCountBefore": 1, "incidentCountNow": 0, "removed": [name(1)]}
    lines = read(STALE, changes={ALERT_ID: given})
    assert lines[1].startswith("Potential stale accounts: medium, no longer active, 0 incidents, ")
    first = read(STALE, changes={ALERT_ID: {**given, "firstTime": True, "activeBefore": None}})
    assert first == ["Now watching 1 PIM alert, 0 active", f"[Open the run] {RUN_URL}"]
    outdated = {**dict.fromkeys(given), "changed": False, "firstTime": False, "outdated": True}
    assert "medium, active, 2 incidents" in read(STALE, changes={ALERT_ID: outdated})[1]


def test_forty_alerts_with_a_thousand_changes_each_fit() -> None:
    alerts = [{**STALE, "id": ALERT_ID.replace("Stale", f"Stale{number}")} for number in range(40)]
    many = {**SAME, "added": [name(number, "Adele Vance" * 20, "User" * 100) for number in range(1000)]}
    lines = read(*alerts, changes={alert["id"]: many for alert in alerts})
    assert lines[0] == "40 PIM alerts changed"
    assert len([line for line in lines if line.startswith("Potential")]) == 40, "each alert is there"
    assert "1000 incidents more" in lines


def test_what_does_not_fit_at_all_is_counted() -> None:
    alerts = [{**STALE, "id": f"{ALERT_ID[:-5]}{number}Alert"} for number in range(200)]
    lines = read(*alerts, changes={alert["id"]: SAME for alert in alerts})
    shown = len([line for line in lines if line.startswith("Potential")])
    assert 30 < shown < 200
    assert f"{200 - shown} more alerts are not shown here." in lines


def test_a_problem_says_what_happened_and_what_to_do() -> None:
    problem = make_problem("permission-missing", "Grant RoleManagementAlert.Read.Directory.")
    assert list_lines(make_card(problem)) == [
        "No fresh PIM alert: The app lacks a permission",
        "Grant RoleManagementAlert.Read.Directory.",
        f"[Open the run] {RUN_URL}",
    ]


HOSTILE = "[pay](https://evil.example) **now** <b>\n# x"


def test_no_text_of_the_tenant_stands_where_a_card_shows_markdown() -> None:
    alert = {**STALE, "alertDefinition": {"displayName": HOSTILE, "severityLevel": HOSTILE}}
    card = make_card(make_result(alert, changes={ALERT_ID: {**SAME, "added": [name(1, HOSTILE, HOSTILE)]}}))
    problem = make_card(make_problem("request-refused", HOSTILE))
    for shown in (card, problem):
        text = json.dumps([each for each in shown["body"] if each["type"] == "TextBlock"])
        assert "evil" not in text
        assert "evil" in json.dumps(shown)


odd = st.dictionaries(
    st.sampled_from(["id", "isActive", "incidentCount", "alertDefinition", "alertIncidents", "lastScannedDateTime"]),
    json_values,
)


@quick
@given(st.lists(odd, max_size=4), st.booleans() | st.none())
def test_a_card_can_be_made_of_whatever_graph_sends(alerts: list[dict[str, Any]], fresh: Any) -> None:
    make_card({**make_result(STALE, STALE, fresh=fresh), "alerts": alerts})
