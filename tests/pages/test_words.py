"""Names and times as people read them."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.timestamps import format_timestamp
from pages.words import alert_name, in_words, moment
from tests.support.graph_samples import ALERT_ID, OPERATION_ID

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("assigneeDisplayName", "Assignee display name"),
        ("roleTemplateId", "Role template ID"),
        ("id", "ID"),
        ("clientRequestId", "Client request ID"),
        ("NoMfaOnRoleActivation", "No MFA on role activation"),
        ("usesSSO", "Uses sso"),
        ("", ""),
        ("größe", "größe"),
        ("a_b <i>", "a_b <i>"),
    ],
)
def test_a_name_in_words(name: str, words: str) -> None:
    assert in_words(name) == words


@pytest.mark.parametrize(
    ("graph_id", "name"),
    [
        (ALERT_ID, "Stale sign in"),
        (OPERATION_ID, "Stale sign in"),
        ("DirectoryRole_t_TooManyGlobalAdminsAssignedToTenantAlert", "Too many global admins assigned to tenant"),
        ("DirectoryRole_t_Alert", "DirectoryRole_t_Alert"),
        ("5c5670d6-a2c0-a394-ef42-982954856de5", "5c5670d6-a2c0-a394-ef42-982954856de5"),
        ("", ""),
    ],
)
def test_the_name_of_an_alert_is_in_its_id(graph_id: str, name: str) -> None:
    assert alert_name(graph_id) == name


@pytest.mark.parametrize(
    ("seconds", "distance"),
    [
        (0.4, "now"),
        (-0.4, "now"),
        (12, "in 12 s"),
        (-1, "1 s ago"),
        (119, "in 119 s"),
        (-180, "3 min ago"),
        (7200, "in 2 h"),
        (-200_000, "2 d ago"),
    ],
)
def test_a_time_tells_how_far_it_is(seconds: float, distance: str) -> None:
    told = moment(format_timestamp(NOW + timedelta(seconds=seconds)), NOW)
    assert told
    assert told.distance == distance


def test_a_time_of_graph_is_one_that_html_takes() -> None:
    told = moment("2023-06-09T22:50:41.5414467Z", NOW)
    assert told
    assert (told.machine, told.shown) == ("2023-06-09T22:50:41Z", "2023-06-09 22:50:41 UTC")


@pytest.mark.parametrize("text", [None, "", "soon", "2023-06-09T22:50:41", 7])
def test_what_is_no_time_is_none(text: object) -> None:
    assert moment(text, NOW) is None
