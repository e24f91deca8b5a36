"""GET /health: is the app configured?"""

import azure.durable_functions as df
import azure.functions as func

from domain.settings import settings
from triggers.answers import answers_problems, json_answer

blueprint = df.Blueprint()


@blueprint.route(route="health", methods=["GET"], auth_level=func.AuthLevel.ANONYMOUS)
@answers_problems
async def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the host binds it by name
    """Answer 200, or 503 with the settings to correct. Open to everybody: it says nothing else."""
    settings()
    return json_answer(200, {"status": "healthy"})
