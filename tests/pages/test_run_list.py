"""The page of a list of runs."""

from typing import Any

import pytest

from alert_refresh.pages.run_list import CHOICES, render_runs
from alert_refresh.problems import make_problem
from tests.pages.shown import DOCUMENT, NOW, RUN_URL, RUNS_URL, WAITING_FOR, text_of

CODED = f"{RUNS_URL}?code=k"


def listed(*runs: dict[str, Any], next_link: str | None = None, url: str = RUNS_URL, states: str = "") -> str:
    value = [{**DOCUMENT, **run} for run in runs]
    return render_runs({"value": value, "nextLink": next_link}, url, states, NOW)


def test_a_run_is_a_row_that_leads_to_it() -> None:
    html = listed({})
    assert f'<a href="{RUN_URL}">Stale sign in</a>' in html
    assert "Stale sign in Waiting for the scan 2023-06-09 22:51:00 UTC 80 s ago" in text_of(html)


@pytest.mark.parametrize(
    ("run", "shown"),
    [
        (
            {"state": "failed", "problem": make_problem("throttled", "Wait.")},
            "Failed Microsoft Graph throttles the app",
        ),
        (
            {"waitingFor": WAITING_FOR},
            "Waiting for the scan Microsoft Graph throttles the app, since 22:50:10 UTC, 4 tries",
        ),
    ],
)
def test_a_row_names_the_problem_of_its_run(run: dict[str, Any], shown: str) -> None:
    assert f"{shown} 2023" in text_of(listed(run))


@pytest.mark.parametrize("rest", [{}, {name: None for name in DOCUMENT if name not in {"id", "state", "links"}}])
def test_a_run_that_cannot_be_read_has_a_row(rest: dict[str, None]) -> None:
    unreadable = {**rest, "id": "u-1", "state": "unreadable", "links": {"self": f"{RUNS_URL}/u-1"}}
    html = render_runs({"value": [dict(DOCUMENT), unreadable], "nextLink": None}, RUNS_URL, "", NOW)
    assert f'<a href="{RUNS_URL}/u-1">Run u-1</a>' in html
    assert "Run u-1 Unreadable Its result is too large to be read. — — —" in text_of(html)


@pytest.mark.parametrize(("name", "states"), CHOICES.items())
def test_the_current_choice_is_marked(name: str, states: str) -> None:
    html = listed({}, states=states)
    assert f'aria-current="page">{name}</a>' in html
    assert html.count('aria-current="page"') == 1


def test_links_hold_the_key_when_the_caller_used_it() -> None:
    assert f'href="{CODED}&amp;state=succeeded"' in listed({}, url=CODED)
    assert f'href="{RUNS_URL}?state=succeeded"' in listed({})


def test_there_may_be_more_runs_or_none() -> None:
    assert f'<a href="{CODED}&amp;continuationToken=t" rel="next">' in listed(next_link=f"{CODED}&continuationToken=t")
    assert "None on this page." in text_of(listed())
    assert 'rel="next"' not in listed()
