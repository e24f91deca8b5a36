"""Runs whose every answer is made up. `make fuzz` does the same for longer, guided by what code it reaches."""

from collections.abc import AsyncIterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.run_state import RunState
from tests.domain.generated import quick
from tests.fuzz.answers import answers_to
from tests.fuzz.byte_graph import ByteGraph, byte_graph
from tests.fuzz.lived import live, runs


@pytest.fixture(scope="module")
async def graph() -> AsyncIterator[ByteGraph]:
    async with byte_graph() as opened:
        yield opened


@quick
@given(run=runs, data=st.data())
async def test_a_run_takes_whatever_graph_answers(graph: ByteGraph, run: RunState, data: st.DataObject) -> None:
    await live(graph, run, lambda activity: data.draw(answers_to(activity)))
