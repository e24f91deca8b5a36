"""What the problem of an unknown route says of the request: enough to see the typo, and no secret."""

import json
from typing import Any

import azure.functions as func
import pytest

from triggers.unknown_route import unknown_route

called: Any = unknown_route.build().get_user_function()


async def told(method: str, url: str) -> str:
    answer: func.HttpResponse = await called(func.HttpRequest(method, url, body=b"{}"))
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")
    why = json.loads(answer.get_body())
    assert why["type"] == "urn:problem-type:pim-alert-refresh:no-such-route"
    return str(why["detail"])


@pytest.mark.parametrize(
    ("method", "url", "shown"),
    [
        ("PUT", "https://app.example/api/runs", "PUT /api/runs."),
        ("POST", "https://app.example/api/run?code=s3cret&sig=s3cret", "POST /api/run."),
        ("GET", "https://app.example/v2/api/", "GET /v2/api/."),
        ("GET", "https://app.example", "GET /."),
        ("GET", "https://[::1]:7071/api/a%0d%0ab", "GET /api/a%0d%0ab."),
        ("GET", "https://app.example/api/a\r\n\u202eb", "GET /api/a???b."),
        ("GET", "https://app.example/" + "x" * 5000, "GET /" + "x" * 199 + "…."),
        ("M" * 5000, "https://app.example/", "M" * 20 + "… /."),
    ],
)
async def test_method_and_path_are_named(method: str, url: str, shown: str) -> None:
    detail = await told(method, url)
    assert detail == f"Nothing answers {shown} GET /api/openapi.json lists what does."
    assert "s3cret" not in detail
