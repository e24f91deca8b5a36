"""The condition of an `If`, as the designer writes it.

https://learn.microsoft.com/azure/logic-apps/logic-apps-workflow-actions-triggers#if-action
"""

from typing import Any

from tests.support.logic_app.scope import Scope, resolve
from tests.support.logic_app.understood import NotUnderstood


def holds(condition: Any, scope: Scope) -> bool:
    """Tell whether `condition` is true. Raises `ExpressionError`, and `NotUnderstood` for other words."""
    match condition:
        case {"and": [*conditions]}:
            return all(holds(each, scope) for each in conditions)
        case {"not": negated}:
            return not holds(negated, scope)
        case {"equals": [left, right]}:
            return bool(resolve(left, scope) == resolve(right, scope))
    raise NotUnderstood(f"the executor does not know the condition {condition}")
