"""Names and times as people read them."""

from datetime import timedelta

import pytest

from alert_refresh.pages.words import describe_moment, name_alert, split_words
from alert_refresh.timestamps import format_timestamp
from tests.pages.shown import NOW


@pytest.mark.parametrize(
    ("name", "words"),
    [("roleTemplateId", "Role template ID"), ("usesSSO", "Uses sso"), ("", ""), ("a_b <i>", "a_b <i>")],
)
def test_a_name_in_words(name: str, words: str) -> None:
    assert split_words(name) == words


@pytest.mark.parametrize(
    ("graph_id", "name"),
    [
        ("DirectoryRole_t_NoMfaOnRoleActivationAlert", "No MFA on role activation"),
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
