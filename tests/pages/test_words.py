"""Names and times as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from alert_refresh.pages.words import describe_moment, name_alert, split_words
from alert_refresh.timestamps import format_timestamp
from tests.pages.shown import ALERT_ID

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("assigneeDisplayName", "Assignee display name"),
        ("roleTemplateId", "Role template ID"),
        ("NoMfaOnRoleActivation", "No MFA on role activation"),
        ("usesSSO", "Uses sso"),
        ("", ""),
        ("a_b <i>", "a_b <i>"),
    ],
)
def test_a_name_in_words(name: str, words: str) -> None:
    assert split_words(name) == words


@pytest.mark.parametrize(
    ("graph_id", "name"),
    [
        (ALERT_ID, "Stale sign in"),
        ("DirectoryRole_t_TooManyGlobalAdminsAssignedToTenantAlert", "Too many global admins assigned to tenant"),
        ("DirectoryRole_t_Alert", "DirectoryRole_t_Alert"),
        ("5c5670d6-a2c0-a394-ef42-982954856de5", "5c5670d6-a2c0-a394-ef42-982954856de5"),
    ],
)
def test_the_name_of_an_alert_is_in_its_id(graph_id: str, name: str) -> None:
    assert name_alert(graph_id) == name


@pytest.mark.parametrize(
    ("seconds", "distance"),
    [(-0.4, "now"), (-1, "1 s ago"), (119, "in 119 s"), (-180, "3 min ago"), (7200, "in 2 h"), (-200_000, "2 d ago")],
)
def test_a_time_has_its_distance(seconds: float, distance: str) -> None:
    moment = describe_moment(format_timestamp(NOW + timedelta(seconds=seconds)), NOW)
    assert moment
    assert moment.distance == distance


def test_a_time_of_graph_becomes_one_of_html() -> None:
    moment = describe_moment("2023-06-09T22:50:41.5414467Z", NOW)
    assert moment
    assert (moment.machine, moment.shown) == ("2023-06-09T22:50:41Z", "2023-06-09 22:50:41 UTC")
    assert describe_moment("soon", NOW) is None
