"""What holds for every run, whatever Graph answers and however long that takes: in virtual time, from start to end."""

from collections.abc import Iterator
from datetime import timedelta
from itertools import chain, pairwise, repeat
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from alert_refresh.timestamps import parse_timestamp
from tests.orchestrators.hub import FETCHED, fault, hub, polled, refreshed, run
from tests.support.graph_samples import EARLIER, REFRESH, REQUESTED_AT, RUNNING, SUCCEEDED, make_sample_run
from tests.support.virtual_time import START, VirtualTime

UNKNOWN = {**RUNNING, "status": "unknownFutureValue"}
waits = st.sampled_from([None, None, 0.249, 7.0, 95.0, 315.0, 5000.0])
polls = st.lists(
    st.builds(polled, st.sampled_from([RUNNING, RUNNING, EARLIER, UNKNOWN, SUCCEEDED]), waits)
    | st.builds(fault, st.sampled_from(["graph-unavailable", "throttled", "answer-unreadable"]), waits),
    max_size=12,
)
seconds = st.sampled_from([1.0, 60.0, 600.0, 1800.0])
wishes = st.sampled_from([{}, {"not_before": parse_timestamp(REQUESTED_AT)}, {"target": REFRESH}])

whole = settings(max_examples=40, deadline=None, derandomize=True)


class Asked:
    """Answers in turn, the last one for good; keeps what the last answer asked to wait."""

    def __init__(self, answers: Iterator[dict[str, Any]]) -> None:
        self.given: list[dict[str, Any]] = []
        self._answers = answers

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for answer in self._answers:
            self.given.append(answer)
            yield answer


def lived(answers: list[dict[str, Any]], wish: dict[str, Any], limit: float) -> tuple[VirtualTime, Asked]:
    script = Asked(chain(answers, repeat(polled(RUNNING))))
    time = hub(script, repeat(FETCHED), refreshes=[refreshed()])
    return run(time, make_sample_run(START, seconds=limit, **wish)), script


@whole
@given(polls, wishes, seconds)
def test_every_run_ends_by_its_deadline_and_replays_to_the_same(
    answers: list[dict[str, Any]], wish: dict[str, Any], limit: float
) -> None:
    time, _ = lived(answers, wish, limit)

    assert time.status in {"COMPLETED", "FAILED"}
    assert time.now <= START + timedelta(seconds=limit)
    time.replay()


@whole
@given(polls, wishes, seconds)
def test_no_poll_comes_before_the_last_answer_allowed_it(
    answers: list[dict[str, Any]], wish: dict[str, Any], limit: float
) -> None:
    time, script = lived(answers, wish, limit)

    moments = [at for at, name, _ in time.calls if name == "get_operation"]
    for (earlier, later), answer in zip(pairwise(moments), script.given, strict=False):
        assert later - earlier >= timedelta(seconds=answer["retryAfter"] or 0)
        assert later > earlier, "no poll at once after another"


@whole
@given(polls, wishes, seconds)
def test_an_alert_comes_of_a_success_of_this_scan_and_of_nothing_else(
    answers: list[dict[str, Any]], wish: dict[str, Any], limit: float
) -> None:
    time, script = lived(answers, wish, limit)

    last = script.given[-1].get("operation") if script.given else None
    takes_stale = wish == {}
    fit = last == SUCCEEDED or (takes_stale and last == EARLIER)
    assert (time.status == "COMPLETED") == fit
    assert ("fetch_alert" in [name for _, name, _ in time.calls]) == fit


@whole
@given(polls, seconds)
def test_the_state_is_plain_json_and_whole_after_every_continue_as_new(
    answers: list[dict[str, Any]], limit: float
) -> None:
    time, script = lived(answers, {}, limit)

    counted = [status["polls"] for status in time.custom_statuses]
    assert counted == sorted(counted), "no poll is forgotten when a history starts anew"
    assert counted[-1] == len(script.given)
