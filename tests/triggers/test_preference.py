"""How long a caller prefers to wait, by its `Prefer` header."""

import azure.functions as func
import pytest
from triggers.preference import preferred_wait


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=10", 10),
        ("respond-async, wait=10", 10),
        ("Wait = 10 ; x=1, respond-async", 10),
        ('wait="10"', 10),
        ("wait=60", 60),
        ("wait=3600", 60),
        ("wait=0", 0),
        ("", 0),
        ("respond-async", 0),
        ("wait=ten", 0),
        ("wait=-1", 0),
        ("wait=1.5", 0),
        ("await=10", 0),
        ("wait=99999999999999999999", 0),
    ],
)
def test_preferred_wait(header: str, seconds: int) -> None:
    request = func.HttpRequest("POST", "http://127.0.0.1/api/runs", headers={"Prefer": header}, body=b"")

    assert preferred_wait(request) == seconds
