"""Every problem is a whole RFC 9457 problem."""

from http import HTTPStatus
from typing import get_args

import pytest

from alert_refresh.problems import KINDS, ProblemName, attach_run, is_problem, make_internal_error, make_problem

NAMES: tuple[ProblemName, ...] = get_args(ProblemName)


@pytest.mark.parametrize("name", NAMES)
def test_a_problem_has_a_type_a_title_an_error_status_and_its_detail(name: ProblemName) -> None:
    problem = make_problem(name, "This happened; do that.")
    assert problem["type"] == f"urn:problem-type:pim-alert-refresh:{name}"
    assert HTTPStatus(problem["status"]).is_client_error or HTTPStatus(problem["status"]).is_server_error
    assert [other for other, kind in KINDS.items() if kind.title == problem["title"]] == [name], (
        "titles tell them apart"
    )
    assert problem["detail"] == "This happened; do that."
    assert [other for other in NAMES if is_problem(problem, other)] == [name]
    assert not is_problem(None, name)


def test_a_problem_of_a_run_names_the_run() -> None:
    problem = make_problem("run-over", "")
    assert attach_run(problem, "a-b") == {**problem, "instance": "urn:uuid:a-b"}
    assert "a-b" in make_internal_error("a-b")["detail"]
