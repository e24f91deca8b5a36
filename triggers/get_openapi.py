"""GET /openapi.json: what this API is, for people's tools."""

from functools import cache
from typing import Any

import azure.functions as func

from triggers import blueprint, cancel_run, get_run, get_run_result, health, list_runs, start_run
from triggers.answers import json_answer
from triggers.endpoint import Answer, Endpoint

ENDPOINT = Endpoint(
    method="GET",
    route="openapi.json",
    name="getOpenApi",
    summary="This document",
    description="OpenAPI 3.1. Its server is the URL that it was asked at.",
    answers=[Answer(200, "The document.", dict[str, Any])],
)

OTHERS = (start_run, list_runs, get_run, get_run_result, cancel_run, health)
ENDPOINTS = [*(module.ENDPOINT for module in OTHERS), ENDPOINT]


@blueprint.route(route=ENDPOINT.route, methods=[ENDPOINT.method], auth_level=ENDPOINT.auth_level)
async def get_openapi(req: func.HttpRequest) -> func.HttpResponse:
    """Answer 200 with the document."""
    server = req.url.partition("?")[0].rstrip("/").rpartition("/")[0]
    return json_answer(200, {**_document(), "servers": [{"url": server}]})


@cache
def _document() -> dict[str, Any]:
    # Here, since a start of the app can do without it, and without msgspec's schemas.
    from triggers.openapi import openapi_document  # noqa: PLC0415

    return openapi_document(ENDPOINTS)
