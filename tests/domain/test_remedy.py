"""What a page says to do about a problem is what the README says."""

import re

import pytest

from domain.problem import problem
from domain.remedy import REMEDIES, remedy
from tests.support.host_process import CHECKOUT

ROWS = re.findall(
    r"^\| (?:`timed-out` with the `cause` )?((?:`[a-z-]+`(?:, )?)+) \| [^|]+ \| ([^|]+) \|$",
    (CHECKOUT / "README.md").read_text(),
    re.MULTILINE,
)
TOLD = {name: advice.replace("`", "") for names, advice in ROWS for name in re.findall("`([a-z-]+)`", names)}


def test_the_readme_has_a_row_for_each_and_none_that_a_page_does_not_know() -> None:
    assert set(TOLD) - {"fresh"} == set(REMEDIES)


@pytest.mark.parametrize("name", REMEDIES)
def test_the_words_are_the_same(name: str) -> None:
    assert REMEDIES[name] == TOLD[name]


def test_a_remedy_is_a_sentence() -> None:
    assert remedy(problem("alert-disabled", "")) == "Enable it in PIM's alert settings."
    assert remedy(problem("run-over", "")) is None


def test_of_a_run_that_timed_out_the_cause_tells_what_to_do() -> None:
    throttled = {**problem("timed-out", ""), "cause": problem("throttled", "")["type"]}
    assert remedy(throttled) == remedy(problem("throttled", ""))  # type: ignore[arg-type]
