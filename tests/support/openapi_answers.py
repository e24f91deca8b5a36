"""Holds real answers to the OpenAPI document."""

import json
import re
from collections.abc import Mapping
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker

NO_SUCH_ROUTE_SCHEMA = {
    "$ref": "#/components/schemas/Problem",
    "properties": {"type": {"const": "urn:problem-type:pim-alert-refresh:no-such-route"}},
}
NO_SUCH_ROUTE = {"content": {"application/problem+json": {"schema": NO_SUCH_ROUTE_SCHEMA}}}
"""The only answer of the app to a path or method that is not in the document: its introduction says so."""

NO_KEY: Mapping[str, Any] = {}
"""The host checks the key before it looks for a function."""

FRONT_PAGE = {
    "headers": {"Location": {"required": True, "schema": {"type": "string", "pattern": r"/alerts(\?code=[^&]+)?$"}}}
}
"""The introduction says where the root leads."""


def resolve(document: Mapping[str, Any], node: Any) -> Any:
    """Return what the reference `node` leads to; `node` itself when it is none."""
    if "$ref" not in node:
        return node
    _, section, name = node["$ref"].rsplit("/", 2)
    return resolve(document, document["components"][section][name])


def make_validator(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Draft202012Validator:
    # The references in the document begin at its root.
    root = {**schema, "components": document["components"]}
    return Draft202012Validator(root, format_checker=FormatChecker())


class AnswerValidator:
    """Checks answers of the app against `document`, an OpenAPI document. Paths have the host's prefix."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document

    def check(self, method: str, path: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
        """Raise AssertionError, with the place, unless the document declares this answer.

        `path` is the path of the request, with its prefix; a query in it does not matter. `headers` finds names in any
        letter case, as those of aiohttp do.
        """
        place = f"{method} {path.partition('?')[0]} answered {status}"
        response = self._find_response(method, path, status, place)
        for name, header in response.get("headers", {}).items():
            self._check_header(resolve(self._document, header), headers.get(name), f"{place}: header {name}")
        content = response.get("content")
        if not content:
            assert not body, f"{place}: the document declares no body, but there is one"
            return
        media_type = headers.get("Content-Type", "").partition(";")[0].strip().lower()
        assert media_type in content, f"{place}: the document does not declare the media type {media_type!r}"
        self._check_value(content[media_type]["schema"], _decode(body, media_type, place), f"{place}: body")

    def _find_response(self, method: str, path: str, status: int, place: str) -> Any:
        operation = self._find_operation(method, path)
        if operation is None:
            undeclared = {404: NO_SUCH_ROUTE, 401: NO_KEY} | ({302: FRONT_PAGE} if path.rstrip("/") == "/api" else {})
            assert status in undeclared, f"{place}: the document has no such path and method"
            return undeclared[status]
        responses = operation["responses"]
        assert str(status) in responses, f"{place}: the document declares only {', '.join(responses)}"
        return resolve(self._document, responses[str(status)])

    def _find_operation(self, method: str, path: str) -> Any:
        # As the host does: in any letter case, with or without a slash at the end.
        wanted = path.partition("?")[0].rstrip("/")
        for template, item in self._document["paths"].items():
            literals = re.split(r"\{\w+\}", f"/api{template}")
            if re.fullmatch("[^/]+".join(map(re.escape, literals)), wanted, re.IGNORECASE):
                return item.get(method.lower())
        return None

    def _check_header(self, header: Mapping[str, Any], text: str | None, place: str) -> None:
        if text is None:
            assert not header.get("required"), f"{place}: is missing"
            return
        is_number = header["schema"].get("type") == "integer" and text.isdecimal()
        self._check_value(header["schema"], int(text) if is_number else text, place)

    def _check_value(self, schema: Mapping[str, Any], value: Any, place: str) -> None:
        errors = make_validator(self._document, schema).iter_errors(value)
        found = [f"{place}{''.join(f'/{part}' for part in error.absolute_path)}: {error.message}" for error in errors]
        assert not found, "\n".join(found)


def _decode(body: bytes, media_type: str, place: str) -> Any:
    try:
        return json.loads(body) if media_type.endswith("json") else body.decode()
    except ValueError as error:
        raise AssertionError(f"{place}: body: is not {media_type}: {error}") from error
