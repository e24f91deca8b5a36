"""The continuation token: what went in comes out, and nothing else gets in."""

import base64
import json
from datetime import UTC, datetime
from typing import Any

import pytest
from domain.run_filter import RunFilter
from hypothesis import given
from hypothesis import strategies as st
from triggers.continuation import LONGEST_TOKEN, NOT_OURS, continuation_token, fingerprint, read_token

from tests.domain.generated import quick

NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
ONE = datetime(2026, 1, 31, 13, 0, tzinfo=UTC)
FILTERS = [
    RunFilter(),
    RunFilter(frozenset({"failed"})),
    RunFilter(frozenset({"failed", "timedOut"})),
    RunFilter(created_from=NOON),
    RunFilter(created_before=NOON),
    RunFilter(created_from=NOON, created_before=ONE),
    RunFilter(created_from=ONE),
]


def encoded(document: Any) -> str:
    text = document if isinstance(document, bytes) else json.dumps(document).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


@quick
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=300), st.sampled_from(FILTERS))
def test_the_hubs_token_comes_back_as_it_was(hub_token: str, chosen: RunFilter) -> None:
    token = continuation_token(hub_token, chosen)
    found = read_token(token)

    assert (found.hub, found.filter) == (hub_token, fingerprint(chosen))
    assert token.isascii()
    assert not set(token) & set("+/=&? ")


def test_each_filter_has_its_own_fingerprint() -> None:
    assert len({fingerprint(chosen) for chosen in FILTERS}) == len(FILTERS)


def test_the_same_filter_in_another_spelling_has_the_same_fingerprint() -> None:
    elsewhere = datetime.fromisoformat("2026-01-31T13:00:00+00:00")
    assert fingerprint(RunFilter(created_from=elsewhere)) == fingerprint(RunFilter(created_from=ONE))


GOOD = {"hub": "h", "filter": fingerprint(RunFilter())}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "not a token",
        "====",
        "é",
        "\ud800",
        "\0",
        encoded(GOOD)[:-1],
        encoded(GOOD) + "A",
        encoded(GOOD).replace("e", "+", 1),
        encoded(GOOD)[:8] + "\n" + encoded(GOOD)[8:],
        encoded(b""),
        encoded(b"\xff"),
        encoded(b"\x80\x04K\x07."),
        encoded(b'{"hub":"\\ud800","filter":"x"}'),
        encoded(b'{"hub":"\xed\xa0\x80","filter":"x"}'),
        encoded(b"[" * 2000),
        encoded(None),
        encoded("h"),
        encoded([]),
        encoded({}),
        encoded({"hub": "h"}),
        encoded({"filter": GOOD["filter"]}),
        encoded({**GOOD, "hub": ""}),
        encoded({**GOOD, "hub": 7}),
        encoded({**GOOD, "hub": None}),
        encoded({**GOOD, "filter": 7}),
        encoded({**GOOD, "more": 1}),
        encoded({**GOOD, "hub": "x" * LONGEST_TOKEN}),
    ],
)
def test_anything_else_is_refused_in_one_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="is not a token of this list") as raised:
        read_token(text)
    assert str(raised.value) == NOT_OURS


@quick
@given(st.text())
def test_no_text_does_anything_but_be_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is not a token of this list"):
        read_token(text)
