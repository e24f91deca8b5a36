"""What `GET /runs` accepts in its query. All faults are told together."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple, cast

from msgspec import Meta

from domain.instance import State
from domain.run_filter import EVERY_STATE, STATE_NAMES, RunFilter
from domain.timestamps import parse_timestamp
from triggers.continuation import LONGEST_TOKEN, NOT_OURS, Continuation, fingerprint, read_token
from triggers.endpoint import Parameter
from triggers.query import query_pairs
from triggers.start_request import InvalidRequest

LARGEST_PAGE = 100
DEFAULT_PAGE = 50


class InvalidQuery(InvalidRequest):
    """Raised with every fault of a query that only reads."""


class ListQuery(NamedTuple):
    filter: RunFilter
    page_size: int
    hub_token: str | None
    """Where the page begins, in the task hub's words; None for the first page."""
    asked: tuple[tuple[str, str], ...]
    """The caller's parameters as they came, for the link to the next page: without its token and the host's own."""


def parse_list(url: str) -> ListQuery:
    """Return what the query of `url` asks for. Raises `InvalidQuery`."""
    pairs = query_pairs(url)
    values, errors = _values(pairs)
    chosen = RunFilter(values.get("state", EVERY_STATE), values.get("createdFrom"), values.get("createdBefore"))
    if chosen.created_from and chosen.created_before and chosen.created_from >= chosen.created_before:
        errors.append({"field": "createdBefore", "detail": "must be later than createdFrom"})
    token: Continuation | None = values.get("continuationToken")
    if token and not errors and token.filter != fingerprint(chosen):
        errors.append({"field": "continuationToken", "detail": NOT_OURS})
    if errors:
        raise InvalidQuery(errors)
    asked = tuple((name, text) for name, text in pairs if name != "continuationToken")
    return ListQuery(chosen, values.get("pageSize", DEFAULT_PAGE), token.hub if token else None, asked)


def _values(pairs: list[tuple[str, str]]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return what could be read of each parameter, and what is wrong with the others."""
    given: dict[str, list[str]] = {}
    for name, text in pairs:
        given.setdefault(name, []).append(text)
    values: dict[str, Any] = {}
    errors = []
    for name, texts in given.items():
        if name not in READERS:
            errors.append({"field": name, "detail": f"is unknown; the parameters are {', '.join(READERS)}"})
        elif len(texts) > 1 and name != "state":
            errors.append({"field": name, "detail": "is given more than once"})
        else:
            try:
                values[name] = READERS[name](",".join(texts))
            except ValueError as error:
                errors.append({"field": name, "detail": str(error)})
    return values, errors


def _states(text: str) -> frozenset[State]:
    names = frozenset(text.split(","))
    if not names <= EVERY_STATE:
        raise ValueError(f"must be one or more of {', '.join(STATE_NAMES)}, with commas and no blanks")
    return cast("frozenset[State]", names)


def _moment(text: str) -> datetime:
    moment = parse_timestamp(text)
    if moment is None:
        raise ValueError("must be an ISO 8601 time with an offset, as 2026-01-31T12:00:00Z; in a query + is %2B")
    return moment.astimezone(UTC)


def _page_size(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) or not 1 <= int(text) <= LARGEST_PAGE:
        raise ValueError(f"must be a whole number from 1 to {LARGEST_PAGE}")
    return int(text)


READERS: Mapping[str, Callable[[str], Any]] = {
    "state": _states,
    "createdFrom": _moment,
    "createdBefore": _moment,
    "pageSize": _page_size,
    "continuationToken": read_token,
}

_TIME = {"format": "date-time"}
IN_QUERY = [
    Parameter(
        "state",
        "query",
        Annotated[list[State], Meta(min_length=1, description="Runs in one of these states; without it, all runs.")],
    ),
    Parameter(
        "createdFrom",
        "query",
        Annotated[str, Meta(description="Runs created at this time or later.", extra_json_schema=_TIME)],
    ),
    Parameter(
        "createdBefore",
        "query",
        Annotated[str, Meta(description="Runs created earlier than this time.", extra_json_schema=_TIME)],
    ),
    Parameter(
        "pageSize",
        "query",
        Annotated[int, Meta(ge=1, le=LARGEST_PAGE, description=f"Runs on a page; {DEFAULT_PAGE} by default.")],
    ),
    Parameter(
        "continuationToken",
        "query",
        Annotated[
            str,
            Meta(
                max_length=LONGEST_TOKEN,
                description="As it stands in `nextLink`, which is to be followed as it is: it goes with its filter.",
            ),
        ],
    ),
]
"""The same for the OpenAPI document; a test holds the two together."""
