"""All other routes: a problem in place of the host's empty 404."""

import azure.functions as func

from alert_refresh.problems import make_problem
from alert_refresh.web.responses import answer_problem
from triggers import blueprint

LONGEST_METHOD = 20
LONGEST_PATH = 200


# The host tries the functions in the order of their names, and calls the first one whose route and method fit. It would
# never call a function whose name comes after this one: https://github.com/Azure/azure-functions-host/issues/9876.
@blueprint.route(route="{*path}", auth_level=func.AuthLevel.FUNCTION)
async def unknown_route(req: func.HttpRequest) -> func.HttpResponse:
    """Answer 404 to every method. A known route with another method comes here, too."""
    path = "/" + req.url.partition("?")[0].partition("://")[2].partition("/")[2]
    request = f"{_make_printable(req.method, LONGEST_METHOD)} {_make_printable(path, LONGEST_PATH)}"
    detail = f"Nothing answers {request}. GET /api/openapi.json lists what there is."
    return answer_problem(make_problem("no-such-route", detail))


def _make_printable(text: str, longest: int) -> str:
    cut = text if len(text) <= longest else text[:longest] + "…"
    return "".join(character if character.isprintable() else "?" for character in cut)
