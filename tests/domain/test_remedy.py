"""A page says what to do about a problem."""

from domain.problem import problem
from domain.remedy import remedy


def test_a_remedy_is_a_sentence() -> None:
    assert remedy(problem("alert-disabled", "")) == "Enable it in PIM's alert settings."
    assert remedy(problem("run-over", "")) is None


def test_of_a_run_that_timed_out_the_cause_tells_what_to_do() -> None:
    throttled = {**problem("timed-out", ""), "cause": problem("throttled", "")["type"]}
    assert remedy(throttled) == remedy(problem("throttled", ""))  # type: ignore[arg-type]
