"""The page of a list of runs."""

from typing import Any

import pytest

from domain.problem import problem
from pages.run_list import CHOICES, list_page
from tests.pages.shown import NOW, RUNS_URL, text_of
from triggers.samples import SAMPLE_RUN

CODED = f"{RUNS_URL}?code=k"


def listed(*runs: dict[str, Any], next_link: str | None = None, url: str = RUNS_URL, states: str = "") -> str:
    value: Any = [{**SAMPLE_RUN, **run} for run in runs]
    return list_page({"value": value, "nextLink": next_link}, url, states, NOW)


def test_a_run_is_a_row_that_leads_to_it() -> None:
    html = listed({})
    assert f'<a href="{SAMPLE_RUN["links"]["self"]}">Stale sign in</a>' in html
    assert "Stale sign in Waiting for the scan 2023-06-09 22:51:00 UTC 80 s ago" in text_of(html)


def test_the_newest_comes_first() -> None:
    older, newer = ({"createdAt": f"2023-06-0{day}T00:00:00Z", "target": {"operationId": f"o{day}"}} for day in (1, 2))
    text = text_of(listed(older, newer))
    assert text.index("Operation o2") < text.index("Operation o1")


def test_why_a_run_failed_is_said_in_its_row() -> None:
    failed = {"state": "failed", "problem": problem("throttled", "Wait.")}
    assert "Failed Microsoft Graph throttles the app" in text_of(listed(failed))


def test_a_run_that_cannot_be_read_is_a_row_with_its_id() -> None:
    unknown = dict.fromkeys(("target", "deadline", "polls", "nextPollAt"))
    text = text_of(listed({**unknown, "state": "unreadable"}))
    assert f"Run {SAMPLE_RUN['id']} Too large to read 2023-06-09 22:51:00 UTC" in text
    assert "None" not in text


@pytest.mark.parametrize(("name", "states"), CHOICES.items())
def test_the_choice_that_was_made_is_marked(name: str, states: str) -> None:
    html = listed({}, states=states)
    assert f'aria-current="page">{name}</a>' in html
    assert html.count('aria-current="page"') == 1


def test_the_choices_keep_the_key_of_who_used_it() -> None:
    html = listed({}, url=CODED)
    assert f'href="{CODED}&amp;state=succeeded"' in html
    assert f'href="{RUNS_URL}?state=succeeded"' in listed({})


def test_there_may_be_more_runs_or_none() -> None:
    assert f'<a href="{CODED}&amp;continuationToken=t" rel="next">' in listed(next_link=f"{CODED}&continuationToken=t")
    assert "None on this page." in text_of(listed())
    assert 'rel="next"' not in listed()
