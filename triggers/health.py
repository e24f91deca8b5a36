"""GET /health: is the app configured, and what has it learned?"""

import math
from typing import Annotated, Literal, NotRequired, TypedDict

import azure.durable_functions as df
import azure.functions as func
from msgspec import Meta

from domain.durations import PRIOR, Durations
from domain.settings import settings
from triggers import blueprint
from triggers.answers import answers_problems, json_answer
from triggers.durable_client import durable_client_input
from triggers.endpoint import Answer, Endpoint, Parameter
from triggers.list_query import InvalidQuery
from triggers.query import query_pairs
from triggers.task_hub_entities import known_scans

DETAIL = {"": True, "true": True, "false": False}


class Expected(TypedDict):
    """How long scans take: half of them no longer than `medianSeconds`."""

    medianSeconds: float
    sigma: float
    """Standard deviation of the natural logarithm of the seconds."""


class LearnedScans(Expected):
    """What was learned of one kind of scan."""

    kind: str
    """The name of the alert, as `StaleSignInAlert`; `allAlerts`; or `otherOperations`, whose ids name no alert."""
    count: int
    """Scans that were seen to their end."""


class Health(TypedDict):
    """The app is configured."""

    status: Literal["healthy"]
    prior: NotRequired[Expected]
    """With `detail`: what a run goes by that knows nothing of its kind of scan."""
    scans: NotRequired[list[LearnedScans]]
    """With `detail`: what runs go by otherwise."""


def _expected(durations: Durations) -> Expected:
    return {"medianSeconds": round(math.exp(durations["mean"]), 1), "sigma": round(math.sqrt(durations["variance"]), 3)}


SAMPLE: Health = {
    "status": "healthy",
    "prior": _expected(PRIOR),
    "scans": [{"kind": "StaleSignInAlert", "count": 12, "medianSeconds": 327.5, "sigma": 0.2}],
}

ENDPOINT = Endpoint(
    method="GET",
    route="health",
    name="getHealth",
    summary="Is the app configured?",
    description="Needs no key, and tells no secret.",
    parameters=[
        Parameter(
            "detail",
            "query",
            Annotated[
                Literal["", "true", "false"],
                Meta(
                    description="Whether to tell, too, how long scans take, as runs have learned it. `?detail` will do."
                ),
            ],
        )
    ],
    answers=[
        Answer(200, "Every setting is valid.", Health, examples={"plain": {"status": "healthy"}, "with detail": SAMPLE})
    ],
    problems=["invalid-request", "invalid-settings", "task-hub-unavailable"],
    auth_level=func.AuthLevel.ANONYMOUS,
)


@blueprint.route(route=ENDPOINT.route, methods=[ENDPOINT.method], auth_level=ENDPOINT.auth_level)
@durable_client_input(blueprint)
@answers_problems
async def health(req: func.HttpRequest, client: df.DurableFunctionsClient) -> func.HttpResponse:
    """Answer 200, or 503 with the settings to correct. Open to everybody: kinds of scans are names of Microsoft's."""
    chosen, healthy = settings(), Health(status="healthy")
    if not _wants_detail(req.url):
        return json_answer(200, healthy)
    known = await known_scans(client) if chosen.poll_learning else []
    scans = [LearnedScans(kind=each["kind"], count=each["scans"], **_expected(each["durations"])) for each in known]
    return json_answer(200, Health(**healthy, prior=_expected(PRIOR), scans=scans))


def _wants_detail(url: str) -> bool:
    """Tell whether the query asks for detail. Raises `InvalidQuery`."""
    texts = [text for name, text in query_pairs(url) if name == "detail"]
    if not DETAIL.keys() >= set(texts):
        raise InvalidQuery([{"field": "detail", "detail": "must be true or false, or stand alone"}])
    return any(DETAIL[text] for text in texts)
