"""The text with which an orchestrator or an activity fails."""

LONGEST_FAILURE = 2000
"""Characters. The Durable extension never ends an orchestration that fails with more than 32,768: it repeats the turn
for ever, and the whole task hub becomes slow."""


def shorten_failure(text: str) -> str:
    """Return `text` as an exception may hold it: at most `LONGEST_FAILURE` characters, and well-formed."""
    whole = make_well_formed(text)
    return whole if len(whole) <= LONGEST_FAILURE else whole[: LONGEST_FAILURE - 1] + "…"


def make_well_formed(text: str) -> str:
    """Return `text` with a question mark in place of each half of a surrogate pair.

    JSON accepts such a half. Protobuf and log files do not: an exception whose text has one is never reported.
    """
    return text.encode(errors="replace").decode()
