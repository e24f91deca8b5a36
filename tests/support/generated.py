"""What hypothesis generates for these tests; the same in every run, so that a verdict holds."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

quick = settings(max_examples=100, deadline=None, derandomize=True)

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
json_values: st.SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=6
)
