"""The text with which an orchestrator or an activity fails."""

LONGEST_FAILURE = 2000
"""Characters. The Durable extension never ends an orchestration that fails with more than 32,768: it tries the turn for
ever, and slows the whole task hub down."""


def shorten_failure(text: str) -> str:
    """Return `text` for an exception: cut to `LONGEST_FAILURE` characters, and well-formed."""
    whole = make_well_formed(text)
    return whole if len(whole) <= LONGEST_FAILURE else whole[: LONGEST_FAILURE - 1] + "…"


def make_well_formed(text: str) -> str:
    """Return `text` with a question mark in place of each half of a surrogate pair.

    JSON lets a half through. Protobuf and log files do not, and an exception with one in it is never reported.
    """
    return text.encode(errors="replace").decode()
