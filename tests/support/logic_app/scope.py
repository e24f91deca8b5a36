"""What an expression can see, and what the functions of the language answer. Only those the definitions use."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

from tests.support.logic_app.expression import Call, Expression, ExpressionError, Literal, Property
from tests.support.logic_app.template import parse_template


@dataclass(frozen=True)
class Scope:
    """One place in a running workflow."""

    parameters: Mapping[str, Any]
    run_name: str
    actions: Mapping[str, dict[str, Any]] = field(default_factory=dict)
    """What `actions(name)` answers, for each action that has ended."""
    callback_url: str | None = None
    """What `listCallbackUrl()` answers; only a webhook's `subscribe` may ask."""
    action: dict[str, Any] | None = None
    """What `action()` answers in a webhook's `unsubscribe`: the result of the subscribe call."""


def resolve(value: Any, scope: Scope) -> Any:
    """Return `value` with every expression in it evaluated. Raises `ExpressionError`."""
    if isinstance(value, Mapping):
        return {key: resolve(each, scope) for key, each in value.items()}
    if isinstance(value, list):
        return [resolve(each, scope) for each in value]
    if not isinstance(value, str):
        return value
    template = parse_template(value)
    if not isinstance(template, tuple):
        return _evaluate(template, scope)
    return "".join(part if isinstance(part, str) else _string(_evaluate(part, scope)) for part in template)


def _evaluate(expression: Expression, scope: Scope) -> Any:
    match expression:
        case Literal(value):
            return value
        case Property(of, key, optional):
            return _property(_evaluate(of, scope), _evaluate(key, scope), optional=optional)
        case Call(name, arguments):
            function = FUNCTIONS.get(name.lower())
            if function is None:
                raise ExpressionError(f"the function {name} is unknown here; the known ones are {', '.join(FUNCTIONS)}")
            # All arguments, those of `if` too: the definitions must not lean on an order that no page promises.
            return function(scope, *(_evaluate(each, scope) for each in arguments))


def _property(of: Any, key: Any, *, optional: bool) -> Any:
    if of is None and optional:
        return None
    if isinstance(of, dict) and (optional or key in of):
        return of.get(key)
    raise ExpressionError(f"{key!r} cannot be selected from a value of type {type(of).__name__}")


def _string(value: Any) -> str:
    """Casting `$content` to text decodes it: https://learn.microsoft.com/azure/logic-apps/logic-apps-content-type."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict) and "$content" in value:
        return base64.b64decode(value["$content"]).decode()
    return "" if value is None else json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _action(scope: Scope) -> dict[str, Any]:
    if scope.action is None:
        raise ExpressionError("action() answers only in the unsubscribe of a webhook")
    return scope.action


def _actions(scope: Scope, name: str) -> dict[str, Any]:
    if name not in scope.actions:
        raise ExpressionError(f"the action {name!r} has not ended, or does not exist")
    return scope.actions[name]


def _callback_url(scope: Scope) -> str:
    if scope.callback_url is None:
        raise ExpressionError("listCallbackUrl() answers only in the subscribe of a webhook")
    return scope.callback_url


def _parameters(scope: Scope, name: str) -> Any:
    if name not in scope.parameters:
        raise ExpressionError(f"there is no parameter {name!r}")
    return scope.parameters[name]


FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "action": _action,
    "actions": _actions,
    "body": lambda scope, name: (_actions(scope, name)["outputs"] or {}).get("body"),
    "coalesce": lambda _, *values: next((value for value in values if value is not None), None),
    "concat": lambda _, *values: "".join(_string(value) for value in values),
    "encodeuricomponent": lambda _, text: quote(text, safe="-_.!~*'()"),
    "if": lambda _, condition, yes, no: yes if condition else no,
    "json": lambda _, text: json.loads(text),
    "last": lambda _, values: values[-1],
    "listcallbackurl": _callback_url,
    "outputs": lambda scope, name: _actions(scope, name)["outputs"],
    "parameters": _parameters,
    "split": lambda _, text, separator: text.split(separator),
    "startswith": lambda _, text, start: text.lower().startswith(start.lower()),
    "string": lambda _, value: _string(value),
    "workflow": lambda scope: {"run": {"name": scope.run_name}},
}
"""By name in lower case: names of functions have no case."""
