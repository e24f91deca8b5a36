"""The rules a workflow definition must keep to be accepted by Logic Apps, and a few of our own.

The public schema of the language cannot be fetched while testing; `definition.schema.json` is written from its
documentation. What a JSON Schema cannot say stands in `references` and `secrecy`.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from tests.support.logic_app.expression import ExpressionError
from tests.support.logic_app.template import expressions_in, strings_in
from tests.support.workflow_rules.references import broken_references
from tests.support.workflow_rules.secrecy import told_secrets

SCHEMA = json.loads((Path(__file__).parent / "definition.schema.json").read_text())


def faults(definition: Mapping[str, Any]) -> list[str]:
    """Return the faults as "pointer: what is wrong"; none when the definition keeps the rules.

    Expressions are read once the shape is right; references and secrets are looked at once they can be read.
    """
    shape = [_told(error) for error in Draft202012Validator(SCHEMA).iter_errors(definition)]
    return shape or unreadable(definition) or [*broken_references(definition), *told_secrets(definition)]


def unreadable(definition: Mapping[str, Any]) -> list[str]:
    """Return the strings of actions and triggers that cannot be read as texts with expressions."""
    found = []
    for part in ("actions", "triggers"):
        for pointer, text in strings_in(definition[part], f"/{part}"):
            try:
                expressions_in(text)
            except ExpressionError as error:
                found.append(f"{pointer}: {error}")
    return found


def _told(error: ValidationError) -> str:
    pointer = "".join(f"/{part}" for part in error.absolute_path)
    return f"{pointer}: {'is not allowed here' if error.validator == 'not' else error.message}"
