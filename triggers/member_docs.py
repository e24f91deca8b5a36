"""The docstrings below the members of a TypedDict, which documentation shall have and the class object has not."""

import ast
import inspect
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, get_args, get_type_hints, is_typeddict


def typed_dicts(kind: Any) -> Iterator[Any]:
    """Yield every TypedDict that `kind` is made of, itself included."""
    if is_typeddict(kind):
        yield kind
    parts = get_type_hints(kind).values() if is_typeddict(kind) else get_args(kind)
    for part in parts:
        yield from typed_dicts(part)


def member_docs(typed_dict: Any) -> dict[str, str]:
    """Return the docstring of each member that has one. https://peps.python.org/pep-0257/#what-is-a-docstring."""
    [definition] = ast.parse(inspect.getsource(typed_dict)).body
    docs = {}
    for member, after in pairwise(definition.body if isinstance(definition, ast.ClassDef) else []):
        match member, after:
            case (
                ast.AnnAssign(target=ast.Name(id=name)),
                ast.Expr(value=ast.Constant(value=str() as text)),
            ):
                docs[name] = inspect.cleandoc(text)
    return docs
