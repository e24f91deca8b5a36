"""The OpenAPI document: valid, complete, and true to what the code reads."""

import tomllib
from collections.abc import Iterator
from typing import Any, TypedDict, get_args

import azure.functions as func
import pytest
from jsonschema import Draft202012Validator, FormatChecker
from openapi_spec_validator import OpenAPIV31SpecValidator

from domain.problem import PREFIX, ProblemName
from tests.support.host_process import CHECKOUT
from tests.test_architecture import FUNCTIONS
from tests.triggers.questions import CHOSEN, request
from tests.triggers.test_good_questions import BASE, FULL, OTHER
from triggers.endpoint import Answer, Endpoint
from triggers.get_openapi import ENDPOINTS, get_openapi
from triggers.list_query import READERS
from triggers.openapi import openapi_document
from triggers.start_question import FIELDS

DOCUMENT = openapi_document(ENDPOINTS)
OPERATIONS = {
    (method, path): operation for path, item in DOCUMENT["paths"].items() for method, operation in item.items()
}
START = OPERATIONS["post", "/runs"]


def validator(schema: Any) -> Draft202012Validator:
    # The references in the document are relative to its root.
    return Draft202012Validator({**schema, "components": DOCUMENT["components"]}, format_checker=FormatChecker())


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
    documented = {
        key: "ANONYMOUS" if operation.get("security") == [] else "FUNCTION" for key, operation in OPERATIONS.items()
    }
    assert documented == routes


def test_operations_have_names_of_their_own() -> None:
    names = [operation["operationId"] for operation in OPERATIONS.values()]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("key", OPERATIONS, ids=" ".join)
def test_whoever_needs_a_key_is_told_so(key: tuple[str, str]) -> None:
    operation = OPERATIONS[key]
    assert ("401" in operation["responses"]) == (operation.get("security") != [])
    assert "content" not in operation["responses"].get("401", {})


def test_every_problem_is_an_answer_of_some_operation() -> None:
    told = {
        kind
        for operation in OPERATIONS.values()
        for response in operation["responses"].values()
        if "application/problem+json" in response.get("content", {})
        for kind in response["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]["type"]["enum"]
    }
    every = {PREFIX + name for name in get_args(ProblemName)}
    assert told == every - {PREFIX + "no-such-route"}
    assert set(DOCUMENT["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]) == every


def test_a_problem_is_documented_under_its_own_status() -> None:
    for operation in OPERATIONS.values():
        for status, response in operation["responses"].items():
            if "application/problem+json" in response.get("content", {}):
                narrowed = response["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]
                assert str(narrowed["status"]["const"]) == status


def examples(node: Any, at: str = "") -> Iterator[tuple[str, Any, Any]]:
    """Yield where each example below `node` stands, its schema and itself."""
    if isinstance(node, list):
        node = {str(position): child for position, child in enumerate(node)}
    if not isinstance(node, dict):
        return
    found = node.get("examples", {})
    if isinstance(found, list):
        yield from ((at, node, value) for value in found)
    else:
        yield from ((f"{at}/{name}", node["schema"], example["value"]) for name, example in found.items())
    if "example" in node:
        yield at, node["schema"], node["example"]
    for name, child in node.items():
        if name not in {"example", "examples"}:
            yield from examples(child, f"{at}/{name}")


EXAMPLES = list(examples(DOCUMENT))


@pytest.mark.parametrize(("schema", "value"), [each[1:] for each in EXAMPLES], ids=[each[0] for each in EXAMPLES])
def test_an_example_is_what_its_schema_says(schema: Any, value: Any) -> None:
    validator(schema).validate(value)


@pytest.mark.parametrize("example", START["requestBody"]["content"]["application/json"]["examples"].values())
def test_an_example_of_a_start_is_accepted(example: dict[str, Any]) -> None:
    for field, value in example["value"].items():
        assert FIELDS[field](value, CHOSEN, in_query=False)


def test_every_field_is_documented_for_the_body_and_but_for_the_secret_one_for_the_query() -> None:
    in_query = [parameter["name"] for parameter in START["parameters"] if parameter["in"] == "query"]
    assert [*in_query, "callbackUrl"] == list(FIELDS)
    assert sorted(DOCUMENT["components"]["schemas"]["StartQuestion"]["properties"]) == sorted(FIELDS)
    assert all(parameter["description"] for parameter in START["parameters"])


BODY = validator(START["requestBody"]["content"]["application/json"]["schema"])


@pytest.mark.parametrize("question", [BASE, FULL, *OTHER, {**BASE, "timeoutSeconds": 60.0}, {**BASE, "select": "a,b"}])
def test_what_is_accepted_is_documented(question: dict[str, Any]) -> None:
    BODY.validate(question)


@pytest.mark.parametrize(
    "question",
    [
        {**BASE, "x": 1},
        {**BASE, "operationUrl": "https://graph.microsoft.com/"},
        {**BASE, "alertId": "x"},
        {**BASE, "allAlerts": True},
        {"operationUrl": "https://graph.microsoft.com/", "alertId": "x"},
        {"operationUrl": "https://graph.microsoft.com/", "allAlerts": True},
        {"alertId": "x", "allAlerts": True},
        {"alertId": "a/b"},
        {"alertId": "x" * 201},
        {"allAlerts": False},
        {"allAlerts": "true"},
        {"allAlerts": 1},
        {"operationId": ""},
        {"operationId": "a/b"},
        {"operationId": "x" * 201},
        {"operationId": 7},
        {**BASE, "select": ["a b"]},
        {**BASE, "select": "a, b"},
        {**BASE, "select": ["a"] * 51},
        {**BASE, "timeoutSeconds": 0},
        {**BASE, "timeoutSeconds": "60"},
        {**BASE, "timeoutSeconds": 86_401},
        {**BASE, "notBefore": "now"},
        {**BASE, "callbackUrl": "https://x.logic.azure.com/" + "x" * 2048},
        [BASE],
    ],
)
def test_what_is_not_accepted_is_documented_too(question: Any) -> None:
    assert not BODY.is_valid(question)


def test_whoever_refreshes_is_told_what_it_takes_and_what_it_does() -> None:
    fields = DOCUMENT["components"]["schemas"]["StartQuestion"]["properties"]
    for field in ("alertId", "allAlerts"):
        for told in ("`REFRESH_ENABLED`", "dismissed active again"):
            assert told in fields[field]["description"]
    assert "**A refresh makes alerts that somebody dismissed active again**" in START["description"]


def test_a_refresh_that_is_off_is_the_only_403() -> None:
    [narrowed] = [
        operation["responses"]["403"]["content"]["application/problem+json"]["schema"]["allOf"][1]["properties"]
        for operation in OPERATIONS.values()
        if "403" in operation["responses"]
    ]
    assert narrowed["type"]["enum"] == [f"{PREFIX}refresh-disabled"]
    assert "403" in START["responses"]


@pytest.mark.parametrize("name", ["refresh-conflict", "alert-disabled", "license-missing"])
def test_what_becomes_of_a_refresh_is_an_outcome_of_the_run(name: str) -> None:
    for operation in (START, OPERATIONS["get", "/runs/{id}/result"]):
        narrowed = operation["responses"]["424"]["content"]["application/problem+json"]["schema"]["allOf"][1]
        assert PREFIX + name in narrowed["properties"]["type"]["enum"]


class OneThing(TypedDict):
    one: dict[str, Any]


class ManyThings(TypedDict):
    many: list[dict[str, Any]]
    """Each as it is."""


def test_an_answer_may_have_one_of_two_forms() -> None:
    endpoint = Endpoint("GET", "things", "getThings", "Things", "Things.", [Answer(200, "x", OneThing | ManyThings)])
    document = openapi_document([*ENDPOINTS, endpoint])
    schema = document["paths"]["/things"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
    schemas = document["components"]["schemas"]
    assert schema == {"anyOf": [{"$ref": f"#/components/schemas/{name}"} for name in ("OneThing", "ManyThings")]}
    assert schemas["ManyThings"]["properties"]["many"]["description"] == "Each as it is."
    either = Draft202012Validator({**schema, "components": document["components"]})
    assert all(map(either.is_valid, [{"one": {"x": 1}}, {"many": [{"x": 1}]}]))
    assert not any(map(either.is_valid, [{}, {"one": 1}, {"many": {}}, []]))


def test_every_parameter_of_a_list_is_documented() -> None:
    assert [parameter["name"] for parameter in OPERATIONS["get", "/runs"]["parameters"]] == list(READERS)


def test_members_are_described_by_the_docstrings_below_them() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert schemas["Result"]["properties"]["fresh"]["description"].startswith("Whether that is not older")
    assert schemas["Problem"]["properties"]["graph"]["description"].startswith("What Graph answered: `status`")
    assert "description" not in schemas["Result"]["properties"]["alert"], "it has none"


def test_runs_and_their_list_are_pages_too() -> None:
    pages = {("get", "/runs"), ("get", "/runs/{id}")}
    for key, operation in OPERATIONS.items():
        for status, response in operation["responses"].items():
            assert ("text/html" in response.get("content", {})) == (key in pages and status != "401")


def test_objects_of_graph_may_have_any_member() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    opened = {"type": "object", "additionalProperties": True}
    assert schemas["Result"]["properties"]["alert"] == opened
    assert schemas["Problem"]["properties"]["graph"].items() >= opened.items()
    assert opened in schemas["RunDocument"]["properties"]["operation"]["anyOf"]


def test_the_version_is_that_of_the_project() -> None:
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())["project"]
    assert DOCUMENT["info"]["version"] == project["version"]


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("https://app.example/api/openapi.json", "https://app.example/api"),
        ("https://app.example/api/openapi.json/", "https://app.example/api"),
        ("https://app.example/openapi.json?code=key", "https://app.example"),
        ("http://127.0.0.1:7071/v2/OpenAPI.json?x=/a/b", "http://127.0.0.1:7071/v2"),
    ],
)
async def test_the_server_is_what_was_called(url: str, server: str) -> None:
    called: Any = get_openapi.build().get_user_function()
    answer: func.HttpResponse = await called(request(url=url))
    assert (answer.status_code, answer.mimetype) == (200, "application/json")
    assert f'"servers": [{{"url": "{server}"}}]' in answer.get_body().decode()
    assert "key" not in server
