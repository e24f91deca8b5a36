"""HTTP functions of every auth level and route, and every kind of answer."""

# ruff: noqa: INP001 -- an app is a folder, not a package

import json
from collections.abc import Callable
from typing import Any

import azure.durable_functions as df
import azure.functions as func

ANONYMOUS = func.AuthLevel.ANONYMOUS
MIRRORS: dict[str, dict[str, Any]] = {
    "mirror": {"route": "mirror", "auth_level": ANONYMOUS},
    "order_by_number": {"route": "orders/{id:int}", "auth_level": ANONYMOUS, "methods": ["GET"]},
    "order_by_text": {"route": "orders/{text}", "auth_level": ANONYMOUS, "methods": ["GET"]},
    "order_of_today": {"route": "orders/today", "auth_level": ANONYMOUS, "methods": ["GET"]},
    "file": {"route": "files/{name}.{kind}/{part?}", "auth_level": ANONYMOUS, "methods": ["GET"]},
    "tree": {"route": "tree/{*path}", "auth_level": ANONYMOUS, "methods": ["GET"]},
    "unrouted": {"auth_level": ANONYMOUS, "methods": ["GET", "HEAD"]},
    "guarded": {"route": "guarded", "methods": ["GET"]},
    "admin_only": {"route": "admin-only", "auth_level": func.AuthLevel.ADMIN, "methods": ["GET"]},
    "out_of_use": {"route": "disabled", "methods": ["GET"]},
}
"""Functions that tell the caller what the worker was given, by name."""

blueprint = df.Blueprint()


def mirror(name: str) -> Callable[[func.HttpRequest], func.HttpResponse]:
    def answer(req: func.HttpRequest) -> func.HttpResponse:
        document: dict[str, Any] = {
            "function": name,
            "method": req.method,
            "url": req.url,
            "route": dict(req.route_params),
            "query": dict(req.params),
            "headers": dict(req.headers),
            "body": req.get_body().decode(),
        }
        return func.HttpResponse(json.dumps(document), mimetype="application/json")

    return answer


for each, options in MIRRORS.items():
    blueprint.function_name(each)(blueprint.route(**options)(mirror(each)))


@blueprint.route(route="fails", auth_level=ANONYMOUS)
def fails(req: func.HttpRequest) -> func.HttpResponse:
    raise PermissionError(f"secret of {req.method}")


@blueprint.route(route="answers/{empty?}", auth_level=ANONYMOUS)
def answers(req: func.HttpRequest) -> func.HttpResponse:
    if req.route_params:
        return func.HttpResponse(status_code=204)
    headers = {"X-Method": req.method, "Set-Cookie": "crumb=1; Path=/"}
    return func.HttpResponse("grüße", status_code=418, headers=headers)


@blueprint.queue_trigger(arg_name="message", queue_name="orders", connection="Storage")
def from_queue(message: func.QueueMessage) -> None:
    """Wait for a trigger that the emulated host does not drive."""
    message.get_body()
