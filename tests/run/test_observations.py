"""How many incidents of an alert the durable history has room for."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from alert_refresh.run.observations import INCIDENTS, fit_incidents, list_incidents, measure
from tests.support.generated import json_values, quick
from tests.support.graph_samples import ALERT


def expand(*incidents: Any, **changes: Any) -> dict[str, Any]:
    return {**ALERT, "incidentCount": len(incidents), INCIDENTS: list(incidents), **changes}


def test_bytes_are_those_of_json_in_ascii_as_the_history_stores_it() -> None:
    assert measure({"a": "я"}) == len('{"a":"\\u044f"}')
    latin, cyrillic = ({"assigneeDisplayName": name} for name in ("Ivan Petrov", "Иван Петров"))
    assert measure(cyrillic) - measure(latin) == 5 * len("ИванПетров")
    room = measure(latin) + 1
    assert fit_incidents([expand(latin)], room) == [1]
    assert fit_incidents([expand(cyrillic)], room) == [0]


def test_the_smallest_alerts_keep_their_incidents_first() -> None:
    big, small = expand(*({"id": f"{number:03}"} for number in range(100))), expand({"id": "000"}, {"id": "001"})
    size = measure({"id": "000"}) + 1
    assert fit_incidents([big, ALERT, small], 50 * size) == [48, 0, 2]
    assert fit_incidents([big, ALERT, small], 102 * size) == [100, 0, 2]
    assert fit_incidents([big, ALERT, small], size) == [0, 0, 1]
    assert fit_incidents([big, ALERT, small], 0) == [0, 0, 0]
    assert fit_incidents([], 0) == []
    assert fit_incidents([expand({"id": "1"}, {"id": "x" * 1000}, {"id": "2"})], 500) == [1], "the list has no hole"


@quick
@given(st.lists(st.dictionaries(st.just(INCIDENTS), json_values), max_size=3), st.integers(0, 300))
def test_what_is_kept_fits(alerts: list[dict[str, Any]], limit: int) -> None:
    kept = fit_incidents(alerts, limit)
    chosen = [
        incident
        for alert, count in zip(alerts, kept, strict=True)
        for incident in (list_incidents(alert) or [])[:count]
    ]
    assert not chosen or len(json.dumps(chosen, separators=(",", ":"))) <= limit + 1
