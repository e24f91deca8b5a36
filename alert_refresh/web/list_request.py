"""The query of `GET /runs`. All faults are reported together."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple, cast, get_args

from alert_refresh.hub.list import Place, RunFilter
from alert_refresh.run.documents import State
from alert_refresh.timestamps import format_timestamp, parse_timestamp
from alert_refresh.web.requests import InvalidRequest, read_query

LARGEST_PAGE = 100
DEFAULT_PAGE = 50
LONGEST_TOKEN = 1024
STATE_NAMES: tuple[State, ...] = get_args(State.__value__)
NOT_OURS = "is not a token of this list: follow nextLink as it is, or leave the token out to begin anew"


class ListRequest(NamedTuple):
    """A valid request for a page of runs."""

    filter: RunFilter
    page_size: int
    after: Place | None
    """The last run of the page before; None for the first page."""
    pairs: tuple[tuple[str, str], ...]
    """The caller's parameters as sent, without the token: the link to the next page repeats them."""


def parse_list(url: str) -> ListRequest:
    """Return what the query of `url` asks for. Raises `InvalidRequest`."""
    pairs = read_query(url)
    values, errors = _parse_values(pairs)
    wanted = RunFilter(values.get("state"), values.get("createdFrom"), values.get("createdBefore"))
    if wanted.created_from and wanted.created_before and wanted.created_from >= wanted.created_before:
        errors.append({"field": "createdBefore", "detail": "must be later than createdFrom"})
    token = values.get("continuationToken")
    if token and not errors and token["filter"] != _hash_filter(wanted):
        errors.append({"field": "continuationToken", "detail": NOT_OURS})
    if errors:
        raise InvalidRequest(errors, starts=False)
    rest = tuple((name, text) for name, text in pairs if name != "continuationToken")
    return ListRequest(wanted, values.get("pageSize", DEFAULT_PAGE), token and token["after"], rest)


def make_token(after: Place, wanted: RunFilter) -> str:
    """Return the token for the page after `after`: base64url without padding.

    The token is no secret, and it is not signed: a caller that may list runs may list all of them.
    """
    text = json.dumps([format_timestamp(after.created_at), after.id, _hash_filter(wanted)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _parse_token(text: str) -> dict[str, Any]:
    if len(text) > LONGEST_TOKEN:
        raise ValueError(NOT_OURS)
    try:
        padded = text + "=" * (-len(text) % 4)
        created_at, run_id, filter_hash = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(NOT_OURS) from error
    moment = parse_timestamp(created_at)
    if moment is None or not isinstance(run_id, str):
        raise ValueError(NOT_OURS)
    return {"after": Place(moment, run_id), "filter": filter_hash}


def _hash_filter(wanted: RunFilter) -> str:
    """Return 16 hexadecimal digits that differ for different filters."""
    bounds = [bound and bound.isoformat() for bound in (wanted.created_from, wanted.created_before)]
    return hashlib.sha256(json.dumps([sorted(wanted.states or []), *bounds]).encode()).hexdigest()[:16]


def _parse_values(pairs: list[tuple[str, str]]) -> tuple[dict[str, Any], list[dict[str, str]]]:
    """Return the values of the valid parameters, and a fault for each of the others."""
    texts_by_name: dict[str, list[str]] = {}
    for name, text in pairs:
        texts_by_name.setdefault(name, []).append(text)
    values: dict[str, Any] = {}
    errors = []
    for name, texts in texts_by_name.items():
        if name not in PARAMETERS:
            errors.append({"field": name, "detail": f"is unknown; the parameters are {', '.join(PARAMETERS)}"})
        elif len(texts) > 1 and name != "state":
            errors.append({"field": name, "detail": "is given more than once"})
        else:
            try:
                values[name] = PARAMETERS[name](",".join(texts))
            except ValueError as error:
                errors.append({"field": name, "detail": str(error)})
    return values, errors


def _parse_states(text: str) -> frozenset[State]:
    names = frozenset(text.split(","))
    if not names <= set(STATE_NAMES):
        raise ValueError(f"must be one or more of {', '.join(STATE_NAMES)}, with commas and no blanks")
    return cast("frozenset[State]", names)


def _parse_moment(text: str) -> datetime:
    moment = parse_timestamp(text)
    if moment is None:
        raise ValueError("must be an ISO 8601 time with an offset, as 2026-01-31T12:00:00Z; in a query + is %2B")
    return moment.astimezone(UTC)


def _parse_page_size(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) or not 1 <= int(text) <= LARGEST_PAGE:
        raise ValueError(f"must be a whole number from 1 to {LARGEST_PAGE}")
    return int(text)


PARAMETERS: Mapping[str, Callable[[str], Any]] = {
    "state": _parse_states,
    "createdFrom": _parse_moment,
    "createdBefore": _parse_moment,
    "pageSize": _parse_page_size,
    "continuationToken": _parse_token,
}
"""Parses each parameter. A parser raises ValueError with a sentence."""
