"""What an HTTP function says of itself: its route, which the host serves, and what the OpenAPI document tells of it.

Types are what msgspec makes a JSON schema of: TypedDicts, and builtin types annotated with `msgspec.Meta`. The classes
are named tuples, which are made in a fifth of the time of dataclasses: every start of the app waits for it.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, NamedTuple

import azure.functions as func

from domain.problem import ProblemName


class Parameter(NamedTuple):
    """A parameter of a request. A list in the query is one text with commas."""

    name: str
    place: Literal["path", "query", "header"]
    type: Any


class Header(NamedTuple):
    """A header of an answer, which every answer of its kind has when `required`."""

    name: str
    type: Any
    required: bool = True


class Body(NamedTuple):
    """The JSON body of a request, which may be left out; `rules` are keywords that the schema of `type` lacks."""

    description: str
    type: Any
    rules: Mapping[str, Any]
    examples: Mapping[str, Any]


class Answer(NamedTuple):
    """An answer that is no problem. `type` is that of its JSON body, None when it has none.

    `example` is one such body, or `examples` are several by their names. `links` names the endpoints that can be called
    next, each with where in this answer their `id` stands.
    """

    status: int
    description: str
    type: Any = None
    headers: Sequence[Header] = ()
    example: Any = None
    links: Mapping[str, str] = {}
    examples: Mapping[str, Any] = {}


class Endpoint(NamedTuple):
    """One method of one route. `problems` are answers too, each with the status of its kind."""

    method: str
    route: str
    name: str
    """Of the operation in the OpenAPI document, where "operation" is OpenAPI's word, not Graph's."""
    summary: str
    description: str
    answers: Sequence[Answer]
    problems: Sequence[ProblemName] = ()
    parameters: Sequence[Parameter] = ()
    body: Body | None = None
    auth_level: func.AuthLevel = func.AuthLevel.FUNCTION
    pages: bool = False
    """Whether each answer is a page, too, to who asks for HTML."""
