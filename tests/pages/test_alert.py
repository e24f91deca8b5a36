"""An alert, its incidents, and what changed, as a page shows them."""

from dataclasses import replace
from typing import Any

import pytest

from alert_refresh.pages.alert import MOST_ROWS, make_table
from alert_refresh.pages.words import describe_moment, make_portal_url
from alert_refresh.run.changes import OUTDATED
from tests.pages.shown import NOW, RUN, html_of, make_alerts_result, make_result, show, text_of
from tests.support.graph_samples import ALERT, ALERT_ID

SCANNED = "2023-06-09 22:56:08 UTC in 4 min"
CHANGED = {**OUTDATED, "changed": True, "outdated": False}
ADELE = {"id": "i-1", "person": "Adele Vance", "role": "Reader"}
GROUP = {"id": "i-2", "person": "Operators", "role": None}
ROLE = {"id": "i-3", "person": None, "role": "Global Administrator"}
NOBODY = {"id": "i-4", "person": None, "role": None}
PORTAL = (
    "https://portal.azure.com/#view/Microsoft_Azure_PIMCommon/AlertDetail/providerId/aadroles"
    "/alertId/StaleSignInAlert/resourceId/19356be4-7e93-4ed6-a7c6-0ae28454d125"
)
QUIET = {**ALERT, "id": "DirectoryRole_t_RedundantAssignmentAlert", "isActive": False, "incidentCount": 0}


def test_an_alert_is_shown_with_its_meaning_and_its_incidents() -> None:
    incidents = [{"id": "i-1", "assigneeDisplayName": "Adele Vance", "lastSignInDateTime": "2023-04-21T06:12:44Z"}, 7]
    definition = {"displayName": "Stale", "severityLevel": "medium", "mitigationSteps": "Take the roles away."}
    text = show(make_result({"alertDefinition": definition, "alertIncidents": incidents}))
    assert text.startswith("PIM alert refresh Alerts Runs Doctor Stale Waiting")
    assert f"Active Yes Severity Medium Incidents 2 Scanned {SCANNED} Fresh Yes Open the alert in Entra" in text
    assert "What to do Take the roles away." in text
    assert "1 incident Person Last sign in Adele Vance 2023-04-21 06:12 UTC" in text
    assert "What changed" not in text


def test_what_graph_did_not_send_is_not_made_up() -> None:
    text = show({**make_result(fresh=None), "alert": {"id": ALERT_ID}})
    assert "Active Unknown Severity Not asked for Incidents Unknown Scanned — Fresh Unknown" in text


def test_an_alert_that_was_never_scanned_has_no_time() -> None:
    never = {"lastScannedDateTime": "0001-01-01T00:00:00Z"}
    assert "Incidents 2 Scanned — Fresh No" in show(make_result(never, fresh=False))
    result = make_alerts_result({**ALERT, **never}, QUIET, notScanned=[ALERT_ID])
    assert "Stale sign in Open in Entra Yes — 2 — No" in show(result, target={"allAlerts": True})


def test_the_columns_are_what_differs_and_no_ids() -> None:
    signed_in = "2023-04-21T06:12:44.5414467Z"
    adele = {"@odata.type": "#x", "id": "i-1", "roleId": "r-1", "name": "Adele", "at": signed_in, "no": None, "e": ""}
    second = {"id": "i-2", "roleId": "r-2", "count": 0, "mfa": False, "at": "2023-04-21", "more": {"a": ["é"]}}
    table = make_table([{**adele, "same": 7}, {**second, "same": 7}], NOW)
    assert table["columns"] == ["Name", "At", "Count", "MFA", "More"]
    assert table["rows"] == [
        ("Adele", describe_moment(signed_in, NOW), "—", "—", "—"),
        ("—", "2023-04-21", "0", "no", '{"a": ["é"]}'),
    ]
    assert table["common"] == [("Same", "7")]


def test_a_person_who_never_signed_in_has_no_time() -> None:
    times = ("2023-04-21T06:12:44Z", "0001-01-01T00:00:00Z", "0001-01-01T08:00:00Z", "0001")
    table = make_table([{"lastSignInDateTime": text} for text in times], NOW)
    assert [row[0] for row in table["rows"][1:]] == ["—", "—", "0001"]


def test_the_first_columns_are_the_role_and_the_person() -> None:
    names = ("lastSignInDateTime", "assigneeUserPrincipalName", "assigneeDisplayName", "assigneeId", "roleDisplayName")
    table = make_table([dict.fromkeys(names, "x")], NOW)
    assert table["columns"] == ["Role", "Person", "User principal name", "Last sign in"]


def test_what_is_the_same_in_all_incidents_is_said_once() -> None:
    incidents = [{"id": "1", "roleDisplayName": "Reader", "n": 1}, {"id": "2", "roleDisplayName": "Reader", "n": 2}]
    text = show(make_result({"alertIncidents": incidents}))
    assert "The same in all of them: Role Reader 2 incidents N 1 2" in text


@pytest.mark.parametrize(
    ("count", "shown"), [(1, "1 incident. The result as JSON has its id."), (3, "3 incidents. The")]
)
def test_incidents_that_differ_in_their_ids_alone_are_counted(count: int, shown: str) -> None:
    assert shown in show(make_result({"alertIncidents": [{"id": str(number)} for number in range(count)]}))


def test_of_very_many_incidents_the_first_are_shown_and_the_others_counted() -> None:
    incidents = [{"id": str(number), "number": number} for number in range(MOST_ROWS + 7)]
    text = show(make_result({"alertIncidents": incidents}))
    assert f"{MOST_ROWS} of {MOST_ROWS + 7} incidents" in text
    assert "The result as JSON has 7 more." in text
    assert "There are none." in show(make_result({"alertIncidents": []}))


@pytest.mark.parametrize(("returned", "count", "first"), [(80, 300, "first 80 of 300"), (0, None, "first 0")])
def test_incidents_that_the_result_does_not_hold_are_counted(returned: int, count: int | None, first: str) -> None:
    incidents = [{"id": str(number), "number": number} for number in range(returned)]
    cut = {"alertId": ALERT_ID, "returned": returned, "count": count, "url": "https://graph.example/alert"}
    one = make_result({"alertIncidents": incidents}, incidentsCut=[cut])
    several = make_alerts_result({**ALERT, "alertIncidents": incidents}, QUIET, incidentsCut=[cut])
    for result in (one, several):
        text = show(result)
        assert f"The result has the {first}; all of them: https://graph.example/alert" in text
        assert "There are none." not in text


def test_all_alerts_are_a_table_with_the_active_ones_first() -> None:
    bare = {"id": "DirectoryRole_t_NoLicenseAlert"}
    result = make_alerts_result(QUIET, ALERT, bare, fresh=False, notScanned=[QUIET["id"]])
    text = show(result, target={"allAlerts": True})
    assert "3 alerts, the active ones first" in text
    stale, redundant = (
        f"Stale sign in Open in Entra Yes — 2 {SCANNED} Yes",
        f"Redundant assignment Open in Entra No — 0 {SCANNED} No",
    )
    assert f"{stale} {redundant} No license Open in Entra Unknown — — — Unknown" in text


@pytest.mark.parametrize(
    ("changes", "shown"),
    [
        ({**CHANGED, "added": [ADELE, GROUP], "removed": [NOBODY]}, "2 new, 1 gone"),
        ({**CHANGED, "added": [], "removed": [], "activeBefore": False}, "Active now"),
        ({**CHANGED, "added": [ADELE], "removed": None, "activeBefore": False}, "Active now, 1 new"),
        ({**CHANGED, "added": [], "removed": [], "activeBefore": True}, "Yes"),
        ({**CHANGED, "added": [], "removed": [], "activeBefore": False, "activeNow": False}, "Yes"),
        ({**CHANGED, "added": [], "removed": [], "activeBefore": True, "activeNow": False}, "No longer active"),
        ({**CHANGED, "changed": False, "added": [], "removed": []}, "Nothing"),
        # With expected incidents alone, the alert is active for Graph, and not for the subscriber.
        ({**CHANGED, "changed": False, "added": [], "removed": [], "activeBefore": False}, "Nothing"),
        ({**CHANGED, "firstTime": True, "added": [ADELE], "removed": []}, "First time: everything is new"),
        (OUTDATED, "Not compared: the subscriber has a newer scan"),
        (None, "Not known: the alert could not be compared"),
    ],
)
def test_what_changed_for_a_subscriber_is_said_in_words(changes: Any, shown: str) -> None:
    mine = replace(RUN.wish, changes_for="me")
    assert f"What changed for me {shown} " in show(make_result(changes={ALERT_ID: changes}), wish=mine)
    found = {ALERT_ID: changes, "another": None}
    assert f"{SCANNED} Yes {shown} " in show(make_alerts_result(ALERT, QUIET, changes=found), wish=mine)


def test_an_alert_that_is_no_longer_active_says_so() -> None:
    changes = {**CHANGED, "activeBefore": True, "added": [], "removed": [ADELE]}
    text = show(make_result({"isActive": False}, changes={ALERT_ID: changes}))
    assert "No longer active, 1 gone Gone Adele Vance (Reader)" in text


def test_incidents_that_changed_have_the_names_of_people_and_roles() -> None:
    changes = {**CHANGED, "added": [ADELE, GROUP, ROLE], "removed": [NOBODY]}
    named = "3 new, 1 gone New Adele Vance (Reader) Operators Global Administrator Gone incident i-4"
    assert named in show(make_result(changes={ALERT_ID: changes}))
    several = make_alerts_result(ALERT, QUIET, changes={ALERT_ID: changes, QUIET["id"]: None})
    assert f" Stale sign in {named}" in show(several)


def test_of_very_many_changes_the_first_are_named_and_the_others_counted() -> None:
    many = [{"id": str(number), "person": f"Person {number}", "role": None} for number in range(53)]
    text = show(make_result(changes={ALERT_ID: {**CHANGED, "added": many, "removed": []}}))
    assert "53 new New Person 0 " in text
    assert " Person 49 3 more, in the result as JSON" in text


def test_an_alert_without_its_id_is_known_by_its_operation() -> None:
    result = make_result(changes={ALERT_ID: {**CHANGED, "added": [ADELE], "removed": []}})
    without = {name: value for name, value in result["alert"].items() if name != "id"}
    html = html_of({**result, "alert": without}, target={"alertId": "StaleSignInAlert"})
    assert "1 new" in text_of(html)
    assert f'href="{PORTAL}"' in html


def test_a_subscriber_that_could_not_be_read_is_named() -> None:
    mine = replace(RUN.wish, changes_for="me")
    note = "the app could not read what this subscriber has."
    assert f"What changed for me Not known: {note}" in show(make_result(), wish=mine)
    assert f"What changed for me is not known: {note}" in show(make_alerts_result(ALERT, QUIET), wish=mine)


@pytest.mark.parametrize(
    ("alert_id", "url"),
    [
        (ALERT_ID, PORTAL),
        ("5c5670d6-a2c0-a394-ef42-982954856de5", None),
        ("StaleSignInAlert", None),
        ("", None),
        ("DirectoryRole_t_Alert/x", None),
        ("DirectoryRole_t#_Alert", None),
        ("DirectoryRole_.._Alert", None),
        ("DirectoryRole_t_Alert\n", None),
        ("AzureResource_t_StaleSignInAlert", None),
        ("DirectoryRole_t_É", None),
    ],
)
def test_an_alert_leads_to_the_portal_when_its_id_has_the_documented_form(alert_id: str, url: str | None) -> None:
    assert make_portal_url(alert_id) == url


@pytest.mark.parametrize(
    ("text", "count", "shown"),
    [
        ("{0} account(s) in the past {1} day(s)", 2, "2 account(s) in the past … day(s)"),
        ("{0} account(s) in the past {1} day(s)", None, "… account(s) in the past … day(s)"),
        ("In the past {0} day(s)", 2, "In the past … day(s)"),
        ("{1} of {0}", 2, "… of …"),
    ],
)
def test_the_number_of_incidents_is_filled_in_where_a_text_begins_with_it(
    text: str, count: int | None, shown: str
) -> None:
    assert shown in show(make_result({"alertDefinition": {"description": text}, "incidentCount": count}))
