"""openapi.yaml: valid, plain to read, and true to the code. The lint rules are here, since no small linter has them."""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any, get_args

import azure.functions as func
import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from alert_refresh.problems import KINDS, PREFIX, Problem
from alert_refresh.run.changes import Changes
from alert_refresh.run.delivery import DeliveryState
from alert_refresh.run.documents import Callback, Links, RunDocument, RunSummary, State
from alert_refresh.run.observations import IncidentsCut
from alert_refresh.run.outcome import AlertsResult, Result
from tests.openapi.__main__ import CHECKOUT, JSON_FILE, convert
from tests.support.openapi_answers import make_validator, resolve
from tests.test_architecture import FUNCTIONS
from triggers.get_openapi import get_openapi, read_document

DOCUMENT = read_document()
COMPONENTS = DOCUMENT["components"]
SCHEMAS = COMPONENTS["schemas"]
METHODS = ("get", "post", "put", "patch", "delete")
OPERATIONS = {
    (method, path): item[method] for path, item in DOCUMENT["paths"].items() for method in METHODS if method in item
}
PROBLEM_JSON = "application/problem+json"
NO_PAGE = {("/runs", "410"), ("/runs", "424")}
"""Answers to a caller that waits for the outcome."""


def walk(node: Any, place: str = "#") -> Iterator[tuple[str, Any]]:
    """Yield every object and array in the document below `node`, with its place; no example's value."""
    yield place, node
    members = node.items() if isinstance(node, dict) else enumerate(node)
    for name, child in members:
        if isinstance(child, dict | list) and name not in {"example", "examples"}:
            yield from walk(child, f"{place}/{name}")


NODES = {place: node for place, node in walk(DOCUMENT) if isinstance(node, dict)}
REFERENCES = {node["$ref"] for node in NODES.values() if "$ref" in node}
PROPERTIES = {place: node["properties"] for place, node in NODES.items() if "properties" in node}


def find_examples() -> Iterator[tuple[str, Any, Any]]:
    """Yield the place of each example, its schema and its value."""
    for place, node in NODES.items():
        examples = node.get("examples", [])
        if isinstance(examples, list):
            yield from ((place, node, value) for value in examples)
        else:
            yield from ((f"{place}/{name}", node["schema"], each["value"]) for name, each in examples.items())
        if "example" in node:
            yield place, node["schema"], node["example"]


EXAMPLES = list(find_examples())


def list_responses() -> Iterator[tuple[tuple[str, str], str, Any]]:
    for key, operation in OPERATIONS.items():
        for status, response in operation["responses"].items():
            yield key, status, resolve(DOCUMENT, response)


def list_types(response: Any) -> list[str]:
    """Return the problem types that `response` declares."""
    if PROBLEM_JSON not in response.get("content", {}):
        return []
    [_, narrowed] = response["content"][PROBLEM_JSON]["schema"]["allOf"]
    return list(narrowed["properties"]["type"]["enum"])


# The document as a whole


def test_the_served_document_is_the_written_one() -> None:
    assert JSON_FILE.read_text(encoding="utf-8") == convert(), "Run `.venv/bin/python -m tests.openapi`."


def test_the_document_is_valid_openapi() -> None:
    served = {**DOCUMENT, "servers": [{"url": "https://app.example/api"}]}
    assert [error.message for error in OpenAPIV31SpecValidator(served).iter_errors()] == []


def test_every_http_function_is_in_the_document_and_nothing_else() -> None:
    routes = {
        (method.lower(), f"/{function['route']}"): function["authLevel"]
        for name, function in FUNCTIONS.items()
        if function["type"] == "httpTrigger" and name != "unknown_route"
        for method in function["methods"]
    }
    levels = {key: "ANONYMOUS" if each.get("security") == [] else "FUNCTION" for key, each in OPERATIONS.items()}
    assert levels == routes


def test_every_component_is_used_and_every_reference_leads_to_one() -> None:
    components = {f"#/components/{section}/{name}" for section in COMPONENTS for name in COMPONENTS[section]}
    schemes = {f"#/components/securitySchemes/{name}" for requirement in DOCUMENT["security"] for name in requirement}
    assert components == REFERENCES | schemes


@pytest.mark.parametrize(("schema", "value"), [each[1:] for each in EXAMPLES], ids=[each[0] for each in EXAMPLES])
def test_every_example_fits_its_schema(schema: Any, value: Any) -> None:
    make_validator(DOCUMENT, schema).validate(value)


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    assert DOCUMENT["info"]["version"] == project["version"]


# Lint: what a reader and a generator of clients need


@pytest.mark.parametrize("key", OPERATIONS, ids=" ".join)
def test_an_operation_says_what_it_does_and_how_it_fails(key: tuple[str, str]) -> None:
    operation = OPERATIONS[key]
    assert {"operationId", "summary", "description", "tags", "responses"} <= operation.keys()
    assert set(operation["tags"]) <= {tag["name"] for tag in DOCUMENT["tags"]}
    assert any(status[0] in "45" for status in operation["responses"])
    assert ("401" in operation["responses"]) == (operation.get("security") != [])


def test_everything_named_has_a_description() -> None:
    named = {f"{place}/properties/{name}": each for place, found in PROPERTIES.items() for name, each in found.items()}
    named |= {place: node for place, node in NODES.items() if {"in", "name"} <= node.keys()}
    named |= {f"#/components/schemas/{name}": schema for name, schema in SCHEMAS.items()}
    # A branch of oneOf or allOf narrows a property that is described where it is declared.
    missing = {place for place, node in named.items() if not node.get("description") and "$ref" not in node}
    assert {place for place in missing if not re.search(r"/(oneOf|allOf)/\d+/properties/", place)} == set()


def test_every_object_says_whether_it_has_other_members() -> None:
    objects = {place: node for place, node in NODES.items() if "object" in str(node.get("type"))}
    assert [place for place, node in objects.items() if "additionalProperties" not in node] == []


def test_runs_and_alerts_are_not_stored_and_have_pages_where_a_person_looks() -> None:
    for (method, path), status, response in list_responses():
        content = response.get("content", {})
        header = response.get("headers", {}).get("Cache-Control")
        documents = path.startswith(("/runs", "/alerts")) and status in {"200", "202"} and content != {}
        shown = status == "303" or documents
        assert (header is not None) == shown
        assert header is None or resolve(DOCUMENT, header)["required"]
        pages = {"/alerts", "/alerts/{id}", "/runs", "/runs/{id}", "/doctor"}
        looked_at = method == "get" and path in pages and status != "401"
        # A form that is refused. One that is accepted leads to a page.
        refused = method == "post" and PROBLEM_JSON in content and (path, status) not in NO_PAGE
        assert ("text/html" in content) == (looked_at or refused)


# True to the code


def test_every_problem_is_declared_with_its_status_and_shown() -> None:
    responses = [(status, response) for _, status, response in list_responses() if list_types(response)]
    declared = {(kind, int(status)) for status, response in responses for kind in list_types(response)}
    assert declared == {(PREFIX + name, kind.status) for name, kind in KINDS.items() if name != "no-such-route"}
    assert all(response["content"][PROBLEM_JSON]["examples"] for _, response in responses)
    shown = [value for _, _, value in EXAMPLES if isinstance(value, dict) and "title" in value]
    titles = {PREFIX + name: kind.title for name, kind in KINDS.items()}
    assert [problem for problem in shown if problem["title"] != titles[problem["type"]]] == []


@pytest.mark.parametrize(
    "kind", [AlertsResult, Callback, Changes, IncidentsCut, Links, Problem, Result, RunDocument, RunSummary]
)
def test_a_schema_has_the_members_of_its_type(kind: Any) -> None:
    schema = SCHEMAS[kind.__name__]
    assert set(schema["properties"]) == kind.__required_keys__ | kind.__optional_keys__
    assert set(schema["required"]) == kind.__required_keys__


def test_states_are_those_of_the_code() -> None:
    assert set(SCHEMAS["State"]["enum"]) == set(get_args(State.__value__))
    in_code = {"none", *get_args(DeliveryState.__value__)}
    assert set(SCHEMAS["Callback"]["properties"]["state"]["enum"]) == in_code


# The request


START = OPERATIONS["post", "/runs"]
START_REQUEST = make_validator(DOCUMENT, SCHEMAS["StartRequest"])
ID = "DirectoryRole_1_StaleSignInAlert"


def test_each_field_may_be_in_the_query_but_the_secret_one() -> None:
    in_query = [each["name"] for each in START["parameters"] if each.get("in") == "query"]
    assert [*in_query, "callbackUrl"] == list(SCHEMAS["StartRequest"]["properties"])


TAKEN: list[Any] = [
    {"alertId": ID, "allAlerts": None, "operationId": None, "operationUrl": None},
    {"alertId": ID, "select": ["id", "isActive"], "expand": "alertIncidents, alertDefinition"},
    {"alertId": ID, "notBefore": "2026-01-31T12:00:00+01:00", "changesFor": "A-z_0.9"},
    *({}, {"allAlerts": "true"}, {"alertId": ID, "select": [], "expand": []}),
    *({"alertId": ID, "timeoutSeconds": time} for time in (1, 60.0, 86400, "1", "060", "9999", "86400", "86399")),
]
REFUSED: list[Any] = [
    {"alertId": "a/b"},
    *({"alertId": ID, **other} for other in ({"colour": "red"}, {"allAlerts": True}, {"operationId": "x"})),
    *({"alertId": ID, **names} for names in ({"select": ["surprise"]}, {"select": "id isActive"}, {"expand": ""})),
    *({"alertId": ID, "timeoutSeconds": time} for time in (0, 86401, 1.5, True, "0", "86401", "1.5", "")),
]


@pytest.mark.parametrize(
    ("request_body", "taken"), [*((body, True) for body in TAKEN), *((body, False) for body in REFUSED)], ids=json.dumps
)
def test_a_request_is_declared_as_the_app_takes_it(request_body: Any, *, taken: bool) -> None:
    assert START_REQUEST.is_valid(request_body) is taken


def test_the_http_file_asks_every_operation_and_its_bodies_fit() -> None:
    text = (CHECKOUT / "test.http").read_text()
    # What stands for the links of a run that was started before.
    places = {
        r"\S*links.(?:self|cancel)": "/runs/{id}",
        r"\S*Location": "/runs/{id}/result",
        r"\S*\[0\].link": "/alerts/{id}",
    }
    for place, path in places.items():
        text = re.sub(rf"^(GET|DELETE) {place}}}}}", rf"\1 {{{{api}}}}{path}", text, flags=re.MULTILINE)
    text = re.sub(r"\{\{[^{}\s]*body\.\$\.id\}\}", "{id}", text)
    asked = re.findall(r"^(GET|POST|DELETE) \{\{api\}\}([^?\s]+)", text, re.MULTILINE)
    assert {(method.lower(), path) for method, path in asked} == OPERATIONS.keys()
    bodies = re.findall(r"^\{.*?\}$", text, re.MULTILINE | re.DOTALL)
    assert len(bodies) == text.count("Content-Type: application/json")
    for body in bodies:
        START_REQUEST.validate(json.loads(body))


# The answer


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("https://app.example/api/openapi.json", "https://app.example/api"),
        ("https://app.example/api/openapi.json/", "https://app.example/api"),
        ("https://app.example/openapi.json?code=key", "https://app.example"),
        ("http://127.0.0.1:7071/v2/OpenAPI.json?x=/a/b", "http://127.0.0.1:7071/v2"),
    ],
)
async def test_the_document_is_served_with_the_url_that_the_caller_used_or_the_public_one(
    monkeypatch: pytest.MonkeyPatch, url: str, server: str
) -> None:
    called: Any = get_openapi.build().get_user_function()
    for expected in (server, "https://gateway.example/pim"):
        answer: func.HttpResponse = await called(func.HttpRequest("GET", url, body=b""))
        assert (answer.status_code, answer.mimetype) == (200, "application/json")
        assert json.loads(answer.get_body()) == {**DOCUMENT, "servers": [{"url": expected}]}
        monkeypatch.setenv("PUBLIC_URL", "https://gateway.example/pim")
