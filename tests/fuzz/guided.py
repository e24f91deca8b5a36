"""`python -m tests.fuzz.guided answers|parsers …`: made-up input, guided by what code of the app it reaches.

The rest of the command line is libFuzzer's. What is found is written to a file; `… answers FILE` plays it once more.
https://hypothesis.readthedocs.io/en/latest/how-to/external-fuzzers.html, https://github.com/google/atheris
"""

import asyncio
import sys

import atheris
from hypothesis import given, settings
from hypothesis import strategies as st

with atheris.instrument_imports(include=["activities", "domain", "graph"]):
    from domain.run_state import RunState

    from tests.fuzz import parsers
    from tests.fuzz.answers import answers_to
    from tests.fuzz.byte_graph import byte_graph
    from tests.fuzz.lived import live, runs


def main() -> None:
    """Fuzz, and end the process: with 0 when the time is over, with something else at the first finding."""
    loop, opened = asyncio.new_event_loop(), byte_graph()
    graph = loop.run_until_complete(opened.__aenter__())

    @settings(database=None, deadline=None)
    @given(run=runs, data=st.data())
    def lived(run: RunState, data: st.DataObject) -> None:
        loop.run_until_complete(live(graph, run, lambda activity: data.draw(answers_to(activity))))

    targets = {"answers": lived.hypothesis.fuzz_one_input, "parsers": parsers.read}  # type: ignore[attr-defined]
    name, *options = sys.argv[1:]
    atheris.Setup([sys.argv[0], *options], targets[name])
    # It does not return.
    atheris.Fuzz()


main()
