"""Runs as a list shows them."""

from typing import TypedDict, cast

from domain.instance import Instance, UnreadableRun
from domain.run_document import Links, RunSummary, run_document
from domain.timestamps import format_timestamp


class RunPage(TypedDict):
    """Some of the runs that were asked for. `nextLink` is the absolute URL of the next page, null on the last one.

    A page can hold fewer runs than were asked for, or none, and yet have a next one. The words are those of
    https://github.com/microsoft/api-guidelines/blob/vNext/azure/Guidelines.md#collections.
    """

    value: list[RunSummary]
    nextLink: str | None


def run_summary(instance: Instance | UnreadableRun, links: Links) -> RunSummary:
    """Return the part of the run document that a list shows."""
    if isinstance(instance, UnreadableRun):
        return {
            "id": instance.id,
            "state": "unreadable",
            "target": None,
            "createdAt": format_timestamp(instance.created_at),
            "updatedAt": format_timestamp(instance.updated_at),
            "deadline": None,
            "polls": None,
            "nextPollAt": None,
            "problem": None,
            "links": links,
        }
    document = run_document(instance, None, links)
    return cast("RunSummary", {name: document[name] for name in RunSummary.__annotations__})  # type: ignore[literal-required]
