"""The page of a request that came to nothing."""

from domain.problem import Problem
from pages.template import rendered


def problem_page(why: Problem, runs_url: str) -> str:
    """Return the HTML of a problem; `runs_url` is that of the list of runs, which is always a way on."""
    return rendered("problem.html", problem=why, runs_url=runs_url)
