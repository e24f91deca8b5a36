"""Names in a definition that must lead somewhere, of actions, parameters and functions; and the order of actions.

https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#definition-limits
"""

from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.logic_app.definition import Placed, every_action
from tests.support.logic_app.expression import Call, Literal
from tests.support.logic_app.history import READERS
from tests.support.logic_app.scope import FUNCTIONS
from tests.support.logic_app.template import calls_in, strings_in

MOST_ACTIONS, DEEPEST = 500, 8
PLACES = {"action": "unsubscribe", "listcallbackurl": "subscribe"}
"""Functions that answer in one part of a webhook's inputs only."""


def broken_references(definition: Mapping[str, Any]) -> Iterator[str]:
    """Yield every name that leads nowhere, and every limit that is passed."""
    placed = list(every_action(definition["actions"]))
    if len(placed) > MOST_ACTIONS:
        yield f"/actions: {len(placed)} actions; {MOST_ACTIONS} are allowed"
    names = set[str]()
    for each in placed:
        if each.name in names:
            yield f"{each.pointer}: a second action of this name"
        names.add(each.name)
        if each.depth > DEEPEST:
            yield f"{each.pointer}: stands {each.depth} levels deep; {DEEPEST} are allowed"
        yield from _order(each)
        for pointer, text in strings_in(own_parts(each.action), each.pointer):
            for call in calls_in(text):
                yield from _call(pointer, call, each, definition)
    used = set(parameters_in(definition["actions"])) | set(parameters_in(definition["triggers"]))
    yield from (f"/parameters/{name}: nothing uses it" for name in definition["parameters"].keys() - used)


def parameters_in(value: Any) -> Iterator[str]:
    """Yield the names of the parameters that expressions in `value` ask for."""
    for _, text in strings_in(value):
        for call in calls_in(text):
            match call:
                case Call(function, (Literal(str(name)),)) if function.lower() == "parameters":
                    yield name


def calls_to(function: str, value: Any) -> bool:
    """Tell whether an expression in `value` calls `function`, which is in lower case."""
    return any(call.function.lower() == function for _, text in strings_in(value) for call in calls_in(text))


def own_parts(action: Mapping[str, Any]) -> dict[str, Any]:
    """Return an action without the actions within it."""
    return {key: value for key, value in action.items() if key not in {"actions", "else"}}


def _order(placed: Placed) -> Iterator[str]:
    for before in placed.action["runAfter"]:
        if before not in placed.within:
            yield f"{placed.pointer}/runAfter/{before}: there is no such action beside it"
    if placed.name in _awaited(placed.name, placed):
        yield f"{placed.pointer}/runAfter: it waits for itself"


def _awaited(name: str, placed: Placed) -> set[str]:
    """Return all that ends before `name` begins, among its siblings."""
    found = set[str]()
    new = set(placed.within[name]["runAfter"])
    while new:
        found |= new
        new = {before for each in new if each in placed.within for before in placed.within[each]["runAfter"]} - found
    return found


def _ended_before(placed: Placed) -> set[str]:
    ended = _awaited(placed.name, placed)
    inner = {each.name for name in ended & placed.within.keys() for each in every_action({name: placed.within[name]})}
    return ended | inner | (_ended_before(placed.parent) if placed.parent else set())


def _call(pointer: str, call: Call, placed: Placed, definition: Mapping[str, Any]) -> Iterator[str]:
    function = call.function.lower()
    first = call.arguments[0] if call.arguments else None
    name = first.value if isinstance(first, Literal) else None
    if function not in FUNCTIONS:
        yield f"{pointer}: the function {call.function} is unknown"
    elif function == "parameters" and name not in definition["parameters"]:
        yield f"{pointer}: there is no parameter {name}"
    elif function in READERS and name not in _ended_before(placed):
        yield f"{pointer}: the action {name} does not end before {placed.name}"
    elif function in PLACES and not pointer.startswith(f"{placed.pointer}/inputs/{PLACES[function]}/"):
        yield f"{pointer}: {call.function}() answers only in {PLACES[function]}"
