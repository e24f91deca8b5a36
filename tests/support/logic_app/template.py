"""Strings of a definition: plain text, one whole expression, or text with `@{expressions}` in it.

https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-definition-language#expressions
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from tests.support.logic_app.expression import Call, Expression, ExpressionError, parse, subexpressions

UNBRACED = re.compile(r"@\w+\s*\(")
QUOTED = re.compile(r"'(?:[^']|'')*'")

type Text = tuple[str | Expression, ...]


def parse_template(text: str) -> Expression | Text:
    """Return the expression that `text` is as a whole, or its parts. Raises `ExpressionError`.

    A whole expression keeps the type of its value; parts become one string. `@@` stands for one `@`.
    """
    if text.startswith("@") and not text.startswith(("@@", "@{")):
        return parse(text[1:])
    return tuple(_parts(text))


def expressions_in(text: str) -> tuple[Expression, ...]:
    """Return the expressions in one string of a definition. Raises `ExpressionError`."""
    template = parse_template(text)
    parts = template if isinstance(template, tuple) else (template,)
    return tuple(part for part in parts if not isinstance(part, str))


def calls_in(text: str) -> Iterator[Call]:
    """Yield the function calls in one string of a definition. Raises `ExpressionError`."""
    for expression in expressions_in(text):
        yield from (each for each in subexpressions(expression) if isinstance(each, Call))


def strings_in(value: Any, pointer: str = "") -> Iterator[tuple[str, str]]:
    """Yield the JSON pointer and the text of every string in a JSON value."""
    if isinstance(value, str):
        yield pointer, value
    elif isinstance(value, Mapping):
        for key, each in value.items():
            yield from strings_in(each, f"{pointer}/{key}")
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from strings_in(each, f"{pointer}/{index}")


def _parts(text: str) -> Iterator[str | Expression]:
    position = 0
    while (at := text.find("@", position)) >= 0:
        yield text[position:at]
        if text.startswith("@@", at):
            yield "@"
            position = at + 2
        elif text.startswith("@{", at):
            end = _closing_brace(text, at + 2)
            yield parse(text[at + 2 : end])
            position = end + 1
        elif UNBRACED.match(text, at):
            raise ExpressionError(f"{text!r}: an expression within a text is written @{{…}}")
        else:
            yield "@"
            position = at + 1
    yield text[position:]


def _closing_brace(text: str, start: int) -> int:
    # Braces in string literals do not count.
    blank = QUOTED.sub(lambda quoted: " " * len(quoted[0]), text[start:])
    end = blank.find("}")
    if end < 0:
        raise ExpressionError(f"{text!r}: @{{ is not closed")
    return start + end
