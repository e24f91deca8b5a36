"""Whatever no other function serves: a problem in place of the host's empty 404."""

import azure.functions as func

from domain.problem import problem
from triggers import blueprint
from triggers.answers import problem_answer

LONGEST_METHOD = 20
LONGEST_PATH = 200


# The host tries the functions in the order of their names, whatever their routes, and takes the first whose route and
# method fit. Under a name before another's this function would serve what is the other's:
# https://github.com/Azure/azure-functions-host/issues/9876.
@blueprint.route(route="{*path}", auth_level=func.AuthLevel.FUNCTION)
async def unknown_route(req: func.HttpRequest) -> func.HttpResponse:
    """Answer 404 to every method. A route that is called by a method of another comes here, too."""
    path = "/" + req.url.partition("?")[0].partition("://")[2].partition("/")[2]
    called = f"{_shown(req.method, LONGEST_METHOD)} {_shown(path, LONGEST_PATH)}"
    return problem_answer(problem("no-such-route", f"Nothing answers {called}. GET /api/openapi.json lists what does."))


def _shown(text: str, longest: int) -> str:
    cut = text if len(text) <= longest else text[:longest] + "…"
    return "".join(character if character.isprintable() else "?" for character in cut)
