"""The query of `GET /runs`."""

import base64
import hashlib
import json
import re
from collections.abc import Callable, Mapping
from typing import Any, cast, get_args

from alert_refresh.hub.list import DEFAULT_PAGE, Place, RunQuery, find_name
from alert_refresh.run.documents import State
from alert_refresh.timestamps import format_timestamp
from alert_refresh.web.requests import make_fault, parse_fields, parse_moment, read_query, refuse_faults
from alert_refresh.web.start_request import parse_alert_id

LARGEST_PAGE = 100
LONGEST_TOKEN = 1024
STATE_NAMES: tuple[State, ...] = get_args(State.__value__)
NOT_OURS = "is not a token of this list: follow nextLink as it is, or leave the token out to begin anew"


def parse_list(url: str) -> tuple[RunQuery, list[tuple[str, str]]]:
    """Return which runs the query of `url` asks for, and what the link to the next page repeats of it.

    These are the parameters as sent, without the token. Raises `Refused`.
    """
    pairs = read_query(url)
    # A state that is repeated adds to the others.
    states = [text for name, text in pairs if name == "state"]
    rest = [pair for pair in pairs if pair[0] != "state"]
    values, errors = parse_fields([*([("state", ",".join(states))] if states else []), *rest], PARSERS)
    after, filter_hash = values.get("continuationToken", (None, None))
    wanted = RunQuery(
        states=values.get("state"),
        created_from=values.get("createdFrom"),
        created_before=values.get("createdBefore"),
        alert=values.get("alertId"),
        page_size=values.get("pageSize", DEFAULT_PAGE),
        after=after,
    )
    if wanted.created_from and wanted.created_before and wanted.created_from >= wanted.created_before:
        errors.append(make_fault("createdBefore", "must be later than createdFrom"))
    if after and not errors and filter_hash != _hash_filter(wanted):
        errors.append(make_fault("continuationToken", NOT_OURS))
    if errors:
        raise refuse_faults(errors, starts=False)
    return wanted, [pair for pair in pairs if pair[0] != "continuationToken"]


def make_token(after: Place, wanted: RunQuery) -> str:
    """Return the token for the page after `after`: base64url without padding.

    The token is no secret, and it is not signed: a caller that may list runs may list all of them.
    """
    text = json.dumps([format_timestamp(after.created_at), after.id, _hash_filter(wanted)])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _parse_token(text: str) -> tuple[Place, str]:
    if len(text) > LONGEST_TOKEN:
        raise ValueError(NOT_OURS)
    try:
        padded = text + "=" * (-len(text) % 4)
        created_at, run_id, filter_hash = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
        return Place(parse_moment(created_at), str(run_id)), filter_hash
    except (ValueError, TypeError, RecursionError) as error:
        raise ValueError(NOT_OURS) from error


def _hash_filter(wanted: RunQuery) -> str:
    """Return 16 hexadecimal digits that differ for different filters."""
    bounds = [bound and bound.isoformat() for bound in (wanted.created_from, wanted.created_before)]
    terms = [sorted(wanted.states or []), *bounds, find_name(wanted.alert or "")]
    return hashlib.sha256(json.dumps(terms).encode()).hexdigest()[:16]


def _parse_states(text: str) -> frozenset[State]:
    names = frozenset(text.split(","))
    if not names <= set(STATE_NAMES):
        raise ValueError(f"must be one or more of {', '.join(STATE_NAMES)}, with commas and no blanks")
    return cast("frozenset[State]", names)


def _parse_page_size(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text, re.ASCII) or not 1 <= int(text) <= LARGEST_PAGE:
        raise ValueError(f"must be a whole number from 1 to {LARGEST_PAGE}")
    return int(text)


PARSERS: Mapping[str, Callable[[str], Any]] = {
    "state": _parse_states,
    "alertId": parse_alert_id,
    "createdFrom": parse_moment,
    "createdBefore": parse_moment,
    "pageSize": _parse_page_size,
    "continuationToken": _parse_token,
}
