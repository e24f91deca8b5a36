"""The state of a run goes through the durable history as JSON, and nothing else is taken for one."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alert_refresh.run.state import PHASES, Run, dump_run, load_run
from tests.run.generated import NOW, build_runs
from tests.support.generated import json_values, quick
from tests.support.graph_samples import make_sample_run, make_wish

RUN = make_sample_run(NOW, callback_url="https://hooks.example.com", changes_for="ops", not_before=NOW)
STATE = dump_run(RUN)


@pytest.mark.parametrize("phase", PHASES)
def test_a_run_in_any_phase_comes_out_of_the_history_as_it_went_in(phase: str) -> None:
    @quick
    @given(build_runs(phase))
    def check(run: Run) -> None:
        state = dump_run(run)
        assert state["phase"]["name"] == phase
        assert load_run(json.loads(json.dumps(state))) == run

    check()


@quick
@given(json_values | st.dictionaries(st.sampled_from(sorted(STATE)), json_values))
def test_what_is_not_the_state_of_a_run_is_refused(state: Any) -> None:
    with pytest.raises(ValueError, match="is not"):
        load_run(state)


@pytest.mark.parametrize("name", STATE)
def test_a_member_that_is_missing_is_named(name: str) -> None:
    with pytest.raises(ValueError, match=name):
        load_run({key: value for key, value in STATE.items() if key != name})


@pytest.mark.parametrize(
    ("changes", "same"),
    [
        ({"created_at": NOW.replace(hour=13), "deadline": NOW.replace(hour=14)}, True),
        ({"poll_min_seconds": 1.0, "poll_max_seconds": 2.0, "incidents_limit": 3}, True),
        ({"select": ("id",)}, False),
        ({"changes_for": "ops"}, False),
        ({"deadline": NOW.replace(hour=14)}, False),
    ],
)
def test_two_wishes_ask_the_same_whenever_and_with_whatever_settings(changes: dict[str, Any], *, same: bool) -> None:
    wish = make_wish(NOW)
    assert wish.asks_same(replace(wish, **changes)) is same
