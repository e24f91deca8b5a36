"""Every problem is a whole RFC 9457 problem."""

from http import HTTPStatus
from typing import get_args

import pytest

from domain.problem import PREFIX, ProblemName, is_problem, problem

NAMES: tuple[ProblemName, ...] = get_args(ProblemName)


@pytest.mark.parametrize("name", NAMES)
def test_a_problem_has_a_type_a_title_an_error_status_and_its_detail(name: ProblemName) -> None:
    why = problem(name, "This happened; do that.")
    assert why["type"] == f"urn:problem-type:pim-alert-refresh:{name}"
    assert HTTPStatus(why["status"]).is_client_error or HTTPStatus(why["status"]).is_server_error
    assert why["title"]
    assert why["detail"] == "This happened; do that."


def test_no_two_problems_share_a_title() -> None:
    titles = [problem(name, "")["title"] for name in NAMES]
    assert len(set(titles)) == len(titles)


@pytest.mark.parametrize("name", NAMES)
def test_a_problem_is_recognised_by_its_type(name: ProblemName) -> None:
    assert [other for other in NAMES if is_problem(problem(name, ""), other)] == [name]
    assert not is_problem(None, name)


def test_the_types_are_urns_without_anything_to_escape() -> None:
    assert all((PREFIX + name).replace(":", "").replace("-", "").isalnum() for name in NAMES)
