"""What hypothesis makes up for these tests; the same in every run, so that a verdict holds."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st

from tests.support.graph_samples import RUNNING

quick = settings(max_examples=100, deadline=None, derandomize=True)

scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
json_values: st.SearchStrategy[Any] = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3), max_leaves=6
)

statuses = st.sampled_from(["notStarted", "running", "succeeded", "FAILED", "skipped", "unknownFutureValue", ""])
times = st.sampled_from(["2026-01-31T11:00:00.1234567Z", "2026-01-31T13:00:00Z", "0001-01-01T00:00:00Z", "never"])

operations: st.SearchStrategy[dict[str, Any]] = st.dictionaries(
    st.text(), json_values, max_size=2
) | st.fixed_dictionaries(
    {},
    optional={
        **dict.fromkeys(RUNNING, json_values),
        "status": statuses | json_values,
        "createdDateTime": times | json_values,
        "lastActionDateTime": times | json_values,
        "resourceLocation": st.just("https://graph.microsoft.com/x") | json_values,
    },
)
"""Operations as Graph might send them: any property missing, null, or of another type; unknown ones, too."""
