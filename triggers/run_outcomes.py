"""What the endpoints about one run have in common: its id, and the answers of `run_answers.outcome`, as documented."""

from typing import Annotated, get_args

from msgspec import Meta

from domain.outcome import AlertsResult, Result
from domain.problem import ProblemName, problem
from domain.run_document import RunDocument
from triggers.endpoint import Answer, Header, Parameter
from triggers.samples import SAMPLE_ALERTS_RESULT, SAMPLE_LINKS, SAMPLE_RESULT, SAMPLE_RUN

RUN_ID = Parameter(
    "id",
    "path",
    Annotated[
        str,
        Meta(
            description="The run's id, as in the run document.",
            examples=[SAMPLE_RUN["id"]],
            extra_json_schema={"format": "uuid"},
        ),
    ],
)

LOCATION = Header(
    "Location",
    Annotated[
        str,
        Meta(
            description="Absolute URL of the result: what to follow until it answers something other than 202. It "
            "holds `?code=` when the caller's URL did.",
            examples=[SAMPLE_LINKS["result"]],
            extra_json_schema={"format": "uri"},
        ),
    ],
)
RETRY_AFTER = Header(
    "Retry-After", Annotated[int, Meta(ge=1, description="Seconds to wait before the next look.", examples=[2])]
)
PREFERENCE_APPLIED = Header(
    "Preference-Applied",
    Annotated[str, Meta(description="`wait=N`: the seconds that were granted.", examples=["wait=30"])],
    required=False,
)

ACCEPTED = Answer(
    202,
    "The run is on its way. GET `Location` after `Retry-After` seconds, again and again while it answers 202.",
    RunDocument,
    (LOCATION, RETRY_AFTER, PREFERENCE_APPLIED),
    SAMPLE_RUN,
    dict.fromkeys(("getRun", "getRunResult", "cancelRun"), "$response.body#/id"),
)
SUCCEEDED = Answer(
    200,
    "The run succeeded: the operation, and the alert that it scanned, as Microsoft Graph sent them; after "
    "`allAlerts`, every alert of the tenant.",
    Result | AlertsResult,
    (PREFERENCE_APPLIED,),
    examples={"one alert": SAMPLE_RESULT, "every alert": SAMPLE_ALERTS_RESULT},
)
ENDED_BADLY: tuple[ProblemName, ...] = tuple(
    name for name in get_args(ProblemName) if problem(name, "")["status"] == problem("operation-failed", "")["status"]
)
"""Why a run ends without an alert."""
