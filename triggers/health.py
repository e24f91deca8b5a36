"""GET /health: is the app configured?"""

from typing import Literal, TypedDict

import azure.durable_functions as df
import azure.functions as func

from domain.settings import settings
from triggers.answers import answers_problems, json_answer
from triggers.endpoint import Answer, Endpoint

blueprint = df.Blueprint()


class Health(TypedDict):
    """The app is configured."""

    status: Literal["healthy"]


ENDPOINT = Endpoint(
    method="GET",
    route="health",
    name="getHealth",
    summary="Is the app configured?",
    description="Needs no key, and tells no secret.",
    answers=[Answer(200, "Every setting is valid.", Health, example={"status": "healthy"})],
    problems=["invalid-settings"],
    auth_level=func.AuthLevel.ANONYMOUS,
)


@blueprint.route(route=ENDPOINT.route, methods=[ENDPOINT.method], auth_level=ENDPOINT.auth_level)
@answers_problems
async def health(req: func.HttpRequest) -> func.HttpResponse:  # noqa: ARG001 - the host binds it by name
    """Answer 200, or 503 with the settings to correct. Open to everybody: it says nothing else."""
    settings()
    return json_answer(200, {"status": "healthy"})
