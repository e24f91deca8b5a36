"""A problem in HTML: the page of a failed request, and a part of the page of a run."""

from typing import NamedTuple

from alert_refresh.pages.template import render
from alert_refresh.problems import Problem, find_remedy


class ProblemView(NamedTuple):
    """A problem and what to do about it; None when its detail says it."""

    problem: Problem
    remedy: str | None


def describe_problem(problem: Problem) -> ProblemView:
    """Return `problem` with its remedy."""
    return ProblemView(problem, find_remedy(problem))


def render_problem(problem: Problem, runs_url: str) -> str:
    """Return the page of a request that failed with `problem`. It links to the list of runs at `runs_url`."""
    return render("problem.html", view=describe_problem(problem), runs_url=runs_url)
