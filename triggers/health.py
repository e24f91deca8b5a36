"""GET /health: tell whether the settings are valid."""

import azure.functions as func

from alert_refresh.app import app
from alert_refresh.settings import settings
from alert_refresh.web.responses import answer_json, answer_problems


@app.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@answer_problems
async def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - a trigger has a request
    """Answer 200, or 503 with the settings to correct. The answer has no values of settings. Nothing else is called."""
    settings()
    return answer_json(200, {"status": "healthy"})
