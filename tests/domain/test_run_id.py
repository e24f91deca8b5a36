"""Run ids: the same question is the same id, and so is the same key."""

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.observed import observed
from domain.run_id import question_id, run_id
from tests.domain.generated import quick
from tests.support.graph_samples import RUNNING, asked

NOW = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
RUN = asked(NOW)


def test_an_id_is_a_uuid_in_the_one_spelling_that_the_api_takes() -> None:
    for made in (run_id(RUN, None), run_id(RUN, "key")):
        assert str(uuid.UUID(made)) == made


def test_a_run_keeps_the_id_of_its_question_however_far_it_has_come() -> None:
    looked = observed(RUN, {"kind": "operation", "operation": RUNNING, "clientRequestId": "1"})
    assert looked != RUN
    assert question_id(looked) == question_id(RUN) == run_id(RUN, None)


@pytest.mark.parametrize("later", [timedelta(milliseconds=1), timedelta(hours=1), timedelta(days=365)])
def test_the_time_of_asking_is_no_part_of_the_question(later: timedelta) -> None:
    assert question_id(asked(NOW + later)) == question_id(RUN)


@pytest.mark.parametrize(
    "changes",
    [
        {"target": {"operationId": "another"}},
        {"select": ["id"]},
        {"expand": ["id"]},
        {"select": ["expand"]},
        {"notBefore": "2026-01-31T12:00:00.000Z"},
        {"callbackUrl": "https://prod-00.westeurope.logic.azure.com/?sig=1"},
        {"callbackUrl": "https://prod-00.westeurope.logic.azure.com/?sig=2"},
        {"seconds": 3601},
    ],
)
def test_every_part_of_the_question_counts(changes: dict[str, Any]) -> None:
    assert question_id(asked(NOW, **changes)) != question_id(RUN)


def test_settings_are_no_part_of_the_question() -> None:
    assert question_id(asked(NOW, pollMinSeconds=1.0, pollMaxSeconds=2.0)) == question_id(RUN)


def test_a_key_is_the_same_run_whatever_is_asked() -> None:
    other = asked(NOW, target={"operationId": "another"})
    assert run_id(RUN, "key") == run_id(other, "key")
    assert len({run_id(RUN, key) for key in ("key", "Key", "key2", None)}) == 4


@quick
@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1, max_size=255))
def test_no_key_takes_the_id_of_a_question(key: str) -> None:
    assert run_id(RUN, key) != question_id(RUN)
