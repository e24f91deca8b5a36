"""Incidents that do not come along with the alert are fetched page by page, and left out when they are too many."""

from typing import Any

import pytest

from tests.orchestrators.looks import fetched, hub, incidents, listed, refreshed, seen, trouble
from tests.support.graph_samples import ALERT, ALERT_ID, ALERT_URL, SUCCEEDED, asked
from tests.support.virtual_time import START, VirtualTime

LINK = f"{ALERT_URL}/alertIncidents?$skiptoken="
SOME = [{"id": "1"}, {"id": "2"}]
CUT: dict[str, Any] = {"incidentCount": 5, "alertIncidents": SOME, "alertIncidents@odata.nextLink": f"{LINK}2"}
SILENT: dict[str, Any] = {"incidentCount": 5, "alertIncidents": SOME}
"""Cut, and only the count tells."""


def ran(*fetches: Any, **changes: Any) -> VirtualTime:
    return hub([seen(SUCCEEDED)], fetches).run(asked(START, expand=["alertIncidents"], **changes))


def asked_for(time: VirtualTime) -> list[str | None]:
    assert all(given["alertId"] == ALERT_ID for _, name, given in time.calls if name == "list_incidents")
    return [given["nextLink"] for _, name, given in time.calls if name == "list_incidents"]


def ids(time: VirtualTime) -> list[str]:
    return [incident["id"] for incident in time.output["alert"]["alertIncidents"]]


def test_all_that_came_along_is_all_that_is_fetched() -> None:
    time = ran(fetched(incidentCount=2, alertIncidents=SOME))

    assert asked_for(time) == []
    assert (time.output["incidentCount"], time.output["incidentsFetched"]) == (2, 2)


def test_an_expansion_that_is_cut_with_a_link_goes_on_there() -> None:
    time = ran(fetched(**CUT), incidents(3, 4, next_link=f"{LINK}4"), incidents(5))

    assert asked_for(time) == [f"{LINK}2", f"{LINK}4"]
    assert ids(time) == ["1", "2", "3", "4", "5"]
    assert (time.output["incidentCount"], time.output["incidentsFetched"]) == (5, 5)
    assert "alertIncidents@odata.nextLink" not in time.output["alert"]
    time.replay()


def test_an_expansion_that_is_cut_without_a_word_is_fetched_from_the_start() -> None:
    time = ran(fetched(**SILENT), incidents(1, 2, 3, next_link=f"{LINK}3"), incidents(4, 5))

    assert asked_for(time) == [None, f"{LINK}3"]
    assert ids(time) == ["1", "2", "3", "4", "5"], "and none is there twice"


def test_a_count_that_differs_for_good_is_reported_beside_what_was_fetched() -> None:
    time = ran(fetched(**SILENT), incidents(1, 2, 3))

    assert (time.output["incidentCount"], time.output["incidentsFetched"]) == (5, 3)
    assert time.output["incidentsTruncated"] is False


def test_incidents_that_do_not_fit_the_history_are_left_out_and_linked() -> None:
    pages = [incidents(*range(n, n + 100), next_link=f"{LINK}{n}") for n in range(3, 5000, 100)]
    time = ran({**fetched(**{**CUT, "incidentCount": 5000}), "incidentsUrl": f"{ALERT_URL}/alertIncidents"}, *pages)

    assert time.status == "COMPLETED"
    assert "alertIncidents" not in time.output["alert"]
    assert (time.output["incidentCount"], time.output["incidentsFetched"]) == (5000, None)
    assert time.output["incidentsTruncated"] is True
    assert time.output["incidentsUrl"] == f"{ALERT_URL}/alertIncidents"
    assert len(asked_for(time)) < len(pages), "nothing is fetched that cannot be kept"


@pytest.mark.parametrize("page", [incidents(3, truncated=True), incidents(3, next_link=f"{LINK}3", truncated=True)])
def test_a_page_that_was_too_large_by_itself_ends_the_gathering(page: Any) -> None:
    time = ran(fetched(**CUT), page)

    assert time.output["incidentsTruncated"] is True
    assert len(asked_for(time)) == 1


def test_an_alert_that_was_too_large_by_itself_is_not_asked_for_the_rest() -> None:
    time = ran({**fetched(incidentCount=5000), "truncated": True, "incidentsUrl": "u"})

    assert asked_for(time) == []
    assert (time.output["incidentsTruncated"], time.output["incidentsUrl"]) == (True, "u")


def test_trouble_on_a_page_does_not_lose_those_before_it() -> None:
    time = ran(fetched(**CUT), incidents(3, next_link=f"{LINK}3"), trouble("throttled", 20.0), incidents(4, 5))

    assert asked_for(time) == [f"{LINK}2", f"{LINK}3", f"{LINK}3"]
    assert ids(time) == ["1", "2", "3", "4", "5"]


def test_an_alert_that_lags_is_fetched_anew_with_all_its_incidents() -> None:
    old = fetched(**CUT, lastScannedDateTime="2023-06-01T00:00:00Z")
    time = ran(old, fetched(**CUT), incidents(3, 4, 5))

    assert [name for _, name, _ in time.calls][1:] == ["fetch_alert", "fetch_alert", "list_incidents"]
    assert ids(time) == ["1", "2", "3", "4", "5"]


def test_pages_go_on_over_a_continue_as_new() -> None:
    pages = [incidents(number, next_link=f"{LINK}{number}") for number in range(3, 40)]
    time = ran(fetched(**{**CUT, "incidentCount": 40}), *pages, incidents(40))

    assert len(ids(time)) == 40
    assert len([request for request, _ in time.steps if not request.pastEvents]) > 1
    time.replay()


def of_all(*fetches: Any, **changes: Any) -> VirtualTime:
    state = {"target": {"allAlerts": True}, "phase": "refreshing", "operationId": None, **changes}
    hosted = hub([seen(SUCCEEDED)], fetches, refreshes=[refreshed("2023-06-09T22:50:40.000Z")])
    return hosted.run(asked(START, expand=["alertIncidents"], **state))


def test_in_a_list_each_alert_that_is_cut_gets_the_rest_of_its_own() -> None:
    whole, silent = {**ALERT, "incidentCount": 2, "alertIncidents": SOME}, {**ALERT, **SILENT, "id": "silent"}
    pages = [listed({**ALERT, **CUT}, next_link="next"), listed(whole, silent)]
    time = of_all(*pages, incidents(3, 4, next_link=f"{LINK}4"), incidents(5), incidents(1, 2, 3, 4, 5))

    asked_now = [(given["alertId"], given["nextLink"]) for _, name, given in time.calls if name == "list_incidents"]
    assert asked_now == [(ALERT_ID, f"{LINK}2"), (ALERT_ID, f"{LINK}4"), ("silent", None)]
    found = [[incident["id"] for incident in alert["alertIncidents"]] for alert in time.output["alerts"]]
    assert found == [["1", "2", "3", "4", "5"], ["1", "2"], ["1", "2", "3", "4", "5"]]
    assert time.output["incidentsTruncated"] is False
    time.replay()


def test_in_a_list_an_alert_with_too_many_incidents_costs_the_others_nothing() -> None:
    pages = [incidents(*range(n, n + 900), next_link=f"{LINK}{n}") for n in range(3, 9000, 900)]
    time = of_all(
        listed({**ALERT, **CUT, "incidentCount": 9000}, {**ALERT, **SILENT, "id": "other"}), *pages[:4], incidents(1, 2)
    )

    assert [len(alert.get("alertIncidents", [])) for alert in time.output["alerts"]] == [0, 2]
    assert time.output["incidentsTruncated"] is True


def test_a_list_that_is_too_large_altogether_goes_without_incidents() -> None:
    crowd = [{"id": str(number)} for number in range(2000)]
    crowded = {**ALERT, "incidentCount": 2000, "alertIncidents": crowd}
    time = of_all(listed(crowded, next_link="next"), listed({**crowded, "id": "other"}))

    assert [alert["id"] for alert in time.output["alerts"]] == [ALERT_ID, "other"]
    assert not any("alertIncidents" in alert for alert in time.output["alerts"])
    assert time.output["incidentsTruncated"] is True
