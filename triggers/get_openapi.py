"""GET /openapi.json: the OpenAPI document, which is openapi.yaml."""

from functools import cache
from pathlib import Path
from typing import Any

import azure.functions as func
import yaml

from alert_refresh.web.responses import answer_json, find_api_url
from triggers import blueprint

DOCUMENT = Path(__file__).parents[1] / "openapi.yaml"


@blueprint.route(route="openapi.json", methods=["GET"])
async def get_openapi(req: func.HttpRequest) -> func.HttpResponse:
    """Answer 200 with the document. Its server is PUBLIC_URL, or else the URL that the caller used."""
    server = find_api_url(req, r"/openapi\.json/?")
    return answer_json(200, {**read_document(), "servers": [{"url": server}]})


@cache
def read_document() -> dict[str, Any]:
    """Return the document as it is in the file, without `servers`."""
    document: dict[str, Any] = yaml.safe_load(DOCUMENT.read_text(encoding="utf-8"))
    return document
