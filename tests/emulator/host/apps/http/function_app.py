"""HTTP functions of every auth level and route, and every kind of answer."""

# ruff: noqa: INP001 -- an app is a folder, not a package

import json
from typing import Any

import azure.functions as func

app = func.FunctionApp(http_auth_level=func.AuthLevel.FUNCTION)
ANONYMOUS = func.AuthLevel.ANONYMOUS


def seen(req: func.HttpRequest, name: str) -> func.HttpResponse:
    """Tell the caller what the worker was given."""
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


@app.route(route="mirror", auth_level=ANONYMOUS)
def mirror(req: func.HttpRequest) -> func.HttpResponse:
    return seen(req, "mirror")


@app.route(route="orders/{id:int}", auth_level=ANONYMOUS, methods=["GET"])
def order_by_number(req: func.HttpRequest) -> func.HttpResponse:
    return seen(req, "order_by_number")


@app.route(route="orders/{name:alpha}", auth_level=ANONYMOUS, methods=["GET"])
async def order_by_name(req: func.HttpRequest) -> func.HttpResponse:
    return seen(req, "order_by_name")


@app.route(route="orders/latest", auth_level=ANONYMOUS, methods=["GET"])
def latest_order(req: func.HttpRequest) -> func.HttpResponse:
    return seen(req, "latest_order")


@app.route(route="things/{id:guid}/{flag:bool?}", auth_level=ANONYMOUS, methods=["GET"])
def thing(req: func.HttpRequest) -> func.HttpResponse:
    return seen(req, "thing")


@app.route(route="files/{name}.{kind}", auth_level=ANONYMOUS, methods=["GET"])
def file(req: func.HttpRequest) -> func.HttpResponse:
    return seen(req, "file")


@app.route(route="tree/{*path}", auth_level=ANONYMOUS, methods=["GET"])
def tree(req: func.HttpRequest) -> func.HttpResponse:
    return seen(req, "tree")


@app.route(auth_level=ANONYMOUS, methods=["GET", "HEAD"])
def unrouted(req: func.HttpRequest) -> func.HttpResponse:
    return seen(req, "unrouted")


@app.route(route="guarded", methods=["GET"])
def guarded(req: func.HttpRequest) -> func.HttpResponse:
    return seen(req, "guarded")


@app.route(route="admin-only", auth_level=func.AuthLevel.ADMIN, methods=["GET"])
def admin_only(req: func.HttpRequest) -> func.HttpResponse:
    return seen(req, "admin_only")


@app.route(route="disabled", methods=["GET"])
def switched_off(req: func.HttpRequest) -> func.HttpResponse:
    return seen(req, "switched_off")


@app.route(route="fails", auth_level=ANONYMOUS)
def fails(req: func.HttpRequest) -> func.HttpResponse:
    raise PermissionError(f"secret of {req.method}")


@app.route(route="answers/response", auth_level=ANONYMOUS)
def answers_response(req: func.HttpRequest) -> func.HttpResponse:
    headers = {"X-Method": req.method, "Set-Cookie": "crumb=1; Path=/"}
    return func.HttpResponse("grüße", status_code=418, headers=headers)


@app.route(route="answers/empty", auth_level=ANONYMOUS)
def answers_empty(req: func.HttpRequest) -> func.HttpResponse:
    return func.HttpResponse(status_code=int(req.params.get("status", 204)))


@app.queue_trigger(arg_name="message", queue_name="orders", connection="Storage")
def from_queue(message: func.QueueMessage) -> None:
    """Wait for a trigger that the emulated host does not drive."""
    message.get_body()
