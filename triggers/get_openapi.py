"""GET /openapi.json: the OpenAPI document, which is openapi.yaml."""

import json
from functools import cache
from pathlib import Path
from typing import Any

import azure.functions as func

from alert_refresh.app import app
from alert_refresh.web.responses import answer_json, find_api_url

# Made of openapi.yaml by `python -m tests.openapi`, so that the app needs no reader of YAML.
DOCUMENT = Path(__file__).parents[1] / "openapi.json"


@app.route(route="openapi.json", methods=["GET"])
async def get_openapi(req: func.HttpRequest) -> func.HttpResponse:
    """Answer 200 with the document. Its server is PUBLIC_URL, or else the URL that the caller used."""
    server = find_api_url(req, r"/openapi\.json/?")
    return answer_json(200, {**read_document(), "servers": [{"url": server}]})


@cache
def read_document() -> dict[str, Any]:
    """Return the document as it is in the file, without `servers`."""
    document: dict[str, Any] = json.loads(DOCUMENT.read_text(encoding="utf-8"))
    return document
