"""The OpenAPI document, put together from what the endpoints say of themselves. https://spec.openapis.org/oas/v3.1.1."""

from collections.abc import Iterable, Mapping, Sequence
from types import UnionType
from typing import Any, get_args, is_typeddict

import azure.functions as func
from msgspec.json import schema_components

from domain.problem import PREFIX, Problem, ProblemName, problem
from triggers.endpoint import Answer, Body, Endpoint, Header, Parameter
from triggers.member_docs import member_docs, typed_dicts
from triggers.samples import SAMPLE_PROBLEM

VERSION = "0.1.0"
"""Of the API and of the app: the one in pyproject.toml, which is not deployed."""

SECURITY = {
    "functionKey": {
        "type": "apiKey",
        "in": "header",
        "name": "x-functions-key",
        "description": "A function or host key of the app. It wins over `code`, even when only that is right.",
    },
    "code": {
        "type": "apiKey",
        "in": "query",
        "name": "code",
        "description": "The same key. A caller that uses it finds it in `Location` and in every link.",
    },
}
NO_KEY = {"description": "No function key, or a wrong one. The Functions host says so, with an empty body."}

PAGE = {"schema": {"type": "string", "description": "The same for people, to who prefers `text/html` in `Accept`."}}

DESCRIPTION = """\
Turns one call into a *fresh* alert of Microsoft Entra Privileged Identity Management: refreshes it when asked to, waits
durably for the long-running operation of Microsoft Graph, fetches the alert, and hands it over.

Errors are problems (RFC 9457) with a stable `type`. What is not listed here answers 404 `no-such-route`, a listed path
under another method included. Objects of Microsoft Graph stand as Graph sent them, members that it does not document
included."""


class _Schemas:
    """JSON schemas of types, and the components that they refer to."""

    def __init__(self) -> None:
        self.components: dict[str, Any] = {}

    def of(self, kind: Any) -> dict[str, Any]:
        if isinstance(kind, UnionType) and all(map(is_typeddict, get_args(kind))):
            # msgspec could not tell them apart, and refuses: https://jcristharif.com/msgspec/supported-types.html#union-optional
            return {"anyOf": [self.of(each) for each in get_args(kind)]}
        [schema], found = schema_components([kind], ref_template="#/components/schemas/{name}")
        self.components |= {name: _opened(component) for name, component in found.items()}
        for typed_dict in typed_dicts(kind):
            members = self.components[typed_dict.__name__]["properties"]
            for member, text in member_docs(typed_dict).items():
                members[member].setdefault("description", text)
        opened: dict[str, Any] = _opened(schema)
        return opened


def openapi_document(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Return the document, without its servers: those are what the caller called."""
    schemas = _Schemas()
    paths: dict[str, dict[str, Any]] = {}
    for endpoint in endpoints:
        path = paths.setdefault(f"/{endpoint.route}", {})
        path[endpoint.method.lower()] = _operation(endpoint, schemas)
    types = [PREFIX + name for name in get_args(ProblemName)]
    schemas.components["Problem"]["properties"]["type"]["enum"] = types
    return {
        "openapi": "3.1.1",
        "info": {"title": "PIM alert refresh", "version": VERSION, "description": DESCRIPTION},
        "paths": paths,
        "components": {"schemas": schemas.components, "securitySchemes": SECURITY},
        "security": [{scheme: []} for scheme in SECURITY],
    }


def _operation(endpoint: Endpoint, schemas: _Schemas) -> dict[str, Any]:
    responses = {str(answer.status): _response(answer, schemas) for answer in endpoint.answers}
    for status in sorted({problem(name, "")["status"] for name in endpoint.problems}):
        names = [name for name in endpoint.problems if problem(name, "")["status"] == status]
        responses[str(status)] = _problem_response(status, names, schemas)
    if endpoint.pages:
        for response in responses.values():
            response["content"]["text/html"] = PAGE
    operation: dict[str, Any] = {
        "operationId": endpoint.name,
        "summary": endpoint.summary,
        "description": endpoint.description,
    }
    if endpoint.parameters:
        operation["parameters"] = [_parameter(parameter, schemas) for parameter in endpoint.parameters]
    if endpoint.body:
        operation["requestBody"] = _request_body(endpoint.body, schemas)
    if endpoint.auth_level is func.AuthLevel.ANONYMOUS:
        operation["security"] = []
    else:
        responses["401"] = NO_KEY
    return {**operation, "responses": dict(sorted(responses.items()))}


def _parameter(parameter: Parameter, schemas: _Schemas) -> dict[str, Any]:
    schema = schemas.of(parameter.type)
    described = {"name": parameter.name, "in": parameter.place, "description": schema.pop("description")}
    if parameter.place == "path":
        described["required"] = True
    if any(form.get("type") == "array" for form in schema.get("anyOf", [schema])):
        described |= {"style": "form", "explode": False}
    return {**described, "schema": schema}


def _request_body(body: Body, schemas: _Schemas) -> dict[str, Any]:
    schema = schemas.of(body.type)
    schemas.components[schema["$ref"].rpartition("/")[2]] |= body.rules
    content = {"application/json": {"schema": schema, "examples": _examples(body.examples)}}
    return {"description": body.description, "content": content}


def _response(answer: Answer, schemas: _Schemas) -> dict[str, Any]:
    response: dict[str, Any] = {"description": answer.description}
    if answer.headers:
        response["headers"] = {header.name: _header(header, schemas) for header in answer.headers}
    if answer.type is not None:
        content = {"schema": schemas.of(answer.type)}
        if answer.example:
            content["example"] = answer.example
        if answer.examples:
            content["examples"] = _examples(answer.examples)
        response["content"] = {"application/json": content}
    if answer.links:
        response["links"] = {
            name: {"operationId": name, "parameters": {"id": where}} for name, where in answer.links.items()
        }
    return response


def _examples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: {"value": value} for name, value in values.items()}


def _header(header: Header, schemas: _Schemas) -> dict[str, Any]:
    schema = schemas.of(header.type)
    return {"description": schema.pop("description"), "required": header.required, "schema": schema}


def _problem_response(status: int, names: Sequence[ProblemName], schemas: _Schemas) -> dict[str, Any]:
    narrowed = {"type": {"enum": [PREFIX + name for name in names]}, "status": {"const": status}}
    content: dict[str, Any] = {"schema": {"allOf": [schemas.of(Problem), {"properties": narrowed}]}}
    if status == SAMPLE_PROBLEM["status"]:
        content["example"] = SAMPLE_PROBLEM
    titles = "; ".join(f"{problem(name, '')['title']} (`{name}`)" for name in names)
    return {"description": f"{titles}.", "content": {"application/problem+json": content}}


def _opened(schema: Any) -> Any:
    """Return `schema` with what a bare object means said aloud: any members."""
    if isinstance(schema, list):
        return [_opened(each) for each in schema]
    if not isinstance(schema, dict):
        return schema
    bare = schema.get("type") == "object" and not {"properties", "additionalProperties"} & schema.keys()
    return {name: _opened(value) for name, value in schema.items()} | ({"additionalProperties": True} if bare else {})
