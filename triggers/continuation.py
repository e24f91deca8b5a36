"""The continuation token of a list: where the next page begins, and of which list it is the next page.

It is no secret and proves nothing: whoever may list runs may list all of them. It is read as strictly as any input.
"""

import base64
import hashlib
import json

import msgspec

from domain.run_filter import RunFilter

LONGEST_TOKEN = 4096
"""Characters. Azure Storage's own tokens name one instance id, and the host takes request lines of 8 KiB."""

NOT_OURS = "is not a token of this list: follow nextLink as it is, or leave the token out to begin anew"


class Continuation(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The task hub's own token, and the fingerprint of the filter that it was given for."""

    hub: str
    filter: str


def continuation_token(hub_token: str, chosen: RunFilter) -> str:
    """Return the token with which a caller goes on: base64url without padding."""
    text = msgspec.json.encode(Continuation(hub_token, fingerprint(chosen)))
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def read_token(text: str) -> Continuation:
    """Return what is in a token. Raises ValueError with a sentence for the caller."""
    if len(text) > LONGEST_TOKEN:
        raise ValueError(NOT_OURS)
    try:
        padded = text + "=" * (-len(text) % 4)
        found = msgspec.json.decode(base64.b64decode(padded, altchars=b"-_", validate=True), type=Continuation)
    except ValueError as error:
        raise ValueError(NOT_OURS) from error
    if not found.hub:
        raise ValueError(NOT_OURS)
    return found


def fingerprint(chosen: RunFilter) -> str:
    """Return 16 hexadecimal digits that differ when the filter does."""
    bounds = [bound and bound.isoformat() for bound in (chosen.created_from, chosen.created_before)]
    return hashlib.sha256(json.dumps([sorted(chosen.states), *bounds]).encode()).hexdigest()[:16]
