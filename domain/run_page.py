"""Runs as a list shows them."""

from typing import TypedDict, cast

from domain.instance import Instance, State
from domain.problem import Problem
from domain.run_document import Links, run_document
from domain.run_state import Target


class RunSummary(TypedDict):
    """A run as a list shows it: the document without what is large or needs another look."""

    id: str
    state: State
    target: Target
    createdAt: str
    updatedAt: str
    deadline: str
    polls: int
    nextPollAt: str | None
    problem: Problem | None
    links: Links


class RunPage(TypedDict):
    """Some of the runs that were asked for. `nextLink` is the absolute URL of the next page, null on the last one.

    A page can hold fewer runs than were asked for, or none, and yet have a next one. The words are those of
    https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#collections.
    """

    value: list[RunSummary]
    nextLink: str | None


def run_summary(instance: Instance, links: Links) -> RunSummary:
    """Return the part of the run document that a list shows."""
    document = run_document(instance, None, links)
    return cast("RunSummary", {name: document[name] for name in RunSummary.__annotations__})  # type: ignore[literal-required]
