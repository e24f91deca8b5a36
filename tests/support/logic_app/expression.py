"""Expressions of the Workflow Definition Language, as trees.

https://learn.microsoft.com/azure/logic-apps/expression-functions-reference
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

MOST_CHARACTERS = 8192
"""https://learn.microsoft.com/azure/logic-apps/logic-apps-limits-and-config#definition-limits"""

TOKEN = re.compile(
    r"""\s*(?: '(?P<string>(?:[^']|'')*)' | (?P<number>-?\d+(?:\.\d+)?) | (?P<name>[A-Za-z_]\w*)
          | (?P<mark>\?\[|\?\.|[()\[\],.]) )\s*""",
    re.VERBOSE,
)
WORDS = {"true": True, "false": False, "null": None}


class ExpressionError(ValueError):
    """Raised for an expression that cannot be read or evaluated; Logic Apps calls it InvalidTemplate."""


@dataclass(frozen=True, slots=True)
class Literal:
    value: str | float | bool | None


@dataclass(frozen=True, slots=True)
class Call:
    function: str
    arguments: tuple["Expression", ...]


@dataclass(frozen=True, slots=True)
class Property:
    """`of['key']`, or `of?['key']` when `optional`: null has every property then, and each of them is null."""

    of: "Expression"
    key: "Expression"
    optional: bool


type Expression = Literal | Call | Property


def parse(text: str) -> Expression:
    """Return the tree of `text`, which is what stands after `@` or within `@{}`. Raises `ExpressionError`."""
    if len(text) > MOST_CHARACTERS:
        raise ExpressionError(f"an expression has at most {MOST_CHARACTERS} characters, not {len(text)}")
    parser = _Parser(text)
    expression = parser.expression()
    if not parser.at_end:
        raise ExpressionError(f"{text!r} goes on after its end, at {parser.rest!r}: text around it needs @{{…}}")
    return expression


def subexpressions(expression: Expression) -> Iterator[Expression]:
    """Yield `expression` and everything within."""
    yield expression
    match expression:
        case Call(_, arguments):
            children: tuple[Expression, ...] = arguments
        case Property(of, key):
            children = (of, key)
        case Literal():
            children = ()
    for child in children:
        yield from subexpressions(child)


class _Parser:
    def __init__(self, text: str) -> None:
        self._text = text
        self._position = 0

    @property
    def rest(self) -> str:
        return self._text[self._position :]

    @property
    def at_end(self) -> bool:
        return not self.rest.strip()

    def expression(self) -> Expression:
        token = self._take()
        value: Expression
        if token["string"] is not None:
            value = Literal(token["string"].replace("''", "'"))
        elif token["number"]:
            value = Literal(float(token["number"]) if "." in token["number"] else int(token["number"]))
        elif token["name"] and self._taken("("):
            value = Call(token["name"], self._arguments())
        elif token["name"] in WORDS:
            value = Literal(WORDS[token["name"]])
        else:
            raise ExpressionError(f"{self._text!r} has no value at {token[0]!r}")
        return self._with_properties(value)

    def _arguments(self) -> tuple[Expression, ...]:
        if self._taken(")"):
            return ()
        arguments = [self.expression()]
        while self._taken(","):
            arguments.append(self.expression())
        self._expect(")")
        return tuple(arguments)

    def _with_properties(self, value: Expression) -> Expression:
        while mark := next((mark for mark in ("?[", "?.", "[", ".") if self._taken(mark)), None):
            if "[" in mark:
                key = self.expression()
                self._expect("]")
            else:
                key = Literal(self._take()["name"])
            value = Property(value, key, optional="?" in mark)
        return value

    def _expect(self, mark: str) -> None:
        if not self._taken(mark):
            raise ExpressionError(f"{self._text!r} lacks a {mark!r} at {self.rest!r}")

    def _taken(self, mark: str) -> bool:
        found = TOKEN.match(self._text, self._position)
        if found is None or found["mark"] != mark:
            return False
        self._position = found.end()
        return True

    def _take(self) -> re.Match[str]:
        found = TOKEN.match(self._text, self._position)
        if found is None:
            raise ExpressionError(f"{self._text!r} cannot be read at {self.rest!r}")
        self._position = found.end()
        return found
