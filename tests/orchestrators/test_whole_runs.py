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
from tests.support.virtual_time import START

UNKNOWN = {**RUNNING, "status": "unknownFutureValue"}
waits = st.sampled_from([None, None, 0.249, 7.0, 95.0, 315.0, 5000.0])
polls = st.lists(
    st.builds(polled, st.sampled_from([RUNNING, RUNNING, EARLIER, UNKNOWN, SUCCEEDED]), waits)
    | st.builds(fault, st.sampled_from(["graph-unavailable", "throttled", "answer-unreadable"]), waits),
    max_size=12,
)
seconds = st.sampled_from([1.0, 60.0, 600.0, 1800.0])
wishes = st.sampled_from([{}, {"not_before": parse_timestamp(REQUESTED_AT)}, {"target": REFRESH}])


class Script:
    """Answers in turn, and `running` for good; keeps what it gave."""

    def __init__(self, answers: list[dict[str, Any]]) -> None:
        self.given: list[dict[str, Any]] = []
        self._answers = chain(answers, repeat(polled(RUNNING)))

    def __iter__(self) -> Iterator[dict[str, Any]]:
        for answer in self._answers:
            self.given.append(answer)
            yield answer


@settings(max_examples=100, deadline=None, derandomize=True)
@given(polls, wishes, seconds)
def test_every_run_ends_in_time_by_a_success_of_its_own_scan_or_not_at_all(
    answers: list[dict[str, Any]], wish: dict[str, Any], limit: float
) -> None:
    script = Script(answers)
    time = run(hub(script, repeat(FETCHED), refreshes=[refreshed()]), make_sample_run(START, seconds=limit, **wish))

    assert time.status in {"COMPLETED", "FAILED"}
    assert time.now <= START + timedelta(seconds=limit)
    time.replay()

    moments = [at for at, name, _ in time.calls if name != "refresh_alert"]
    for (earlier, later), answer in zip(pairwise(moments), script.given, strict=False):
        assert later - earlier >= timedelta(seconds=answer["retryAfter"] or 0)
        assert later > earlier or answer.get("operation") in (SUCCEEDED, EARLIER), "no poll at once after another"

    last = script.given[-1] if script.given else {}
    ended = last.get("operation") == SUCCEEDED or (wish == {} and last.get("operation") == EARLIER)
    left = [limit - (at - START).total_seconds() for at, name, _ in time.calls if name == "get_operation"]
    succeeds = ended and (last["retryAfter"] or 0) <= left[-1]
    assert (time.status == "COMPLETED") == succeeds
    assert ("fetch_alert" in [name for _, name, _ in time.calls]) == succeeds

    counted = [status["polls"] for status in time.custom_statuses]
    assert counted == sorted(counted), "no poll is forgotten when a history starts anew"
    assert counted[-1] == len(script.given)
