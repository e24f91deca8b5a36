"""All other routes: the root leads to the front page; the others get a problem in place of the host's empty 404."""

import azure.functions as func

from alert_refresh.app import app
from alert_refresh.problems import make_problem
from alert_refresh.web.responses import PRIVATE, answer_problem, find_alerts_url

LONGEST = 200
"""Characters of the request that the answer repeats."""


# The host tries the functions in the order of their names, and calls the first one whose route and method fit. It would
# never call a function whose name comes after this one: https://github.com/Azure/azure-functions-host/issues/9876.
@app.route(route="{*path}")
async def unknown_route(req: func.HttpRequest) -> func.HttpResponse:
    """Answer 302 to a GET of the root, and 404 otherwise. A known route with another method comes here, too."""
    # A function cannot have the root as its route: for an empty one the host takes the name of the function.
    if req.method == "GET" and not req.route_params.get("path"):
        return func.HttpResponse(status_code=302, headers={**PRIVATE, "Location": find_alerts_url(req)})
    request = f"{req.method} /{req.url.partition('?')[0].partition('://')[2].partition('/')[2]}"
    request = request if len(request) <= LONGEST else request[:LONGEST] + "…"
    request = "".join(character if character.isprintable() else "?" for character in request)
    detail = f"Nothing answers {request}. GET /api/openapi.json lists what there is."
    return answer_problem(make_problem("no-such-route", detail))
