"""The front page: which alerts come first, what their colours say in words, and which buttons are there."""

import re
from typing import Any

import pytest

from alert_refresh.pages.run import STATUSES, render_alert, render_alerts
from tests.pages.shown import NOW, RUNS_URL, SITE, text_of
from tests.pages.test_escaping import HOSTILE
from tests.support.graph_samples import ALERT, ALERT_ID, RUN_ID

NAME = "StaleSignInAlert"
SUMMARY: dict[str, Any] = {
    "shortName": NAME,
    "id": ALERT_ID,
    "displayName": "Stale accounts",
    "severity": "medium",
    "active": True,
    "incidentCount": 2,
    "scannedAt": "2023-06-06T22:52:20Z",
    "scanAgeSeconds": 259_200,
    "disabled": False,
    "portalUrl": "https://portal.azure.com/#view/alert",
    "link": f"https://app.example/api/alerts/{NAME}",
    "lastRun": None,
}
RUN = {"id": RUN_ID, "state": "failed", "createdAt": "2023-06-09T20:52:20.000Z", "link": f"{RUNS_URL}/{RUN_ID}"}
NONE = dict.fromkeys(SUMMARY) | {"displayName": "", "disabled": False}
OFF = SITE._replace(refresh_enabled=False)
INCIDENTS = [{"id": "1", "assigneeDisplayName": "Adele Vance"}, {"id": "2", "assigneeDisplayName": "Alex Wilber"}]


def html_of(*alerts: dict[str, Any], site: Any = SITE, **members: Any) -> str:
    """Return the page of alerts that differ from the sample as `alerts` say."""
    value = [{**SUMMARY, **alert} for alert in alerts]
    return render_alerts({"value": value, "readAt": "2023-06-09T22:52:08Z", "lastRunKnown": True, **members}, site)


def page_of(site: Any = SITE, alert: dict[str, Any] | None = None, **members: Any) -> str:
    """Return the page of the sample alert: `alert` are properties from Graph, `members` those of the document."""
    sent = {**ALERT, "alertIncidents": INCIDENTS, **(alert or {})}
    document = {**SUMMARY, "alert": sent, "incidentsCut": [], "readAt": None, "lastRunKnown": True, **members}
    return render_alert(document, site)


def statuses(html: str) -> list[tuple[str, str]]:
    """Return the colour and the word of each status on the page."""
    return re.findall(r'<span class="state (\w+)">([^<]+)</span>', html)


@pytest.mark.parametrize(
    ("alert", "color", "words"),
    [
        ({"severity": "high"}, "red", "Active, high severity"),
        ({"severity": "High"}, "red", "Active, high severity"),
        *(({"severity": severity}, "amber", "Active") for severity in ("medium", "low", "new", None)),
        ({"active": False, "severity": "high"}, "green", "Not active"),
        ({"active": None, "severity": "high"}, "grey", "Unknown"),
        ({"disabled": True, "severity": "high"}, "grey", "Disabled"),
        ({"disabled": True, "active": False}, "grey", "Disabled"),
    ],
    ids=str,
)
def test_each_colour_has_words(alert: dict[str, Any], color: str, words: str) -> None:
    assert statuses(html_of(alert)) == [(color, words)]
    assert statuses(page_of(**alert)) == [(color, words)]


def test_the_active_ones_come_first_by_severity_and_the_caption_counts_them() -> None:
    alerts: list[dict[str, Any]] = [
        {"displayName": "off", "disabled": True},
        {"displayName": "quiet", "active": False, "severity": "high"},
        {"displayName": "odd", "severity": None},
        {"displayName": "low", "severity": "low"},
        {"displayName": "unclear", "active": None},
        {"displayName": "medium"},
        {"displayName": "high", "severity": "high"},
    ]
    html = html_of(*alerts)
    order = re.findall(f'/alerts/{NAME}">([^<]+)</a>', html)
    assert order == ["high", "medium", "low", "odd", "unclear", "quiet", "off"]
    counted = "1 active, high severity; 3 active, other severity; 1 unknown; 1 not active; 1 disabled"
    assert f"7 alerts: {counted}" in text_of(html)
    assert [words for _, words in statuses(html)] == [*STATUSES][:1] + ["Active"] * 3 + [*STATUSES][2:]


def test_a_row_leads_to_the_alert_its_last_run_and_entra() -> None:
    html = html_of({"lastRun": RUN})
    assert "Stale accounts Open in Entra Active Medium 2 3 d ago Failed 2 h ago Refresh now" in text_of(html)
    assert [*re.findall(r'<a href="([^"]+)"', html.partition("<tbody")[2])] == [
        SUMMARY["link"],
        SUMMARY["portalUrl"],
        RUN["link"],
    ]
    assert 'title="2023-06-06 22:52:20 UTC"' in html
    assert "Read from Microsoft Graph 12 s ago" in text_of(html)


def test_a_button_refreshes_its_alert_and_one_refreshes_all() -> None:
    html = html_of({}, {"shortName": None})
    forms = re.findall(rf'<form method="post" action="{RUNS_URL}">(.*?)</form>', html, re.DOTALL)
    fields = [dict(re.findall(r'name="(\w+)" value="([^"]*)"', form)) for form in forms]
    wanted = [{"allAlerts": "true"}, {"alertId": NAME}, {"alertId": ALERT_ID}]
    expand = {"expand": "alertDefinition,alertIncidents"}
    assert [{**each, "idempotencyKey": ""} for each in fields] == [
        {**each, **expand, "idempotencyKey": ""} for each in wanted
    ]
    assert len({each["idempotencyKey"] for each in fields}) == 3


@pytest.mark.parametrize("html", [html_of({}, site=OFF), page_of(OFF)], ids=["all", "one"])
def test_without_refreshing_there_is_no_button_and_the_page_says_why(html: str) -> None:
    assert "<form" not in html
    assert "REFRESH_ENABLED is not true" in text_of(html)


@pytest.mark.parametrize("alert", [{"disabled": True}, NONE], ids=["disabled", "without anything"])
def test_an_alert_that_cannot_be_refreshed_has_no_button(alert: dict[str, Any]) -> None:
    assert html_of(alert).count("<form") == 1, "that of all alerts"
    assert "<form" not in page_of(**alert)


def test_an_alert_without_anything_is_a_row_all_the_same() -> None:
    assert "Without a name Unknown — — — — —" in text_of(html_of(NONE))
    assert "Last run: —" in text_of(page_of(alert={"id": 5, "alertIncidents": 5}, **NONE))


def test_no_alert_is_no_table_and_no_button() -> None:
    html = html_of()
    assert "Microsoft Graph lists no alert for this tenant. Open Privileged Identity Management in " in text_of(html)
    assert "<table" not in html
    assert "<form" not in html


@pytest.mark.parametrize(("count", "words"), [(1, "1 alert: 1 disabled"), (40, "40 alerts: 40 disabled")])
def test_all_are_listed_also_when_all_are_disabled(count: int, words: str) -> None:
    html = html_of(*[{"disabled": True}] * count)
    assert words in text_of(html)
    assert html.count("<tr role") == count + 1
    assert text_of(html).count("PIM does not scan it") == count


def test_the_page_of_an_alert_has_its_facts_its_meaning_and_its_incidents() -> None:
    definition = {"displayName": "Stale accounts", "severityLevel": "medium", "mitigationSteps": "Remove them."}
    scanned = {"lastScannedDateTime": "2023-06-06T22:52:20Z"}
    html = page_of(alert={"alertDefinition": definition, **scanned}, lastRun=RUN)
    text = text_of(html)
    assert "<title>Active: Stale accounts · " in html
    for words in (
        "Stale accounts Active",
        "Severity Medium Incidents 2 Scanned 2023-06-06 22:52:20 UTC 3 d ago Open the alert in Entra",
        "Last run: Failed 2 h ago",
        "What to do Remove them.",
        "Adele Vance",
        "Read from Microsoft Graph within the last 30 s.",
    ):
        assert words in text


def test_incidents_that_do_not_fit_are_named_with_their_place() -> None:
    cut = {"alertId": ALERT_ID, "returned": 2, "count": 900, "url": "https://graph.microsoft.com/x"}
    assert "the first 2 of 900; all of them: https://graph.microsoft.com/x" in text_of(page_of(incidentsCut=[cut]))


def test_a_disabled_alert_says_so_on_its_page() -> None:
    assert "The alert is disabled, so PIM does not scan it. Enable it in the alert settings of PIM." in text_of(
        page_of(disabled=True)
    )


@pytest.mark.parametrize("html", [html_of({}, lastRunKnown=False), page_of(lastRunKnown=False)], ids=["all", "one"])
def test_last_runs_that_are_not_known_are_no_dash_without_a_word(html: str) -> None:
    assert "The task hub did not answer in time, so the last runs are not known." in text_of(html)


HOSTILE_SUMMARY = dict.fromkeys(SUMMARY, HOSTILE) | {
    "active": True,
    "disabled": False,
    "lastRun": dict.fromkeys(RUN, HOSTILE),
}


@pytest.mark.parametrize(
    "html",
    [
        html_of(HOSTILE_SUMMARY, readAt=HOSTILE),
        page_of(
            SITE._replace(now=NOW),
            {"id": HOSTILE, "alertDefinition": dict.fromkeys(("displayName", "description", "severityLevel"), HOSTILE)},
            **HOSTILE_SUMMARY,
        ),
    ],
    ids=["all", "one"],
)
def test_no_text_becomes_an_element_or_leaves_an_attribute(html: str) -> None:
    assert "<script" not in html
    assert "<img" not in html
    assert 'onerror="' not in html
